#![no_main]

use gallery_core::model::ImageType;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gallery_imaging::fuzzing::decode(ImageType::WebP, bytes));
