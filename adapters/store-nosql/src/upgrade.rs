//! From format 2 to 3: an account that waited for its confirmation becomes a registration. Which
//! writes that takes, whatever the engine; each engine makes them when it opens such a store. Doing
//! it again changes nothing. Tested in `tests/it/release_before.rs` and by both engines' tests.

use gallery_core::ports::StoreError;
use gallery_core::values::UserId;

use crate::keys;
use crate::records::{EmailClaim, Marker, RegistrationRecord, UserHead};
use crate::slot::{Record, Slot};
use crate::table::{Change, Condition, Engine, Item, Key, Range, Write};

/// Where the accounts are that waited for their confirmation; registrations are in the same list.
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
