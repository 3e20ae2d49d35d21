//! Photos: list, search, upload, read, change, delete.

use std::sync::Arc;

use gallery_core::model::PhotoSort;
use gallery_core::search;
use gallery_core::usecases::PhotoPatch;
use gallery_core::values::{AlbumId, PhotoId};
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::accounts::Done;
use super::login::Login;
use super::paging::{PageOf, page_request};
use super::payload::{JsonBody, present};
use super::refusal::{Answer, Change, Listing, Reading, Removal, SubListing, Uploading};
use super::tag::Tag;
use super::types::{Id, Nullable};
use super::upload::UploadBody;
use super::views::{PhotoView, PhotoWithExifView};
use crate::Web;
use crate::http::RequestContext;

/// Operations on photos.
pub(super) struct Photos(pub(super) Arc<Web>);

/// The order of a list of photos.
#[derive(Enum, Clone, Copy)]
#[oai(rename_all = "lowercase")]
enum Sort {
    /// Newest upload first.
    Uploaded,
    /// Newest first by the time taken; by the time of upload where that is not known.
    Taken,
}

/// What shall change; what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct PhotoChange {
    /// The new title, at most 200 characters.
    #[serde(default, deserialize_with = "present")]
    title: Option<String>,
    /// The new description, at most 5,000 characters.
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
    /// The new tags: at most 50 of 50 characters.
    #[serde(default, deserialize_with = "present")]
    tags: Option<Vec<String>>,
    /// The album to move the photo to.
    #[serde(default, deserialize_with = "present")]
    album_id: Option<String>,
}

#[derive(ApiResponse)]
enum Uploaded {
    /// The photo.
    #[oai(status = 201)]
    Uploaded(
        JsonBody<PhotoWithExifView>,
        /// The photo's path.
        #[oai(header = "Location")]
        String,
    ),
}

/// A page of what a search has found.
#[derive(Serialize, Object)]
struct FoundPhotos {
    /// The photos, newest upload first.
    items: Vec<PhotoView>,
    /// The `cursor` of the next page; null on the last one.
    next_cursor: Nullable<String>,
    /// What was not understood and left out, for the person who typed the query.
    hints: Vec<String>,
}

type PhotoPage = JsonBody<PageOf<PhotoView>>;

#[OpenApi(tag = "Tag::Photos")]
impl Photos {
    /// List the photos of an album
    #[oai(path = "/albums/:album_id/photos", method = "get", operation_id = "listAlbumPhotos")]
    async fn list_in_album(
        &self,
        login: Login,
        album_id: Path<Id<AlbumId>>,
        /// The order; `uploaded` when absent.
        sort: Query<Option<Sort>>,
        /// The most items on the page: 1 to 200, 50 when absent.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Answer<PhotoPage, SubListing> {
        let caller = login.caller(&self.0).await?;
        let page = page_request(limit.0, cursor.0.as_deref())?;
        let photos = self.0.gallery.photos_in_album(&caller, album_id.0.0, order(sort.0), &page).await?;
        Ok(JsonBody(PageOf::of(&photos)))
    }

    /// Upload a photo
    ///
    /// JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF or BMP; the type is found in the bytes. The answer
    /// comes when the photo and its renditions are stored. Where the form gives no title,
    /// description or tags, the photo gets those inside its file (XMP, IPTC, EXIF), unless the
    /// configuration says otherwise; a rating becomes a tag such as "4 stars".
    #[oai(path = "/albums/:album_id/photos", method = "post", operation_id = "uploadPhoto")]
    async fn upload(
        &self,
        login: Login,
        album_id: Path<Id<AlbumId>>,
        /// Up to 100 characters. A repetition with the same content gives the first answer again.
        #[oai(name = "Idempotency-Key")]
        _idempotency_key: Header<Option<String>>,
        body: UploadBody,
    ) -> Answer<Uploaded, Uploading> {
        let caller = login.caller(&self.0).await?;
        let photo = body.form()?.receive(&self.0, caller, album_id.0.0).await?;
        Ok(Uploaded::Uploaded(JsonBody((&photo).into()), format!("/api/v1/photos/{}", photo.id)))
    }

    /// List one's photos over all albums
    #[oai(path = "/photos", method = "get", operation_id = "listPhotos")]
    async fn list(
        &self,
        login: Login,
        /// The order; `uploaded` when absent.
        sort: Query<Option<Sort>>,
        /// The most items on the page: 1 to 200, 50 when absent.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Answer<PhotoPage, Listing> {
        let caller = login.caller(&self.0).await?;
        let page = page_request(limit.0, cursor.0.as_deref())?;
        let photos = self.0.gallery.photos(&caller, order(sort.0), &page).await?;
        Ok(JsonBody(PageOf::of(&photos)))
    }

    /// Search one's photos
    ///
    /// Newest upload first. Looks at tags, title, file name, camera, lens, date and description,
    /// without regard to case and accents. A word matches what begins with it, `"words"` match
    /// whole words or a whole tag, `-word` excludes; `tag:`, `label:`, `camera:`, `lens:`,
    /// `album:`, `type:`, `before:` and `after:` narrow. Within quotes, `""` stands for a quote. A
    /// page may be short, even empty, while `next_cursor` is set: then the search has stopped
    /// there, and goes on with that cursor.
    #[oai(path = "/search", method = "get", operation_id = "searchPhotos")]
    async fn search(
        &self,
        request: &Request,
        login: Login,
        /// What to search for; all of it must match.
        q: Query<String>,
        /// Searches this album only.
        album_id: Query<Option<Id<AlbumId>>>,
        /// The most items on the page: 1 to 200, 50 when absent.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Answer<JsonBody<FoundPhotos>, SubListing> {
        let caller = login.caller(&self.0).await?;
        let page = page_request(limit.0, cursor.0.as_deref())?;
        let photos = self.0.gallery.search(&caller, &q.0, album_id.0.map(|id| id.0), &page).await?;
        let language = RequestContext::of(request)?.language();
        let hints = search::Query::read(&q.0).hints.iter().map(|hint| hint.in_language(language)).collect();
        let PageOf { items, next_cursor } = PageOf::of(&photos);
        Ok(JsonBody(FoundPhotos { items, next_cursor, hints }))
    }

    /// Read a photo
    ///
    /// With everything the camera wrote into it.
    #[oai(path = "/photos/:photo_id", method = "get", operation_id = "getPhoto")]
    async fn read(
        &self,
        login: Login,
        photo_id: Path<Id<PhotoId>>,
    ) -> Answer<JsonBody<PhotoWithExifView>, Reading> {
        let caller = login.caller(&self.0).await?;
        let photo = self.0.gallery.photo(&caller, photo_id.0.0).await?;
        Ok(JsonBody((&photo).into()))
    }

    /// Change a photo
    #[oai(path = "/photos/:photo_id", method = "patch", operation_id = "updatePhoto")]
    async fn update(
        &self,
        login: Login,
        photo_id: Path<Id<PhotoId>>,
        body: JsonBody<PhotoChange>,
    ) -> Answer<JsonBody<PhotoWithExifView>, Change> {
        let caller = login.caller(&self.0).await?;
        let change = &body.0;
        let patch = PhotoPatch {
            title: change.title.as_deref(),
            description: change.description.as_deref(),
            tags: change.tags.as_ref().map(|tags| tags.iter().map(String::as_str).collect()),
            album_id: change.album_id.as_deref(),
        };
        let photo = self.0.gallery.update_photo(&caller, photo_id.0.0, patch).await?;
        Ok(JsonBody((&photo).into()))
    }

    /// Delete a photo
    ///
    /// The photo is gone at once; its files are removed in the background. Deleting again is 404.
    #[oai(path = "/photos/:photo_id", method = "delete", operation_id = "deletePhoto")]
    async fn delete(&self, login: Login, photo_id: Path<Id<PhotoId>>) -> Answer<Done, Removal> {
        let caller = login.caller(&self.0).await?;
        self.0.gallery.delete_photo(&caller, photo_id.0.0).await?;
        Ok(Done::Done)
    }
}

fn order(sort: Option<Sort>) -> PhotoSort {
    match sort {
        None | Some(Sort::Uploaded) => PhotoSort::Uploaded,
        Some(Sort::Taken) => PhotoSort::Taken,
    }
}
