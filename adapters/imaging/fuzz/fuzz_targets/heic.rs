#![no_main]

use gallery_core::model::ImageType;

// A file that says HEIC can have tiles in AV1.
libfuzzer_sys::fuzz_target!(
    init: gallery_imaging::fuzzing::ignore_caught_panics(),
    |bytes: &[u8]| gallery_imaging::fuzzing::decode(ImageType::Heic, bytes)
);
