//! Everything but the store of records: the adapters that both binaries plug in alike, as the settings want them.
//!
//! A binary opens its store and hands it over as [`Records`]; [`adapters`] puts the rest beside it, and [`system`]
//! is the machine that all of it runs on. It knows the
//! adapters and the runtime, and no store. Tested beside the code and by the black-box tests of both binaries.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use futures_util::future::BoxFuture;
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::ports::SharedStore;
use gallery_imaging::{Limits, RustImaging};
use gallery_mail_outbox::OutboxMailer;
use gallery_runtime::config::Config;
use gallery_runtime::{Adapters, Opening, System};
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioBell};

/// A binary's store of records, opened.
pub struct Records {
    /// The store.
    pub store: SharedStore,
    /// Where it is, as a person is told; without a password.
    pub place: String,
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
        bell: Arc::new(TokioBell::default()),
    }
}

/// Opens what the settings want for photos and mail, and puts it beside the records. Errors say what to do.
pub fn adapters(opening: Opening<'_>, records: Records) -> Result<Adapters> {
    let Opening { config, folder, .. } = opening;
    let (blobs, outbox) = (folder.join("blobs"), folder.join("outbox"));
    let spool = DiskSpool::open(&folder.join("spool"))?;
    let echo = config.mail.print_links;
    let places = vec![
        ("records", records.place),
        ("photos", blobs.display().to_string()),
        ("mail", mail_place(&outbox, echo)),
    ];
    Ok(Adapters {
        store: records.store,
        blobs: Arc::new(DiskBlobs::open(&blobs)?.linking_from(&spool)),
        mailer: Arc::new(OutboxMailer::open(&outbox, echo)?),
        feedback: None,
        imaging: Arc::new(RustImaging::new(imaging(config))),
        spool: Arc::new(spool),
        image_origins: Vec::new(),
        places,
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

/// Where mails go, as a person is told.
fn mail_place(outbox: &Path, echo: bool) -> String {
    let printed = if echo { "; their links are also printed here" } else { "" };
    format!("{} (one file per mail{printed})", outbox.display())
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

    #[test]
    fn people_are_told_about_printed_links() {
        let outbox = Path::new("/srv/outbox");
        assert!(mail_place(outbox, true).contains("printed"));
        assert!(!mail_place(outbox, false).contains("printed"));
    }
}
