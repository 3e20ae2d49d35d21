//! Albums: list, create, read, change, delete.

use std::sync::Arc;

use gallery_core::usecases::AlbumPatch;
use gallery_core::values::AlbumId;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::accounts::Done;
use super::login::Login;
use super::paging::{PageOf, page_request};
use super::payload::{JsonBody, present};
use super::refusal::{Answer, Change, Creation, Listing, Reading, Removal};
use super::tag::Tag;
use super::types::Id;
use super::views::AlbumView;
use crate::Web;

/// Operations on albums.
pub(super) struct Albums(pub(super) Arc<Web>);

/// An album to be created.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct NewAlbum {
    /// The name, 1 to 200 characters.
    name: String,
    /// The description, at most 5,000 characters.
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
}

/// What shall change; what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct AlbumChange {
    /// The new name, 1 to 200 characters.
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// The new description, at most 5,000 characters.
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
    /// A photo of the album that shall stand for it; null leaves the choice to the gallery.
    #[serde(default)]
    #[oai(nullable)]
    cover_photo_id: MaybeUndefined<String>,
}

#[derive(ApiResponse)]
enum Created {
    /// The album.
    #[oai(status = 201)]
    Created(
        JsonBody<AlbumView>,
        /// The album's path.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Albums")]
impl Albums {
    /// List one's albums
    ///
    /// Newest first; with `q`, those whose name or description match: then a page may be short,
    /// even empty, while `next_cursor` is set.
    #[oai(path = "/albums", method = "get", operation_id = "listAlbums")]
    async fn list(
        &self,
        login: Login,
        /// Words; an album matches when each of them begins a word of its name or description.
        q: Query<Option<String>>,
        /// The most items on the page: 1 to 200, 50 when absent.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Answer<JsonBody<PageOf<AlbumView>>, Listing> {
        let caller = login.caller(&self.0).await?;
        let page = page_request(limit.0, cursor.0.as_deref())?;
        let albums = self.0.gallery.albums(&caller, q.0.as_deref(), &page).await?;
        Ok(JsonBody(PageOf::of(&albums)))
    }

    /// Create an album
    #[oai(path = "/albums", method = "post", operation_id = "createAlbum")]
    async fn create(
        &self,
        login: Login,
        /// Up to 100 characters. A repetition with the same content gives the first answer again.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: JsonBody<NewAlbum>,
    ) -> Answer<Created, Creation> {
        let caller = login.caller(&self.0).await?;
        let description = body.0.description.as_deref().unwrap_or_default();
        let key = idempotency_key.0.as_deref();
        let album = self.0.gallery.create_album(&caller, &body.0.name, description, key).await?;
        Ok(Created::Created(JsonBody((&album).into()), format!("/api/v1/albums/{}", album.id)))
    }

    /// Read an album
    #[oai(path = "/albums/:album_id", method = "get", operation_id = "getAlbum")]
    async fn read(&self, login: Login, album_id: Path<Id<AlbumId>>) -> Answer<JsonBody<AlbumView>, Reading> {
        let caller = login.caller(&self.0).await?;
        let album = self.0.gallery.album(&caller, album_id.0.0).await?;
        Ok(JsonBody((&album).into()))
    }

    /// Change an album
    #[oai(path = "/albums/:album_id", method = "patch", operation_id = "updateAlbum")]
    async fn update(
        &self,
        login: Login,
        album_id: Path<Id<AlbumId>>,
        body: JsonBody<AlbumChange>,
    ) -> Answer<JsonBody<AlbumView>, Change> {
        let caller = login.caller(&self.0).await?;
        let patch = AlbumPatch {
            name: body.0.name.as_deref(),
            description: body.0.description.as_deref(),
            cover_photo_id: match &body.0.cover_photo_id {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(id) => Some(Some(id)),
            },
        };
        let album = self.0.gallery.update_album(&caller, album_id.0.0, patch).await?;
        Ok(JsonBody((&album).into()))
    }

    /// Delete an album
    ///
    /// The album and every photo in it are gone at once; what they took is removed in the
    /// background. Deleting again is 404.
    #[oai(path = "/albums/:album_id", method = "delete", operation_id = "deleteAlbum")]
    async fn delete(&self, login: Login, album_id: Path<Id<AlbumId>>) -> Answer<Done, Removal> {
        let caller = login.caller(&self.0).await?;
        self.0.gallery.delete_album(&caller, album_id.0.0).await?;
        Ok(Done::Done)
    }
}
