//! Postings: what search looks up. They follow an album's or photo's text in the same unit of work
//! where they fit into it, and otherwise in further units that check the record of what is wanted,
//! so that none is written for a text that is no longer so. Until the last one, the album or photo
//! is on the list of the unsettled.
//!
//! Knows items and units of work, no engine. Tested by the conformance suite's search.

use std::collections::BTreeSet;

use gallery_core::ports::StoreError;
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, UserId};
use uuid::Uuid;

use crate::error::unreadable;
use crate::keys::{self, Target};
use crate::records::{IndexState, Marker};
use crate::store::ItemStore;
use crate::table::{Engine, Item, Key, Outcome};
use crate::unit::{Attempts, Unit};

impl IndexState {
    fn target(&self) -> Target {
        if self.album.is_some() { Target::Photo } else { Target::Album }
    }

    /// Whether it was written before terms had fields.
    pub(crate) fn is_of_before(&self) -> bool {
        self.terms.iter().cloned().collect::<Terms>().are_without_fields()
    }

    /// Every posting that may be there.
    pub(crate) fn postings(&self, id: Uuid) -> impl Iterator<Item = Key> {
        let terms = self.terms.iter().chain(&self.dropped);
        terms.map(move |term| keys::posting(self.owner, term, self.target(), id).into_key())
    }
}

/// What search shall find.
pub(crate) struct Found<'a> {
    pub(crate) owner: UserId,
    /// An album's id, or a photo's.
    pub(crate) id: Uuid,
    /// The album that a photo is in; absent for an album.
    pub(crate) album: Option<AlbumId>,
    pub(crate) terms: &'a Terms,
}

impl<E: Engine> Unit<'_, E> {
    /// Makes these the terms that find an album or photo. To be called last, because what fits
    /// depends on what the unit writes besides. Returns whether [`ItemStore::settle`] must follow
    /// the commit.
    pub(crate) async fn index(&mut self, found: Found<'_>) -> Result<bool, StoreError> {
        let Found { owner, id, album, terms } = found;
        let slot = keys::index(id);
        let known: Option<IndexState> = self.read(&slot).await?;
        let wanted: BTreeSet<&str> = terms.iter().collect();
        let known_terms = known.iter().flat_map(|known| &known.terms).map(String::as_str);
        let surplus: BTreeSet<&str> = known_terms
            .chain(known.iter().flat_map(|known| &known.dropped).map(String::as_str))
            .filter(|term| !wanted.contains(term))
            .collect();
        // Of what is not settled, any posting may be missing.
        let settled = known.as_ref().filter(|known| known.settled);
        let there: BTreeSet<&str> =
            settled.iter().flat_map(|known| &known.terms).map(String::as_str).collect();
        let missing: Vec<&str> = wanted.difference(&there).copied().collect();
        let mut state = IndexState {
            owner,
            album,
            terms: wanted.iter().map(|&term| term.to_owned()).collect(),
            dropped: Vec::new(),
            settled: true,
        };
        // Besides the postings: the record, and the place on the list.
        let fits = missing.len() + surplus.len() + 2 <= self.room();
        if fits {
            for term in missing {
                self.put(&keys::posting(owner, term, state.target(), id), &Marker {})?;
            }
            for term in surplus {
                self.delete(&keys::posting(owner, term, state.target(), id));
            }
            if known.is_some_and(|known| !known.settled) {
                self.delete(&keys::unsettled(id));
            }
        } else {
            state.dropped = surplus.into_iter().map(str::to_owned).collect();
            state.settled = false;
            self.put(&keys::unsettled(id), &Marker {})?;
        }
        self.put(&slot, &state)?;
        Ok(!fits)
    }
}

impl<E: Engine> ItemStore<E> {
    /// Brings the postings of an album or photo to what is wanted, if they are not.
    pub(crate) async fn settle(&self, id: Uuid) -> Result<(), StoreError> {
        let slot = keys::index(id);
        let mut attempts = Attempts::new();
        loop {
            let item = self.engine.get(&[slot.key().clone()]).await?.pop();
            let state: Option<IndexState> = item.as_ref().map(|item| E::decode(&item.body)).transpose()?;
            let outcome = match item.zip(state.filter(|state| !state.settled)) {
                Some((item, state)) => self.settle_as(id, &item, state).await?,
                None => self.take_off_the_list(id).await?,
            };
            if outcome == Outcome::Done {
                return Ok(());
            }
            // The text has changed meanwhile. Whoever changed it settles it too, or is waited for
            // here.
            attempts.again().await?;
        }
    }

    /// Takes something off the list of the unsettled that has nothing to settle: it is settled, or
    /// its index is gone because a purge has died before it removed the mark, too.
    async fn take_off_the_list(&self, id: Uuid) -> Result<Outcome, StoreError> {
        let (slot, mark) = (keys::index(id), keys::unsettled(id));
        let mut unit = Unit::new(&*self.engine);
        unit.load([slot.key().clone(), mark.key().clone()]).await?;
        if unit.seen(&slot)?.is_some_and(|state| !state.settled) {
            return Ok(Outcome::Refused);
        }
        unit.rely(&slot);
        unit.delete(&mark);
        unit.commit().await
    }

    async fn settle_as(
        &self,
        id: Uuid,
        item: &Item<E::Body>,
        mut state: IndexState,
    ) -> Result<Outcome, StoreError> {
        let slot = keys::index(id);
        let (owner, target) = (state.owner, state.target());
        let postings: Vec<(String, bool)> = state
            .terms
            .iter()
            .map(|term| (term.clone(), true))
            .chain(state.dropped.drain(..).map(|term| (term, false)))
            .collect();
        state.settled = true;
        let mut parts = postings.chunks(E::MAX_WRITES - 2).peekable();
        while let Some(part) = parts.next() {
            let mut unit = Unit::new(&*self.engine);
            unit.take(item.clone());
            for (term, wanted) in part {
                let posting = keys::posting(owner, term, target, id);
                if *wanted {
                    unit.put(&posting, &Marker {})?;
                } else {
                    unit.delete(&posting);
                }
            }
            if parts.peek().is_none() {
                unit.put(&slot, &state)?;
                unit.delete(&keys::unsettled(id));
            } else {
                unit.rely(&slot);
            }
            if unit.commit().await? == Outcome::Refused {
                return Ok(Outcome::Refused);
            }
        }
        Ok(Outcome::Done)
    }

    /// Settles what a crash has left unsettled, up to so many; returns how many. None of them is on
    /// the list then.
    pub(crate) async fn settle_left_over(&self, limit: u32) -> Result<u64, StoreError> {
        let left = self.engine.query(&keys::list("unsettled").limit(limit as usize)).await?;
        for item in &left {
            match keys::id_in(&item.key) {
                Some(id) => self.settle(id).await?,
                None => return Err(unreadable("place on the list of the unsettled")("no id")),
            }
        }
        Ok(left.len() as u64)
    }

    /// Removes the postings of something that is marked as deleting, or lies under such a mark:
    /// nobody can change its text any more, and nobody who began to before can write another
    /// posting.
    pub(crate) async fn drop_postings(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::index(*id).into_key()).collect();
        let mut postings = Vec::new();
        for item in self.engine.get(&keys).await? {
            let Some(id) = keys::id_in_partition(&item.key) else { continue };
            let mut state: IndexState = E::decode(&item.body)?;
            if !state.settled {
                state = self.freeze(id).await?;
            }
            postings.extend(state.postings(id));
        }
        self.engine.delete(&postings).await
    }

    /// Writes the record anew, so that whoever is settling it is refused.
    async fn freeze(&self, id: Uuid) -> Result<IndexState, StoreError> {
        let slot = keys::index(id);
        Ok(crate::unit::unit_of_work!(self, |unit| {
            let state = unit.found(&slot).await?;
            unit.put(&slot, &state)?;
            state
        }))
    }
}
