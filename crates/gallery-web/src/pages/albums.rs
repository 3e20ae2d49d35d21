//! Albums: the list, one album, making, editing, deleting. Tests are in `tests/it/pages/albums.rs`.

use std::sync::Arc;

use askama::Template;
use gallery_core::model::{Album, PhotoSort};
use gallery_core::texts::Size;
use gallery_core::usecases::{AlbumPatch, Caller};
use gallery_core::values::{AlbumId, PageRequest};
use poem::Request;

use super::flash::Flash;
use super::form::Form;
use super::format::Moment;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, form_error, show, show_again};
use super::uploaded::Uploaded;
use super::views::{Card, DeletePage, Pager, Tile};
use crate::http::{Problem, RequestContext, Web, moved};

/// Photos on a page of an album, and albums on a page.
const ITEMS: u32 = 100;
/// Photos that are offered as cover: the newest, and the present one.
const COVERS: u32 = 60;

/// The caller's albums.
#[derive(Template)]
#[template(path = "albums/list.html")]
pub(super) struct ListPage {
    pub page: Page,
    pub cards: Vec<Card>,
    pub pager: Pager,
}

/// The form for a new album.
#[derive(Template)]
#[template(path = "albums/new.html")]
pub(super) struct NewPage {
    pub page: Page,
    pub form: Form,
}

/// One album with its photos.
#[derive(Template)]
#[template(path = "albums/show.html")]
pub(super) struct ShowPage {
    pub page: Page,
    pub album: AlbumView,
    pub tiles: Vec<Tile>,
    pub pager: Pager,
    pub upload_limit: Size,
    /// The upload form.
    pub form: Form,
    /// What became of an upload of which something was refused.
    pub uploaded: Option<Uploaded>,
}

/// What is said of an album on its own page.
pub(super) struct AlbumView {
    pub id: AlbumId,
    pub name: String,
    pub description: String,
    pub photos: u64,
    pub created_at: Moment,
}

/// The form for an album.
#[derive(Template)]
#[template(path = "albums/edit.html")]
pub(super) struct EditPage {
    pub page: Page,
    pub id: AlbumId,
    pub name: String,
    pub covers: Vec<Tile>,
    pub form: Form,
}

/// `GET /`
pub(super) async fn list(context: PageContext, caller: Caller) -> Answer {
    let wanted = context.page_request(ITEMS)?;
    let albums = context.gallery().albums(&caller, None, &wanted).await?;
    let pager = Pager::of("/", wanted.after(), albums.next);
    let cards = albums.items.iter().map(Card::of).collect();
    show(&ListPage { page: context.page(Section::Albums), cards, pager })
}

/// `GET /albums`: the albums are at the front.
pub(super) async fn front(_web: Arc<Web>, request: Request) -> Answer {
    Ok(moved("/", &RequestContext::of(&request)?.uri))
}

/// `GET /albums/new`
pub(super) async fn new_form(context: PageContext, _caller: Caller) -> Answer {
    show(&NewPage { page: context.page(Section::Albums), form: Form::default() })
}

/// `POST /albums/new`
pub(super) async fn create(mut context: PageContext, caller: Caller) -> Answer {
    let form = context.form().await?;
    let made = context.gallery().create_album(&caller, form.value("name"), form.value("description"), None);
    match made.await {
        Ok(album) => context.go(&address(album.id), None),
        Err(error) => {
            let problem = form_error(error)?;
            let form = context.refused(form, &problem);
            show_again(&problem, &NewPage { page: context.page(Section::Albums), form })
        }
    }
}

/// `GET /albums/{id}`
pub(super) async fn one(context: PageContext, caller: Caller) -> Answer {
    let album = context.gallery().album(&caller, context.id()?).await?;
    show(&album_page(&context, &caller, &album).await?)
}

/// The album's page, with an upload form that was not sent.
pub(super) async fn album_page(
    context: &PageContext,
    caller: &Caller,
    album: &Album,
) -> Result<ShowPage, Problem> {
    let wanted = context.page_request(ITEMS)?;
    let photos = context.gallery().photos_in_album(caller, album.id, PhotoSort::Uploaded, &wanted).await?;
    Ok(ShowPage {
        page: context.page(Section::Albums),
        album: AlbumView::of(album),
        tiles: Tile::chain(&photos.items),
        pager: Pager::of(&address(album.id), wanted.after(), photos.next),
        upload_limit: Size(context.gallery().rules().max_upload_bytes),
        form: Form::default(),
        uploaded: None,
    })
}

/// `GET /albums/{id}/edit`
pub(super) async fn edit_form(context: PageContext, caller: Caller) -> Answer {
    let album = context.gallery().album(&caller, context.id()?).await?;
    show(&edit_page(&context, &caller, &album, Form::default()).await?)
}

/// `POST /albums/{id}/edit`
pub(super) async fn edit(mut context: PageContext, caller: Caller) -> Answer {
    let (id, form) = (context.id()?, context.form().await?);
    let patch = AlbumPatch {
        name: form.sent("name"),
        description: form.sent("description"),
        // Nothing chosen means the newest.
        cover_photo_id: form
            .sent("cover_photo_id")
            .map(|cover| Some(cover).filter(|cover| !cover.is_empty())),
    };
    match context.gallery().update_album(&caller, id, patch).await {
        Ok(_) => context.go(&address(id), Some(Flash::AlbumSaved)),
        Err(error) => {
            let problem = form_error(error)?;
            let album = context.gallery().album(&caller, id).await?;
            let form = context.refused(form, &problem);
            show_again(&problem, &edit_page(&context, &caller, &album, form).await?)
        }
    }
}

async fn edit_page(
    context: &PageContext,
    caller: &Caller,
    album: &Album,
    form: Form,
) -> Result<EditPage, Problem> {
    let newest = PageRequest::new(Some(COVERS), None).map_err(Problem::internal)?;
    let newest =
        context.gallery().photos_in_album(caller, album.id, PhotoSort::Uploaded, &newest).await?.items;
    let mut covers: Vec<_> = newest.iter().map(Tile::of).collect();
    if let Some(cover) = album.cover.filter(|cover| covers.iter().all(|offered| offered.id != *cover)) {
        covers.insert(0, Tile::of(&context.gallery().photo(caller, cover).await?));
    }
    let form = form
        .with("name", album.name.as_str())
        .with("description", album.description.as_str())
        .with("cover_photo_id", album.cover.map(|cover| cover.to_string()).unwrap_or_default());
    let (page, name) = (context.page(Section::Albums), album.name.to_string());
    Ok(EditPage { page, id: album.id, name, covers, form })
}

/// `GET /albums/{id}/delete`
pub(super) async fn delete_form(context: PageContext, caller: Caller) -> Answer {
    let album = context.gallery().album(&caller, context.id()?).await?;
    let page = context.page(Section::Albums);
    show(&DeletePage {
        title: page.t("album-delete-title").with("name", album.name.as_str()).to_string(),
        detail: page.t("album-delete-detail").with("count", album.photo_count).to_string(),
        page,
        button: "album-delete-button",
        action: format!("{}/delete", address(album.id)),
        back: address(album.id),
    })
}

/// `POST /albums/{id}/delete`
pub(super) async fn delete(context: PageContext, caller: Caller) -> Answer {
    context.gallery().delete_album(&caller, context.id()?).await?;
    context.go("/", Some(Flash::AlbumDeleted))
}

/// The album's page.
pub(super) fn address(album: AlbumId) -> String {
    format!("/albums/{album}")
}

impl AlbumView {
    /// What is said of an album on its own page.
    pub(super) fn of(album: &Album) -> Self {
        Self {
            id: album.id,
            name: album.name.to_string(),
            description: album.description.to_string(),
            photos: album.photo_count,
            created_at: Moment(album.created_at),
        }
    }
}
