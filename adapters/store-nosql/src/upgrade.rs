//! From older formats to this one: which writes that takes, whatever the engine. Each engine makes
//! them when it opens such a store, in units that are bounded. Doing it again changes nothing, and
//! whoever was killed in between goes on. Tested in `tests/it/release_before.rs` and by both
//! engines' tests.
//!
//! Until format 2, a registration was an account that waited for its confirmation. Until format 3,
//! the lists of [`UNDIVIDED`] had one part, and a job no shard.

use gallery_core::ports::StoreError;
use gallery_core::values::{JobId, PhotoId, Timestamp, UserId};

use crate::keys;
use crate::records::{EmailClaim, Marker, QueueEntry, RegistrationRecord, StoredJob, UserHead};
use crate::slot::{Record, Slot};
use crate::table::{Change, Condition, Engine, Item, Key, Range, Write};

/// Where the accounts are that waited for their confirmation; registrations were in the same list.
pub(crate) fn unconfirmed() -> Range {
    keys::list("unconfirmed")
}

/// What has to be read of an entry of that list, beside what its account's head leads to.
pub(crate) fn subject_of(entry: &Key) -> Option<[Key; 2]> {
    let id = UserId::from_uuid(keys::id_in(entry)?);
    Some([keys::user(id).into_key(), keys::registration(id).into_key()])
}

/// The place of the claim of the address of an account that waits for its confirmation. `None` when
/// `found`, which is what [`subject_of`] an entry is there, is none.
pub(crate) fn claim_of<E: Engine>(found: &[Item<E::Body>]) -> Result<Option<Key>, StoreError> {
    let pending = pending_head::<E>(found)?;
    let address = pending.and_then(|(_, head)| head.address());
    Ok(address.map(|address| keys::email(address.key()).into_key()))
}

/// The writes that make a registration of the account that an entry is about; none when there is
/// nothing to do.
pub(crate) fn to_registration<E: Engine>(
    entry: &Key,
    found: &[Item<E::Body>],
    claim: Option<&Item<E::Body>>,
) -> Result<Vec<Write<E::Body>>, StoreError> {
    let Some(id) = keys::id_in(entry).map(UserId::from_uuid) else { return Ok(Vec::new()) };
    let is_registered = found.iter().any(|item| item.key == *keys::registration(id).key());
    let pending = pending_head::<E>(found)?;
    let Some((item, head)) = pending.filter(|_| !is_registered) else {
        // An entry of nothing.
        let stale = !is_registered;
        return Ok(if stale { vec![removal(entry.clone(), Condition::Always)] } else { Vec::new() });
    };
    let Some(address) = head.address() else { return Ok(Vec::new()) };
    let registration = RegistrationRecord {
        email: address.typed().to_owned(),
        email_key: address.key().as_str().to_owned(),
        name: head.name,
        language: head.language,
        password_hash: head.password_hash,
        created_at: head.created_at,
        quota_bytes: head.usage.quota_bytes,
    };
    let mut writes = vec![removal(item.key.clone(), Condition::Unchanged(item.revision))];
    if let Some(claim) = claim
        && E::decode::<EmailClaim>(&claim.body)?.user == id
    {
        writes.push(removal(claim.key.clone(), Condition::Unchanged(claim.revision)));
    }
    let place = keys::registration(id);
    writes.push(addition::<E, _>(&place, &registration, Condition::Absent)?);
    writes.push(addition::<E, _>(&keys::waiting(address.key(), id), &Marker {}, Condition::Always)?);
    Ok(writes)
}

/// The first format that has registrations.
pub(crate) const WITH_REGISTRATIONS: u64 = 3;

/// The lists that were in one part. A job's own item leads to its place in the queue, so those
/// come first; a place that is left then leads nowhere.
pub(crate) const UNDIVIDED: [&str; 4] = ["job", "queue", "upload", "unconfirmed"];

/// Up to `limit` entries of such a list.
pub(crate) fn undivided(list: &'static str, limit: usize) -> Range {
    keys::list(list).limit(limit)
}

/// What has to be read beside entries of this list: the places of jobs in the queue.
pub(crate) fn places_of<E: Engine>(
    list: &'static str,
    entries: &[Item<E::Body>],
) -> Result<Vec<Key>, StoreError> {
    let jobs = entries.iter().filter(|_| list == "job");
    jobs.map(|entry| Ok(place_in_queue(entry, E::decode::<StoredJob>(&entry.body)?.due_at))).collect()
}

fn place_in_queue<B>(job: &Item<B>, due_at: Timestamp) -> Key {
    let sort = format!("{}#{}", keys::ordered(due_at), job.key.sort);
    Key { sort, partition: "queue".to_owned(), ..job.key.clone() }
}

/// The writes that move entries of a list to where they belong now, four for each at most. `found`
/// is what [`places_of`] them is there.
pub(crate) fn divided<E: Engine>(
    list: &'static str,
    entries: &[Item<E::Body>],
    found: &[Item<E::Body>],
) -> Result<Vec<Write<E::Body>>, StoreError> {
    let mut writes = Vec::new();
    for entry in entries {
        writes.push(removal(entry.key.clone(), Condition::Unchanged(entry.revision)));
        let Some(id) = keys::id_in(&entry.key) else { continue };
        match (list, keys::instant_in(&entry.key)) {
            ("job", _) => {
                let mut job: StoredJob = E::decode(&entry.body)?;
                let queue = job.queue()?;
                job.shard = Some(queue.shard.number());
                let (id, place) = (JobId::from_uuid(id), place_in_queue(entry, job.due_at));
                writes.push(addition::<E, _>(&keys::job(id), &job, Condition::Absent)?);
                if let Some(place) = found.iter().find(|item| item.key == place) {
                    writes.push(removal(place.key.clone(), Condition::Unchanged(place.revision)));
                    let waits = QueueEntry { leased_until: job.leased_until };
                    let new = keys::queued(queue, job.due_at, id);
                    writes.push(addition::<E, _>(&new, &waits, Condition::Always)?);
                }
            }
            ("upload", Some(at)) => {
                let new = keys::upload(at, PhotoId::from_uuid(id));
                writes.push(addition::<E, _>(&new, &Marker {}, Condition::Always)?);
            }
            ("unconfirmed", Some(at)) => {
                let new = keys::unconfirmed(at, UserId::from_uuid(id));
                writes.push(addition::<E, _>(&new, &Marker {}, Condition::Always)?);
            }
            // A place of a job that is gone.
            _ => {}
        }
    }
    Ok(writes)
}

/// An account's head, as it is stored and as it reads.
type StoredHead<'a, B> = (&'a Item<B>, UserHead);

/// The head of an account that waits for its confirmation.
fn pending_head<E: Engine>(found: &[Item<E::Body>]) -> Result<Option<StoredHead<'_, E::Body>>, StoreError> {
    let Some(item) = found.iter().find(|item| item.key.sort == keys::HEAD) else { return Ok(None) };
    let head: UserHead = E::decode(&item.body)?;
    Ok((head.confirmed_at.is_none() && !head.deleting).then_some((item, head)))
}

fn removal<B>(key: Key, condition: Condition) -> Write<B> {
    Write { key, condition, change: Change::Delete }
}

fn addition<E: Engine, R: Record>(
    slot: &Slot<R>,
    record: &R,
    condition: Condition,
) -> Result<Write<E::Body>, StoreError> {
    let change = Change::Put { body: E::encode(record)?, kind: R::KIND, expires_at: record.expires_at() };
    Ok(Write { key: slot.key().clone(), condition, change })
}

/// A store of format 3, for the tests of the engines.
#[cfg(test)]
pub(crate) mod before {
    use std::sync::Arc;

    use gallery_core::model::{JobKind, NewJob};
    use gallery_core::ports::{Jobs as _, SharedStore};
    use uuid::Uuid;

    use super::*;
    use crate::store::ItemStore;
    use crate::table::Table;

    /// So many jobs, of which one in ten is parked, uploads and registrations.
    pub(crate) const COUNT: u128 = 130;

    fn owner(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(7 * number))
    }

    /// What format 3 had of them, and a place in the queue that leads nowhere.
    pub(crate) fn writes<E: Engine>() -> Vec<Write<E::Body>> {
        let place =
            |partition: &str, sort: String| Slot::<Marker>::new(Table::User, partition, sort).into_key();
        let (mut writes, waits) = (Vec::new(), QueueEntry { leased_until: None });
        for number in 0..COUNT {
            let (id, at) = (Uuid::from_u128(number), Timestamp::from_millis(1_000));
            let kind = JobKind::PurgePhoto { photo: PhotoId::from_uuid(id), owner: owner(number) };
            let fresh = StoredJob::fresh(&NewJob::new(JobId::from_uuid(id), kind, at)).unwrap();
            let old = StoredJob { shard: None, parked: number % 10 == 0, ..fresh };
            let sort = format!("{}#{id}", keys::ordered(at));
            let job = Slot::of(place("job", id.to_string()));
            writes.push(addition::<E, _>(&job, &old, Condition::Absent).unwrap());
            if !old.parked {
                let queued = Slot::of(place("queue", sort.clone()));
                writes.push(addition::<E, _>(&queued, &waits, Condition::Absent).unwrap());
            }
            for list in ["upload", "unconfirmed"] {
                let listed = Slot::of(place(list, sort.clone()));
                writes.push(addition::<E, _>(&listed, &Marker {}, Condition::Absent).unwrap());
            }
        }
        let nowhere = format!("{}#{}", keys::ordered(Timestamp::from_millis(5)), Uuid::max());
        let nowhere = Slot::of(place("queue", nowhere));
        writes.push(addition::<E, _>(&nowhere, &waits, Condition::Absent).unwrap());
        writes
    }

    /// All of it is where it belongs now, and nothing anywhere else.
    pub(crate) async fn assert_divided<E: Engine>(store: &ItemStore<E>) {
        for list in UNDIVIDED {
            assert!(store.engine.query(&undivided(list, 10)).await.unwrap().is_empty(), "{list}");
        }
        for list in ["job", "upload", "unconfirmed"] {
            let mut there = 0;
            for part in keys::parts(list) {
                there += store.engine.query(&part).await.unwrap().len() as u128;
            }
            assert_eq!(there, COUNT, "{list}");
        }
        let shared: SharedStore = Arc::new(store.clone());
        let jobs = shared.jobs(None, u32::MAX).await.unwrap();
        assert_eq!(jobs.len() as u128, COUNT);
        for (job, number) in jobs.iter().zip(0..) {
            assert_eq!(job.id.uuid(), Uuid::from_u128(number));
            assert_eq!(job.shard, job.kind.cause().shard());
            let placed = keys::queued(job.queue(), job.due_at, job.id).into_key();
            let waits = store.engine.get(&[placed]).await.unwrap().len() == 1;
            assert_eq!(waits, !job.parked);
        }
        let now = Timestamp::from_millis(2_000);
        let due = store.due_queues(now).await.unwrap();
        assert_eq!(due.len(), 16, "purges of every shard: {due:?}");
    }
}
