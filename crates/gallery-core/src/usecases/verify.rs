//! The integrity check: invariants I1 to I8 (`docs/invariants.md`) over the whole store and every
//! blob.
//!
//! A gallery in use changes while it is read, so what looks broken is looked at a second time, and
//! only what is broken both times is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use super::{Error, Gallery};
use crate::model::{BlobKey, JobKind, PhotoState, Rendition, StoredObject, Usage};
use crate::ports::{AuditedAlbum, AuditedPhoto, AuditedUser, BlobError};
use crate::search::Terms;
use crate::values::{AlbumId, ContentHash, PhotoId, UserId};

/// Records or blobs read in one step.
const BATCH_SIZE: u32 = 500;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The invariant, `I1` to `I8`: I1 every ready photo has its original and all renditions, as
    /// recorded; I2 every blob is owned by a row, or waits to be removed; I3 no photo without an
    /// album, no album without an account; I4 one account per canonical address; I5 usage is the
    /// sum of what is there; I6 nothing is about an account or album that is gone, and whatever is
    /// marked has a job that removes it; I8 postings match the text. I7, that an answered upload
    /// can be read, shows as I1.
    pub invariant: &'static str,
    /// What it is about, and what is wrong.
    pub detail: String,
}

/// What an integrity check looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Accounts in any state.
    pub users: u64,
    /// Albums in any state.
    pub albums: u64,
    /// Photos in any state.
    pub photos: u64,
    /// Blobs.
    pub blobs: u64,
    /// Bytes read and hashed.
    pub bytes: u64,
    /// What must not be.
    pub violations: BTreeSet<Violation>,
}

impl Report {
    /// True when nothing is broken.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    fn violation(&mut self, invariant: &'static str, detail: impl Into<String>) {
        self.violations.insert(Violation { invariant, detail: detail.into() });
    }
}

/// The report as an operator reads it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users, albums, photos, blobs, bytes, violations } = self;
        writeln!(
            f,
            "checked {users} accounts, {albums} albums, {photos} photos, {blobs} blobs ({bytes} bytes read)"
        )?;
        for Violation { invariant, detail } in violations {
            writeln!(f, "{invariant}: {detail}")?;
        }
        if violations.is_empty() {
            write!(f, "all invariants hold")
        } else {
            write!(f, "{} violations", violations.len())
        }
    }
}

/// What the albums of one account add up to.
#[derive(Default)]
struct Sums {
    photos: u64,
    bytes: u64,
}

#[derive(Default)]
struct Seen {
    users: BTreeMap<UserId, AuditedUser>,
    albums: BTreeMap<AlbumId, AuditedAlbum>,
    of_album: BTreeMap<AlbumId, Sums>,
}

impl Gallery {
    /// Checks everything: reads every record and every byte of every blob, so that it takes as long
    /// as that does, and keeps the heads of all accounts and albums in memory. Changes nothing.
    /// Clean galleries are read once.
    pub async fn verify(&self) -> Result<Report, Error> {
        let first = self.verify_once().await?;
        if first.is_clean() {
            return Ok(first);
        }
        let mut second = self.verify_once().await?;
        second.violations.retain(|violation| first.violations.contains(violation));
        Ok(second)
    }

    async fn verify_once(&self) -> Result<Report, Error> {
        let mut report = Report::default();
        let mut seen = Seen::default();
        self.verify_users(&mut report, &mut seen).await?;
        self.verify_albums(&mut report, &mut seen).await?;
        self.verify_photos(&mut report, &mut seen).await?;
        verify_usage(&mut report, &seen);
        self.verify_marks(&mut report, &seen).await?;
        self.verify_blobs(&mut report).await?;
        for stray in self.ports.store.strays(BATCH_SIZE).await? {
            report.violation("I6", format!("{} about {}, which is gone", stray.kind, stray.about));
        }
        Ok(report)
    }

    /// Up to `limit` accounts after this one in the order of their ids, in whatever state; for an
    /// operator.
    pub async fn accounts(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AuditedUser>, Error> {
        Ok(self.ports.store.audit_users(after, limit).await?)
    }

    async fn verify_users(&self, report: &mut Report, seen: &mut Seen) -> Result<(), Error> {
        let mut keys = BTreeMap::new();
        let mut after = None;
        loop {
            let users = self.ports.store.audit_users(after, BATCH_SIZE).await?;
            let Some(last) = users.last() else { return Ok(()) };
            after = Some(last.id);
            for user in users {
                report.users += 1;
                match (&user.email, user.deleting) {
                    (Some(email), false) => {
                        if let Some(other) = keys.insert(email.key().clone(), user.id) {
                            report.violation(
                                "I4",
                                format!("accounts {other} and {} have one address", user.id),
                            );
                        }
                    }
                    (None, false) => report.violation("I4", format!("account {} has no address", user.id)),
                    (Some(_), true) => report.violation(
                        "I6",
                        format!("account {} is being deleted and holds its address", user.id),
                    ),
                    (None, true) => {}
                }
                seen.users.insert(user.id, user);
            }
        }
    }

    async fn verify_albums(&self, report: &mut Report, seen: &mut Seen) -> Result<(), Error> {
        let mut after = None;
        loop {
            let albums = self.ports.store.audit_albums(after, BATCH_SIZE).await?;
            let Some(last) = albums.last() else { return Ok(()) };
            after = Some(last.id);
            for album in albums {
                report.albums += 1;
                match seen.users.get(&album.owner) {
                    None => {
                        report.violation("I3", format!("album {} has no account {}", album.id, album.owner));
                    }
                    Some(owner) if !owner.deleting && !album.deleting => {
                        verify_postings(report, "album", album.id, &album.terms, &album.postings);
                    }
                    Some(_) => {}
                }
                seen.albums.insert(album.id, album);
            }
        }
    }

    async fn verify_photos(&self, report: &mut Report, seen: &mut Seen) -> Result<(), Error> {
        let mut after = None;
        loop {
            let photos = self.ports.store.audit_photos(after, BATCH_SIZE).await?;
            let Some(last) = photos.last() else { return Ok(()) };
            after = Some(last.row.id);
            for photo in photos {
                report.photos += 1;
                self.verify_photo(report, seen, &photo).await?;
            }
        }
    }

    async fn verify_photo(
        &self,
        report: &mut Report,
        seen: &mut Seen,
        photo: &AuditedPhoto,
    ) -> Result<(), Error> {
        let row = &photo.row;
        let Some(album) = seen.albums.get(&row.album_id) else {
            report.violation("I3", format!("photo {} has no album {}", row.id, row.album_id));
            return Ok(());
        };
        if album.owner != row.owner {
            report.violation(
                "I3",
                format!("photo {} and its album {} have different owners", row.id, row.album_id),
            );
        }
        let live = !album.deleting && seen.users.get(&row.owner).is_some_and(|owner| !owner.deleting);
        let sums = seen.of_album.entry(row.album_id).or_default();
        match (row.state, &photo.facts) {
            (PhotoState::Deleting, _) => {}
            (PhotoState::Pending, _) => sums.bytes += row.bytes,
            (PhotoState::Ready, None) => {
                report.violation("I1", format!("photo {} is ready without facts", row.id));
            }
            (PhotoState::Ready, Some(facts)) => {
                sums.bytes += row.bytes;
                sums.photos += 1;
                let counted = facts.counted_bytes();
                if counted != row.bytes {
                    report.violation(
                        "I5",
                        format!("photo {} counts {} bytes and has {counted}", row.id, row.bytes),
                    );
                }
                if live {
                    verify_postings(report, "photo", row.id, &facts.terms(), &photo.postings);
                    for rendition in Rendition::ALL {
                        self.verify_object(report, row.id, rendition, facts.object(rendition)).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn verify_object(
        &self,
        report: &mut Report,
        photo: PhotoId,
        rendition: Rendition,
        recorded: Option<&StoredObject>,
    ) -> Result<(), Error> {
        let Some(recorded) = recorded else {
            report.violation("I1", format!("photo {photo} has no record of its {}", rendition.name()));
            return Ok(());
        };
        let key = recorded.key(photo);
        let mut stream = match self.ports.blobs.get(&key, None).await {
            Ok(read) => read.stream,
            Err(BlobError::NotFound) => {
                report.violation("I1", format!("blob {key} is missing"));
                return Ok(());
            }
            Err(other) => return Err(other.into()),
        };
        let (mut bytes, mut hasher) = (0, Sha256::new());
        while let Some(chunk) = stream.next().await {
            let Ok(chunk) = chunk else {
                report.violation("I1", format!("blob {key} cannot be read"));
                return Ok(());
            };
            bytes += chunk.len() as u64;
            hasher.update(&chunk);
        }
        report.bytes += bytes;
        if bytes != recorded.bytes || ContentHash::from_bytes(hasher.finalize().into()) != recorded.sha256 {
            report.violation(
                "I1",
                format!("blob {key} is not what was recorded ({bytes} bytes instead of {})", recorded.bytes),
            );
        }
        Ok(())
    }

    /// Whatever is marked as deleting has a job that will remove it.
    async fn verify_marks(&self, report: &mut Report, seen: &Seen) -> Result<(), Error> {
        let (mut users, mut albums) = (BTreeSet::new(), BTreeSet::new());
        let mut after = None;
        loop {
            let jobs = self.ports.store.jobs(after, BATCH_SIZE).await?;
            let Some(last) = jobs.last() else { break };
            after = Some(last.id);
            for job in jobs {
                match job.kind {
                    JobKind::PurgeAccount { user, .. } => drop(users.insert(user)),
                    JobKind::PurgeAlbum { album, .. } => drop(albums.insert(album)),
                    _ => {}
                }
            }
        }
        for user in seen.users.values().filter(|user| user.deleting && !users.contains(&user.id)) {
            report
                .violation("I6", format!("account {} is marked as deleting, but no job removes it", user.id));
        }
        let covered = |album: &AuditedAlbum| albums.contains(&album.id) || users.contains(&album.owner);
        for album in seen.albums.values().filter(|album| album.deleting && !covered(album)) {
            report
                .violation("I6", format!("album {} is marked as deleting, but no job removes it", album.id));
        }
        Ok(())
    }

    /// Every blob has an owner, or a job that will remove it.
    async fn verify_blobs(&self, report: &mut Report) -> Result<(), Error> {
        let mut after: Option<BlobKey> = None;
        loop {
            let blobs = self.ports.blobs.list(after.as_ref(), BATCH_SIZE).await?;
            let Some(last) = blobs.last() else { return Ok(()) };
            after = Some(last.key.clone());
            for of_one_photo in blobs.chunk_by(|a, b| a.key.photo() == b.key.photo()) {
                let Some(first) = of_one_photo.first() else { continue };
                let row = self.row_of(first.key.photo()).await?;
                report.blobs += of_one_photo.len() as u64;
                let owned = |key| row.as_ref().is_some_and(|row| row.owns(key));
                for blob in of_one_photo.iter().filter(|blob| !owned(&blob.key)) {
                    if !self.awaits_removal(&blob.key).await? {
                        report.violation("I2", format!("blob {} belongs to no photo", blob.key));
                    }
                }
            }
        }
    }
}

fn verify_postings(report: &mut Report, kind: &str, id: impl fmt::Display, terms: &Terms, postings: &Terms) {
    // What the release before the one of fields has indexed is found as it was then.
    if terms != postings && !postings.are_without_fields() {
        report.violation(
            "I8",
            format!(
                "{kind} {id} has {} terms and {} postings, or other ones",
                terms.iter().count(),
                postings.iter().count()
            ),
        );
    }
}

fn verify_usage(report: &mut Report, seen: &Seen) {
    let mut sums: BTreeMap<UserId, Usage> = BTreeMap::new();
    for album in seen.albums.values().filter(|album| !album.deleting) {
        let of_album = seen.of_album.get(&album.id).unwrap_or(&Sums { photos: 0, bytes: 0 });
        let owner_lives = seen.users.get(&album.owner).is_some_and(|owner| !owner.deleting);
        if owner_lives && of_album.photos != album.photo_count {
            report.violation(
                "I5",
                format!("album {} counts {} photos and has {}", album.id, album.photo_count, of_album.photos),
            );
        }
        let sum = sums.entry(album.owner).or_default();
        sum.albums += 1;
        sum.photos += of_album.photos;
        sum.bytes += of_album.bytes + Usage::RECORD_BYTES;
    }
    for user in seen.users.values().filter(|user| !user.deleting) {
        let is = Usage { quota_bytes: user.usage.quota_bytes, ..sums.remove(&user.id).unwrap_or_default() };
        if is != user.usage {
            report.violation("I5", format!("account {} counts {:?} and has {is:?}", user.id, user.usage));
        }
    }
}
