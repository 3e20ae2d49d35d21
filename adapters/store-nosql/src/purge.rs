//! What a purge removes for good: items under a mark, tallied on the purge's job. What leads to a
//! photo or album goes in one unit with it and with the tally; what only follows from it goes
//! before, in no unit. So a purge that dies finds everything again, and its size never depends on
//! the number of photos.

use gallery_core::model::{Rendition, Tally};
use gallery_core::ports::{Conflict, StoreError};
use gallery_core::values::{AlbumId, IdempotencyKey, JobId, PhotoId, UserId};
use uuid::Uuid;

use crate::keys;
use crate::records::PhotoRecord;
use crate::store::ItemStore;
use crate::table::{Engine, Key};
use crate::unit::{Unit, unit_of_work};

/// Photos that are removed in one unit. Each is four writes at most: the record, its two places,
/// its key.
const PER_UNIT: usize = 20;

impl<E: Engine> ItemStore<E> {
    pub(crate) async fn purge_photos(&self, photos: &[PhotoId], job: JobId) -> Result<(), StoreError> {
        for some in photos.chunks(PER_UNIT) {
            let marked = self.marked(some).await?;
            let ids: Vec<Uuid> = marked.iter().map(|(id, _)| id.uuid()).collect();
            self.drop_postings(&ids).await?;
            let following: Vec<Key> = marked.iter().flat_map(|(id, record)| following(*id, record)).collect();
            self.engine.delete(&following).await?;
            unit_of_work!(self, |unit| unit.remove_photos(&marked, job).await?);
        }
        Ok(())
    }

    /// Those of these photos that are marked, or whose album or owner is.
    async fn marked(&self, photos: &[PhotoId]) -> Result<Vec<(PhotoId, PhotoRecord)>, StoreError> {
        let mut unit = self.reading();
        unit.load(photos.iter().map(|id| keys::photo(*id).into_key())).await?;
        let mut known: Vec<(PhotoId, PhotoRecord)> = Vec::with_capacity(photos.len());
        for id in photos {
            known.extend(unit.seen(&keys::photo(*id))?.map(|record| (*id, record)));
        }
        let albums = known.iter().map(|(_, record)| keys::album(record.album).into_key());
        let owners = known.iter().map(|(_, record)| keys::user(record.owner).into_key());
        unit.load(albums.chain(owners)).await?;
        let mut marked = Vec::with_capacity(known.len());
        for (id, record) in known {
            let album_is_live = unit.seen(&keys::album(record.album))?.is_some_and(|head| !head.deleting);
            let owner_is_live = unit.seen(&keys::user(record.owner))?.is_some_and(|head| !head.deleting);
            if record.is_marked() || !album_is_live || !owner_is_live {
                marked.push((id, record));
            }
        }
        Ok(marked)
    }

    pub(crate) async fn purge_album(&self, id: AlbumId, job: JobId) -> Result<(), StoreError> {
        let mut unit = self.reading();
        let Some(head) = unit.read(&keys::album(id)).await? else { return Ok(()) };
        let owner_is_live = unit.read(&keys::user(head.owner)).await?.is_some_and(|owner| !owner.deleting);
        if !head.deleting && owner_is_live {
            return Err(StoreError::NotFound);
        }
        // Nothing can be added under a mark, so what is empty stays so.
        let inside = self.engine.query(&keys::in_album(id).limit(2)).await?;
        if inside.iter().any(|item| item.key.sort != keys::HEAD) {
            return Err(StoreError::Conflict(Conflict::NotEmpty));
        }
        self.drop_postings(&[id.uuid()]).await?;
        unit_of_work!(self, |unit| {
            if let Some(head) = unit.read(&keys::album(id)).await? {
                unit.delete(&keys::album(id));
                unit.delete(&keys::listed_album(head.owner, id));
                unit.delete(&keys::index(id.uuid()));
                unit.delete(&keys::unsettled(id.uuid()));
                unit.forget_key(head.owner, head.idempotency_key.as_ref(), id.uuid()).await?;
                unit.tally(job, Tally { albums: 1, ..Tally::default() }).await?;
            }
        });
        Ok(())
    }

    /// Removes what is left of a marked account but for itself and the job that removes it.
    pub(crate) async fn clear_account(&self, id: UserId, job: JobId) -> Result<(), StoreError> {
        self.drop_jobs_of(id, |other, _| other != job).await?;
        // Sessions first: without its session nothing renews a token.
        let ranges = [
            keys::of_user(id).starting_with("session#"),
            keys::of_user(id).starting_with("token#"),
            keys::of_user(id).starting_with("key#"),
            keys::terms_of(id),
            keys::photos_of(id),
        ];
        for range in ranges {
            let keys: Vec<Key> = self.engine.query(&range).await?.into_iter().map(|item| item.key).collect();
            self.engine.delete(&keys).await?;
        }
        Ok(())
    }
}

/// What follows from a photo and does not lead to it.
fn following(id: PhotoId, record: &PhotoRecord) -> Vec<Key> {
    let mut keys = vec![
        keys::upload(record.deadline, id).into_key(),
        keys::index(id.uuid()).into_key(),
        keys::unsettled(id.uuid()).into_key(),
    ];
    if let Some(at) = record.taken_order() {
        keys.push(keys::taken(record.album, at, id).into_key());
        keys.push(keys::uploaded(record.owner, id).into_key());
        keys.push(keys::timeline(record.owner, at, id).into_key());
    }
    keys
}

impl<E: Engine> Unit<'_, E> {
    async fn remove_photos(
        &mut self,
        marked: &[(PhotoId, PhotoRecord)],
        job: JobId,
    ) -> Result<(), StoreError> {
        let used = |(_, record): &(PhotoId, PhotoRecord)| {
            let key: Option<&IdempotencyKey> = record.idempotency_key.as_ref();
            key.map(|key| keys::idempotency(record.owner, key).into_key())
        };
        let records = marked.iter().map(|(id, _)| keys::photo(*id).into_key());
        self.load(records.chain(marked.iter().filter_map(used)).chain([keys::job(job).into_key()])).await?;
        let mut tally = Tally::default();
        for (id, _) in marked {
            let Some(record) = self.seen(&keys::photo(*id))? else { continue };
            self.delete(&keys::photo(*id));
            self.delete(&keys::card(record.album, *id));
            self.delete(&keys::unlisted(record.album, *id));
            self.forget_key(record.owner, record.idempotency_key.as_ref(), id.uuid()).await?;
            // An upload that was never published has no photo to tell of.
            if let Some(bytes) = record.stored_bytes() {
                tally.photos += 1;
                tally.objects += Rendition::ALL.len() as u64;
                tally.bytes += bytes;
            }
        }
        self.tally(job, tally).await
    }

    /// Adds to what a job has removed, while there is the job.
    async fn tally(&mut self, job: JobId, removed: Tally) -> Result<(), StoreError> {
        let slot = keys::job(job);
        if let Some(mut known) = self.read(&slot).await?.filter(|_| removed != Tally::default()) {
            let Tally { albums, photos, objects, bytes } = &mut known.tally;
            *albums += removed.albums;
            *photos += removed.photos;
            *objects += removed.objects;
            *bytes += removed.bytes;
            self.put(&slot, &known)?;
        }
        Ok(())
    }
}
