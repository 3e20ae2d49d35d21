//! Photos as they really are: files in `tests/data/found`, each made after one that somebody's
//! gallery showed wrong, and what each gives here.

use gallery_core::model::{Captions, Metadata};
use gallery_core::ports::Processed;
use gallery_imaging::Limits;

use crate::photos::{data, decoded, process_file};

fn found(name: &str) -> Processed {
    let file = data().join("found").join(name);
    process_file(Limits::default(), &file).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn taken(metadata: &Metadata) -> Option<String> {
    metadata.taken.map(|taken| taken.to_string())
}

#[test]
fn every_plausible_date_is_read_and_none_is_invented() {
    for (name, at) in [
        ("date-1993 12-00-00.jpg", "1993"),
        ("date-1993-00-00 12-00-00.jpg", "1993"),
        ("date-year-only.jpg", "1993"),
        ("date-date-only.jpg", "2014-04-02"),
        ("date-unknown-time-blank.jpg", "2014-04-02"),
        ("date-without-seconds.jpg", "2014-04-02 12:56"),
        ("date-24-08-19.jpg", "2015-08-22 00:08:19"),
        ("taken-after-midnight-offset-+02-00.jpg", "2024-07-14 00:30:00 +02:00"),
        ("png-exif-as-raw-profile.png", "2020-05-05 05:05:05"),
        ("exif-of-80-kB.png", "2020-05-05 05:05:05"),
    ] {
        assert_eq!(taken(&found(name).facts.metadata).as_deref(), Some(at), "{name}");
    }
}

#[test]
fn the_gulf_of_guinea_is_no_place() {
    assert_eq!(found("gps-0-0.jpg").facts.metadata.gps, None);
}

#[test]
fn what_the_camera_writes_on_every_photo_is_no_caption() {
    for name in [
        "description-DCF_1_0.jpg",
        "description-DCIM_100GOPRO.jpg",
        "description-EPSON_DSC_picture.jpg",
        "description-Minolta_DSC.jpg",
        "description-_cuva.jpg",
        "description-null.jpg",
        "description-olympus-in-exif-and-xmp.jpg",
    ] {
        let Processed { captions, former_captions, .. } = found(name);
        assert_eq!(captions, Captions::default(), "{name}");
        assert!(former_captions.description.is_some(), "{name}: {former_captions:?}");
    }
}

#[test]
fn photos_lie_as_their_exif_data_say() {
    for name in [
        "heic-exif-orientation-6-without-irot.heic",
        "heic-exif-orientation-6-without-irot-no-miaf-brand.heic",
        "png-exif-as-raw-profile.png",
        "exif-of-80-kB.png",
    ] {
        let Processed { facts, renditions, .. } = found(name);
        assert!(facts.height > facts.width, "{name}: {} × {}", facts.width, facts.height);
        assert_eq!((renditions[0].width, renditions[0].height), (facts.width, facts.height), "{name}");
    }
}

#[test]
fn bits_may_be_in_either_order() {
    let pictures = ["tiff-fill-order-1-same-picture.tif", "tiff-fill-order-2.tif"]
        .map(|name| decoded(&found(name).renditions[0]));
    assert_eq!(pictures[0], pictures[1]);
    let darkest = pictures[0].pixels().map(|pixel| pixel.0[0]).min();
    assert!(darkest < Some(40), "there is something to be seen");
}
