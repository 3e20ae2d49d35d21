//! Keyset paging: a page, and the opaque cursor that says where the next one starts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::Invalid;
use crate::texts::Text;

/// The place after the last item of a page: lists are ordered by (`order`, `id`), descending.
///
/// A list "newest first" has `order` 0 throughout, because ids are in order of creation; a list by
/// time taken has milliseconds there. The cursor holds a position, not a right: ownership is
/// checked anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// First part of the sort key.
    pub order: i64,
    /// Second part of the sort key: the item's id.
    pub id: Uuid,
}

impl Cursor {
    /// The opaque text for clients.
    pub fn encode(&self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.order.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what a client sent back; [`Invalid`] with the code `invalid_cursor`.
    pub fn decode(text: &str) -> Result<Self, Invalid> {
        let bad = || Invalid::new("invalid_cursor", Text::new("cursor-form"));
        let bytes: [u8; 24] =
            URL_SAFE_NO_PAD.decode(text).ok().and_then(|b| b.try_into().ok()).ok_or_else(bad)?;
        let (order, id) = bytes.split_at(8);
        Ok(Self {
            order: i64::from_be_bytes(order.try_into().map_err(|_| bad())?),
            id: Uuid::from_slice(id).map_err(|_| bad())?,
        })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    limit: u32,
    after: Option<Cursor>,
}

impl PageRequest {
    /// Items on a page when the client does not say.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The most items on a page.
    pub const MAX_LIMIT: u32 = 200;

    /// A page of 1 to 200 items (50 unless told) after this cursor, the text of a [`Page::next`].
    /// [`Invalid`] with the code `out_of_range` or `invalid_cursor`.
    pub fn new(limit: Option<u32>, after: Option<&str>) -> Result<Self, Invalid> {
        let limit = limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(Invalid::new("out_of_range", Text::new("limit-form")));
        }
        Ok(Self { limit, after: after.map(Cursor::decode).transpose()? })
    }

    /// A page of up to this many items, as far as that is allowed, after this place of a list.
    pub fn after_cursor(limit: u32, after: Option<Cursor>) -> Self {
        Self { limit: limit.clamp(1, Self::MAX_LIMIT), after }
    }

    /// The most items the page may have.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Where the page starts; at the beginning when absent.
    pub fn after(&self) -> Option<Cursor> {
        self.after
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts, for [`Cursor::encode`]; absent on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Cuts a page out of `items`, of which a store read one more than the page may have.
    pub fn cut(mut items: Vec<T>, request: &PageRequest, position: impl Fn(&T) -> Cursor) -> Self {
        let limit = request.limit as usize;
        let next = if items.len() > limit { items.get(limit - 1).map(position) } else { None };
        items.truncate(limit);
        Self { items, next }
    }

    /// The same page, which goes on from here unless it already says where: for a list of which
    /// only a part was looked through.
    #[must_use]
    pub fn or_next(self, next: Option<Cursor>) -> Self {
        Self { next: self.next.or(next), ..self }
    }

    /// The same page of other things.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_client() {
        let cursor = Cursor { order: -5, id: Uuid::from_u128(77) };
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        for text in ["", "x", "%", &"A".repeat(33), "AAAA"] {
            assert_eq!(Cursor::decode(text).unwrap_err().code, "invalid_cursor");
        }
    }

    #[test]
    fn limits_are_1_to_200() {
        assert!(PageRequest::new(Some(0), None).is_err());
        assert!(PageRequest::new(Some(201), None).is_err());
        assert_eq!(PageRequest::new(None, None).unwrap().limit(), 50);
    }

    #[test]
    fn a_full_page_has_a_next_only_when_more_was_read() {
        let request = PageRequest::new(Some(2), None).unwrap();
        let position = |n: &u128| Cursor { order: 0, id: Uuid::from_u128(*n) };
        assert_eq!(Page::cut(vec![3, 2], &request, position).next, None);
        let page = Page::cut(vec![3, 2, 1], &request, position);
        assert_eq!((page.items, page.next), (vec![3, 2], Some(position(&2))));
    }

    #[test]
    fn a_short_page_goes_on_where_its_search_has_stopped() {
        let request = PageRequest::new(Some(2), None).unwrap();
        let position = |n: &u128| Cursor { order: 0, id: Uuid::from_u128(*n) };
        let short = Page::cut(vec![3], &request, position).or_next(Some(position(&1)));
        assert_eq!((short.items, short.next), (vec![3], Some(position(&1))));
        let full = Page::cut(vec![4, 3, 2], &request, position).or_next(Some(position(&1)));
        assert_eq!((full.items, full.next), (vec![4, 3], Some(position(&3))));
    }
}
