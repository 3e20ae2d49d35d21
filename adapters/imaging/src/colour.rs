//! From the planes that a decoder gave to pixels in sRGB: matrices of YCbCr, inks, and the
//! picture's own colour space (ICC profile or code points of ITU-T H.273). Knows no format; tests
//! are below and in `tests/it/colours.rs`.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout as IccLayout, MatrixCoefficients,
    TransferCharacteristics, TransformOptions,
};

use crate::picture::{Layout, Picture, Size};

/// What a picture's planes are. Planes of one channel each, unless one plane holds all channels in
/// turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colours {
    /// One plane with the picture's channels in turn.
    Interleaved(Layout),
    /// Luma, two of chroma, and perhaps alpha.
    YCbCr(Matrix),
    /// Luma and perhaps alpha.
    Luma(Range),
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black; `inverted` when 0 is all ink, as Adobe stores it.
    Cmyk { inverted: bool },
    /// The first three as YCbCr, and black.
    Ycck { inverted: bool },
}

impl Colours {
    /// How many planes there are without alpha.
    pub fn components(self) -> usize {
        match self {
            Self::Interleaved(_) | Self::Luma(_) => 1,
            Self::YCbCr(_) | Self::Rgb => 3,
            Self::Cmyk { .. } | Self::Ycck { .. } => 4,
        }
    }
}

/// Whether samples use all values or leave head and foot room (ITU-T H.273, 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// 0 to 255.
    Full,
    /// 16 to 235, and chroma 16 to 240.
    Limited,
}

/// How luma and chroma become red, green and blue (ITU-T H.273, 8.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix {
    /// The share of red in luma.
    red: f32,
    /// The share of blue in luma.
    blue: f32,
    range: Range,
    /// The planes are green, blue, red.
    identity: bool,
}

impl Matrix {
    /// What JFIF uses: BT.601, all values.
    pub const JFIF: Self = Self { red: 0.299, blue: 0.114, range: Range::Full, identity: false };

    /// From matrix coefficients (H.273, table 4). What is unspecified is taken for BT.601, as other
    /// readers of HEIF do.
    pub fn from_code(code: u16, range: Range) -> Self {
        let (red, blue) = match code {
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            7 => (0.212, 0.087),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        };
        Self { red, blue, range, identity: code == 0 }
    }
}

/// The colour space of a picture, as its file gives it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Space<'a> {
    /// An ICC profile; it counts before the code points.
    pub icc: Option<&'a [u8]>,
    /// Code points.
    pub codes: Option<Codes>,
}

/// Code points of a colour space (ITU-T H.273, tables 2 and 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codes {
    /// Colour primaries.
    pub primaries: u8,
    /// Transfer characteristics.
    pub transfer: u8,
}

/// The picture in sRGB, its alpha not premultiplied. A colour space that cannot be read is taken
/// for sRGB.
pub fn picture(mut planes: Vec<Vec<u8>>, colours: Colours, size: Size, space: Space<'_>) -> Picture {
    let alpha = if planes.len() > colours.components() { planes.pop() } else { None };
    let (layout, pixels) = match colours {
        Colours::Interleaved(layout) => (layout, planes.swap_remove(0)),
        Colours::Luma(range) => (Layout::Luma, luma(planes.swap_remove(0), range)),
        Colours::YCbCr(matrix) => (Layout::Rgb, rgb(&planes, matrix)),
        Colours::Rgb => (Layout::Rgb, in_turn(&planes[0], &planes[1], &planes[2])),
        Colours::Cmyk { inverted } | Colours::Ycck { inverted } => {
            let inks = inks(&planes, matches!(colours, Colours::Ycck { .. }), inverted);
            drop(planes);
            let pixels = separated(&inks, space).unwrap_or_else(|| printed(&inks));
            return Picture { size, layout: Layout::Rgb, pixels };
        }
    };
    let (layout, pixels) = match alpha {
        Some(alpha) => with_alpha(layout, &pixels, &alpha),
        None => (layout, pixels),
    };
    let picture = Picture { size, layout, pixels };
    match transformed(&picture, space) {
        Some(pixels) => Picture { pixels, ..picture },
        None => picture,
    }
}

/// The pixels with alpha as their last channel.
fn with_alpha(layout: Layout, pixels: &[u8], alpha: &[u8]) -> (Layout, Vec<u8>) {
    let with_alpha = if layout == Layout::Luma { Layout::LumaAlpha } else { Layout::Rgba };
    let pixels = pixels.chunks_exact(layout.channels()).zip(alpha);
    (with_alpha, pixels.flat_map(|(pixel, alpha)| pixel.iter().chain([alpha])).copied().collect())
}

/// Luma in full range.
fn luma(mut samples: Vec<u8>, range: Range) -> Vec<u8> {
    if range == Range::Limited {
        for value in &mut samples {
            *value = widened(*value);
        }
    }
    samples
}

/// Three planes as one with their channels in turn.
fn in_turn(red: &[u8], green: &[u8], blue: &[u8]) -> Vec<u8> {
    let pixels = red.iter().zip(green).zip(blue);
    pixels.flat_map(|((red, green), blue)| [*red, *green, *blue]).collect()
}

/// A value of limited range in full range.
fn widened(value: u8) -> u8 {
    let scaled = (i32::from(value) - 16) * 255 + 109;
    clamped(scaled.div_euclid(219))
}

fn clamped(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// Fixed point with 16 bits behind the point, as libjpeg calculates.
fn rgb(planes: &[Vec<u8>], matrix: Matrix) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "coefficients are below 2.5")]
    let fixed = |value: f32| (value * 65_536.0).round() as i32;
    if matrix.identity {
        return in_turn(&planes[2], &planes[0], &planes[1]);
    }
    let (luma_scale, chroma_scale, foot) = match matrix.range {
        Range::Full => (1.0, 1.0, 0),
        Range::Limited => (255.0 / 219.0, 255.0 / 224.0, 16),
    };
    let (red, blue) = (2.0 - 2.0 * matrix.red, 2.0 - 2.0 * matrix.blue);
    let green = 1.0 - matrix.red - matrix.blue;
    let luma_factor = fixed(luma_scale);
    let red_factor = fixed(red * chroma_scale);
    let blue_factor = fixed(blue * chroma_scale);
    let green_red = fixed(matrix.red * red / green * chroma_scale);
    let green_blue = fixed(matrix.blue * blue / green * chroma_scale);
    let mut pixels = vec![0; planes[0].len() * 3];
    let samples = planes[0].iter().zip(&planes[1]).zip(&planes[2]);
    for (pixel, ((y, cb), cr)) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(samples) {
        let luma = (i32::from(*y) - foot) * luma_factor + 32_768;
        let (cb, cr) = (i32::from(*cb) - 128, i32::from(*cr) - 128);
        *pixel = [
            clamped((luma + red_factor * cr) >> 16),
            clamped((luma - green_red * cr - green_blue * cb) >> 16),
            clamped((luma + blue_factor * cb) >> 16),
        ];
    }
    pixels
}

/// Cyan, magenta, yellow and black in turn; 255 is all ink.
fn inks(planes: &[Vec<u8>], ycck: bool, inverted: bool) -> Vec<u8> {
    let black = planes[3].iter();
    let ink = |value: u8| if inverted { 255 - value } else { value };
    if ycck {
        let colours = rgb(planes, Matrix::JFIF);
        let pixels = colours.as_chunks::<3>().0.iter().zip(black);
        // What became luma and chroma are the colours of the inks' complements, which for Adobe are
        // the inks.
        return pixels
            .flat_map(|(cmy, k)| {
                let [c, m, y] = cmy.map(|value| 255 - ink(value));
                [c, m, y, ink(*k)]
            })
            .collect();
    }
    let pixels = planes[0].iter().zip(&planes[1]).zip(&planes[2]).zip(black);
    pixels.flat_map(|(((c, m), y), k)| [ink(*c), ink(*m), ink(*y), ink(*k)]).collect()
}

/// What inks look like to somebody who knows nothing of them: each takes its share of the light.
fn printed(inks: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| clamped((i32::from(255 - ink) * i32::from(255 - black) + 127) / 255);
    inks.as_chunks::<4>().0.iter().flat_map(|[c, m, y, k]| [*c, *m, *y].map(|ink| light(ink, *k))).collect()
}

/// Inks by their profile.
fn separated(inks: &[u8], space: Space<'_>) -> Option<Vec<u8>> {
    let profile = read(space.icc?, DataColorSpace::Cmyk)?;
    let mut pixels = vec![0; inks.len() / 4 * 3];
    apply(&profile, IccLayout::Rgba, IccLayout::Rgb, inks, &mut pixels)?;
    Some(pixels)
}

/// The same pixels in sRGB; None when they are already.
fn transformed(picture: &Picture, space: Space<'_>) -> Option<Vec<u8>> {
    match picture.layout {
        Layout::Luma | Layout::LumaAlpha => {
            let profile = read(space.icc?, DataColorSpace::Gray)?;
            grey(picture, &profile)
        }
        Layout::Rgb | Layout::Rgba => {
            let profile = match space.icc.and_then(|icc| read(icc, DataColorSpace::Rgb)) {
                Some(profile) => profile,
                None => space.codes.and_then(Codes::profile)?,
            };
            let layout = if picture.layout == Layout::Rgb { IccLayout::Rgb } else { IccLayout::Rgba };
            let mut pixels = vec![0; picture.pixels.len()];
            apply(&profile, layout, layout, &picture.pixels, &mut pixels)?;
            Some(pixels)
        }
    }
}

/// Grey stays grey: of the 256 values a pixel can have, each is transformed once.
fn grey(picture: &Picture, profile: &ColorProfile) -> Option<Vec<u8>> {
    let values: Vec<u8> = (0..=u8::MAX).collect();
    let mut colours = vec![0; values.len() * 3];
    apply(profile, IccLayout::Gray, IccLayout::Rgb, &values, &mut colours)?;
    let table: Vec<u8> = colours.as_chunks::<3>().0.iter().map(|[_, green, _]| *green).collect();
    let mut pixels = picture.pixels.clone();
    for value in pixels.iter_mut().step_by(picture.layout.channels()) {
        *value = table[usize::from(*value)];
    }
    Some(pixels)
}

/// The profile, when it is of such a colour space.
fn read(icc: &[u8], wanted: DataColorSpace) -> Option<ColorProfile> {
    match ColorProfile::new_from_slice(icc) {
        Ok(profile) => (profile.color_space == wanted).then_some(profile),
        Err(error) => {
            tracing::debug!(%error, "an ICC profile was left out");
            None
        }
    }
}

fn apply(
    profile: &ColorProfile,
    from: IccLayout,
    to: IccLayout,
    source: &[u8],
    target: &mut [u8],
) -> Option<()> {
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(from, &srgb, to, TransformOptions::default());
    match transform.and_then(|transform| transform.transform(source, target)) {
        Ok(()) => Some(()),
        Err(error) => {
            tracing::debug!(%error, "an ICC profile was left out");
            None
        }
    }
}

impl Codes {
    /// None for sRGB, for what is unspecified or unknown, and for the transfer curves of
    /// television, which still pictures carry when they mean sRGB.
    fn profile(self) -> Option<ColorProfile> {
        let color_primaries = match self.primaries {
            9 => CicpColorPrimaries::Bt2020,
            11 => CicpColorPrimaries::Smpte431,
            12 => CicpColorPrimaries::Smpte432,
            _ => CicpColorPrimaries::Bt709,
        };
        let transfer_characteristics = match self.transfer {
            4 => TransferCharacteristics::Bt470M,
            5 => TransferCharacteristics::Bt470Bg,
            8 => TransferCharacteristics::Linear,
            16 => TransferCharacteristics::Smpte2084,
            18 => TransferCharacteristics::Hlg,
            _ => TransferCharacteristics::Srgb,
        };
        let is_srgb = color_primaries == CicpColorPrimaries::Bt709
            && transfer_characteristics == TransferCharacteristics::Srgb;
        let profile = CicpProfile {
            color_primaries,
            transfer_characteristics,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        (!is_srgb).then(|| ColorProfile::new_from_cicp(profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(planes: &[u8], colours: Colours) -> Vec<u8> {
        let planes = planes.iter().map(|value| vec![*value]).collect();
        picture(planes, colours, Size::new(1, 1).expect("a size"), Space::default()).pixels
    }

    #[test]
    fn reads_luma_and_chroma_as_jfif_says() {
        let jfif = Colours::YCbCr(Matrix::JFIF);
        let expected =
            [([255, 128, 128], [255; 3]), ([76, 85, 255], [254, 0, 0]), ([29, 255, 107], [0, 0, 254])];
        for (sample, pixel) in expected {
            assert_eq!(one(&sample, jfif), pixel);
        }
    }

    #[test]
    fn reads_the_range_of_television() {
        let television = Colours::YCbCr(Matrix::from_code(1, Range::Limited));
        assert_eq!(one(&[235, 128, 128], television), [255; 3]);
        assert_eq!(one(&[16, 128, 128], television), [0; 3]);
        assert_eq!(one(&[63, 102, 240], television), [255, 1, 0]);
        assert_eq!(one(&[16], Colours::Luma(Range::Limited)), [0]);
        assert_eq!(one(&[235, 9], Colours::Luma(Range::Limited)), [255, 9]);
    }

    #[test]
    fn the_identity_matrix_stores_green_first() {
        assert_eq!(one(&[1, 2, 3], Colours::YCbCr(Matrix::from_code(0, Range::Full))), [3, 1, 2]);
    }

    #[test]
    fn inks_take_light() {
        assert_eq!(one(&[0, 0, 0, 0], Colours::Cmyk { inverted: false }), [255; 3]);
        assert_eq!(one(&[0, 255, 255, 255], Colours::Cmyk { inverted: true }), [0, 255, 255]);
        assert_eq!(one(&[0, 128, 128, 255], Colours::Ycck { inverted: true }), [255; 3]);
        assert_eq!(one(&[255, 128, 128, 255], Colours::Ycck { inverted: true }), [0; 3]);
        assert_eq!(one(&[255, 128, 128, 0], Colours::Ycck { inverted: false }), [255; 3]);
    }
}
