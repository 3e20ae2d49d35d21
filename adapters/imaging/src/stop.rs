//! The end of a photo's time. Knows nothing of what takes it; what happens then is tested in
//! `tests/it/limits.rs`.

use std::time::{Duration, Instant};

use crate::refusal::Refusal;

/// The instant after which decoding gives up. Decoders ask between rows, tiles or scans, as they
/// allow.
#[derive(Debug, Clone, Copy)]
pub struct Stop(Instant);

impl Stop {
    /// So long from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// Whether the time is over.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.0
    }

    /// Refuses the photo once the time is over.
    pub fn check(self) -> Result<(), Refusal> {
        if self.is_over() { Err(Refusal::TOO_LONG) } else { Ok(()) }
    }
}
