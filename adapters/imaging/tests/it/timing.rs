//! How long a photo takes, on a machine that has other things to do.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// No file may take longer (`docs/security.md`, rule 27).
pub const LONGEST: Duration = Duration::from_secs(5);

/// What comes of work, and how long it took: by the clock or by the processor, whichever says less.
/// Other programs lengthen the first, other tests of this process the second, and what is slow
/// itself both.
pub fn taken<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (began, used) = (Instant::now(), processor_time());
    let outcome = work();
    (outcome, began.elapsed().min(processor_time().saturating_sub(used)))
}

/// What comes of work, and that it came in time.
pub fn timed<T>(most: Duration, work: impl FnOnce() -> T) -> T {
    let (outcome, taken) = taken(work);
    assert!(taken < most, "it took {taken:?}");
    outcome
}

/// What this process has used of all processors.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("a time since the process began")
}
