#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gallery_imaging::fuzzing::sniff(bytes));
