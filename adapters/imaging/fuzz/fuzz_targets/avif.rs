#![no_main]

use gallery_core::model::ImageType;

libfuzzer_sys::fuzz_target!(
    init: gallery_imaging::fuzzing::ignore_caught_panics(),
    |bytes: &[u8]| gallery_imaging::fuzzing::decode(ImageType::Avif, bytes)
);
