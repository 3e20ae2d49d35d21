#![no_main]

use gallery_core::model::ImageType;

// Panics that are caught are no findings: one of rav1d's questions has them. All others still end the process.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| gallery_imaging::fuzzing::decode(ImageType::Avif, bytes)
);
