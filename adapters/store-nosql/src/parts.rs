//! Lists that are in several parts, read as one. Knows no kind of item; tested through the lists.

use std::collections::VecDeque;

use futures_util::future::try_join_all;
use gallery_core::ports::StoreError;

use crate::store::ItemStore;
use crate::table::{Engine, Item, Range};

/// A part under way.
struct Part<B> {
    /// What was not read of it yet.
    rest: Option<Range>,
    read: VecDeque<Item<B>>,
}

impl<E: Engine> ItemStore<E> {
    /// The first `limit` items of these parts behind this sort key, in the order of their sort
    /// keys. Those are spread evenly: of each part little more is read than its share.
    pub(crate) async fn merged(
        &self,
        parts: impl Iterator<Item = Range>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Item<E::Body>>, StoreError> {
        let begin = |part: Range| match &after {
            Some(after) => part.above(after.clone()),
            None => part,
        };
        let rests: Vec<Range> = parts.map(begin).collect();
        let share = limit / rests.len().max(1);
        let page = share.saturating_add(share / 4).saturating_add(4);
        let looks = rests.into_iter().map(|rest| self.read_on(Part::new(rest), page));
        let mut parts = try_join_all(looks).await?;
        let mut items = Vec::new();
        while items.len() < limit {
            let next = parts.iter_mut().filter(|part| !part.read.is_empty());
            let Some(part) = next.min_by(|one, other| one.first().cmp(&other.first())) else { break };
            items.extend(part.read.pop_front());
            if part.read.is_empty() && part.rest.is_some() {
                let under_way = std::mem::replace(part, Part { rest: None, read: VecDeque::new() });
                *part = self.read_on(under_way, page).await?;
            }
        }
        Ok(items)
    }

    /// Reads so many items more of a part.
    async fn read_on(&self, part: Part<E::Body>, page: usize) -> Result<Part<E::Body>, StoreError> {
        let Part { rest: Some(rest), mut read } = part else { return Ok(part) };
        let items = self.engine.query(&rest.clone().limit(page)).await?;
        let last = items.last().filter(|_| items.len() == page).map(|item| item.key.sort.clone());
        read.extend(items);
        Ok(Part { rest: last.map(|last| rest.above(last)), read })
    }
}

impl<B> Part<B> {
    fn new(rest: Range) -> Self {
        Self { rest: Some(rest), read: VecDeque::new() }
    }

    fn first(&self) -> Option<&str> {
        self.read.front().map(|item| item.key.sort.as_str())
    }
}
