//! What decoding may cost. Knows no format; the figures are checked by `pipeline` and tested in
//! `tests/it/hostile.rs`.

use std::thread::available_parallelism;

/// Limits of one process. Every photo that cannot be decoded within them is refused, never tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels of a photo, in millions; read from the header before decoding. Formats that are
    /// not decoded row by row take fewer: what the memory holds.
    pub max_megapixels: u32,
    /// Memory for all photos being decoded at one moment, in bytes. A photo that needs more than
    /// all of it is refused.
    pub memory_bytes: u64,
    /// Photos being decoded at one moment, at least 1.
    pub workers: usize,
    /// Photos waiting for a worker or for memory; more are answered with
    /// [`Busy`](gallery_core::ports::ImagingError::Busy).
    pub queue: usize,
    /// Seconds that a photo waits before it is answered with
    /// [`Busy`](gallery_core::ports::ImagingError::Busy).
    pub queue_seconds: u64,
    /// Seconds that one photo may take once it has its worker and memory; then it is refused. The
    /// thread cannot be stopped: it keeps both until it is done, so that the other limits hold.
    pub decode_seconds: u64,
}

/// 250 megapixels, 500 MB, as many workers as the machine has cores, 64 waiting up to two minutes,
/// 30 seconds for one photo.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_megapixels: 250,
            memory_bytes: 500_000_000,
            workers: available_parallelism().map_or(1, usize::from),
            queue: 64,
            queue_seconds: 120,
            decode_seconds: 30,
        }
    }
}
