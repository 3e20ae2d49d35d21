//! Pages of lists: `?limit=` and `?cursor=` in, `items` and `next_cursor` out.

use gallery_core::values::{Page, PageRequest};
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use serde::Serialize;

use super::types::Nullable;
use crate::http::{Code, Problem};

/// A page of a list.
#[derive(Serialize, Object)]
#[oai(rename = "Page")]
pub(super) struct PageOf<T: Type + ParseFromJSON + ToJSON> {
    /// The items, in the list's order.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    pub(super) next_cursor: Nullable<String>,
}

impl<T: Type + ParseFromJSON + ToJSON> PageOf<T> {
    /// The page as clients see it.
    pub(super) fn of<U>(page: &Page<U>) -> Self
    where
        for<'a> T: From<&'a U>,
    {
        Self {
            items: page.items.iter().map(T::from).collect(),
            next_cursor: Nullable(page.next.map(|cursor| cursor.encode())),
        }
    }

    /// A list that is always one page.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: Nullable(None) }
    }
}

/// The part of a list that a client asks for. What is wrong with it is wrong with the request's
/// form: 400.
pub(super) fn page_request(limit: Option<u32>, cursor: Option<&str>) -> Result<PageRequest, Problem> {
    PageRequest::new(limit, cursor).map_err(|invalid| match invalid.code {
        "invalid_cursor" => Problem::new(Code::InvalidCursor).error("cursor", invalid),
        _ => Problem::new(Code::Malformed).detail(invalid.detail.clone()).error("limit", invalid),
    })
}
