//! What decoding may cost. Knows no format; the figures are checked by `pipeline` and tested in `tests/it/hostile.rs`.

use std::thread::available_parallelism;

/// Limits of one process. Every photo that cannot be decoded within them is refused, never tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels of a photo, in millions; read from the header before decoding.
    pub max_megapixels: u32,
    /// Memory for all photos being decoded at one moment, in bytes. A photo that needs more than all of it is
    /// refused.
    pub memory_bytes: u64,
    /// Photos being decoded at one moment, at least 1.
    pub workers: usize,
    /// Photos waiting for a worker or for memory; more are answered with
    /// [`Busy`](gallery_core::ports::ImagingError::Busy).
    pub queue: usize,
    /// Seconds that a photo waits before it is answered with [`Busy`](gallery_core::ports::ImagingError::Busy).
    pub queue_seconds: u64,
    /// Seconds that one photo may take once it has its worker and memory; then it is refused. The thread cannot
    /// be stopped: it keeps both until it is done, so that the other limits hold.
    pub decode_seconds: u64,
}

/// 100 megapixels, 512 MiB, as many workers as the machine has cores, 64 waiting up to two minutes, 30 seconds
/// for one photo.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_megapixels: 100,
            memory_bytes: 512 << 20,
            workers: available_parallelism().map_or(1, usize::from),
            queue: 64,
            queue_seconds: 120,
            decode_seconds: 30,
        }
    }
}
