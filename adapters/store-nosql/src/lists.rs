//! Pages of photos and albums, in the order of their lists. An entry of a list that is not the
//! photo itself is checked against the photo before it is shown.

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::values::{AlbumId, Cursor, Page, PageRequest, PhotoId, UserId};

use crate::keys;
use crate::records::{PhotoCard, TimelineEntry};
use crate::store::ItemStore;
use crate::table::{Engine, Item, Range};
use crate::unit::Unit;

/// How many entries are looked at besides those that fill a page, in case some lead nowhere.
const SPARE: usize = 1;

impl<E: Engine> ItemStore<E> {
    /// One query: on the first page it answers the album's head too, which sorts behind the last
    /// photo. The owner is read at the same time.
    pub(crate) async fn album_by_upload(
        &self,
        owner: UserId,
        album: AlbumId,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let range = keys::in_album(album).descending();
        let wanted = page.limit() as usize + SPARE;
        let mut unit = self.reading();
        let mut heads = vec![keys::user(owner).into_key()];
        let range = match page.after() {
            None => range.up_to(keys::HEAD).limit(wanted + 1),
            Some(after) => {
                heads.push(keys::album(album).into_key());
                range.below(after.id.to_string()).limit(wanted)
            }
        };
        let (items, loaded) = tokio::join!(self.engine.query(&range), unit.load(heads));
        loaded?;
        let mut photos = Vec::with_capacity(wanted);
        for item in items? {
            if item.key.sort == keys::HEAD {
                unit.take(item);
            } else {
                photos.extend(card_of::<E>(&item, album)?);
            }
        }
        // Loaded already, but for an album that is not there.
        unit.own_album(owner, album).await?;
        Ok(Page::cut(photos, page, position(PhotoSort::Uploaded)))
    }

    /// One query for the order, and the cards of a page at once.
    pub(crate) async fn album_by_taken(
        &self,
        owner: UserId,
        album: AlbumId,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let mut unit = self.reading();
        let heads = [keys::user(owner).into_key(), keys::album(album).into_key()];
        let range = ordered_from(keys::in_album(album).starting_with("taken#"), page);
        let (first, loaded) = tokio::join!(self.engine.query(&range), unit.load(heads));
        loaded?;
        unit.own_album(owner, album).await?;
        self.fill(owner, PhotoSort::Taken, page, range, first?, |_| Ok(album)).await
    }

    /// An owner's photos over all albums.
    pub(crate) async fn timeline(
        &self,
        owner: UserId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let range = match (sort, page.after()) {
            (PhotoSort::Taken, _) => ordered_from(keys::photos_of(owner).starting_with("taken#"), page),
            // Ids sort before `taken#`.
            (PhotoSort::Uploaded, None) => keys::photos_of(owner).below("taken#"),
            (PhotoSort::Uploaded, Some(after)) => keys::photos_of(owner).below(after.id.to_string()),
        };
        let range = range.descending().limit(page.limit() as usize + SPARE);
        let first = self.engine.query(&range).await?;
        let album = |item: &Item<E::Body>| Ok(E::decode::<TimelineEntry>(&item.body)?.album);
        self.fill(owner, sort, page, range, first, album).await
    }

    /// Turns entries into photos until the page is full or the list ends.
    async fn fill(
        &self,
        owner: UserId,
        sort: PhotoSort,
        page: &PageRequest,
        mut range: Range,
        mut entries: Vec<Item<E::Body>>,
        album: impl Fn(&Item<E::Body>) -> Result<AlbumId, StoreError> + Send + Sync,
    ) -> Result<Page<Photo>, StoreError> {
        let wanted = page.limit() as usize + SPARE;
        let mut photos = Vec::with_capacity(wanted);
        loop {
            let last =
                entries.last().map(|item| item.key.sort.clone()).filter(|_| entries.len() == range.limit);
            let mut places = Vec::with_capacity(entries.len());
            for item in &entries {
                let Some(id) = keys::id_in(&item.key).map(PhotoId::from_uuid) else { continue };
                places.push((id, album(item)?, keys::instant_in(&item.key)));
            }
            for photo in self.live_photos(owner, places.iter().map(|(id, album, _)| (*id, *album))).await? {
                // An entry of a time that the photo no longer has is not the photo's.
                let entry = places.iter().find(|(id, ..)| *id == photo.id).and_then(|(.., at)| *at);
                if entry.is_none_or(|at| at == photo.taken_order()) {
                    photos.push(photo);
                }
            }
            match last.filter(|_| photos.len() < wanted) {
                Some(last) => {
                    range = range.below(last);
                    entries = self.engine.query(&range).await?;
                }
                None => return Ok(Page::cut(photos, page, position(sort))),
            }
        }
    }

    /// Those of these photos that are live and in the album they are looked for in, in the same
    /// order.
    pub(crate) async fn live_photos(
        &self,
        owner: UserId,
        places: impl Iterator<Item = (PhotoId, AlbumId)>,
    ) -> Result<Vec<Photo>, StoreError> {
        let places: Vec<(PhotoId, AlbumId)> = places.collect();
        let mut unit = self.reading();
        let cards = places.iter().map(|(id, album)| keys::card(*album, *id).into_key());
        let albums = places.iter().map(|(_, album)| keys::album(*album).into_key());
        unit.load(cards.chain(albums).chain([keys::user(owner).into_key()])).await?;
        if unit.seen(&keys::user(owner))?.is_none_or(|user| user.deleting) {
            return Ok(Vec::new());
        }
        let mut photos = Vec::with_capacity(places.len());
        for (id, album) in places {
            let in_live_album = unit.seen(&keys::album(album))?.is_some_and(|head| !head.deleting);
            if let Some(card) = unit.seen(&keys::card(album, id))?.filter(|_| in_live_album) {
                photos.push(card.photo(id, album));
            }
        }
        Ok(photos)
    }

    /// An owner's albums.
    pub(crate) async fn listed_albums(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let wanted = page.limit() as usize + SPARE;
        let mut range = keys::of_user(owner).starting_with("album#").descending().limit(wanted);
        if let Some(after) = page.after() {
            range = range.below(format!("album#{}", after.id));
        }
        let mut albums = Vec::with_capacity(wanted);
        loop {
            let entries = self.engine.query(&range).await?;
            let ids: Vec<AlbumId> =
                entries.iter().filter_map(|item| keys::id_in(&item.key)).map(AlbumId::from_uuid).collect();
            albums.extend(self.live_albums(owner, ids).await?);
            match entries.last().filter(|_| entries.len() == range.limit && albums.len() < wanted) {
                Some(last) => range = range.below(last.key.sort.clone()),
                None => return Ok(Page::cut(albums, page, album_position)),
            }
        }
    }

    /// Those of these albums that are live and this owner's, in the same order.
    pub(crate) async fn live_albums(
        &self,
        owner: UserId,
        ids: Vec<AlbumId>,
    ) -> Result<Vec<Album>, StoreError> {
        let mut unit: Unit<'_, E> = self.reading();
        let heads = ids.iter().map(|id| keys::album(*id).into_key());
        unit.load(heads.chain([keys::user(owner).into_key()])).await?;
        if unit.seen(&keys::user(owner))?.is_none_or(|user| user.deleting) {
            return Ok(Vec::new());
        }
        let mut albums = Vec::with_capacity(ids.len());
        for id in ids {
            let head = unit.seen(&keys::album(id))?.filter(|head| !head.deleting && head.owner == owner);
            albums.extend(head.map(|head| head.album(id)));
        }
        Ok(albums)
    }
}

/// The part of a list of `taken#…` entries that a page starts with.
fn ordered_from(range: Range, page: &PageRequest) -> Range {
    let range = match page.after() {
        None => range,
        Some(Cursor { order, id }) => {
            let at = gallery_core::values::Timestamp::from_millis(order);
            range.below(format!("taken#{}#{id}", keys::ordered(at)))
        }
    };
    range.descending().limit(page.limit() as usize + SPARE)
}

fn card_of<E: Engine>(item: &Item<E::Body>, album: AlbumId) -> Result<Option<Photo>, StoreError> {
    let Some(id) = keys::id_in(&item.key).map(PhotoId::from_uuid) else { return Ok(None) };
    Ok(Some(E::decode::<PhotoCard>(&item.body)?.photo(id, album)))
}

/// Where a photo stands in a list.
pub(crate) fn position(sort: PhotoSort) -> impl Fn(&Photo) -> Cursor {
    move |photo| match sort {
        PhotoSort::Uploaded => Cursor { order: 0, id: photo.id.uuid() },
        PhotoSort::Taken => Cursor { order: photo.taken_order().millis(), id: photo.id.uuid() },
    }
}

/// Where an album stands in a list.
pub(crate) fn album_position(album: &Album) -> Cursor {
    Cursor { order: 0, id: album.id.uuid() }
}
