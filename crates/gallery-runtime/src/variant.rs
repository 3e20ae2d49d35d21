//! What a binary plugs into the runtime: its adapters. The runtime knows their ports only.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use gallery_core::Gallery;
use gallery_core::ports::{
    Blobs, Clock, Entropy, Feedback, Imaging, JobNotifier, Mailer, PasswordHasher, SharedStore, Spool,
};
use gallery_core::texts::{Argument, Text};
use gallery_core::usecases::{Ports, Rules};
use gallery_core::values::SecretKey;
use url::Url;

use crate::config::{Config, Derived, Problem};
use crate::folder::DataFolder;

/// A variant of the gallery: one of the binaries.
#[async_trait]
pub trait Variant: Send + Sync + 'static {
    /// The binary's name.
    const NAME: &'static str;
    /// Where it keeps records, in a sentence of its help.
    const ABOUT: Text;

    /// What is wrong with the settings that only this variant understands.
    fn check(&self, derived: &Derived) -> Option<Problem>;

    /// The operating system, which is there before anything is opened.
    fn system(&self) -> System;

    /// The file of the store, where a store belongs to one process at a time: beside a running
    /// server, that server carries out the commands of `admin`, at a socket in its data folder.
    /// `None` where any number of processes can open the store.
    fn exclusive_store(&self, _derived: &Derived, _folder: &DataFolder) -> Option<PathBuf> {
        None
    }

    /// Opens the adapters. Errors say what is wrong and what to do. When another process has a
    /// store that belongs to one process, the error MUST be [`StoreInUse`].
    async fn open(&self, opening: Opening<'_>) -> Result<Adapters>;
}

/// Another process has the store. What is said of it is the adapter's error.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreInUse(pub Box<dyn Error + Send + Sync>);

/// The ports that need nothing but this machine.
pub struct System {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Password hashing.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Wakes the workers of this process.
    pub job_notifier: Arc<dyn JobNotifier>,
}

/// What adapters are opened with.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// The settings.
    pub config: &'a Config,
    /// What follows from them.
    pub derived: &'a Derived,
    /// The data folder.
    pub folder: &'a DataFolder,
    /// What for.
    pub purpose: Purpose,
}

/// What adapters are opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To serve: the store is brought up to date, and an embedded one is this process's alone.
    Serve,
    /// To bring the store up to date, and nothing else.
    Migrate,
    /// To look into a gallery and mend it: beside running servers, where the store allows that.
    Administer,
}

/// A binary's adapters, opened.
pub struct Adapters {
    /// Records.
    pub store: SharedStore,
    /// Objects.
    pub blobs: Arc<dyn Blobs>,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// What the mail system reports; absent when it reports nothing.
    pub feedback: Option<Arc<dyn Feedback>>,
    /// Decoding and scaling.
    pub imaging: Arc<dyn Imaging>,
    /// Temporary files for uploads.
    pub spool: Arc<dyn Spool>,
    /// Where else than from the site itself images come from.
    pub image_origins: Vec<Url>,
    /// Where things are, as a person is told at the start: what, and where.
    pub places: Vec<(Text, Argument)>,
    /// To be awaited before the process ends, when nobody uses the store any more.
    pub close: BoxFuture<'static, ()>,
}

/// A gallery, ready to be used.
pub(crate) struct Opened {
    pub folder: DataFolder,
    pub gallery: Gallery,
    pub image_origins: Vec<Url>,
    pub places: Vec<(Text, Argument)>,
    pub close: BoxFuture<'static, ()>,
}

/// Opens the data folder, the adapters and the gallery over them.
pub(crate) async fn open<V: Variant>(
    variant: &V,
    config: &Config,
    derived: &Derived,
    purpose: Purpose,
) -> Result<Opened> {
    let System { clock, entropy, hasher, job_notifier } = variant.system();
    let path = &config.general.data_dir;
    let (folder, secret) = if purpose == Purpose::Administer {
        let folder = DataFolder::existing(path)?;
        let secret = derived.secret.clone().map_or_else(|| folder.existing_secret(), Ok)?;
        (folder, secret)
    } else {
        let folder = DataFolder::create(path)?;
        let secret = derived.secret.clone().map_or_else(|| folder.secret(&*entropy), Ok)?;
        (folder, secret)
    };
    let adapters = variant.open(Opening { config, derived, folder: &folder, purpose }).await?;
    let ports = Ports::builder()
        .store(adapters.store)
        .blobs(adapters.blobs)
        .mailer(adapters.mailer)
        .feedback(adapters.feedback)
        .imaging(adapters.imaging)
        .spool(adapters.spool)
        .hasher(hasher)
        .clock(clock)
        .entropy(entropy)
        .job_notifier(job_notifier)
        .build()?;
    Ok(Opened {
        folder,
        gallery: Gallery::new(ports, rules(config, derived, secret)),
        image_origins: adapters.image_origins,
        places: adapters.places,
        close: adapters.close,
    })
}

/// What the operator decided.
fn rules(config: &Config, derived: &Derived, secret: SecretKey) -> Rules {
    Rules::new(secret, derived.mail_settings.clone())
        .with_password_min_chars(config.auth.password_min_chars.into())
        .with_quota_bytes(config.limits.quota_bytes)
        .with_max_upload_bytes(config.limits.max_upload_bytes)
        .with_session_renewal(config.auth.session_renewal)
        .with_embedded_captions(config.photos.embedded_captions)
        .with_rating_tags(config.photos.rating_tags)
        .with_throttling(config.throttling())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cores_defaults_are_the_configurations() {
        let config = Config::default();
        let derived = config.check().unwrap();
        let secret = SecretKey::new("0f4c8a7be21d93650f4c8a7be21d9365").unwrap();
        let of_core = Rules::new(secret.clone(), derived.mail_settings.clone());
        assert_eq!(format!("{:?}", rules(&config, &derived, secret)), format!("{of_core:?}"));
    }
}
