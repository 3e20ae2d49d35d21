//! What was read from a photo's file, in the form of every format that there has been. Tests are
//! below, and in `tests/it/release_before.rs`.

use gallery_core::model::{Gps, ImageFacts, ImageType, Metadata};
use gallery_core::values::{Precision, Taken, Timestamp};
use serde::{Deserialize, Deserializer};

/// [`ImageFacts`] as any format has them. Until format 3 the time taken was one instant: a time
/// without an offset was taken to be on UTC.
#[derive(Deserialize)]
struct StoredImage {
    content_type: ImageType,
    width: u32,
    height: u32,
    placeholder: Vec<u8>,
    #[serde(default)]
    damaged: bool,
    metadata: StoredMetadata,
}

#[derive(Deserialize)]
struct StoredMetadata {
    #[serde(default)]
    taken: Option<Taken>,
    /// Until format 3.
    #[serde(default)]
    taken_at: Option<Timestamp>,
    camera: Option<String>,
    lens: Option<String>,
    gps: Option<Gps>,
    exif: Vec<(String, String)>,
}

/// For fields that hold [`ImageFacts`].
pub(super) fn image_of_any_format<'de, D: Deserializer<'de>>(field: D) -> Result<ImageFacts, D::Error> {
    let StoredImage { content_type, width, height, placeholder, damaged, metadata } =
        StoredImage::deserialize(field)?;
    let StoredMetadata { taken, taken_at, camera, lens, gps, exif } = metadata;
    let on_utc = |at| Taken::from_stored(at, Precision::Second, None);
    let metadata = Metadata { taken: taken.or_else(|| taken_at.map(on_utc)), camera, lens, gps, exif };
    Ok(ImageFacts { content_type, width, height, placeholder, damaged, metadata })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn stored(metadata: &Value) -> ImageFacts {
        let image = json!({
            "content_type": "jpeg", "width": 8, "height": 6, "placeholder": [1, 2], "metadata": metadata,
        });
        image_of_any_format(image).unwrap()
    }

    #[test]
    fn an_instant_is_the_local_time_of_a_clock_on_utc() {
        let (camera, lens, gps) = (Some("Pinhole One".to_owned()), None, None);
        let taken = Some(Taken::from_stored(Timestamp::from_millis(-2), Precision::Second, None));
        let metadata = Metadata { taken, camera, lens, gps, exif: Vec::new() };
        let of_before =
            json!({ "taken_at": -2, "camera": "Pinhole One", "lens": null, "gps": null, "exif": [] });
        assert_eq!(stored(&of_before).metadata, metadata);
        assert_eq!(stored(&serde_json::to_value(&metadata).unwrap()).metadata, metadata);
    }

    #[test]
    fn a_photo_without_a_time_has_none() {
        for taken in ["taken", "taken_at", "created"] {
            let metadata = json!({ taken: null, "camera": null, "lens": null, "gps": null, "exif": [] });
            assert_eq!(stored(&metadata).metadata, Metadata::default());
        }
    }
}
