//! [`RustImaging`]: limits, memory and threads around decoding. Knows the stages, not how they
//! work; tests are in `tests/it/hostile.rs` and `tests/memory.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use gallery_core::model::ImageFacts;
use gallery_core::ports::{Imaging, ImagingError, Processed};
use gallery_core::texts::Text;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::colour::{self, Space};
use crate::format::{self, Format, Header, Source};
use crate::limits::Limits;
use crate::metadata::Said;
use crate::picture::Picture;
use crate::refusal::Refusal;
use crate::render;
use crate::stop::Stop;

/// The longest side: what JPEG can have. Rows of few pixels cost far more a pixel than others, in
/// every decoder.
const MAX_SIDE: u32 = 65_535;

/// One permit of the memory budget.
const MIB: u64 = 1 << 20;

/// The port [`Imaging`] with decoders written in Rust, in this process.
///
/// Each photo is decoded on a thread of its own, as many at once as [`Limits::workers`] says; what
/// the running ones need together stays under [`Limits::memory_bytes`]. Share one instance: the
/// limits are its own.
#[derive(Debug)]
pub struct RustImaging {
    limits: Limits,
    /// Places for photos that are decoded or wait.
    places: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    /// Memory in MiB.
    memory: Arc<Semaphore>,
    budget: u32,
}

/// What a photo holds while it is worked on; given back wherever the work ends.
struct Permits {
    _place: OwnedSemaphorePermit,
    _worker: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Default for RustImaging {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl RustImaging {
    /// A pipeline with these limits; nothing is allocated yet.
    pub fn new(limits: Limits) -> Self {
        let most = |wanted: usize| wanted.clamp(1, Semaphore::MAX_PERMITS);
        let budget = u32::try_from(limits.memory_bytes / MIB).unwrap_or(u32::MAX).max(1);
        let workers = most(limits.workers);
        Self {
            places: Arc::new(Semaphore::new(most(workers.saturating_add(limits.queue)))),
            workers: Arc::new(Semaphore::new(workers)),
            memory: Arc::new(Semaphore::new(most(budget as usize))),
            budget,
            limits,
        }
    }

    /// Refuses what the header says to be too large, and returns the MiB that the photo needs.
    fn admit(&self, header: &Header) -> Result<u32, ImagingError> {
        let max_megapixels = self.limits.max_megapixels;
        if header.size.pixels() > u64::from(max_megapixels) * 1_000_000 {
            let (width, height) = header.size.sides();
            return Err(ImagingError::TooManyPixels { width, height, max_megapixels });
        }
        if header.size.longest_side() > MAX_SIDE {
            return Err(Refusal::Undecodable("photo-side-too-long").into());
        }
        let needed =
            header.decoding_bytes.saturating_add(render::working_bytes(header.size, header.channels));
        match u32::try_from(needed.div_ceil(MIB)) {
            Ok(needed) if needed <= self.budget => Ok(needed),
            _ => Err(ImagingError::Undecodable(Text::new("photo-takes-too-much-memory"))),
        }
    }

    /// Waits for permits, in order of arrival.
    async fn permits(&self, of: &Arc<Semaphore>, count: u32) -> Result<OwnedSemaphorePermit, ImagingError> {
        timeout(Duration::from_secs(self.limits.queue_seconds), Arc::clone(of).acquire_many_owned(count))
            .await
            .map_err(|_| ImagingError::Busy)?
            .map_err(|closed| ImagingError::Failed(closed.into()))
    }
}

#[async_trait]
impl Imaging for RustImaging {
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| ImagingError::Busy)?;
        let worker = self.permits(&self.workers, 1).await?;
        let path = file.to_owned();
        let (format, header) = in_pool(move || probe(&path)).await?;
        let memory = self.permits(&self.memory, self.admit(&header)?).await?;
        let permits = Permits { _place: place, _worker: worker, _memory: memory };
        let path = file.to_owned();
        let time = Duration::from_secs(self.limits.decode_seconds);
        let work = in_thread(move || {
            let _held = permits;
            process(&path, format, &header, Stop::after(time))
        });
        // Most decoders notice the end of their time; those that do not keep their permits until
        // they are done.
        timeout(time, work).await.map_err(|_| ImagingError::from(Refusal::TOO_LONG))?
    }
}

/// Reads the header.
fn probe(path: &Path) -> Result<(&'static Format, Header), ImagingError> {
    let mut source = Source::open(path)?;
    let format = format::of(&mut source)?;
    Ok((format, (format.probe)(&mut source)?))
}

/// Does everything that takes time and memory.
fn process(path: &Path, format: &Format, header: &Header, stop: Stop) -> Result<Processed, ImagingError> {
    let Said { orientation, metadata, captions, former_captions } = header.blocks.read();
    let orientation = header.orientation_or(orientation);
    let (large, damaged) = decoded(format, &mut Source::open(path)?, header, stop)?;
    let rendered = render::render(large, orientation).map_err(|error| ImagingError::Failed(error.into()))?;
    let (width, height) = header.size.oriented(orientation).sides();
    let facts = ImageFacts {
        content_type: format.content_type,
        width,
        height,
        placeholder: rendered.placeholder,
        damaged,
        metadata,
    };
    Ok(Processed { facts, captions, former_captions, renditions: rendered.renditions })
}

/// The picture at the size of its large rendition, in sRGB, not turned yet; and whether a part of
/// it is missing or wrong.
pub fn decoded(
    format: &Format,
    source: &mut Source,
    header: &Header,
    stop: Stop,
) -> Result<(Picture, bool), Refusal> {
    let downscaled = (format.decode)(source, header, stop)?;
    let space = Space { icc: header.blocks.icc.as_deref(), codes: header.codes };
    Ok((colour::picture(downscaled.planes, downscaled.colours, downscaled.size, space), downscaled.damaged))
}

/// Runs something that needs little memory on a blocking thread of the runtime.
async fn in_pool<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImagingError> + Send + 'static,
) -> Result<T, ImagingError> {
    spawn_blocking(|| guarded(work)).await.map_err(|error| ImagingError::Failed(error.into()))?
}

/// Runs something that needs much memory on a new thread.
///
/// An allocator such as glibc's keeps freed memory for each thread that was ever busy; one that
/// ends passes it to the next. So these are few at a time, only those that have their part of the
/// memory, and none of the runtime's.
async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImagingError> + Send + 'static,
) -> Result<T, ImagingError> {
    let (done, outcome) = oneshot::channel();
    // Nobody receives the outcome when the caller went away.
    let work = move || drop(done.send(guarded(work)));
    thread::Builder::new().name("imaging".to_owned()).spawn(work).map_err(Refusal::Io)?;
    outcome.await.map_err(|error| ImagingError::Failed(error.into()))?
}

/// A panic is a photo that a decoder was not ready for.
fn guarded<T>(work: impl FnOnce() -> Result<T, ImagingError>) -> Result<T, ImagingError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("a decoder panicked");
        Err(ImagingError::Undecodable(Text::new("photo-decoder-failed")))
    })
}

impl From<Refusal> for ImagingError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsupported => Self::Unsupported,
            Refusal::Undecodable(why) => Self::Undecodable(Text::new(why)),
            Refusal::Io(error) => Self::Failed(error.into()),
            Refusal::Scale(error) => Self::Failed(error.into()),
        }
    }
}
