//! How the picture of a TIFF is stored: read from the tags of its directory, or refused by the name
//! of what is not supported. Decodes nothing.

use super::directory::{Directory, Walk};
use super::names;
use crate::format::header::size;
use crate::metadata::ByteOrder;
use crate::picture::Size;
use crate::refusal::Refusal;

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const BITS: u16 = 0x0102;
const COMPRESSION: u16 = 0x0103;
pub const PHOTOMETRIC: u16 = 0x0106;
const FILL_ORDER: u16 = 0x010A;
const STRIP_OFFSETS: u16 = 0x0111;
const SAMPLES: u16 = 0x0115;
const ROWS_PER_STRIP: u16 = 0x0116;
const STRIP_BYTES: u16 = 0x0117;
const PLANAR: u16 = 0x011C;
const FAX_OPTIONS: u16 = 0x0124;
const PREDICTOR: u16 = 0x013D;
const COLOUR_MAP: u16 = 0x0140;
const TILE_WIDTH: u16 = 0x0142;
const TILE_HEIGHT: u16 = 0x0143;
const TILE_OFFSETS: u16 = 0x0144;
const TILE_BYTES: u16 = 0x0145;
const INK_SET: u16 = 0x014C;
const EXTRA_SAMPLES: u16 = 0x0152;
const SAMPLE_FORMAT: u16 = 0x0153;
const JPEG_TABLES: u16 = 0x015B;
const YCBCR_SUBSAMPLING: u16 = 0x0212;

/// Most samples of a pixel; a photo has up to five.
const MAX_SAMPLES: u64 = 16;
/// Most strips and tiles: those of a picture of 100 megapixels have 200 pixels each then.
const MAX_CHUNKS: u64 = 500_000;
/// Longest side of a tile.
const MAX_TILE_SIDE: u64 = 1 << 16;
/// Most bytes of JPEG tables: two of each kind have less than 2 KiB.
const MAX_TABLES_BYTES: u64 = 64 * 1024;
/// Bits of the options of fax coding (TIFF 6.0, section 11).
const MIXED: u64 = 1;
const UNCOMPRESSED: u64 = 2;
/// Inks are cyan, magenta, yellow and black.
const CMYK: u64 = 1;

/// How strips and tiles are packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Fax(Fax),
    Lzw,
    Deflate,
    PackBits,
    /// JPEG data, with these tables before them.
    Jpeg(Vec<u8>),
}

/// The kinds of fax coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fax {
    /// Rows by themselves, each from a whole byte on, without marks.
    Rows,
    /// ITU-T T.4; `mixed` with rows that refer to the one above.
    Group3 { mixed: bool },
    /// ITU-T T.6.
    Group4,
}

/// What the samples of a pixel are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Colours {
    /// Light, or its absence.
    Grey {
        inverted: bool,
    },
    Rgb,
    /// Numbers of these colours.
    Palette(Vec<[u8; 3]>),
    /// Cyan, magenta, yellow, black.
    Inks,
    YCbCr,
}

impl Colours {
    /// Samples of a pixel, without extra ones.
    pub fn samples(&self) -> usize {
        match self {
            Self::Grey { .. } | Self::Palette(_) => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Inks => 4,
        }
    }
}

/// How the numbers that are samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// Of so many bits, 1 to 16 or 32.
    Whole(u8),
    /// Floating point of 32 or 64 bits.
    Float(u8),
}

impl Number {
    /// Bits of a sample.
    pub fn bits(self) -> usize {
        let (Self::Whole(bits) | Self::Float(bits)) = self;
        bits.into()
    }
}

/// How the picture of a directory is stored.
#[derive(Debug, Clone)]
pub struct Layout {
    pub size: Size,
    pub order: ByteOrder,
    pub colours: Colours,
    pub number: Number,
    /// Samples of a pixel with the extra ones.
    pub samples: usize,
    /// The place of alpha among them.
    pub alpha: Option<usize>,
    /// Whether each sample has strips or tiles of its own.
    pub planar: bool,
    pub packing: Packing,
    /// The bits of each byte are turned round.
    pub reversed: bool,
    /// 1 for none, 2 for differences, 3 for differences of floating point.
    pub predictor: u64,
    /// The size of a strip or tile.
    pub chunk: (usize, usize),
    pub chunks: Chunks,
}

/// The tags where strips or tiles are listed, and how many there are.
#[derive(Debug, Clone, Copy)]
pub struct Chunks {
    pub offsets: u16,
    pub bytes: u16,
    pub across: usize,
    pub down: usize,
    /// Of all planes.
    pub count: u64,
}

impl Layout {
    /// The layout of a directory's picture.
    pub fn read(walk: &mut Walk<'_>, directory: &Directory) -> Result<Self, Refusal> {
        let mut tags = Tags { walk, directory };
        // What people know the file by comes first: such colours have numbers of their own.
        if let Some(refusal) = tags.number(PHOTOMETRIC)?.and_then(names::refused_colours) {
            return Err(refusal);
        }
        let packing = tags.packing()?;
        let pixels =
            |count: Option<u64>| count.and_then(|count| u32::try_from(count).ok()).ok_or(Refusal::CUT_OFF);
        let size = size(pixels(tags.number(WIDTH)?)?, pixels(tags.number(HEIGHT)?)?)?;
        let samples = tags.number(SAMPLES)?.unwrap_or(1);
        if !(1..=MAX_SAMPLES).contains(&samples) {
            return Err(Refusal::Undecodable("tiff-too-many-samples"));
        }
        let number = tags.number_format(samples)?;
        let colours = tags.colours(number, samples)?;
        let planar = tags.number(PLANAR)? == Some(2) && samples > 1;
        let layout = Self {
            size,
            order: tags.walk.order,
            alpha: tags.alpha(&colours, samples)?,
            samples: usize::try_from(samples).unwrap_or(1),
            reversed: tags.number(FILL_ORDER)? == Some(2) && !matches!(packing, Packing::Jpeg(_)),
            predictor: match packing {
                Packing::Lzw | Packing::Deflate => tags.number(PREDICTOR)?.unwrap_or(1),
                _ => 1,
            },
            colours,
            number,
            planar,
            packing,
            chunk: (0, 0),
            chunks: Chunks { offsets: 0, bytes: 0, across: 0, down: 0, count: 0 },
        };
        let layout = tags.in_chunks(layout)?;
        layout.check()
    }

    /// Refuses what makes no sense, or is made of two things that are not supported together.
    fn check(self) -> Result<Self, Refusal> {
        let bits = self.number.bits();
        let refusal = match (&self.packing, &self.colours, self.predictor) {
            (Packing::Fax(_), Colours::Grey { .. }, _) if bits == 1 && self.samples == 1 => return Ok(self),
            (Packing::Fax(_), ..) => "tiff-fax-of-colours",
            (Packing::Jpeg(_), ..) if self.number != Number::Whole(8) => "tiff-jpeg-bits",
            (Packing::Jpeg(_), Colours::Palette(_), _) => "tiff-palette-jpeg-inside",
            (_, _, 2) if !matches!(self.number, Number::Whole(8 | 16 | 32)) => "tiff-differences-depth",
            (_, _, 3) if !matches!(self.number, Number::Float(_)) => "tiff-floating-point-differences",
            (_, _, 0 | 4..) => "tiff-differences-unknown",
            _ => return Ok(self),
        };
        Err(Refusal::Undecodable(refusal))
    }

    /// Samples that come in turn in one strip or tile.
    pub fn interleaved(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a strip or tile.
    pub fn packed_row_bytes(&self) -> u64 {
        (self.chunk.0 as u64 * self.interleaved() as u64 * self.number.bits() as u64).div_ceil(8)
    }
}

/// The tags of a directory.
struct Tags<'a, 'b> {
    walk: &'a mut Walk<'b>,
    directory: &'a Directory,
}

impl Tags<'_, '_> {
    fn number(&mut self, id: u16) -> Result<Option<u64>, Refusal> {
        self.walk.number(self.directory, id)
    }

    fn numbers(&mut self, id: u16, most: u64) -> Result<Vec<u64>, Refusal> {
        self.walk.numbers(self.directory.find(id), most)
    }

    fn number_format(&mut self, samples: u64) -> Result<Number, Refusal> {
        let (bits, formats) = (self.numbers(BITS, samples)?, self.numbers(SAMPLE_FORMAT, samples)?);
        let is_one = |numbers: &[u64]| numbers.windows(2).all(|two| two[0] == two[1]);
        if !is_one(&bits) || !is_one(&formats) {
            return Err(Refusal::Undecodable("tiff-samples-of-several-depths"));
        }
        let bits = u8::try_from(bits.first().copied().unwrap_or(1)).unwrap_or(u8::MAX);
        match (formats.first().copied().unwrap_or(1), bits) {
            (1 | 4, 1..=16 | 32) => Ok(Number::Whole(bits)),
            (3, 32 | 64) => Ok(Number::Float(bits)),
            (2, _) => Err(Refusal::Undecodable("tiff-negative-numbers")),
            (3, _) => Err(Refusal::Undecodable("tiff-floating-point-depth")),
            (5 | 6, _) => Err(Refusal::Undecodable("tiff-complex-numbers")),
            _ => Err(Refusal::Undecodable("tiff-samples-depth")),
        }
    }

    fn colours(&mut self, number: Number, samples: u64) -> Result<Colours, Refusal> {
        let colours = match self.number(PHOTOMETRIC)? {
            Some(0) => Colours::Grey { inverted: true },
            Some(1) => Colours::Grey { inverted: false },
            Some(2) => Colours::Rgb,
            Some(3) => Colours::Palette(self.palette(number)?),
            Some(5) if self.number(INK_SET)?.unwrap_or(CMYK) != CMYK => {
                return Err(Refusal::Undecodable("tiff-inks-other-than-cmyk"));
            }
            Some(5) => Colours::Inks,
            Some(6) => Colours::YCbCr,
            // Some writers of fax leave it out; what has one bit is ink on paper.
            None if samples == 1 => Colours::Grey { inverted: number == Number::Whole(1) },
            None if samples >= 3 => Colours::Rgb,
            _ => {
                return Err(Refusal::Undecodable("tiff-colours-unsaid"));
            }
        };
        if samples < colours.samples() as u64 {
            return Err(Refusal::CONTRADICTING);
        }
        let is_subsampled = self.numbers(YCBCR_SUBSAMPLING, 2)? != [1, 1];
        if colours == Colours::YCbCr && is_subsampled && self.number(COMPRESSION)? != Some(names::JPEG) {
            return Err(Refusal::Undecodable("tiff-subsampled-colours"));
        }
        Ok(colours)
    }

    /// The colours of a palette: all reds, all greens, all blues, each of 16 bits, or of 8 by some
    /// writers.
    fn palette(&mut self, number: Number) -> Result<Vec<[u8; 3]>, Refusal> {
        let Number::Whole(bits @ 1..=8) = number else {
            return Err(Refusal::Undecodable("tiff-palette-too-large"));
        };
        let count = 1_usize << bits;
        let values = self.numbers(COLOUR_MAP, 3 * count as u64)?;
        if values.len() != 3 * count {
            return Err(Refusal::Undecodable("photo-palette-missing"));
        }
        let shift = if values.iter().all(|value| *value < 256) { 0 } else { 8 };
        let part = |at: usize| u8::try_from(values[at] >> shift).unwrap_or(u8::MAX);
        Ok((0..count).map(|colour| [0, count, 2 * count].map(|of| part(of + colour))).collect())
    }

    /// Of samples that are more than the colours need, the first that is said to be alpha; one that
    /// nothing is said of is taken for it.
    fn alpha(&mut self, colours: &Colours, samples: u64) -> Result<Option<usize>, Refusal> {
        let needed = colours.samples();
        let extra = self.numbers(EXTRA_SAMPLES, MAX_SAMPLES)?;
        if extra.is_empty() {
            let is_alone =
                samples == needed as u64 + 1 && matches!(colours, Colours::Rgb | Colours::Grey { .. });
            return Ok(is_alone.then_some(needed));
        }
        let place = extra.iter().position(|kind| matches!(kind, 1 | 2)).map(|place| needed + place);
        Ok(place.filter(|place| {
            (*place as u64) < samples && matches!(colours, Colours::Rgb | Colours::Grey { .. })
        }))
    }

    fn packing(&mut self) -> Result<Packing, Refusal> {
        Ok(match self.number(COMPRESSION)?.unwrap_or(1) {
            1 => Packing::Plain,
            2 => Packing::Fax(Fax::Rows),
            3 => {
                let options = self.number(FAX_OPTIONS)?.unwrap_or(0);
                if options & UNCOMPRESSED != 0 {
                    return Err(Refusal::Undecodable("tiff-uncompressed-fax-rows"));
                }
                Packing::Fax(Fax::Group3 { mixed: options & MIXED != 0 })
            }
            4 => Packing::Fax(Fax::Group4),
            5 => Packing::Lzw,
            names::JPEG => {
                let entry = self.directory.find(JPEG_TABLES);
                let tables = entry.map(|entry| self.walk.value(entry, MAX_TABLES_BYTES)).transpose()?;
                Packing::Jpeg(tables.flatten().unwrap_or_default())
            }
            8 | 32946 => Packing::Deflate,
            32773 => Packing::PackBits,
            other => return Err(names::compression(other)),
        })
    }

    /// The layout with its strips or tiles.
    fn in_chunks(&mut self, layout: Layout) -> Result<Layout, Refusal> {
        let (width, height) = layout.size.sides();
        let tiled = self.directory.find(TILE_OFFSETS).is_some();
        let (chunk_width, chunk_height) = if tiled {
            (self.number(TILE_WIDTH)?.unwrap_or(0), self.number(TILE_HEIGHT)?.unwrap_or(0))
        } else {
            let rows = self.number(ROWS_PER_STRIP)?.filter(|rows| *rows > 0).unwrap_or(height.into());
            (width.into(), rows.min(height.into()))
        };
        if chunk_width == 0 || chunk_height == 0 || tiled && chunk_width.max(chunk_height) > MAX_TILE_SIDE {
            return Err(Refusal::CONTRADICTING);
        }
        let (across, down) =
            (u64::from(width).div_ceil(chunk_width), u64::from(height).div_ceil(chunk_height));
        let count = across * down * if layout.planar { layout.samples as u64 } else { 1 };
        if count > MAX_CHUNKS {
            return Err(Refusal::Undecodable("tiff-too-many-strips"));
        }
        let (offsets, bytes) = if tiled { (TILE_OFFSETS, TILE_BYTES) } else { (STRIP_OFFSETS, STRIP_BYTES) };
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let chunks = Chunks { offsets, bytes, across: whole(across), down: whole(down), count };
        Ok(Layout { chunk: (whole(chunk_width), whole(chunk_height)), chunks, ..layout })
    }
}
