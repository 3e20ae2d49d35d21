//! The timeline: photos over all albums by the time they were taken. Tests are in
//! `tests/it/pages/photos.rs`.

use askama::Template;
use gallery_core::model::{Photo, PhotoSort};
use gallery_core::usecases::Caller;

use super::format::Moment;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, show};
use super::views::{Pager, Tile};

/// Photos on a page.
const PHOTOS: u32 = 100;

/// The timeline.
#[derive(Template)]
#[template(path = "photos/timeline.html")]
pub(super) struct TimelinePage {
    pub page: Page,
    pub months: Vec<Month>,
    pub pager: Pager,
}

/// Photos of one month.
#[derive(Debug, PartialEq)]
pub(super) struct Month {
    pub at: Moment,
    pub days: Vec<Day>,
}

/// Photos of one day.
#[derive(Debug, PartialEq)]
pub(super) struct Day {
    pub at: Moment,
    pub tiles: Vec<Tile>,
}

/// `GET /photos`
pub(super) async fn list(context: PageContext, caller: Caller) -> Answer {
    let wanted = context.page_request(PHOTOS)?;
    let photos = context.gallery().photos(&caller, PhotoSort::Taken, &wanted).await?;
    let pager = Pager::of("/photos", wanted.after(), photos.next);
    show(&TimelinePage { page: context.page(Section::Photos), months: months(&photos.items), pager })
}

/// Photos in the order of the timeline, by month and day.
pub(super) fn months(photos: &[Photo]) -> Vec<Month> {
    let at = |photo: &Photo| Moment(photo.taken_order());
    let day = |photos: &[Photo]| Day { at: at(&photos[0]), tiles: photos.iter().map(Tile::of).collect() };
    let same_day = |one: &Photo, other: &Photo| at(one).iso_date() == at(other).iso_date();
    let same_month = |one: &Photo, other: &Photo| at(one).iso_month() == at(other).iso_month();
    let month =
        |photos: &[Photo]| Month { at: at(&photos[0]), days: photos.chunk_by(same_day).map(day).collect() };
    photos.chunk_by(same_month).map(month).collect()
}
