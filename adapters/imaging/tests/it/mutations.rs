//! Real files of every format, changed at random: shown or refused, in time, and never by a fault
//! of ours.
//!
//! `cargo xtask mutate` does it tens of thousands of times, with the camera files of
//! `shared/photos` where they are at hand. A change follows from its number alone:
//! `GALLERY_MUTATIONS=N` makes N changes instead of a few, `GALLERY_MUTATION=S` only the one with
//! that number, of the few, or with both, of the many.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use gallery_core::ports::ImagingError;
use gallery_imaging::Limits;

use crate::photos::{camera_files, data, files, process_within};
use crate::samples::one_of_each;
use crate::timing::taken;

/// Changes that take some seconds in a build for tests.
const FEW: u64 = 3_000;
/// The longest that a changed file may take.
const LONGEST: Duration = Duration::from_secs(3);
/// Larger files would mostly show how fast they are decoded.
const MAX_BYTES: usize = 250_000;
/// Numbers at which programs stumble.
const EDGES: [u32; 10] = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// A file to change.
struct Original {
    name: String,
    bytes: Vec<u8>,
}

/// Files by what they begin with, so that each format comes as often as the others.
fn originals(with_cameras: bool) -> Vec<Vec<Original>> {
    let mut found: Vec<Original> =
        one_of_each().into_iter().map(|(name, bytes)| Original { name: name.to_owned(), bytes }).collect();
    let cameras = if with_cameras { camera_files() } else { None };
    for folder in [Some(data()), Some(data().with_file_name("damaged")), cameras].into_iter().flatten() {
        for path in files(&folder, "") {
            let bytes = std::fs::read(&path).expect("a readable file");
            if bytes.len() <= MAX_BYTES && bytes.len() > 16 {
                found.push(Original { name: path.display().to_string(), bytes });
            }
        }
    }
    let mut formats: BTreeMap<Vec<u8>, Vec<Original>> = BTreeMap::new();
    for original in found {
        let start =
            if original.bytes[4..8] == *b"ftyp" { &original.bytes[8..12] } else { &original.bytes[..2] };
        formats.entry(start.to_vec()).or_default().push(original);
    }
    formats.into_values().collect()
}

/// Numbers that follow from the first one (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A place in a file: anywhere, but more often where headers are.
    fn place(&mut self, length: usize) -> usize {
        if self.below(3) > 0 {
            return self.below(length);
        }
        let reach = 1 << self.below(length.max(2).ilog2() as usize + 2);
        self.below(reach.min(length))
    }

    /// A part of a file, rather short than long.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let begin = self.place(length);
        let reach = 1 << self.below(length.max(2).ilog2() as usize + 1);
        begin..(begin + self.below(reach) + 1).min(length)
    }
}

/// Changes a file once.
fn change(bytes: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let at = numbers.place(bytes.len());
    let range = numbers.range(bytes.len());
    match numbers.below(10) {
        0 | 1 => bytes[at] ^= 1 << numbers.below(8),
        2 => bytes[at] = numbers.byte(),
        3 | 4 => {
            let edge = EDGES[numbers.below(EDGES.len())];
            let width = [1, 2, 4, 4][numbers.below(4)];
            let written = if numbers.below(2) == 0 {
                edge.to_be_bytes()[4 - width..].to_vec()
            } else {
                edge.to_le_bytes()[..width].to_vec()
            };
            for (byte, new) in bytes[at..].iter_mut().zip(written) {
                *byte = new;
            }
        }
        5 => bytes.truncate(at.max(16)),
        6 => drop(bytes.drain(range)),
        7 => {
            let part = bytes[range].to_vec();
            bytes.splice(at..at, part);
        }
        8 => bytes[range].fill([0, 0xFF][numbers.below(2)]),
        _ => {
            let part = other[numbers.range(other.len())].to_vec();
            let end = (at + part.len()).min(bytes.len());
            bytes.splice(at..end, part);
        }
    }
    if bytes.len() < 16 {
        bytes.resize(16, 0);
    }
}

/// The changed file of this number, and the name of what it was.
fn mutated(number: u64, originals: &[Vec<Original>]) -> (&str, Vec<u8>) {
    let mut numbers = Numbers(number);
    let format = &originals[numbers.below(originals.len())];
    let (original, other) = (&format[numbers.below(format.len())], &format[numbers.below(format.len())]);
    let mut bytes = original.bytes.clone();
    for _ in 0..=numbers.below(3) {
        change(&mut bytes, &other.bytes, &mut numbers);
    }
    (&original.name, bytes)
}

/// What became of changed files.
#[derive(Default)]
struct Tally {
    shown: u64,
    damaged: u64,
    refused: u64,
    panics: Vec<String>,
    faults: Vec<String>,
    slow: Vec<String>,
    slowest: Duration,
}

impl Tally {
    fn note(&mut self, number: u64, originals: &[Vec<Original>]) {
        let (name, bytes) = mutated(number, originals);
        let (outcome, taken) = taken(|| process_within(Limits { workers: 1, ..Limits::default() }, &bytes));
        let what = || format!("change {number} of {name}, {taken:?}");
        match outcome {
            Ok(processed) => {
                self.shown += 1;
                self.damaged += u64::from(processed.facts.damaged);
            }
            Err(ImagingError::Undecodable(why)) if why.key() == "photo-decoder-failed" => {
                self.panics.push(what());
            }
            Err(
                ImagingError::Undecodable(_) | ImagingError::Unsupported | ImagingError::TooManyPixels { .. },
            ) => self.refused += 1,
            Err(error) => self.faults.push(format!("{}: {error:?}", what())),
        }
        if taken > LONGEST {
            self.slow.push(what());
        }
        self.slowest = self.slowest.max(taken);
    }

    fn add(&mut self, other: Self) {
        self.shown += other.shown;
        self.damaged += other.damaged;
        self.refused += other.refused;
        self.panics.extend(other.panics);
        self.faults.extend(other.faults);
        self.slow.extend(other.slow);
        self.slowest = self.slowest.max(other.slowest);
    }

    fn told(&self) -> String {
        let mut told = format!(
            "{} files: {} shown ({} said to be damaged), {} refused, {} panics, {} faults of ours, {} over {LONGEST:?}; \
             the slowest took {:?}",
            self.shown + self.refused + (self.panics.len() + self.faults.len()) as u64,
            self.shown,
            self.damaged,
            self.refused,
            self.panics.len(),
            self.faults.len(),
            self.slow.len(),
            self.slowest,
        );
        for one in self.panics.iter().chain(&self.faults).chain(&self.slow).take(20) {
            let _ = write!(told, "\n{one}");
        }
        told
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the one line that tells what became of them")]
fn changed_files_are_shown_or_refused() {
    let variable = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().expect("a number"));
    let (only, wanted) = (variable("GALLERY_MUTATION"), variable("GALLERY_MUTATIONS"));
    let (begin, end) = only.map_or((0, wanted.unwrap_or(FEW)), |only| (only, only + 1));
    let is_long = wanted.is_some();
    let originals = originals(is_long);
    let next = AtomicU64::new(begin);
    let mut total = Tally::default();
    thread::scope(|scope| {
        let work = || {
            let mut tally = Tally::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return tally;
                }
                tally.note(number, &originals);
            }
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            total.add(thread.join().expect("no panic"));
        }
    });
    let told = total.told();
    println!("{told}");
    assert!(total.panics.is_empty() && total.faults.is_empty(), "{told}");
    // In a build for tests, and beside them, time tells nothing.
    assert!(!is_long || total.slow.is_empty(), "{told}");
}
