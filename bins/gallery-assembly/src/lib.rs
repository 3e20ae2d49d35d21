//! Everything but the store of records: the adapters that both binaries plug in alike, as the
//! settings want them.
//!
//! A binary opens its store and hands it over as [`Records`]; [`adapters`] puts the rest beside it,
//! and [`system`] is the machine that all of it runs on. It knows the adapters and the runtime, and
//! no store. Tested beside the code and by the black-box tests of both binaries.

mod mail;
mod photos;

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::BoxFuture;
use gallery_blobs_disk::DiskSpool;
use gallery_core::ports::SharedStore;
use gallery_core::texts::{Argument, Text};
use gallery_imaging::{Limits, RustImaging};
use gallery_runtime::config::Config;
use gallery_runtime::{Adapters, Opening, System};
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};

/// A binary's store of records, opened.
pub struct Records {
    /// The store.
    pub store: SharedStore,
    /// Where it is, as a person is told; without a password.
    pub place: Argument,
    /// To be awaited before the process ends.
    pub close: BoxFuture<'static, ()>,
}

/// This machine: its clock, its randomness, its cores, and the workers of this process.
pub fn system() -> System {
    let entropy = Arc::new(OsEntropy);
    System {
        clock: Arc::new(SystemClock),
        hasher: Arc::new(Argon2Hasher::new(entropy.clone())),
        entropy,
        job_notifier: Arc::new(TokioJobNotifier::default()),
    }
}

/// Opens what the settings want for photos and mail, and puts it beside the records. Errors say
/// what to do.
pub async fn adapters(opening: Opening<'_>, records: Records) -> Result<Adapters> {
    let spool = DiskSpool::open(&opening.folder.join("spool"))?;
    let photos = photos::open(opening, &spool).await?;
    let mail = mail::open(opening).await?;
    Ok(Adapters {
        store: records.store,
        blobs: photos.blobs,
        mailer: mail.mailer,
        feedback: mail.feedback,
        imaging: Arc::new(RustImaging::new(imaging(opening.config))),
        spool: Arc::new(spool),
        image_origins: photos.origin.into_iter().collect(),
        places: vec![
            (Text::new("cli-place-records"), records.place),
            (Text::new("cli-place-photos"), photos.place),
            (Text::new("cli-place-mail"), mail.place.into()),
        ],
        close: records.close,
    })
}

/// What processing photos may cost.
fn imaging(config: &Config) -> Limits {
    let limits = &config.limits;
    let default = Limits::default();
    let half = gallery_runtime::available_memory().map_or(u64::MAX, |bytes| bytes / 2);
    Limits {
        max_megapixels: limits.max_megapixels,
        memory_bytes: match limits.decode_memory_bytes {
            0 => default.memory_bytes.min(half),
            bytes => bytes,
        },
        workers: if limits.decode_workers == 0 { default.workers } else { limits.decode_workers.into() },
        decode_seconds: limits.decode_seconds,
        ..default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_settings() {
        let mut config = Config::default();
        config.limits.decode_workers = 3;
        config.limits.decode_memory_bytes = 1 << 20;
        config.limits.max_megapixels = 7;
        let limits = imaging(&config);
        assert_eq!((limits.workers, limits.memory_bytes, limits.max_megapixels), (3, 1 << 20, 7));
        config.limits.decode_memory_bytes = 0;
        assert!(imaging(&config).memory_bytes <= Limits::default().memory_bytes);
    }
}
