//! Upload: the row first, then the bytes, then the blobs, then the row becomes ready.
//!
//! 1. [`Gallery::begin_upload`] reserves quota and inserts a pending photo with a deadline, which
//!    [`Gallery::keep_alive`] moves on.
//! 2. [`Gallery::receive_file`] streams the bytes to a bounded temporary file.
//! 3. [`Gallery::finish_upload`] looks into the file, puts the blobs and publishes the photo — if
//!    its album and account are still there. Whatever fails, [`Gallery::abandon_upload`] hands what
//!    exists to deletion; what a crash leaves behind, the sweeper finds by the deadline, or by a
//!    blob without a row.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};

use super::captions::Texts;
use super::errors::Fields;
use super::{Caller, Error, Gallery};
use crate::model::{
    BlobKey, IdempotencyRecord, JobKind, NewUpload, Photo, PhotoFacts, Rendition, StoredObject,
};
use crate::ports::{
    BlobMetadata, BlobSource, ByteStream, Conflict, Processed, RenditionBytes, Spooled, StoreError,
};
use crate::texts::Text;
use crate::values::{
    AlbumId, ContentHash, Description, FileName, Generation, IdempotencyKey, PhotoId, Tags, Title,
};

/// What a client says about the photo it uploads. Where it says nothing, the file may: see
/// [`Rules::embedded_captions`](super::Rules::embedded_captions).
#[derive(Debug, Clone, Copy, Default)]
pub struct UploadDetails<'a> {
    /// The file's name on the client's machine: cleaned by [`FileName::clean`].
    pub file_name: Option<&'a str>,
    /// Field `title`: read by [`Title::parse`].
    pub title: Option<&'a str>,
    /// Field `description`: read by [`Description::parse`].
    pub description: Option<&'a str>,
    /// Field `tags`, separated by commas: read by [`Tags::parse_list`].
    pub tags: Option<&'a str>,
}

/// An upload under way. It has to be finished or abandoned; the sweeper abandons what a crash left.
#[derive(Debug)]
pub struct Upload {
    caller: Caller,
    album: AlbumId,
    state: State,
    file: Option<Spooled>,
    pulse: Pulse,
}

/// The life of an upload, for [`Gallery::keep_alive`]. Clones are of the same upload.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<OnceLock<PhotoId>>);

impl Pulse {
    /// How often it has to be shown: some times before the upload is taken for dead.
    pub const EVERY: Duration = Duration::from_secs(15);
}

impl Upload {
    /// The life of this upload.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }
}

#[derive(Debug)]
enum State {
    /// The row is there: this photo, with so many bytes of quota.
    Pending { id: PhotoId, granted: u64, keyed: bool },
    /// The key was used before: the content will be compared.
    Repeated { key: IdempotencyKey },
}

struct Parsed {
    texts: Texts,
    file_name: FileName,
}

impl Gallery {
    /// Step 1: inserts the pending photo. `declared_bytes` is an upper bound of the photo's size,
    /// such as the request's `Content-Length`; without it the largest photo allowed is reserved. As
    /// long as the upload runs, [`keep_alive`](Self::keep_alive) has to be called: one that shows
    /// no life for a minute ([`NewUpload::LIFETIME`]) is taken for dead.
    ///
    /// [`Error::NotFound`] unless the album is the caller's; [`Error::QuotaExceeded`] when no byte
    /// is left; [`Error::Invalid`] with the field `Idempotency-Key`. A key that was used in the
    /// last 24 hours makes step 3 compare the content instead, and return the first photo; unless
    /// it was used for an upload that is dead: this one takes its place.
    pub async fn begin_upload(
        &self,
        caller: &Caller,
        album: AlbumId,
        declared_bytes: Option<u64>,
        idempotency_key: Option<&str>,
    ) -> Result<Upload, Error> {
        let key = Self::parse_key(idempotency_key)?;
        let pulse = Pulse::default();
        let state = self.claim(caller, album, declared_bytes, key, &pulse).await?;
        Ok(Upload { caller: caller.clone(), album, state, file: None, pulse })
    }

    /// Reserves quota and inserts the pending photo, unless the key stands for another request.
    async fn claim(
        &self,
        caller: &Caller,
        album_id: AlbumId,
        declared_bytes: Option<u64>,
        key: Option<IdempotencyKey>,
        pulse: &Pulse,
    ) -> Result<State, Error> {
        let (max, owner) = (self.rules.max_upload_bytes, caller.user.id);
        loop {
            let now = self.now();
            let id = PhotoId::new(now, &self.random());
            let upload = NewUpload {
                id,
                album_id,
                owner,
                created_at: now,
                deadline: now.plus(NewUpload::LIFETIME),
                wanted_bytes: declared_bytes.unwrap_or(max).clamp(1, max),
                idempotency: key.clone().map(|key| (key, self.key_expiry())),
            };
            match (self.ports.store.begin_upload(&upload).await, &key) {
                (Ok(granted), key) => {
                    // Nothing else sets it: an upload is claimed once.
                    let _ = pulse.0.set(id);
                    return Ok(State::Pending { id, granted, keyed: key.is_some() });
                }
                (Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed)), Some(key)) => {
                    if self.living_use(owner, key).await?.is_some() {
                        return Ok(State::Repeated { key: key.clone() });
                    }
                }
                (Err(other), _) => return Err(other.into()),
            }
        }
    }

    /// Shows that an upload is alive; to be called every [`Pulse::EVERY`] while it runs. Does
    /// nothing for one that waits for another request with its key.
    ///
    /// [`Error::NotFound`] when another upload has taken its place, its album or account was
    /// deleted, or it has ended.
    pub async fn keep_alive(&self, pulse: &Pulse) -> Result<(), Error> {
        match pulse.0.get() {
            Some(id) => Ok(self.ports.store.extend_upload(*id, self.now().plus(NewUpload::LIFETIME)).await?),
            None => Ok(()),
        }
    }

    /// Step 2: receives the photo's bytes. After an error the upload has to be
    /// [abandoned](Self::abandon_upload).
    ///
    /// [`Error::TooLarge`] as soon as more bytes than one photo may have arrive,
    /// [`Error::QuotaExceeded`] as soon as there are more than were reserved;
    /// [`Error::Interrupted`] when the stream ends with an error; [`Error::Full`] when there is no
    /// space for temporary files.
    pub async fn receive_file(&self, upload: &mut Upload, stream: ByteStream) -> Result<(), Error> {
        let max = self.rules.max_upload_bytes;
        let limit = match upload.state {
            State::Pending { granted, .. } => granted.min(max),
            State::Repeated { .. } => max,
        };
        let received = self.ports.spool.receive(stream, limit).await.map_err(Error::from);
        upload.file = Some(received.map_err(|error| match error {
            Error::TooLarge { .. } if limit < max => Error::QuotaExceeded,
            other => other,
        })?);
        Ok(())
    }

    /// Step 3: makes the photo of it: looks into the file, makes its renditions, stores them, and
    /// publishes the photo. Abandons the upload when that fails.
    ///
    /// [`Error::Invalid`] with the fields of [`UploadDetails`], or `file` when there are no bytes;
    /// [`Error::UnsupportedPhoto`], [`Error::UndecodablePhoto`]; [`Error::NotFound`] when the album
    /// or the account was deleted meanwhile; [`Error::IdempotencyMismatch`] and
    /// [`Error::IdempotencyUnresolved`] as for [`create_album`](Self::create_album).
    pub async fn finish_upload(
        &self,
        mut upload: Upload,
        details: UploadDetails<'_>,
    ) -> Result<Photo, Error> {
        match self.make_photo(&mut upload, details).await {
            Ok(photo) => {
                tracing::info!(
                    account = self.pseudonym(photo.owner),
                    bytes = photo.facts.bytes(),
                    "photo uploaded"
                );
                Ok(photo)
            }
            Err(error) => {
                self.abandon_upload(upload).await;
                Err(error)
            }
        }
    }

    /// Gives back what an upload holds: its quota, its row, whatever blobs are there. Never fails:
    /// what cannot be given back now, the sweeper gives back after the upload's deadline.
    pub async fn abandon_upload(&self, upload: Upload) {
        let State::Pending { id, .. } = upload.state else { return };
        let job = self.new_job(JobKind::PurgePhoto { photo: id, owner: upload.caller.user.id });
        if let Err(error) = self.ports.store.begin_photo_deletion(id, None, job).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an upload is left to the sweeper");
        }
        self.ports.job_notifier.notify();
    }

    async fn make_photo(&self, upload: &mut Upload, details: UploadDetails<'_>) -> Result<Photo, Error> {
        let parsed = Parsed::from_details(details)?;
        let file = upload.file.take().filter(|file| file.bytes > 0).ok_or_else(|| {
            Error::field("file", crate::values::Invalid::new("required", Text::new("file-required")))
        })?;
        let fingerprint = parsed.fingerprint(upload.album, &file);
        let (id, keyed) = loop {
            let key = match &upload.state {
                // Only one that has waited for another's end can have received more than it was
                // granted.
                State::Pending { granted, .. } if file.bytes > *granted => return Err(Error::QuotaExceeded),
                State::Pending { id, keyed, .. } => break (*id, *keyed),
                State::Repeated { key } => key.clone(),
            };
            if let Some(first) = self.first_use(upload.caller.user.id, &key).await? {
                return self.repeated(&upload.caller, &first, fingerprint).await;
            }
            let (caller, bytes) = (&upload.caller, Some(file.bytes));
            upload.state = self.claim(caller, upload.album, bytes, Some(key), &upload.pulse).await?;
        };
        let processed = self.ports.imaging.process(&file.path).await?;
        let texts = self.texts_or_embedded(parsed.texts, &processed.captions);
        let objects = self.put_blobs(id, &file, &processed).await?;
        let facts = PhotoFacts {
            title: texts.title,
            description: texts.description,
            tags: texts.tags,
            file_name: parsed.file_name,
            taken_override: None,
            image: processed.facts,
            objects,
            fingerprint: keyed.then_some(fingerprint),
        };
        match self.ports.store.publish_photo(id, &facts).await {
            Err(StoreError::NotFound) => {
                // Album, account or the pending row went away meanwhile; the row may be gone, so
                // nobody else would know of these blobs before the next sweep.
                self.remove_blobs_of(id).await?;
                Err(Error::NotFound)
            }
            other => Ok(other?),
        }
    }

    async fn remove_blobs_of(&self, id: PhotoId) -> Result<(), Error> {
        let keys = Rendition::ALL.map(|rendition| BlobKey::of(id, Generation::FIRST, rendition));
        Ok(self.ports.blobs.delete(&keys).await?)
    }

    async fn put_blobs(
        &self,
        id: PhotoId,
        file: &Spooled,
        processed: &Processed,
    ) -> Result<Vec<StoredObject>, Error> {
        let image = &processed.facts;
        let original = StoredObject {
            rendition: Rendition::Original,
            generation: Generation::FIRST,
            content_type: image.content_type,
            bytes: file.bytes,
            sha256: file.sha256,
            width: image.width,
            height: image.height,
        };
        let source = BlobSource::File { path: file.path.clone(), bytes: file.bytes };
        let original = async { self.put_blob(id, &original, source).await.map(|()| original.clone()) };
        let derived = self.put_renditions(id, Generation::FIRST, &processed.renditions);
        let (original, derived) = try_join(original, derived).await?;
        Ok(std::iter::once(original).chain(derived).collect())
    }

    /// Puts renditions as blobs of this generation, which the photo's row has named; all at the
    /// same time.
    pub(super) async fn put_renditions(
        &self,
        id: PhotoId,
        generation: Generation,
        renditions: &[RenditionBytes],
    ) -> Result<Vec<StoredObject>, Error> {
        let puts = renditions.iter().map(async |made| {
            let object = StoredObject {
                rendition: made.rendition,
                generation,
                content_type: made.content_type,
                bytes: made.bytes.len() as u64,
                sha256: ContentHash::of(&made.bytes),
                width: made.width,
                height: made.height,
            };
            self.put_blob(id, &object, BlobSource::Bytes(made.bytes.clone())).await?;
            Ok(object)
        });
        try_join_all(puts).await
    }

    async fn put_blob(&self, id: PhotoId, object: &StoredObject, source: BlobSource) -> Result<(), Error> {
        let metadata = BlobMetadata { content_type: object.content_type, sha256: object.sha256 };
        Ok(self.ports.blobs.put(&object.key(id), &metadata, source).await?)
    }

    /// What the first request with a key has made, for one with this content.
    async fn repeated(
        &self,
        caller: &Caller,
        first: &IdempotencyRecord,
        content: ContentHash,
    ) -> Result<Photo, Error> {
        if first.fingerprint != Some(content) {
            return Err(Error::IdempotencyMismatch);
        }
        match self.photo(caller, PhotoId::from_uuid(first.resource)).await {
            Err(Error::NotFound) => Err(Error::IdempotencyUnresolved),
            other => other,
        }
    }
}

impl Parsed {
    fn from_details(details: UploadDetails<'_>) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let title = fields.take("title", Title::parse(details.title.unwrap_or_default()));
        let description =
            fields.take("description", Description::parse(details.description.unwrap_or_default()));
        let tags = fields.take("tags", Tags::parse_list(details.tags.unwrap_or_default()));
        let file_name = FileName::clean(details.file_name.unwrap_or_default());
        match (title, description, tags) {
            (Some(title), Some(description), Some(tags)) => {
                Ok(Self { texts: Texts { title, description, tags }, file_name })
            }
            _ => Err(fields.into_error()),
        }
    }

    /// What the client sent: two uploads with one key must not differ in it.
    fn fingerprint(&self, album: AlbumId, file: &Spooled) -> ContentHash {
        let (album, tags) = (album.to_string(), self.texts.tags.to_string());
        ContentHash::of_fields([
            b"photo".as_slice(),
            album.as_bytes(),
            self.texts.title.as_str().as_bytes(),
            self.texts.description.as_str().as_bytes(),
            tags.as_bytes(),
            self.file_name.as_str().as_bytes(),
            file.sha256.as_bytes(),
        ])
    }
}
