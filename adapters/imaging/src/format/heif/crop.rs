//! The part of a picture that is to be shown. Knows no codec; tests are below.

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};

use super::codec::Subsampling;
use super::container::{Image, properties};
use crate::downscale::Shape;
use crate::picture::Size;

/// The value in the middle: what grey is in luma and chroma.
pub const GREY: u8 = 128;

/// The size in samples of a plane of a picture of this size.
fn samples(size: Size, (columns, rows): Subsampling) -> Size {
    let (width, height) = size.sides();
    Size::new(width.div_ceil(columns), height.div_ceil(rows)).unwrap_or(size)
}

/// A part of a plane, in samples.
pub struct Window {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// The part of a picture that is to be shown, in pixels.
pub struct Crop {
    left: u32,
    top: u32,
    pub size: Size,
}

impl Crop {
    /// The clean aperture (ISO/IEC 14496-12, 12.1.4), when it lies in the picture; else all of it.
    pub fn of(file: &HeifFile<'_>, id: ItemId, image: &Image) -> Self {
        let aperture = properties(file, id).find_map(|property| match property {
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let (left, width) = side(image.size.width.get(), *width, *horiz_offset)?;
                let (top, height) = side(image.size.height.get(), *height, *vert_offset)?;
                Some(Self { left, top, size: Size::new(width, height)? })
            }
            _ => None,
        });
        aperture.unwrap_or(Self::whole(image.size))
    }

    pub fn whole(size: Size) -> Self {
        Self { left: 0, top: 0, size }
    }

    pub fn window(&self, (columns, rows): Subsampling) -> Window {
        let (width, height) = samples(self.size, (columns, rows)).sides();
        Window {
            left: (self.left / columns) as usize,
            top: (self.top / rows) as usize,
            width: width as usize,
            height: height as usize,
        }
    }

    pub fn shape(&self, subsampling: Subsampling) -> Shape {
        Shape { size: samples(self.size, subsampling), channels: 1, alpha: false, fill: GREY }
    }
}

/// Where a side of the aperture begins, and its length; None when it is not within the picture.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within the picture"
)]
fn side(whole: u32, length: (u32, u32), offset: (i32, u32)) -> Option<(u32, u32)> {
    let length = (f64::from(length.0) / f64::from(length.1)).round();
    let begin = ((f64::from(whole) - length) / 2.0 + f64::from(offset.0) / f64::from(offset.1)).round();
    let is_inside = length >= 1.0 && begin >= 0.0 && begin + length <= f64::from(whole);
    is_inside.then_some((begin as u32, length as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apertures_lie_within_the_picture() {
        assert_eq!(side(100, (50, 1), (0, 1)), Some((25, 50)));
        assert_eq!(side(100, (100, 2), (-10, 2)), Some((20, 50)));
        for outside in
            [((101, 1), (0, 1)), ((50, 1), (26, 1)), ((50, 0), (0, 1)), ((50, 1), (1, 0)), ((0, 1), (0, 1))]
        {
            assert_eq!(side(100, outside.0, outside.1), None);
        }
    }
}
