//! Keyset paging: where a page starts, as values that bind to one statement for first and further
//! pages alike.

use gallery_core::values::Cursor;
use gallery_core::values::{Page, PageRequest};
use uuid::Uuid;

/// The id that every item of the page must be below.
pub(crate) fn below(page: &PageRequest) -> Uuid {
    page.after().map_or(Uuid::max(), |cursor| cursor.id)
}

/// The first part of the sort key that every item of the page must be at or below.
pub(crate) fn at_most(page: &PageRequest) -> i64 {
    page.after().map_or(i64::MAX, |cursor| cursor.order)
}

/// One item more than the page may have, which tells whether there is another page.
pub(crate) fn rows(page: &PageRequest) -> i64 {
    i64::from(page.limit()) + 1
}

/// The page of a list that is ordered by id alone.
pub(crate) fn cut_by_id<T>(items: Vec<T>, page: &PageRequest, id: impl Fn(&T) -> Uuid) -> Page<T> {
    Page::cut(items, page, |item| Cursor { order: 0, id: id(item) })
}
