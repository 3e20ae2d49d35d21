//! The whole store: the port `Audit`. It scans tables; no request does.

use std::collections::BTreeSet;

use async_trait::async_trait;
use gallery_core::ports::{Audit, AuditedAlbum, AuditedPhoto, AuditedUser, StoreError, Stray};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use uuid::Uuid;

use crate::keys;
use crate::records::{AlbumHead, IndexState, KeyRecord, PhotoRecord, StoredJob, TimelineEntry, UserHead};
use crate::store::ItemStore;
use crate::table::{Engine, Item, Key, Scan, Table};

/// Items that are looked at together.
const BATCH_SIZE: usize = 500;

#[async_trait]
impl<E: Engine> Audit for ItemStore<E> {
    async fn audit_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AuditedUser>, StoreError> {
        let after = after.map(|id| keys::user(id).into_key());
        let scan = Scan { table: Table::User, sort: Some(keys::HEAD), after, limit: limit as usize };
        let mut users = Vec::new();
        for item in self.engine.scan(&scan).await? {
            let Ok(id) = Uuid::parse_str(&item.key.partition) else { continue };
            users.push(E::decode::<UserHead>(&item.body)?.audited(UserId::from_uuid(id)));
        }
        Ok(users)
    }

    async fn audit_albums(
        &self,
        after: Option<AlbumId>,
        limit: u32,
    ) -> Result<Vec<AuditedAlbum>, StoreError> {
        let after = after.map(|id| keys::album(id).into_key());
        let scan = Scan { table: Table::Gallery, sort: Some(keys::HEAD), after, limit: limit as usize };
        let mut albums = Vec::new();
        for item in self.engine.scan(&scan).await? {
            let Ok(id) = Uuid::parse_str(&item.key.partition) else { continue };
            let head: AlbumHead = E::decode(&item.body)?;
            albums.push(AuditedAlbum {
                id: AlbumId::from_uuid(id),
                owner: head.owner,
                deleting: head.deleting,
                photo_count: head.photo_count,
                cover: head.cover,
                terms: head.terms(),
                postings: self.postings_of(id).await?,
            });
        }
        Ok(albums)
    }

    async fn audit_photos(
        &self,
        after: Option<PhotoId>,
        limit: u32,
    ) -> Result<Vec<AuditedPhoto>, StoreError> {
        let after = after.map(|id| keys::photo(id).into_key());
        let scan = Scan { table: Table::Gallery, sort: Some(keys::RECORD), after, limit: limit as usize };
        let mut photos = Vec::new();
        for item in self.engine.scan(&scan).await? {
            let Some(id) = keys::id_in_partition(&item.key) else { continue };
            let record: PhotoRecord = E::decode(&item.body)?;
            photos.push(AuditedPhoto {
                row: record.stored(PhotoId::from_uuid(id)),
                facts: record.facts(),
                postings: self.postings_of(id).await?,
            });
        }
        Ok(photos)
    }

    async fn strays(&self, limit: u32) -> Result<Vec<Stray>, StoreError> {
        let limit = limit as usize;
        let mut strays = Vec::new();
        for table in [Table::Gallery, Table::User] {
            let mut after = None;
            loop {
                let scan = Scan { table, sort: None, after, limit: BATCH_SIZE };
                let items = self.engine.scan(&scan).await?;
                strays.extend(self.strays_of(&items).await?);
                strays.truncate(limit);
                after = items.last().map(|item| item.key.clone());
                if items.len() < BATCH_SIZE || strays.len() == limit {
                    break;
                }
            }
        }
        Ok(strays)
    }
}

impl<E: Engine> ItemStore<E> {
    /// The postings of an album or photo that are there.
    async fn postings_of(&self, id: Uuid) -> Result<Terms, StoreError> {
        let Some(state) = self.reading().read(&keys::index(id)).await? else { return Ok(Terms::default()) };
        let postings: Vec<Key> = state.postings(id).collect();
        let there = self.engine.get(&postings).await?;
        Ok(there.iter().filter_map(|item| keys::posted_term(&item.key)).collect())
    }

    /// Those of these items whose subject is gone.
    async fn strays_of(&self, items: &[Item<E::Body>]) -> Result<Vec<Stray>, StoreError> {
        let mut claims = Vec::new();
        for item in items {
            claims.extend(claim::<E>(item)?);
        }
        let mut wanted: Vec<Key> = claims.iter().flat_map(|claim| claim.any_of.iter().cloned()).collect();
        wanted.sort();
        wanted.dedup();
        let there = self.engine.get(&wanted).await?;
        let known: BTreeSet<&Key> = there.iter().map(|item| &item.key).collect();
        let mut strays = Vec::new();
        for Claim { kind, about, any_of, term } in claims {
            let subject = any_of.iter().find(|key| known.contains(key));
            let wanted = match (subject, term) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(key), Some(term)) => there
                    .iter()
                    .find(|item| item.key == *key)
                    .map(|item| E::decode::<IndexState>(&item.body))
                    .transpose()?
                    .is_some_and(|state| {
                        state.terms.iter().chain(&state.dropped).any(|known| *known == term)
                    }),
            };
            if !wanted {
                strays.push(Stray { kind, about: about.to_string() });
            }
        }
        Ok(strays)
    }
}

/// What an item is about, and where that must be.
struct Claim {
    kind: &'static str,
    about: Uuid,
    /// One of these must be there.
    any_of: Vec<Key>,
    /// For a posting: the term that its subject must know.
    term: Option<String>,
}

/// What must be there for this item to have a meaning; `None` for what stands alone.
fn claim<E: Engine>(item: &Item<E::Body>) -> Result<Option<Claim>, StoreError> {
    let key = &item.key;
    let claim = |kind, about, any_of: Vec<Key>| Some(Claim { kind, about, any_of, term: None });
    let photo = |id| keys::photo(PhotoId::from_uuid(id)).into_key();
    let album = |id| keys::album(AlbumId::from_uuid(id)).into_key();
    let user = |id| keys::user(UserId::from_uuid(id)).into_key();
    let (list, class) = (key.partition.split('#').next().unwrap_or_default(), key.sort.split('#').next());
    let partition = Uuid::parse_str(&key.partition).ok();
    Ok(match (key.table, list, class.unwrap_or_default(), partition, keys::id_in(key)) {
        (Table::Gallery, "index", ..) => {
            keys::id_in_partition(key).and_then(|id| claim("posting", id, vec![photo(id), album(id)]))
        }
        (Table::Gallery, "photo", ..) => {
            let album_id = E::decode::<PhotoRecord>(&item.body)?.album.uuid();
            claim("photo", album_id, vec![album(album_id)])
        }
        (Table::Gallery, _, keys::HEAD, Some(_), _) => {
            let owner = E::decode::<AlbumHead>(&item.body)?.owner.uuid();
            claim("album", owner, vec![user(owner)])
        }
        (Table::Gallery, .., Some(_), Some(id)) | (Table::User, "upload", .., Some(id)) => {
            claim("list entry", id, vec![photo(id)])
        }
        (Table::User, "terms", ..) => posting_claim(key),
        (Table::User, "photos", .., Some(id)) => {
            E::decode::<TimelineEntry>(&item.body)?;
            claim("list entry", id, vec![photo(id)])
        }
        (Table::User, "job", .., Some(_)) => {
            let about = E::decode::<StoredJob>(&item.body)?.kind()?.user();
            about.and_then(|id| {
                claim("job", id.uuid(), vec![user(id.uuid()), keys::registration(id).into_key()])
            })
        }
        (Table::User, "queue", .., Some(id)) => {
            claim("job", id, vec![keys::job(gallery_core::values::JobId::from_uuid(id)).into_key()])
        }
        (Table::User, "unconfirmed", .., Some(id)) | (Table::User, "email", "registration", _, Some(id)) => {
            claim("list entry", id, vec![keys::registration(UserId::from_uuid(id)).into_key()])
        }
        (Table::User, "unsettled", .., Some(id)) => claim("list entry", id, vec![keys::index(id).into_key()]),
        (Table::User, _, "session", Some(id), _) => claim("session", id, vec![user(id)]),
        (Table::User, _, "token", Some(id), _) => claim("token", id, vec![user(id)]),
        (Table::User, _, "album", Some(_), Some(id)) => claim("list entry", id, vec![album(id)]),
        (Table::User, _, "job", Some(_), Some(id)) => {
            claim("list entry", id, vec![keys::job(gallery_core::values::JobId::from_uuid(id)).into_key()])
        }
        (Table::User, _, "key", Some(_), _) => {
            let id = E::decode::<KeyRecord>(&item.body)?.resource;
            claim("idempotency record", id, vec![photo(id), album(id)])
        }
        _ => None,
    })
}

fn posting_claim(key: &Key) -> Option<Claim> {
    let target = [keys::Target::Photo, keys::Target::Album];
    let about = target.into_iter().find_map(|target| keys::posted(key, target))?;
    let term = keys::posted_term(key);
    Some(Claim { kind: "posting", about, any_of: vec![keys::index(about).into_key()], term })
}
