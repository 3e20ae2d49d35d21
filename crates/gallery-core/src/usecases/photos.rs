//! Photos: read, list, search, change, delete, and the bytes of their renditions.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use super::albums::ATTEMPTS;
use super::errors::Fields;
use super::{Caller, Error, Gallery};
use crate::model::{ImageType, JobKind, Photo, PhotoChange, PhotoSort, Rendition, StoredObject};
use crate::ports::{BlobRead, Conflict, LinkRequest, StoreError};
use crate::search::Query;
use crate::texts::Text;
use crate::values::{
    AlbumId, Description, FileName, Invalid, Page, PageRequest, PhotoId, Tags, Taken, Title,
};

/// An address for fetching a rendition directly is good for at most 5 minutes.
const LINK_LIFETIME: Duration = Duration::from_mins(5);
/// Albums that a query names are read in so many pages at most.
const NAMED_ALBUM_PAGES: usize = 5;

/// The owner's wish to change a photo; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct PhotoPatch<'a> {
    /// Field `title`: read by [`Title::parse`].
    pub title: Option<&'a str>,
    /// Field `description`: read by [`Description::parse`].
    pub description: Option<&'a str>,
    /// Field `tags`, one text each: read by [`Tags::parse`].
    pub tags: Option<Vec<&'a str>>,
    /// Field `album_id`: the album of the same owner to move it to.
    pub album_id: Option<&'a str>,
    /// Field `taken`: when it was taken.
    pub taken: TakenPatch<'a>,
}

/// The owner's wish to say when a photo was taken.
#[derive(Debug, Clone, Copy, Default)]
pub enum TakenPatch<'a> {
    /// It stays as it is.
    #[default]
    Unchanged,
    /// What the file says counts again.
    Restored,
    /// As typed: read by [`Taken::parse`].
    Typed(&'a str),
    /// In parts: read by [`Taken::parse_parts`].
    Parts {
        /// The local date and time.
        local: &'a str,
        /// The precision's name.
        precision: &'a str,
        /// The clock's offset from UTC.
        offset: Option<&'a str>,
    },
}

impl TakenPatch<'_> {
    /// What the owner's time shall be from then on, unless it stays.
    fn read(self) -> Option<Result<Option<Taken>, Invalid>> {
        match self {
            Self::Unchanged => None,
            Self::Restored => Some(Ok(None)),
            Self::Typed(text) => Some(Taken::parse(text).map(Some)),
            Self::Parts { local, precision, offset } => {
                Some(Taken::parse_parts(local, precision, offset).map(Some))
            }
        }
    }
}

/// A rendition that the caller may read.
#[derive(Debug, Clone)]
pub struct OpenRendition {
    /// Which photo it is of.
    pub photo: PhotoId,
    /// Type, size and hash; the hash makes a strong `ETag`.
    pub object: StoredObject,
    /// A name for saving it: the uploaded file's, with the ending of the rendition's type.
    pub file_name: String,
}

/// Where the bytes of a rendition come from.
#[derive(Debug)]
pub enum RenditionLink {
    /// From this address, by the client itself.
    Elsewhere(String),
    /// From the gallery: call [`Gallery::read_rendition`].
    Here,
}

impl Gallery {
    /// One of the caller's photos, with EXIF; [`Error::NotFound`] when there is none of this id, or
    /// it is somebody else's.
    pub async fn photo(&self, caller: &Caller, id: PhotoId) -> Result<Photo, Error> {
        let photo = self.ports.store.photo(id).await?;
        if photo.owner == caller.user.id { Ok(photo) } else { Err(Error::NotFound) }
    }

    /// The caller's photos over all albums. In every list EXIF may be missing.
    pub async fn photos(
        &self,
        caller: &Caller,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, Error> {
        Ok(self.ports.store.photos_of(caller.user.id, sort, page).await?)
    }

    /// The photos of one of the caller's albums; [`Error::NotFound`] as for [`album`](Self::album).
    pub async fn photos_in_album(
        &self,
        caller: &Caller,
        album: AlbumId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, Error> {
        // The store checks the owner in the same read; a photo carries its owner, so the rule is
        // checked here, too.
        let page = self.ports.store.photos_in_album(caller.user.id, album, sort, page).await?;
        if page.items.iter().any(|photo| photo.owner != caller.user.id) {
            return Err(Error::NotFound);
        }
        Ok(page)
    }

    /// The caller's photos that match a query, newest upload first; with an album, those in it, or
    /// [`Error::NotFound`] as for [`album`](Self::album). A query that asks for nothing matches
    /// nothing; what is to be said of one is [`Query::read`]'s to say.
    pub async fn search(
        &self,
        caller: &Caller,
        q: &str,
        album_id: Option<AlbumId>,
        page: &PageRequest,
    ) -> Result<Page<Photo>, Error> {
        if let Some(album) = album_id {
            self.album(caller, album).await?;
        }
        let nothing = Page { items: Vec::new(), next: None };
        let Some(query) = Query::parse(q) else { return Ok(nothing) };
        let mut albums = Vec::new();
        for names in query.album_names() {
            albums.push(self.named_albums(caller, names).await?);
        }
        let query = query.with_albums(albums);
        if query.finds_no_photo() {
            return Ok(nothing);
        }
        Ok(self.ports.store.search_photos(caller.user.id, album_id, &query, page).await?)
    }

    /// The caller's albums whose names match: the newest thousand of them.
    async fn named_albums(&self, caller: &Caller, names: &Query) -> Result<BTreeSet<AlbumId>, Error> {
        let mut albums = BTreeSet::new();
        let mut after = None;
        for _ in 0..NAMED_ALBUM_PAGES {
            let page = PageRequest::after_cursor(PageRequest::MAX_LIMIT, after);
            let found = self.ports.store.albums_of(caller.user.id, Some(names), &page).await?;
            albums.extend(found.items.iter().map(|album| album.id));
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        Ok(albums)
    }

    /// Changes one of the caller's photos, and returns it as it is then. [`Error::NotFound`] as for
    /// [`photo`](Self::photo); [`Error::Invalid`] with the fields of [`PhotoPatch`];
    /// [`Error::Contended`] when somebody else changed it at the same time, five times in a row.
    pub async fn update_photo(
        &self,
        caller: &Caller,
        id: PhotoId,
        patch: PhotoPatch<'_>,
    ) -> Result<Photo, Error> {
        let mut fields = Fields::default();
        let title = fields.take_optional("title", patch.title.map(Title::parse));
        let description = fields.take_optional("description", patch.description.map(Description::parse));
        let tags = fields.take_optional("tags", patch.tags.map(Tags::parse));
        let album_id = fields.take_optional("album_id", patch.album_id.map(str::parse::<AlbumId>));
        let taken = fields.take_optional("taken", patch.taken.read());
        fields.check()?;
        for _ in 0..ATTEMPTS {
            let mut photo = self.photo(caller, id).await?;
            let change = PhotoChange {
                version: photo.version,
                title: title.clone().unwrap_or(photo.facts.title),
                description: description.clone().unwrap_or(photo.facts.description),
                tags: tags.clone().unwrap_or(photo.facts.tags),
                taken_override: taken.unwrap_or(photo.facts.taken_override),
                album_id: self.destination(caller, photo.album_id, album_id).await?,
                updated_at: self.time_after(photo.updated_at),
            };
            photo.facts.title = change.title.clone();
            photo.facts.description = change.description.clone();
            photo.facts.tags = change.tags.clone();
            photo.facts.taken_override = change.taken_override;
            match self.ports.store.update_photo(id, &change, &photo.facts.terms()).await {
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                other => return Ok(other?),
            }
        }
        Err(Error::Contended)
    }

    /// The album that a photo shall be in, which must be the caller's.
    async fn destination(
        &self,
        caller: &Caller,
        now_in: AlbumId,
        wanted: Option<AlbumId>,
    ) -> Result<AlbumId, Error> {
        match wanted {
            Some(album) if album != now_in => match self.album(caller, album).await {
                Err(Error::NotFound) => {
                    let unknown = Invalid::new("unknown_album", Text::new("album-not-yours"));
                    Err(Error::field("album_id", unknown))
                }
                other => Ok(other?.id),
            },
            _ => Ok(now_in),
        }
    }

    /// Deletes one of the caller's photos: gone at once for everybody; a worker removes its blobs.
    /// Doing it again is [`Error::NotFound`].
    pub async fn delete_photo(&self, caller: &Caller, id: PhotoId) -> Result<(), Error> {
        let photo = self.photo(caller, id).await?;
        let job = self.new_job(JobKind::PurgePhoto { photo: id, owner: photo.owner });
        self.ports.store.begin_photo_deletion(id, None, job).await?;
        tracing::info!(account = self.pseudonym(photo.owner), "photo deleted");
        self.ports.job_notifier.notify();
        Ok(())
    }

    /// A rendition of one of the caller's photos, or its original: what is needed to answer its
    /// headers. Its bytes come from [`read_rendition`](Self::read_rendition), or by the client's
    /// own request to [`link_rendition`](Self::link_rendition). [`Error::NotFound`] as for
    /// [`photo`](Self::photo).
    pub async fn open_rendition(
        &self,
        caller: &Caller,
        id: PhotoId,
        rendition: Rendition,
    ) -> Result<OpenRendition, Error> {
        let photo = self.photo(caller, id).await?;
        let object = photo.facts.object(rendition).cloned().ok_or(Error::NotFound)?;
        let file_name = file_name(&photo.facts.file_name, rendition, object.content_type);
        Ok(OpenRendition { photo: id, object, file_name })
    }

    /// Whether the client is to fetch the bytes by itself, from an address that is good for 5
    /// minutes; `disposition` is the `Content-Disposition` it shall get.
    pub async fn link_rendition(
        &self,
        open: &OpenRendition,
        disposition: String,
    ) -> Result<RenditionLink, Error> {
        let key = open.object.key(open.photo);
        let request =
            LinkRequest { key, content_type: open.object.content_type, disposition, lifetime: LINK_LIFETIME };
        Ok(self.ports.blobs.link(&request).await?.map_or(RenditionLink::Here, RenditionLink::Elsewhere))
    }

    /// The bytes of a rendition, or the half-open range of them, cut at the end.
    /// [`Error::NotFound`] when the photo was deleted since it was opened; a range that is empty or
    /// begins behind the end is the caller's mistake, and [`Error::Internal`].
    pub async fn read_rendition(
        &self,
        open: &OpenRendition,
        range: Option<Range<u64>>,
    ) -> Result<BlobRead, Error> {
        Ok(self.ports.blobs.get(&open.object.key(open.photo), range).await?)
    }
}

/// `IMG_1.jpg`, or `IMG_1-large.png` for a rendition.
fn file_name(uploaded: &FileName, rendition: Rendition, content_type: ImageType) -> String {
    if rendition == Rendition::Original {
        return uploaded.as_str().to_owned();
    }
    let stem = uploaded.as_str().rsplit_once('.').map_or(uploaded.as_str(), |(stem, _)| stem);
    format!("{stem}-{}.{}", rendition.name(), content_type.extension())
}
