//! The boxes of a HEIF file (ISO/IEC 14496-12): those with metadata in memory, pictures read from
//! the file as they are needed. Knows no codec's data.

use std::collections::BTreeSet;
use std::io::{Seek as _, SeekFrom};

use heifer_isobmff::boxes::{ConstructionMethod, Grid, Property, parse_item_infos};
use heifer_isobmff::{BoxIter, Error, HeifFile, ItemId};

use super::codec::{Codec, Frame};
use crate::format::header::size;
use crate::format::source::Source;
use crate::picture::Size;
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Most boxes of a file that are looked at in search of metadata; cameras put it first.
const MAX_BOXES: usize = 64;
/// Most bytes of metadata. A photo of 48 tiles has some 4 KiB.
const MAX_META_BYTES: u64 = 512 * 1024;
/// Most bytes of the list of brands.
const MAX_BRANDS_BYTES: u64 = 4 * 1024;
/// Most items: tiles, thumbnails, metadata. Looking one up takes time in proportion.
const MAX_ITEMS: usize = 2_000;
/// Most bytes of a grid's description (ISO/IEC 23008-12, 6.6.2.3.2).
const MAX_GRID_BYTES: u64 = 16;
/// Pictures that are another picture, one behind the other.
const MAX_IDENTITIES: usize = 4;

const DAMAGED: Refusal = Refusal::Undecodable("photo-boxes-damaged");

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn damaged(error: Error) -> Refusal {
    tracing::debug!(%error, "the boxes of a HEIF file are damaged");
    DAMAGED
}

/// The boxes `ftyp` and `meta` of a file, one after the other.
pub fn read(source: &mut Source) -> Result<Vec<u8>, Refusal> {
    let (mut boxes, mut place) = (Vec::new(), 0_u64);
    for _ in 0..MAX_BOXES {
        source.seek(SeekFrom::Start(place))?;
        let Some([s3, s2, s1, s0, kind @ ..]) = source.array::<8>()? else { break };
        let length = match u32::from_be_bytes([s3, s2, s1, s0]) {
            0 => source.length() - place,
            1 => source.array()?.map(u64::from_be_bytes).ok_or(Refusal::CUT_OFF)?,
            length => u64::from(length),
        };
        let most = match &kind {
            b"ftyp" => MAX_BRANDS_BYTES,
            b"meta" => MAX_META_BYTES,
            _ => 0,
        };
        if most > 0 {
            if length > most {
                return Err(Refusal::Undecodable("photo-too-much-metadata"));
            }
            boxes.extend(source.bytes_at(place, length)?.ok_or(Refusal::CUT_OFF)?);
        }
        if kind == *b"meta" {
            return Ok(boxes);
        }
        place = place.checked_add(length.max(8)).ok_or(DAMAGED)?;
    }
    Err(Refusal::Undecodable("photo-no-metadata"))
}

/// The properties of an item.
pub fn properties<'a>(file: &'a HeifFile<'_>, id: ItemId) -> impl Iterator<Item = &'a Property> {
    file.item_properties(id).into_iter().flatten()
}

/// A file whose metadata are known.
pub struct Container<'a> {
    /// The metadata. Items are not in it, but for those within the metadata.
    pub file: HeifFile<'a>,
    source: &'a mut Source,
}

/// A coded picture, or a grid of them.
pub struct Image {
    id: ItemId,
    /// How it and all of its tiles are coded.
    pub codec: Codec,
    /// Row by row.
    tiles: Vec<ItemId>,
    /// Tiles in a row.
    pub columns: usize,
    /// Rows of tiles.
    pub rows: usize,
    /// The size of each tile.
    pub tile: Size,
    /// What of the tiles is the picture.
    pub size: Size,
}

/// The first tile of an image that can be decoded.
pub struct First {
    /// Its number; all before it are damaged.
    pub index: usize,
    pub frame: Frame,
}

impl Image {
    /// The picture, and its first tile: they may have properties in common that only one of them
    /// names.
    pub fn with_first_tile(&self) -> impl Iterator<Item = ItemId> {
        [self.id].into_iter().chain(self.tiles.first().copied())
    }
}

impl<'a> Container<'a> {
    /// Parses the metadata, after making sure that this costs no more than it should.
    pub fn parse(boxes: &'a [u8], source: &'a mut Source) -> Result<Self, Refusal> {
        for found in BoxIter::new(boxes).flatten().filter(|found| found.header.box_type.0 == *b"meta") {
            let children = BoxIter::new(found.content.get(4..).unwrap_or_default());
            for child in children.flatten().filter(|child| child.header.box_type.0 == *b"iinf") {
                let items = parse_item_infos(child.content).map_err(damaged)?;
                let names: BTreeSet<ItemId> = items.iter().map(|item| item.id).collect();
                if names.len() != items.len() || items.len() > MAX_ITEMS {
                    return Err(Refusal::Undecodable("photo-too-many-items"));
                }
            }
        }
        Ok(Self { file: HeifFile::parse(boxes).map_err(damaged)?, source })
    }

    /// The picture to be shown.
    pub fn primary(&self) -> Result<ItemId, Refusal> {
        let mut id = self.file.primary_id;
        for _ in 0..MAX_IDENTITIES {
            if self.file.item(id).map_err(damaged)?.item_type.0 != *b"iden" {
                return Ok(id);
            }
            id = *self.file.referenced_items(id, b"dimg").first().ok_or(DAMAGED)?;
        }
        Err(DAMAGED)
    }

    /// An item as a picture.
    pub fn image(&mut self, id: ItemId) -> Result<Image, Refusal> {
        if self.file.item(id).map_err(damaged)?.item_type.0 == *b"grid" {
            return self.grid(id);
        }
        let (codec, size) = (self.codec(id)?, self.size(id)?);
        Ok(Image { id, codec, tiles: vec![id], columns: 1, rows: 1, tile: size, size })
    }

    /// Tiles cover the picture, and none of them lies outside of it.
    fn grid(&mut self, id: ItemId) -> Result<Image, Refusal> {
        let grid = Grid::parse(&self.item(id, MAX_GRID_BYTES)?.ok_or(DAMAGED)?).map_err(damaged)?;
        let tiles = self.file.referenced_items(id, b"dimg").to_vec();
        let (columns, rows) = (u32::from(grid.columns), u32::from(grid.rows));
        let (first, size) =
            (*tiles.first().ok_or(DAMAGED)?, Size::new(grid.output_width, grid.output_height));
        let (tile, size) = (self.size(first)?, size.ok_or(DAMAGED)?);
        let covers = |count: u32, tile: u32, whole: u32| whole.div_ceil(tile) == count;
        let fits = covers(columns, tile.width.get(), size.width.get())
            && covers(rows, tile.height.get(), size.height.get())
            && tiles.len() as u64 == u64::from(columns) * u64::from(rows);
        let codec = self.codec(first)?;
        for other in &tiles {
            if !fits || self.codec(*other)? != codec || self.size(*other)? != tile {
                return Err(Refusal::CONTRADICTING);
            }
        }
        Ok(Image { id, codec, tiles, columns: columns as usize, rows: rows as usize, tile, size })
    }

    fn codec(&self, id: ItemId) -> Result<Codec, Refusal> {
        match &self.file.item(id).map_err(damaged)?.item_type.0 {
            b"hvc1" | b"hev1" => Ok(Codec::Hevc),
            b"av01" => Ok(Codec::Av1),
            _ => Err(Refusal::Undecodable("photo-coding-unusual")),
        }
    }

    fn size(&self, id: ItemId) -> Result<Size, Refusal> {
        let (width, height) = self.file.image_size(id).map_err(damaged)?.ok_or(DAMAGED)?;
        size(width, height)
    }

    /// Decodes the first tile that can be decoded; refuses the picture for what is wrong with its
    /// first one.
    pub fn first_frame(&mut self, image: &Image, stop: Stop) -> Result<First, Refusal> {
        let mut refused = None;
        for index in 0..image.tiles.len() {
            stop.check()?;
            match self.frame(image, index) {
                Ok(frame) => return Ok(First { index, frame }),
                Err(refusal @ Refusal::Undecodable(_)) => refused = refused.or(Some(refusal)),
                Err(refusal) => return Err(refusal),
            }
        }
        Err(refused.unwrap_or(DAMAGED))
    }

    /// Decodes a tile.
    pub fn frame(&mut self, image: &Image, index: usize) -> Result<Frame, Refusal> {
        let id = *image.tiles.get(index).ok_or(DAMAGED)?;
        let data = self.item(id, self.source.length())?.ok_or(Refusal::Undecodable("photo-cut-off"))?;
        let config = properties(&self.file, id).find_map(|property| match property {
            Property::HevcConfig(config) => Some(config),
            _ => None,
        });
        image.codec.decode(data, config, image.tile)
    }

    /// The bytes of an item; None when there are more than that, or when they are not all there.
    pub fn item(&mut self, id: ItemId, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(location) = self.file.item(id).map_err(damaged)?.location.clone() else { return Ok(None) };
        if location.construction_method != ConstructionMethod::File {
            let data = self.file.item_data(id).map_err(damaged)?;
            return Ok((data.len() as u64 <= most).then(|| data.into_owned()));
        }
        let mut bytes = Vec::new();
        for extent in &location.extents {
            // Without a length, an extent is the rest of the file.
            let rest = self.source.length().saturating_sub(extent.offset);
            let length = if extent.length == 0 { rest } else { extent.length };
            if bytes.len() as u64 + length > most {
                return Ok(None);
            }
            match self.source.bytes_at(extent.offset, length)? {
                Some(part) => bytes.extend(part),
                None => return Ok(None),
            }
        }
        Ok(Some(bytes))
    }
}
