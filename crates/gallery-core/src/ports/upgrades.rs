//! Records that a release before has written, brought to what this one writes: the port
//! [`Upgrades`]. No request calls it.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;

use super::StoreError;
use crate::values::{AlbumId, PhotoId};

/// How far an upgrade has come: albums first, then photos, each in the order of
/// [`Audit`](super::Audit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeProgress {
    /// Up to this album.
    Albums(Option<AlbumId>),
    /// All albums, and up to this photo.
    Photos(Option<PhotoId>),
    /// All.
    Done,
}

/// The form in which stores keep it.
impl fmt::Display for UpgradeProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Albums(None) => f.write_str("albums"),
            Self::Albums(Some(id)) => write!(f, "albums {id}"),
            Self::Photos(None) => f.write_str("photos"),
            Self::Photos(Some(id)) => write!(f, "photos {id}"),
            Self::Done => f.write_str("done"),
        }
    }
}

/// What stores have kept. Anything else begins anew: upgrading a record again changes nothing.
impl From<&str> for UpgradeProgress {
    fn from(stored: &str) -> Self {
        fn id<T: FromStr>(text: &str) -> Option<T> {
            text.parse().ok()
        }
        match stored.split_once(' ') {
            None if stored == "done" => Self::Done,
            None if stored == "photos" => Self::Photos(None),
            Some(("photos", text)) => Self::Photos(id(text)),
            Some(("albums", text)) => Self::Albums(id(text)),
            _ => Self::Albums(None),
        }
    }
}

/// Upgrading a store while it serves. An upgrade has a number; what it changes in a record is said
/// by the methods, which do what the newest one needs.
#[async_trait]
pub trait Upgrades: Send + Sync {
    /// How far the upgrade of this number has come; [`UpgradeProgress::Albums`] of nothing when it
    /// was never begun.
    async fn upgrade_progress(&self, number: u32) -> Result<UpgradeProgress, StoreError>;

    /// Records how far it has come.
    async fn record_upgrade(&self, number: u32, progress: UpgradeProgress) -> Result<(), StoreError>;

    /// Makes what an album counts, and its postings, those of this release, in one unit of work.
    /// Does nothing, and returns Ok, when they are or the album is not live. Doing it again changes
    /// nothing.
    async fn upgrade_album(&self, id: AlbumId) -> Result<(), StoreError>;

    /// The same for a photo. Its owner's usage follows, beyond the quota too.
    async fn upgrade_photo(&self, id: PhotoId) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Timestamp;

    #[test]
    fn progress_is_read_back() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        for progress in [
            UpgradeProgress::Albums(None),
            UpgradeProgress::Albums(Some(AlbumId::new(now, &[1; 10]))),
            UpgradeProgress::Photos(None),
            UpgradeProgress::Photos(Some(PhotoId::new(now, &[2; 10]))),
            UpgradeProgress::Done,
        ] {
            assert_eq!(UpgradeProgress::from(progress.to_string().as_str()), progress);
        }
        assert_eq!(UpgradeProgress::from("something else"), UpgradeProgress::Albums(None));
    }
}
