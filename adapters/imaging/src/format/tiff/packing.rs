//! Strips and tiles of a TIFF, unpacked row by row: no more of one is held than its packing makes
//! necessary.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek as _, SeekFrom};

use flate2::bufread::ZlibDecoder;
use weezl::{BitOrder, LzwStatus, decode};
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::fax;
use super::layout::{Layout, Packing};
use crate::format::jpeg::fence::Fenced;
use crate::format::source::Source;
use crate::stop::Stop;

/// Buffered between unpackers.
const BUFFER_BYTES: usize = 8 * 1024;
/// Ends a JPEG.
const EOI: [u8; 2] = [0xFF, 0xD9];

/// The rows of a strip or tile.
pub enum Rows<'a> {
    Bytes(Box<dyn Read + 'a>),
    Fax(Box<fax::Decoder<'a>>),
}

impl<'a> Rows<'a> {
    /// The rows of what is at this place; without a length, until the file ends.
    pub fn open(
        layout: &Layout,
        source: &'a mut Source,
        (place, length): (u64, Option<u64>),
        stop: Stop,
    ) -> io::Result<Self> {
        let end = source.length();
        if place >= end {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        source.seek(SeekFrom::Start(place))?;
        let data = source.take(length.unwrap_or(u64::MAX).min(end - place));
        let data: Box<dyn Read + 'a> =
            if layout.reversed { Box::new(Reversed(data)) } else { Box::new(data) };
        let buffered = |data| BufReader::with_capacity(BUFFER_BYTES, data);
        Ok(match &layout.packing {
            Packing::Plain => Self::Bytes(data),
            Packing::Lzw => Self::Bytes(Box::new(Lzw::new(buffered(data)))),
            Packing::Deflate => Self::Bytes(Box::new(ZlibDecoder::new(buffered(data)))),
            Packing::PackBits => {
                Self::Bytes(Box::new(PackBits { data: buffered(data), run: Run::Copied(0) }))
            }
            Packing::Fax(kind) => Self::Fax(Box::new(fax::Decoder::new(data, *kind, layout.chunk.0)?)),
            Packing::Jpeg(tables) => Self::Bytes(Box::new(Cursor::new(jpeg(layout, tables, data, stop)?))),
        })
    }

    /// The next row. After an error there is none.
    pub fn read(&mut self, row: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => bytes.read_exact(row),
            Self::Fax(rows) => rows.read(row),
        }
    }
}

/// Bytes whose bits are turned round.
struct Reversed<R>(R);

impl<R: Read> Read for Reversed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        buffer[..read].iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        Ok(read)
    }
}

/// LZW as TIFF has it (TIFF 6.0, section 13).
struct Lzw<R> {
    data: R,
    decoder: decode::Decoder,
}

impl<R: BufRead> Lzw<R> {
    fn new(data: R) -> Self {
        let decoder = decode::Configuration::with_tiff_size_switch(BitOrder::Msb, 8);
        Self { data, decoder: decoder.with_yield_on_full_buffer(true).build() }
    }
}

impl<R: BufRead> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let result = self.decoder.decode_bytes(self.data.fill_buf()?, buffer);
            self.data.consume(result.consumed_in);
            match result.status {
                Ok(LzwStatus::Ok) if result.consumed_out == 0 && !buffer.is_empty() => {}
                Ok(LzwStatus::Ok | LzwStatus::Done) => return Ok(result.consumed_out),
                Ok(LzwStatus::NoProgress) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(error) => return Err(io::Error::new(ErrorKind::InvalidData, error)),
            }
        }
    }
}

/// Runs and literal bytes (TIFF 6.0, section 9).
struct PackBits<R> {
    data: R,
    run: Run,
}

/// What is left of a run.
enum Run {
    /// So many bytes as they are.
    Copied(usize),
    /// So many times this byte.
    Repeated(usize, u8),
}

impl<R: BufRead> PackBits<R> {
    /// Begins the next run; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        let Some(header) = self.data.fill_buf()?.first().map(|byte| byte.cast_signed()) else {
            return Ok(false);
        };
        self.data.consume(1);
        if let Ok(length) = usize::try_from(header) {
            self.run = Run::Copied(length + 1);
        } else if header != i8::MIN {
            let mut byte = [0];
            self.data.read_exact(&mut byte)?;
            self.run = Run::Repeated(1 + usize::from(header.unsigned_abs()), byte[0]);
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for PackBits<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Run::Copied(0) | Run::Repeated(0, _) = self.run {
            if !self.begin()? {
                return Ok(0);
            }
        }
        match &mut self.run {
            Run::Copied(left) => {
                let most = buffer.len().min(*left);
                let read = self.data.read(&mut buffer[..most])?;
                *left -= read;
                Ok(read)
            }
            Run::Repeated(left, byte) => {
                let count = buffer.len().min(*left);
                buffer[..count].fill(*byte);
                *left -= count;
                Ok(count)
            }
        }
    }
}

/// The samples of a strip or tile that is a JPEG (TIFF technical note 2), as far as they go: as
/// they are stored, in turn, chroma as often as luma. Its tables come before it, where they are not
/// in it.
fn jpeg(layout: &Layout, tables: &[u8], mut data: Box<dyn Read + '_>, stop: Stop) -> io::Result<Vec<u8>> {
    let invalid = |why: &'static str| io::Error::new(ErrorKind::InvalidData, why);
    let mut file = without_end(tables).to_vec();
    if !file.is_empty() {
        // One start is enough.
        data.read_exact(&mut [0; 2])?;
    }
    data.read_to_end(&mut file)?;
    file.truncate(without_end(&file).len());
    let mut file = Source::of(file);
    let end = file.length();
    let options = DecoderOptions::default().set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(Fenced::new(&mut file, end)?, options);
    decoder.set_cancel(move || stop.is_over());
    decoder.decode_headers().map_err(io::Error::other)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| invalid("a JPEG without a size"))?;
    let colours = decoder.input_colorspace().ok_or_else(|| invalid("a JPEG without colours"))?;
    if width != layout.chunk.0 || height > layout.chunk.1 || colours.num_components() != layout.interleaved()
    {
        return Err(invalid("a JPEG of another size than its strip or tile"));
    }
    let options = decoder.options().jpeg_set_out_colorspace(colours);
    decoder.set_options(options);
    let mut samples = vec![0; decoder.output_buffer_size().ok_or_else(|| invalid("a JPEG too large"))?];
    if let Err(error) = decoder.decode_into(&mut samples) {
        tracing::debug!(%error, "a JPEG within a TIFF is damaged");
        samples.truncate(decoder.decoded_output_bytes().unwrap_or(0));
    }
    Ok(samples)
}

/// A JPEG without the marker at its end, and what may fill up the strip or tile behind it.
fn without_end(jpeg: &[u8]) -> &[u8] {
    let end = jpeg.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    jpeg[..end].strip_suffix(&EOI).unwrap_or(jpeg)
}
