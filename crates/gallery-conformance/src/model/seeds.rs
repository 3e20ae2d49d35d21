//! Running seeds: each a history on fresh stores, shrunk and told when it shows a difference.

use std::any::Any;
use std::fmt::Write as _;
use std::ops::Range;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use gallery_core::ports::SharedStore;

use super::generate;
use super::history::{Difference, History};
use super::operation::Step;
use super::shrink::Shrinking;

/// Parts that the seeds are split into.
pub const PARTS: u64 = 4;
/// Seeds that are run when neither the environment nor the store says otherwise. All but one of the
/// broken stores in the tests are found within 26, the last one by seed 164: stores on which a
/// history takes long run some dozens.
pub const SEEDS: u64 = 200;
/// Histories that are tried while one shrinks: enough for most, and over in a minute on a store
/// with a disk.
const MOST_ATTEMPTS: u32 = 400;

/// Runs a part (from 0) of this many seeds, unless the environment says how many or which, and
/// panics on the first difference.
pub async fn run_part<G>(
    part: u64,
    seeds: u64,
    fresh_pair: impl AsyncFn() -> ([SharedStore; 2], G),
    model: impl Fn() -> SharedStore,
) {
    let seeds = match (variable("GALLERY_MODEL_SEED"), variable("GALLERY_MODEL_SEEDS").unwrap_or(seeds)) {
        (Some(seed), _) if part == 0 => seed..seed + 1,
        (Some(_), _) => 0..0,
        (None, count) => part * count / PARTS..(part + 1) * count / PARTS,
    };
    let (count, mut operations) = (seeds.end - seeds.start, 0);
    for seed in seeds {
        match check_seed(seed, &fresh_pair, &model).await {
            Ok(log) => {
                operations += log.len();
                if count == 1 {
                    report(&numbered(&log));
                }
            }
            Err(told) => panic!("{told}"),
        }
    }
    report(&format!("model test, part {}: {count} seeds, {operations} operations, no difference", part + 1));
}

/// The first of these seeds on which the store and the model differ, and what was done until then;
/// nothing is shrunk.
pub async fn first_difference<G>(
    seeds: Range<u64>,
    fresh_pair: impl AsyncFn() -> ([SharedStore; 2], G),
    model: impl Fn() -> SharedStore,
) -> Option<(u64, String)> {
    for seed in seeds {
        let steps = Shrinking::of(generate::history(seed)).current();
        if let Err(difference) = attempt(seed, &steps, &fresh_pair, &model).await {
            return Some((seed, tell(seed, steps.len(), steps.len(), &difference)));
        }
    }
    None
}

/// Runs one seed: returns what was done, a line each, or tells of the smallest history found on
/// which the store and the model differ.
pub async fn check_seed<G>(
    seed: u64,
    fresh_pair: &impl AsyncFn() -> ([SharedStore; 2], G),
    model: &impl Fn() -> SharedStore,
) -> Result<Vec<String>, String> {
    let mut found = None;
    let mut shrinking = Shrinking::of(generate::history(seed));
    let long = shrinking.current().len();
    for _ in 0..MOST_ATTEMPTS {
        let steps = shrinking.current();
        match attempt(seed, &steps, fresh_pair, model).await {
            Ok(done) if found.is_none() => return Ok(done),
            Ok(_) => shrinking.passed(),
            Err(difference) => {
                found = Some((steps.len(), difference));
                shrinking.failed();
            }
        }
        if !shrinking.goes_on() {
            break;
        }
    }
    found.map_or(Ok(Vec::new()), |(short, difference)| Err(tell(seed, long, short, &difference)))
}

async fn attempt<G>(
    seed: u64,
    steps: &[Step],
    fresh_pair: &impl AsyncFn() -> ([SharedStore; 2], G),
    model: &impl Fn() -> SharedStore,
) -> Result<Vec<String>, Difference> {
    let (stores, _guard) = fresh_pair().await;
    let mut history = History::new(stores, model(), seed);
    match AssertUnwindSafe(history.run(steps)).catch_unwind().await {
        Ok(outcome) => outcome.map(|()| history.into_log()),
        Err(panic) => Err(history.panicked(&message(&*panic))),
    }
}

fn tell(seed: u64, long: usize, short: usize, difference: &Difference) -> String {
    let mut text = format!(
        "the store and the model differ on seed {seed} (run it again with GALLERY_MODEL_SEED={seed}).\n\
         Of {long} steps, {short} are left; with what they require:\n"
    );
    text += &numbered(&difference.log);
    text += &difference.what;
    text
}

fn numbered(log: &[String]) -> String {
    let mut text = String::new();
    for (number, line) in log.iter().enumerate() {
        let _ = writeln!(text, "{:3}. {line}", number + 1);
    }
    text
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// The number in an environment variable.
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

#[expect(clippy::print_stdout, reason = "the one line that tells how much was tested")]
fn report(line: &str) {
    println!("{line}");
}
