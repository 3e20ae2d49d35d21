//! Running seeds: each a history on fresh stores, shrunk and told when it shows a difference.

use std::any::Any;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use gallery_core::ports::SharedStore;
use proptest::strategy::{Strategy as _, ValueTree as _};

use super::generate;
use super::history::{Difference, History};
use super::operation::Step;

/// Parts that the seeds are split into.
pub const PARTS: u64 = 4;
/// Seeds that are run when nobody says otherwise.
const SEEDS: u64 = 200;
/// Histories that are tried while one shrinks.
const MOST_SHRINKS: u32 = 1_500;

/// Runs a part (from 0) of the seeds, and panics on the first difference.
pub async fn run_part<G>(
    part: u64,
    fresh_pair: impl AsyncFn() -> ([SharedStore; 2], G),
    model: impl Fn() -> SharedStore,
) {
    let seeds = match (variable("GALLERY_MODEL_SEED"), variable("GALLERY_MODEL_SEEDS").unwrap_or(SEEDS)) {
        (Some(seed), _) if part == 0 => seed..seed + 1,
        (Some(_), _) => 0..0,
        (None, count) => part * count / PARTS..(part + 1) * count / PARTS,
    };
    let (count, mut operations) = (seeds.end - seeds.start, 0);
    for seed in seeds {
        match check_seed(seed, &fresh_pair, &model).await {
            Ok(performed) => operations += performed,
            Err(told) => panic!("{told}"),
        }
    }
    report(&format!("model test, part {}: {count} seeds, {operations} operations, no difference", part + 1));
}

/// Runs one seed: answers how many operations were performed, or tells of the smallest history found on which the
/// store and the model differ.
pub async fn check_seed<G>(
    seed: u64,
    fresh_pair: &impl AsyncFn() -> ([SharedStore; 2], G),
    model: &impl Fn() -> SharedStore,
) -> Result<u64, String> {
    let mut runner = generate::runner(seed);
    let mut tree = generate::histories().new_tree(&mut runner).expect("histories are made without filters");
    let steps = tree.current();
    let long = steps.len();
    let (mut difference, mut short) = match attempt(seed, &steps, fresh_pair, model).await {
        Ok(operations) => return Ok(operations),
        Err(difference) => (difference, steps),
    };
    let mut goes_on = tree.simplify();
    for _ in 0..MOST_SHRINKS {
        if !goes_on {
            break;
        }
        let steps = tree.current();
        goes_on = match attempt(seed, &steps, fresh_pair, model).await {
            Ok(_) => tree.complicate(),
            Err(smaller) => {
                (difference, short) = (smaller, steps);
                tree.simplify()
            }
        };
    }
    Err(tell(seed, long, &short, &difference))
}

async fn attempt<G>(
    seed: u64,
    steps: &[Step],
    fresh_pair: &impl AsyncFn() -> ([SharedStore; 2], G),
    model: &impl Fn() -> SharedStore,
) -> Result<u64, Difference> {
    let (stores, _guard) = fresh_pair().await;
    let mut history = History::new(stores, model(), seed);
    match AssertUnwindSafe(history.run(steps)).catch_unwind().await {
        Ok(outcome) => outcome.map(|()| history.performed),
        Err(panic) => Err(history.panicked(&message(&*panic))),
    }
}

fn tell(seed: u64, long: usize, short: &[Step], difference: &Difference) -> String {
    let mut text = format!(
        "the store and the model differ on seed {seed} (run it again with GALLERY_MODEL_SEED={seed}).\n\
         Of {long} steps, {} are left; with what they require:\n",
        short.len()
    );
    for (number, line) in difference.log.iter().enumerate() {
        let _ = writeln!(text, "{:3}. {line}", number + 1);
    }
    let _ = write!(text, "{}", difference.what);
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
