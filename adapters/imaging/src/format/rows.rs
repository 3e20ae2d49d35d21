//! What decoding comes to, and the way there for formats whose channels come in turn. Knows no
//! format; tests of whole files are in `tests/it/formats.rs`.

use crate::colour::Colours;
use crate::downscale::{Downscaler, Shape};
use crate::picture::{Layout, Size};
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

/// A picture scaled down while it was decoded: its planes at the size of the large rendition.
pub struct Downscaled {
    /// The size of all planes.
    pub size: Size,
    /// What the planes are.
    pub colours: Colours,
    /// The planes.
    pub planes: Vec<Vec<u8>>,
    /// A part of the picture is missing or wrong.
    pub damaged: bool,
}

/// A buffer for a picture, zeroed.
pub fn buffer(bytes: u64) -> Result<Vec<u8>, Refusal> {
    let length = usize::try_from(bytes).map_err(|_| Refusal::Undecodable("photo-too-large"))?;
    Ok(vec![0; length])
}

/// Takes the rows of a picture whose channels come in turn.
pub struct Rows {
    downscaler: Downscaler,
    size: Size,
    /// A part of the picture is missing or wrong.
    pub damaged: bool,
    /// What a pixel is.
    pub layout: Layout,
}

impl Rows {
    /// A picture of this size, of which no row has come.
    pub fn new(size: Size, layout: Layout, stop: Stop) -> Self {
        let channels = u8::try_from(layout.channels()).unwrap_or(u8::MAX);
        let shape = Shape { size, channels, alpha: layout.has_alpha(), fill: 0 };
        Self { downscaler: Downscaler::new(large_size(size), [shape], stop), size, damaged: false, layout }
    }

    /// All rows of a picture that was decoded in one piece.
    pub fn whole(size: Size, layout: Layout, pixels: Vec<u8>, stop: Stop) -> Result<Downscaled, Refusal> {
        let mut rows = Self::new(size, layout, stop);
        rows.push(&pixels)?;
        drop(pixels);
        rows.finish()
    }

    /// Takes the next rows: whole rows only.
    pub fn push(&mut self, rows: &[u8]) -> Result<(), Refusal> {
        self.downscaler.push(0, rows)
    }

    /// The picture at the size of the large rendition.
    pub fn finish(self) -> Result<Downscaled, Refusal> {
        let Self { size, layout, damaged, .. } = self;
        let planes = self.downscaler.finish()?;
        Ok(Downscaled { size: large_size(size), colours: Colours::Interleaved(layout), planes, damaged })
    }
}
