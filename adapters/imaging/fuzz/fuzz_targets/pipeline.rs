#![no_main]

libfuzzer_sys::fuzz_target!(
    init: gallery_imaging::fuzzing::ignore_caught_panics(),
    |bytes: &[u8]| gallery_imaging::fuzzing::pipeline(bytes)
);
