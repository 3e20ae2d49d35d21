//! Albums: create, read, list, search, change, delete.

use super::errors::Fields;
use super::{Caller, Error, Gallery};
use crate::model::{Album, AlbumChange, JobKind, NewAlbum};
use crate::ports::{Conflict, StoreError};
use crate::search::{Query, Terms};
use crate::values::{AlbumId, AlbumName, ContentHash, Description, Page, PageRequest, PhotoId};

/// How often a change is tried again when somebody else changes the same thing.
pub(super) const ATTEMPTS: u32 = 5;

/// The owner's wish to change an album; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlbumPatch<'a> {
    /// Field `name`: read by [`AlbumName::parse`].
    pub name: Option<&'a str>,
    /// Field `description`: read by [`Description::parse`].
    pub description: Option<&'a str>,
    /// Field `cover_photo_id`, the id of a ready photo in the album: `Some(None)` gives the choice
    /// back to the gallery.
    pub cover_photo_id: Option<Option<&'a str>>,
}

impl Gallery {
    /// Creates an album. With an `Idempotency-Key` that was used for the same content in the last
    /// 24 hours, returns the first album; waits for up to 20 seconds while the first request is
    /// still running.
    ///
    /// [`Error::Invalid`] with the fields `name`, `description`, `Idempotency-Key`;
    /// [`Error::IdempotencyMismatch`] when the key was used for other content,
    /// [`Error::IdempotencyUnresolved`] when its album is gone or the first request does not end.
    pub async fn create_album(
        &self,
        caller: &Caller,
        name: &str,
        description: &str,
        idempotency_key: Option<&str>,
    ) -> Result<Album, Error> {
        let mut fields = Fields::default();
        let name = fields.take("name", AlbumName::parse(name));
        let description = fields.take("description", Description::parse(description));
        let (Some(name), Some(description)) = (name, description) else { return Err(fields.into_error()) };
        let key = Self::parse_key(idempotency_key)?;
        let fingerprint = ContentHash::of_fields([
            b"album".as_slice(),
            name.as_str().as_bytes(),
            description.as_str().as_bytes(),
        ]);
        let terms = Terms::of_album(&name, &description);
        let owner = caller.user.id;
        loop {
            let now = self.now();
            let idempotency = key.clone().map(|key| (key, fingerprint, self.key_expiry()));
            let id = AlbumId::new(now, &self.random());
            let (name, description) = (name.clone(), description.clone());
            let album = NewAlbum { id, owner, name, description, created_at: now, idempotency };
            match (self.ports.store.create_album(&album, &terms).await, &key) {
                (Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed)), Some(key)) => {
                    let Some(first) = self.first_use(owner, key).await? else { continue };
                    if first.fingerprint != Some(fingerprint) {
                        return Err(Error::IdempotencyMismatch);
                    }
                    let gone = |error| {
                        if matches!(error, Error::NotFound) { Error::IdempotencyUnresolved } else { error }
                    };
                    return self.album(caller, AlbumId::from_uuid(first.resource)).await.map_err(gone);
                }
                (other, _) => return Ok(other?),
            }
        }
    }

    /// One of the caller's albums; [`Error::NotFound`] when there is none of this id, or it is
    /// somebody else's.
    pub async fn album(&self, caller: &Caller, id: AlbumId) -> Result<Album, Error> {
        let album = self.ports.store.album(id).await?;
        if album.owner == caller.user.id { Ok(album) } else { Err(Error::NotFound) }
    }

    /// The caller's albums, newest first; with `q`, those whose name or description match
    /// ([`Query`]). A query that asks for nothing matches nothing; white space alone is no query.
    pub async fn albums(
        &self,
        caller: &Caller,
        q: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Album>, Error> {
        let query = match q.filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => match Query::parse(text) {
                // There was a query, but it asks for nothing: nothing matches.
                None => return Ok(Page { items: Vec::new(), next: None }),
                query => query,
            },
        };
        Ok(self.ports.store.albums_of(caller.user.id, query.as_ref(), page).await?)
    }

    /// Changes one of the caller's albums, and returns it as it is then. [`Error::NotFound`] as for
    /// [`album`](Self::album); [`Error::Invalid`] with the fields of [`AlbumPatch`];
    /// [`Error::Contended`] when somebody else changed it at the same time, five times in a row.
    pub async fn update_album(
        &self,
        caller: &Caller,
        id: AlbumId,
        patch: AlbumPatch<'_>,
    ) -> Result<Album, Error> {
        let mut fields = Fields::default();
        let name = fields.take_optional("name", patch.name.map(AlbumName::parse));
        let description = fields.take_optional("description", patch.description.map(Description::parse));
        let parse_cover = |id: Option<&str>| id.map(str::parse::<PhotoId>).transpose();
        let cover = fields.take_optional("cover_photo_id", patch.cover_photo_id.map(parse_cover));
        fields.check()?;
        for _ in 0..ATTEMPTS {
            let album = self.album(caller, id).await?;
            let change = AlbumChange {
                version: album.version,
                name: name.clone().unwrap_or(album.name),
                description: description.clone().unwrap_or(album.description),
                cover,
                updated_at: self.time_after(album.updated_at),
            };
            let terms = Terms::of_album(&change.name, &change.description);
            match self.ports.store.update_album(id, &change, &terms).await {
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                other => return Ok(other?),
            }
        }
        Err(Error::Contended)
    }

    /// Deletes one of the caller's albums and every photo in it: gone at once for everybody; a
    /// worker removes what it held. Doing it again is [`Error::NotFound`].
    pub async fn delete_album(&self, caller: &Caller, id: AlbumId) -> Result<(), Error> {
        let album = self.album(caller, id).await?;
        let job = self.new_job(JobKind::PurgeAlbum { album: id, owner: album.owner });
        self.ports.store.begin_album_deletion(id, job).await?;
        tracing::info!(account = self.pseudonym(album.owner), "album deleted");
        self.ports.job_notifier.notify();
        Ok(())
    }
}
