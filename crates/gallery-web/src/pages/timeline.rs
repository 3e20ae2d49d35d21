//! The timeline: photos over all albums by the time they were taken. Tests are in
//! `tests/it/pages/photos.rs`.

use askama::Template;
use gallery_core::model::{Photo, PhotoSort};
use gallery_core::usecases::Caller;
use gallery_core::values::Precision;

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

/// Photos of one day by the clocks of their cameras, or of which no more is known than the month or
/// year that begins then.
#[derive(Debug, PartialEq)]
pub(super) struct Day {
    pub at: Moment,
    /// A day at most.
    pub known: Precision,
    pub tiles: Vec<Tile>,
}

impl Day {
    /// For `datetime` attributes.
    pub(super) fn iso(&self) -> String {
        match self.known {
            Precision::Year => self.at.iso_year(),
            Precision::Month => self.at.iso_month(),
            _ => self.at.iso_date(),
        }
    }

    /// What the photos have in common.
    pub(super) fn heading(&self, page: &Page) -> String {
        match self.known {
            Precision::Year => self.at.iso_year(),
            Precision::Month => page.month(&self.at),
            _ => page.day(&self.at),
        }
    }
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
    let same_day = |one: &Photo, other: &Photo| at(one).iso_date() == at(other).iso_date();
    let same_month = |one: &Photo, other: &Photo| at(one).iso_month() == at(other).iso_month();
    let month = |photos: &[Photo]| {
        let days = photos.chunk_by(same_day).flat_map(of_one_day).collect();
        Month { at: at(&photos[0]), days }
    };
    photos.chunk_by(same_month).map(month).collect()
}

/// Photos of one day by how much of the date is known: of a photo taken some time in July, nobody
/// knows that it was on the first. One without a date is among those of the day of its upload.
fn of_one_day(photos: &[Photo]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for photo in photos {
        let known = photo.taken().map_or(Precision::Day, |taken| taken.precision().min(Precision::Day));
        let tile = Tile::among_dates(photo);
        match days.iter_mut().find(|day| day.known == known) {
            Some(day) => day.tiles.push(tile),
            None => days.push(Day { at: Moment(photo.taken_order()), known, tiles: vec![tile] }),
        }
    }
    days
}
