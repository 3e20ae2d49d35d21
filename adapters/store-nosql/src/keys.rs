//! The key design: where every kind of item is. `docs/dynamodb.md` has the same as a table, with
//! what each costs.
//!
//! Partition keys that are not an id have a prefix that no id has. Sort keys are compared byte by
//! byte, in the same way by both engines. A [`Slot`] remembers which kind of item lies under its
//! key. Not here is the one item that the engine on DynamoDB has for itself: `format` in
//! `PhotoGalleryUser`. Tested here.

use std::ops::Bound;

use gallery_core::model::JobQueue;
use gallery_core::search::after_prefix;
use gallery_core::values::{
    AddressHash, AlbumId, ContentHash, EmailKey, IdempotencyKey, JobId, PhotoId, SessionId, Shard, Timestamp,
    TokenHash, UserId,
};
use uuid::Uuid;

use crate::records::{
    AlbumHead, Counter, EmailClaim, IndexState, KeyRecord, Listed, Marker, PhotoCard, PhotoRecord,
    QueueEntry, QueueHints, RegistrationRecord, SessionRecord, StoredJob, Suppressed, TimelineEntry,
    TokenRecord, UnlistedPhoto, UpgradeRecord, UserHead, UserJob,
};
use crate::slot::Slot;
use crate::table::{Key, Range, Table};

/// The sort key of the item that a partition is about. In an album it sorts behind every photo id.
pub(crate) const HEAD: &str = "head";
/// The sort key of a photo's own record.
pub(crate) const RECORD: &str = "record";

// Table PhotoGallery

/// An album.
pub(crate) fn album(id: AlbumId) -> Slot<AlbumHead> {
    Slot::new(Table::Gallery, id.to_string(), HEAD)
}

/// A ready photo as its album's list shows it.
pub(crate) fn card(album: AlbumId, photo: PhotoId) -> Slot<PhotoCard> {
    Slot::new(Table::Gallery, album.to_string(), photo.to_string())
}

/// A ready photo's place in its album by the time it was taken.
pub(crate) fn taken(album: AlbumId, at: Timestamp, photo: PhotoId) -> Slot<Marker> {
    Slot::new(Table::Gallery, album.to_string(), format!("taken#{}#{photo}", ordered(at)))
}

/// A photo of an album that no list shows: pending, or marked as deleting.
pub(crate) fn unlisted(album: AlbumId, photo: PhotoId) -> Slot<UnlistedPhoto> {
    Slot::new(Table::Gallery, album.to_string(), format!("unlisted#{photo}"))
}

/// A photo in any state, with everything known of it.
pub(crate) fn photo(id: PhotoId) -> Slot<PhotoRecord> {
    Slot::new(Table::Gallery, format!("photo#{id}"), RECORD)
}

/// What search knows of an album or photo.
pub(crate) fn index(target: Uuid) -> Slot<IndexState> {
    Slot::new(Table::Gallery, format!("index#{target}"), "index")
}

// Table PhotoGalleryUser

/// An account.
pub(crate) fn user(id: UserId) -> Slot<UserHead> {
    Slot::new(Table::User, id.to_string(), HEAD)
}

/// Who has this address. It is what makes addresses unique.
pub(crate) fn email(key: &EmailKey) -> Slot<EmailClaim> {
    Slot::new(Table::User, format!("email#{}", key.as_str()), "email")
}

/// A sign-up that waits for its confirmation.
pub(crate) fn registration(id: UserId) -> Slot<RegistrationRecord> {
    Slot::new(Table::User, format!("registration#{id}"), "registration")
}

/// A sign-up among those that wait for an address.
pub(crate) fn waiting(key: &EmailKey, id: UserId) -> Slot<Marker> {
    Slot::new(Table::User, format!("email#{}", key.as_str()), format!("registration#{id}"))
}

/// A log-in.
pub(crate) fn session(user: UserId, id: SessionId) -> Slot<SessionRecord> {
    Slot::new(Table::User, user.to_string(), format!("session#{id}"))
}

/// A token of a log-in.
pub(crate) fn token(user: UserId, hash: &TokenHash) -> Slot<TokenRecord> {
    Slot::new(Table::User, user.to_string(), format!("token#{}", hash.hex()))
}

/// An album in its owner's list.
pub(crate) fn listed_album(owner: UserId, album: AlbumId) -> Slot<Listed> {
    Slot::new(Table::User, owner.to_string(), format!("album#{album}"))
}

/// What an account has used an `Idempotency-Key` for.
pub(crate) fn idempotency(owner: UserId, key: &IdempotencyKey) -> Slot<KeyRecord> {
    Slot::new(Table::User, owner.to_string(), format!("key#{}", key.as_str()))
}

/// A job that is about an account.
pub(crate) fn user_job(user: UserId, job: JobId) -> Slot<UserJob> {
    Slot::new(Table::User, user.to_string(), format!("job#{job}"))
}

/// A photo in its owner's list, by upload.
pub(crate) fn uploaded(owner: UserId, photo: PhotoId) -> Slot<TimelineEntry> {
    Slot::new(Table::User, format!("photos#{owner}"), photo.to_string())
}

/// A photo in its owner's list, by the time it was taken.
pub(crate) fn timeline(owner: UserId, at: Timestamp, photo: PhotoId) -> Slot<TimelineEntry> {
    Slot::new(Table::User, format!("photos#{owner}"), format!("taken#{}#{photo}", ordered(at)))
}

/// A sign-up that waits for its confirmation, by age. Until format 2 it was an account.
pub(crate) fn unconfirmed(created_at: Timestamp, user: UserId) -> Slot<Marker> {
    let place = format!("{}#{user}", ordered(created_at));
    Slot::new(Table::User, part_of("unconfirmed", user.uuid()), place)
}

/// An upload under way.
pub(crate) fn upload(deadline: Timestamp, photo: PhotoId) -> Slot<Marker> {
    Slot::new(Table::User, part_of("upload", photo.uuid()), format!("{}#{photo}", ordered(deadline)))
}

/// An album or photo whose postings a process is changing, or has died changing.
pub(crate) fn unsettled(target: Uuid) -> Slot<Marker> {
    Slot::new(Table::User, "unsettled", target.to_string())
}

/// A job.
pub(crate) fn job(id: JobId) -> Slot<StoredJob> {
    Slot::new(Table::User, part_of("job", id.uuid()), id.to_string())
}

/// A job's place in its queue.
pub(crate) fn queued(queue: JobQueue, due_at: Timestamp, job: JobId) -> Slot<QueueEntry> {
    Slot::new(Table::User, partition_of(queue), format!("{}#{job}", ordered(due_at)))
}

/// The queues that may have work.
pub(crate) fn queue_hints() -> Slot<QueueHints> {
    Slot::new(Table::User, "hint", "queues")
}

fn partition_of(queue: JobQueue) -> String {
    format!("queue#{}#{}", queue.class.name(), queue.shard)
}

/// The part of a list that this id is in: a partition takes 1,000 writes a second, a list sixteen
/// times as many.
fn part_of(list: &str, id: Uuid) -> String {
    part(list, Shard::of(id.as_bytes()))
}

fn part(list: &str, shard: Shard) -> String {
    format!("{list}#{shard}")
}

/// A counter against abuse.
pub(crate) fn counter(name: &ContentHash) -> Slot<Counter> {
    Slot::new(Table::User, format!("counter#{}", name.hex()), "counter")
}

/// An address that is not written to.
pub(crate) fn suppression(address: &AddressHash) -> Slot<Suppressed> {
    Slot::new(Table::User, format!("suppressed#{}", address.hex()), "suppression")
}

/// How far an upgrade has come.
pub(crate) fn upgrade(number: u32) -> Slot<UpgradeRecord> {
    Slot::new(Table::User, "upgrade", number.to_string())
}

/// What a posting leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Album,
    Photo,
}

impl Target {
    fn letter(self) -> char {
        match self {
            Self::Album => 'a',
            Self::Photo => 'p',
        }
    }
}

/// A term of an album or photo.
pub(crate) fn posting(owner: UserId, term: &str, target: Target, id: Uuid) -> Slot<Marker> {
    let sort = format!("{}#{}{id}", written(term), target.letter());
    Slot::new(Table::User, format!("terms#{owner}"), sort)
}

/// A term, or the beginning of one, as it is in a sort key: with another character for `#`, which
/// ends it. No term contains that character.
fn written(term: &str) -> String {
    term.replace('#', HASH)
}

const HASH: &str = "\u{2}";

/// The album or photo that a posting leads to.
pub(crate) fn posted(key: &Key, target: Target) -> Option<Uuid> {
    let (_, end) = key.sort.rsplit_once('#')?;
    Uuid::parse_str(end.strip_prefix(target.letter())?).ok()
}

/// The term of a posting.
pub(crate) fn posted_term(key: &Key) -> Option<String> {
    key.sort.rsplit_once('#').map(|(term, _)| term.replace(HASH, "#"))
}

/// The id at the end of a sort key.
pub(crate) fn id_in(key: &Key) -> Option<Uuid> {
    let id = key.sort.rsplit_once('#').map_or(key.sort.as_str(), |(_, id)| id);
    Uuid::parse_str(id).ok()
}

/// The id in a partition key of the form `prefix#id`.
pub(crate) fn id_in_partition(key: &Key) -> Option<Uuid> {
    key.partition.split_once('#').and_then(|(_, id)| Uuid::parse_str(id).ok())
}

/// The instant in a sort key of the form `…#instant#id` or `instant#id`.
pub(crate) fn instant_in(key: &Key) -> Option<Timestamp> {
    let (before, _) = key.sort.rsplit_once('#')?;
    let digits = before.rsplit_once('#').map_or(before, |(_, digits)| digits);
    let bits = u64::from_str_radix(digits, 16).ok()?;
    Some(Timestamp::from_millis((bits ^ SIGN).cast_signed()))
}

/// An instant as text of 16 digits whose order is that of time, before 1970 too.
pub(crate) fn ordered(at: Timestamp) -> String {
    format!("{:016x}", at.millis().cast_unsigned() ^ SIGN)
}

const SIGN: u64 = 1 << 63;

// Ranges

impl Range {
    /// A whole partition.
    pub(crate) fn all(table: Table, partition: impl Into<String>) -> Self {
        Self {
            table,
            partition: partition.into(),
            from: Bound::Unbounded,
            to: Bound::Unbounded,
            descending: false,
            limit: usize::MAX,
        }
    }

    /// What starts with this.
    pub(crate) fn starting_with(self, prefix: &str) -> Self {
        let (from, to) = (Bound::Included(prefix.to_owned()), Bound::Excluded(after_prefix(prefix)));
        Self { from, to, ..self }
    }

    /// What lies behind this.
    pub(crate) fn above(self, sort: impl Into<String>) -> Self {
        Self { from: Bound::Excluded(sort.into()), ..self }
    }

    /// What lies before this.
    pub(crate) fn below(self, sort: impl Into<String>) -> Self {
        Self { to: Bound::Excluded(sort.into()), ..self }
    }

    /// What lies before this, and this.
    pub(crate) fn up_to(self, sort: impl Into<String>) -> Self {
        Self { to: Bound::Included(sort.into()), ..self }
    }

    /// The greatest first.
    pub(crate) fn descending(self) -> Self {
        Self { descending: true, ..self }
    }

    /// The first so many.
    pub(crate) fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

/// Everything in an album's partition.
pub(crate) fn in_album(album: AlbumId) -> Range {
    Range::all(Table::Gallery, album.to_string())
}

/// Everything that is found through an account's id alone.
pub(crate) fn of_user(user: UserId) -> Range {
    Range::all(Table::User, user.to_string())
}

/// The sign-ups that wait for an address, the newest last.
pub(crate) fn waiting_for(key: &EmailKey) -> Range {
    Range::all(Table::User, format!("email#{}", key.as_str())).starting_with("registration#")
}

/// An owner's photos over all albums.
pub(crate) fn photos_of(owner: UserId) -> Range {
    Range::all(Table::User, format!("photos#{owner}"))
}

/// An owner's postings.
pub(crate) fn terms_of(owner: UserId) -> Range {
    Range::all(Table::User, format!("terms#{owner}"))
}

/// The places of a queue, in the order in which they are due.
pub(crate) fn in_queue(queue: JobQueue) -> Range {
    Range::all(Table::User, partition_of(queue))
}

/// The parts of one of the lists that belong to no account: `job`, `unconfirmed`, `upload`.
pub(crate) fn parts(list: &'static str) -> impl Iterator<Item = Range> {
    Shard::all().map(move |shard| Range::all(Table::User, part(list, shard)))
}

/// An owner's postings of every term that begins so.
pub(crate) fn of_terms(owner: UserId, prefix: &str) -> Range {
    terms_of(owner).starting_with(&written(prefix))
}

/// An owner's postings of one term.
pub(crate) fn of_term(owner: UserId, term: &str, target: Target) -> Range {
    terms_of(owner).starting_with(&format!("{}#{}", written(term), target.letter()))
}

/// The list of the unsettled, which is short. Until format 3 the others were in one part, too.
pub(crate) fn list(name: &'static str) -> Range {
    Range::all(Table::User, name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn instants_sort_as_text() {
        let texts: Vec<String> =
            [i64::MIN, -1, 0, 1, 1_795_335_330_007].map(|ms| ordered(Timestamp::from_millis(ms))).into();
        assert!(texts.is_sorted());
        let photo = PhotoId::from_uuid(Uuid::from_u128(7));
        let slot = timeline(UserId::from_uuid(Uuid::nil()), Timestamp::from_millis(-5), photo);
        assert_eq!(instant_in(slot.key()), Some(Timestamp::from_millis(-5)));
        assert_eq!(id_in(slot.key()), Some(photo.uuid()));
        assert_eq!(
            instant_in(upload(Timestamp::from_millis(5), photo).key()),
            Some(Timestamp::from_millis(5))
        );
    }

    #[test]
    fn in_an_album_photos_come_before_the_head_and_all_else_behind_it() {
        let album_id = AlbumId::from_uuid(Uuid::nil());
        let last = PhotoId::from_uuid(Uuid::max());
        assert!(card(album_id, last).key() < album(album_id).key());
        assert!(album(album_id).key() < taken(album_id, Timestamp::from_millis(0), last).key());
        assert!(album(album_id).key() < unlisted(album_id, last).key());
    }

    #[test]
    fn lists_have_sixteen_parts() {
        let part_of = |n: u128| upload(Timestamp::from_millis(0), PhotoId::from_uuid(Uuid::from_u128(n)));
        let used: BTreeSet<String> = (0..200).map(|n| part_of(n).into_key().partition).collect();
        let parts: BTreeSet<String> = parts("upload").map(|part| part.partition).collect();
        assert_eq!(used, parts);
        assert!(parts.contains("upload#00") && parts.contains("upload#15"), "{parts:?}");
    }

    #[test]
    fn postings_are_read_back() {
        let (owner, id) = (UserId::from_uuid(Uuid::nil()), Uuid::from_u128(9));
        for term in ["été", "g\u{1}#1", "g\u{1}c#p"] {
            let slot = posting(owner, term, Target::Photo, id);
            assert_eq!(posted(slot.key(), Target::Photo), Some(id));
            assert_eq!(posted(slot.key(), Target::Album), None);
            assert_eq!(posted_term(slot.key()).as_deref(), Some(term));
        }
    }
}
