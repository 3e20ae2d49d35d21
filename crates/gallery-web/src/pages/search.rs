//! Search: photos, and albums whose name or description match. Tests are in
//! `tests/it/pages/photos.rs`.

use askama::Template;
use gallery_core::search::Query;
use gallery_core::texts::Localized;
use gallery_core::usecases::Caller;
use gallery_core::values::{Cursor, PageRequest, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::format::Moment;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, show};
use super::views::{Card, Pager, Tile};
use crate::http::Problem;

/// Photos on a page.
const PHOTOS: u32 = 100;

/// What was found.
#[derive(Template)]
#[template(path = "search.html")]
pub(super) struct SearchPage {
    pub page: Page,
    /// What is to be said of the query.
    pub hints: Vec<Localized>,
    pub cards: Vec<Card>,
    /// More albums match than are shown.
    pub more_albums: bool,
    pub tiles: Vec<Tile>,
    /// How far the search went, when the page is not full and there is more.
    pub back: Option<Moment>,
    pub pager: Pager,
}

/// `GET /search`
pub(super) async fn search(context: PageContext, caller: Caller) -> Answer {
    let query = context.query("q").unwrap_or_default().trim().to_owned();
    let wanted = context.page_request(PHOTOS)?;
    let photos = context.gallery().search(&caller, &query, None, &wanted).await?;
    let reading = Query::read(&query);
    // Without a word that is wanted, all albums would be shown.
    let wants_albums = reading.query.is_some_and(|query| !query.only_excludes());
    let (cards, more_albums) = match wanted.after() {
        None if wants_albums => albums(&context, &caller, &query).await?,
        // Albums stand on the first page.
        _ => (Vec::new(), false),
    };
    let address = format!("/search?q={}", utf8_percent_encode(&query, NON_ALPHANUMERIC));
    let pager = Pager::of(&address, wanted.after(), photos.next);
    let page = Page { query, ..context.page(Section::Elsewhere) };
    let hints = reading.hints.into_iter().map(|hint| page.said(hint)).collect();
    let tiles: Vec<Tile> = photos.items.iter().map(Tile::of).collect();
    let is_short = tiles.len() < PHOTOS as usize;
    let back = photos.next.filter(|_| is_short).map(|next| Moment(upload_time(next)));
    show(&SearchPage { page, hints, cards, more_albums, tiles, back, pager })
}

/// When the photo at this place of a list by upload was uploaded: its id (UUID version 7) says so.
fn upload_time(place: Cursor) -> Timestamp {
    Timestamp::from_millis(i64::try_from(place.id.as_u128() >> 80).unwrap_or_default())
}

async fn albums(context: &PageContext, caller: &Caller, query: &str) -> Result<(Vec<Card>, bool), Problem> {
    let all = PageRequest::new(Some(PageRequest::MAX_LIMIT), None).map_err(Problem::internal)?;
    let albums = context.gallery().albums(caller, Some(query), &all).await?;
    Ok((albums.items.iter().map(Card::of).collect(), albums.next.is_some()))
}
