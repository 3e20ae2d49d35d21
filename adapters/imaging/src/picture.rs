//! A decoded picture in memory, and turning it upright. Knows no format and no file.

use std::num::NonZeroU32;

/// What the bytes of a pixel mean; one byte a channel, not premultiplied unless said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Grey.
    Luma,
    /// Grey and alpha.
    LumaAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Layout {
    /// Bytes of one pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Luma => 1,
            Self::LumaAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(self) -> bool {
        matches!(self, Self::LumaAlpha | Self::Rgba)
    }

    /// The same without alpha.
    pub fn opaque(self) -> Self {
        match self {
            Self::Luma | Self::LumaAlpha => Self::Luma,
            Self::Rgb | Self::Rgba => Self::Rgb,
        }
    }
}

/// Width and height in pixels; neither is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: NonZeroU32,
    /// Rows.
    pub height: NonZeroU32,
}

impl Size {
    /// None when a side is zero.
    pub fn new(width: u32, height: u32) -> Option<Self> {
        Some(Self { width: NonZeroU32::new(width)?, height: NonZeroU32::new(height)? })
    }

    /// Width and height.
    pub fn sides(self) -> (u32, u32) {
        (self.width.get(), self.height.get())
    }

    /// Pixels of the longest side.
    pub fn longest_side(self) -> u32 {
        self.width.max(self.height).get()
    }

    /// The number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width.get()) * u64::from(self.height.get())
    }

    /// The size with the longest side at most this; never larger than before, and no side becomes
    /// zero.
    pub fn within(self, max_side: u32) -> Self {
        let longest = self.longest_side();
        if longest <= max_side {
            return self;
        }
        let scale = |side: NonZeroU32| {
            let (side, longest, max) = (u64::from(side.get()), u64::from(longest), u64::from(max_side));
            let scaled = (side * max + longest / 2) / longest;
            NonZeroU32::new(u32::try_from(scaled).unwrap_or(max_side)).unwrap_or(NonZeroU32::MIN)
        };
        Self { width: scale(self.width), height: scale(self.height) }
    }

    /// The size after turning.
    pub fn oriented(self, orientation: Orientation) -> Self {
        if orientation.swaps_sides() { Self { width: self.height, height: self.width } } else { self }
    }
}

/// A decoded picture: rows from the top, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its size.
    pub size: Size,
    /// What its bytes mean.
    pub layout: Layout,
    /// Its bytes: exactly `size.pixels() * layout.channels()`.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Bytes of one row.
    pub fn row_bytes(&self) -> usize {
        self.size.width.get() as usize * self.layout.channels()
    }

    /// The picture turned as it shall be displayed.
    pub fn oriented(self, orientation: Orientation) -> Self {
        if orientation == Orientation::Upright {
            return self;
        }
        match self.layout {
            Layout::Luma => self.turned::<1>(orientation),
            Layout::LumaAlpha => self.turned::<2>(orientation),
            Layout::Rgb => self.turned::<3>(orientation),
            Layout::Rgba => self.turned::<4>(orientation),
        }
    }

    fn turned<const CHANNELS: usize>(&self, orientation: Orientation) -> Self {
        let (source, _) = self.pixels.as_chunks::<CHANNELS>();
        let (width, height) = (self.size.width.get() as usize, self.size.height.get() as usize);
        let size = self.size.oriented(orientation);
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..size.height.get() as usize {
            for x in 0..size.width.get() as usize {
                let (from_x, from_y) = orientation.source(x, y, width, height);
                pixels.extend_from_slice(&source[from_y * width + from_x]);
            }
        }
        Self { size, layout: self.layout, pixels }
    }

    /// The picture without its alpha channel when that says nothing, because every pixel is opaque.
    pub fn without_useless_alpha(self) -> Self {
        let channels = self.layout.channels();
        let says_something = |pixel: &[u8]| pixel.last() != Some(&u8::MAX);
        if !self.layout.has_alpha() || self.pixels.chunks_exact(channels).any(says_something) {
            return self;
        }
        let colours = self.pixels.chunks_exact(channels).flat_map(|pixel| &pixel[..channels - 1]);
        Self { size: self.size, layout: self.layout.opaque(), pixels: colours.copied().collect() }
    }
}

/// How the stored picture is to be turned (EXIF 2.32, section 4.6.4 A, tag 0x0112): where row 0 and
/// column 0 of the stored picture are displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// 1: as it is.
    Upright,
    /// 2: mirrored left to right.
    Mirrored,
    /// 3: turned by 180°.
    Turned180,
    /// 4: mirrored top to bottom.
    Flipped,
    /// 5: mirrored along the falling diagonal.
    Transposed,
    /// 6: to be turned clockwise by 90°.
    Turned90,
    /// 7: mirrored along the rising diagonal.
    Transversed,
    /// 8: to be turned clockwise by 270°.
    Turned270,
}

impl Orientation {
    /// The orientation with this EXIF value; None for a value that says nothing.
    pub fn from_exif(value: u32) -> Option<Self> {
        Some(match value {
            1 => Self::Upright,
            2 => Self::Mirrored,
            3 => Self::Turned180,
            4 => Self::Flipped,
            5 => Self::Transposed,
            6 => Self::Turned90,
            7 => Self::Transversed,
            8 => Self::Turned270,
            _ => return None,
        })
    }

    /// To be turned clockwise by so many quarters.
    pub fn clockwise(quarters: u8) -> Self {
        Self::of(quarters, false)
    }

    /// Turned clockwise so many quarters, before that mirrored left to right or not.
    fn of(quarters: u8, mirrored: bool) -> Self {
        match (quarters % 4, mirrored) {
            (0, false) => Self::Upright,
            (0, true) => Self::Mirrored,
            (1, false) => Self::Turned90,
            (1, true) => Self::Transversed,
            (2, false) => Self::Turned180,
            (2, true) => Self::Flipped,
            (_, false) => Self::Turned270,
            (_, true) => Self::Transposed,
        }
    }

    fn parts(self) -> (u8, bool) {
        match self {
            Self::Upright => (0, false),
            Self::Mirrored => (0, true),
            Self::Turned90 => (1, false),
            Self::Transversed => (1, true),
            Self::Turned180 => (2, false),
            Self::Flipped => (2, true),
            Self::Turned270 => (3, false),
            Self::Transposed => (3, true),
        }
    }

    /// First this, then another.
    pub fn then(self, other: Self) -> Self {
        let ((first, mirrored), (second, mirrored_again)) = (self.parts(), other.parts());
        // A turn that comes before mirroring goes the other way round after it.
        let first = if mirrored_again { 4 - first } else { first };
        Self::of(first + second, mirrored != mirrored_again)
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Transposed | Self::Turned90 | Self::Transversed | Self::Turned270)
    }

    /// The stored pixel that is displayed at (x, y), in a stored picture of this width and height.
    fn source(self, x: usize, y: usize, width: usize, height: usize) -> (usize, usize) {
        match self {
            Self::Upright => (x, y),
            Self::Mirrored => (width - 1 - x, y),
            Self::Turned180 => (width - 1 - x, height - 1 - y),
            Self::Flipped => (x, height - 1 - y),
            Self::Transposed => (y, x),
            Self::Turned90 => (y, height - 1 - x),
            Self::Transversed => (width - 1 - y, height - 1 - x),
            Self::Turned270 => (width - 1 - y, x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).expect("sides are not zero")
    }

    /// 2 × 3, each pixel its own number: 0 1 / 2 3 / 4 5.
    fn numbered() -> Picture {
        Picture { size: size(2, 3), layout: Layout::Luma, pixels: (0..6).collect() }
    }

    #[test]
    fn turns_as_exif_says() {
        let expected: [(u32, &[u8]); 8] = [
            (1, &[0, 1, 2, 3, 4, 5]),
            (2, &[1, 0, 3, 2, 5, 4]),
            (3, &[5, 4, 3, 2, 1, 0]),
            (4, &[4, 5, 2, 3, 0, 1]),
            (5, &[0, 2, 4, 1, 3, 5]),
            (6, &[4, 2, 0, 5, 3, 1]),
            (7, &[5, 3, 1, 4, 2, 0]),
            (8, &[1, 3, 5, 0, 2, 4]),
        ];
        for (value, pixels) in expected {
            let turned = numbered().oriented(Orientation::from_exif(value).expect("an orientation"));
            assert_eq!(turned.pixels, pixels, "orientation {value}");
            assert_eq!(turned.size, if value < 5 { size(2, 3) } else { size(3, 2) }, "orientation {value}");
        }
        assert_eq!([0, 9].map(Orientation::from_exif), [None; 2]);
    }

    #[test]
    fn turning_twice_is_turning_once() {
        let all: Vec<_> = (1..=8).filter_map(Orientation::from_exif).collect();
        for (first, second) in all.iter().flat_map(|first| all.iter().map(move |second| (*first, *second))) {
            let twice = numbered().oriented(first).oriented(second);
            assert_eq!(numbered().oriented(first.then(second)), twice, "{first:?}, then {second:?}");
        }
    }

    #[test]
    fn scales_to_the_longest_side_and_never_up() {
        assert_eq!(size(4000, 3000).within(2048), size(2048, 1536));
        assert_eq!(size(3000, 4000).within(320), size(240, 320));
        assert_eq!(size(300, 200).within(320), size(300, 200));
        assert_eq!(size(100_000, 1).within(320), size(320, 1));
    }

    #[test]
    fn drops_alpha_only_when_every_pixel_is_opaque() {
        let opaque = Picture { size: size(1, 2), layout: Layout::LumaAlpha, pixels: vec![7, 255, 8, 255] };
        let dropped = opaque.without_useless_alpha();
        assert_eq!((dropped.layout, dropped.pixels.as_slice()), (Layout::Luma, &[7, 8][..]));
        let holed = Picture { size: size(1, 2), layout: Layout::LumaAlpha, pixels: vec![7, 255, 8, 254] };
        assert_eq!(holed.clone().without_useless_alpha(), holed);
    }
}
