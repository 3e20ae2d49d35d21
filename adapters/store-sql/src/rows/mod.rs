//! Rows, and how they become the core's types. The same for every dialect: the structs name the
//! columns of the statements in `sql`, and decode from a row of any driver that knows their types.
//!
//! A value that this code did not write is [`SqlError::Unreadable`], never a panic.

use gallery_core::model::{
    Album, Authenticated, IdempotencyRecord, Job, JobClass, JobKind, JobQueue, NewToken, Session, Tally,
    Usage, User,
};
use gallery_core::texts::Language;
use gallery_core::values::{
    AlbumId, AlbumName, ContentHash, Description, Email, IdempotencyKey, JobId, PasswordHash, PersonName,
    PhotoId, SessionId, Shard, Timestamp, TokenHash, UserAgent, UserId,
};
use uuid::Uuid;

use crate::error::SqlError;

#[macro_use]
mod from_row;

mod audit;
mod key;
mod packed;
mod photo;
mod registration;
mod stored_photo;
mod suppression;

pub(crate) use audit::{AuditedAlbumRow, AuditedUserRow, stray_kind};
pub(crate) use key::Key;
pub(crate) use packed::unpack_objects;
pub(crate) use photo::{ImageColumns, PhotoRow, tags_json};
pub(crate) use registration::RegistrationRow;
pub(crate) use stored_photo::{StoredPhotoRow, UnmarkedPhoto, UnmarkedPhotoRow};
pub(crate) use suppression::SuppressionRow;

/// What a posting leads to, as stored.
#[derive(Clone, Copy)]
pub(crate) enum PostingKind {
    Album = 0,
    Photo = 1,
}

/// A counter's value, which no statement lets become negative or too large.
pub(crate) fn counted(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A number that is never negative; SQL has signed ones only.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The same, on its way into the database.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn token_hash(bytes: &[u8]) -> Result<TokenHash, SqlError> {
    TokenHash::from_slice(bytes).ok_or_else(|| SqlError::unreadable("token")("not 32 bytes"))
}

pub(crate) fn content_hash(bytes: &[u8]) -> Result<ContentHash, SqlError> {
    ContentHash::from_slice(bytes).ok_or_else(|| SqlError::unreadable("fingerprint")("not 32 bytes"))
}

/// A language by its tag; one that this program does not speak is none.
fn language(tag: Option<&str>) -> Option<Language> {
    tag?.parse().ok()
}

pub(crate) struct UserRow {
    id: Uuid,
    email: String,
    email_key: Key,
    name: String,
    language: Option<String>,
    password_hash: String,
    created_at: i64,
    confirmed_at: i64,
    usage: UsageRow,
}

from_row!(UserRow { id, email, email_key, name, language, password_hash, created_at, confirmed_at; rows usage });

pub(crate) struct UsageRow {
    albums: i64,
    photos: i64,
    bytes: i64,
    quota_bytes: i64,
}

from_row!(UsageRow { albums, photos, bytes, quota_bytes });

impl From<UsageRow> for Usage {
    fn from(row: UsageRow) -> Self {
        Self {
            albums: unsigned(row.albums),
            photos: unsigned(row.photos),
            bytes: unsigned(row.bytes),
            quota_bytes: unsigned(row.quota_bytes),
        }
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: Email::from_stored(row.email, row.email_key.0),
            name: PersonName::from_stored(row.name),
            language: language(row.language.as_deref()),
            password_hash: PasswordHash::from_phc(row.password_hash),
            created_at: Timestamp::from_millis(row.created_at),
            confirmed_at: Timestamp::from_millis(row.confirmed_at),
            usage: row.usage.into(),
        }
    }
}

pub(crate) struct SessionRow {
    session_id: Uuid,
    user_id: Uuid,
    started_at: i64,
    last_seen_at: i64,
    ends_at: i64,
    user_agent: String,
}

from_row!(SessionRow { session_id, user_id, started_at, last_seen_at, ends_at, user_agent });

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: SessionId::from_uuid(row.session_id),
            user_id: UserId::from_uuid(row.user_id),
            created_at: Timestamp::from_millis(row.started_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
            ends_at: Timestamp::from_millis(row.ends_at),
            user_agent: UserAgent::clean(&row.user_agent),
        }
    }
}

pub(crate) struct AuthenticatedRow {
    user: UserRow,
    session: SessionRow,
    hash: Vec<u8>,
    issued_at: i64,
    expires_at: i64,
    replaced_by: Option<Vec<u8>>,
}

from_row!(AuthenticatedRow { hash, issued_at, expires_at, replaced_by; rows user, session });

impl TryFrom<AuthenticatedRow> for Authenticated {
    type Error = SqlError;

    fn try_from(row: AuthenticatedRow) -> Result<Self, SqlError> {
        Ok(Self {
            user: row.user.into(),
            session: Session { last_seen_at: Timestamp::from_millis(row.issued_at), ..row.session.into() },
            token: NewToken {
                hash: token_hash(&row.hash)?,
                issued_at: Timestamp::from_millis(row.issued_at),
                expires_at: Timestamp::from_millis(row.expires_at),
            },
            replaced_by: row.replaced_by.as_deref().map(token_hash).transpose()?,
        })
    }
}

pub(crate) struct AlbumRow {
    id: Uuid,
    owner_id: Uuid,
    name: String,
    description: String,
    cover: Option<Uuid>,
    photo_count: i64,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

from_row!(AlbumRow { id, owner_id, name, description, cover, photo_count, created_at, updated_at, version });

impl From<AlbumRow> for Album {
    fn from(row: AlbumRow) -> Self {
        Self {
            id: AlbumId::from_uuid(row.id),
            owner: UserId::from_uuid(row.owner_id),
            name: AlbumName::from_stored(row.name),
            description: Description::from_stored(row.description),
            cover: row.cover.map(PhotoId::from_uuid),
            photo_count: unsigned(row.photo_count),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            version: unsigned(row.version),
        }
    }
}

pub(crate) struct RecordRow {
    resource: Uuid,
    fingerprint: Option<Vec<u8>>,
    expires_at: i64,
}

from_row!(RecordRow { resource, fingerprint, expires_at });

impl RecordRow {
    /// The record of this owner and key.
    pub(crate) fn of(self, owner: UserId, key: &IdempotencyKey) -> Result<IdempotencyRecord, SqlError> {
        Ok(IdempotencyRecord {
            owner,
            key: key.clone(),
            resource: self.resource,
            fingerprint: self.fingerprint.as_deref().map(content_hash).transpose()?,
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}

pub(crate) struct JobRow {
    id: Uuid,
    body: String,
    due_at: i64,
    leased_until: Option<i64>,
    failures: i64,
    last_error: Option<String>,
    parked: bool,
    tally_albums: i64,
    tally_photos: i64,
    tally_objects: i64,
    tally_bytes: i64,
    shard: i64,
}

from_row!(JobRow {
    id,
    body,
    due_at,
    leased_until,
    failures,
    last_error,
    parked,
    tally_albums,
    tally_photos,
    tally_objects,
    tally_bytes,
    shard
});

impl TryFrom<JobRow> for Job {
    type Error = SqlError;

    fn try_from(row: JobRow) -> Result<Self, SqlError> {
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: serde_json::from_str::<JobKind>(&row.body).map_err(SqlError::unreadable("job"))?,
            due_at: Timestamp::from_millis(row.due_at),
            leased_until: row.leased_until.map(Timestamp::from_millis),
            failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
            last_error: row.last_error,
            parked: row.parked,
            tally: Tally {
                albums: unsigned(row.tally_albums),
                photos: unsigned(row.tally_photos),
                objects: unsigned(row.tally_objects),
                bytes: unsigned(row.tally_bytes),
            },
            shard: job_shard(row.shard)?,
        })
    }
}

/// The queue of this class and shard, as stored.
pub(crate) fn job_queue(class: i64, shard: i64) -> Result<JobQueue, SqlError> {
    let class = u8::try_from(class).ok().and_then(JobClass::numbered);
    let class = class.ok_or_else(|| SqlError::unreadable("job")("a class of no known number"))?;
    Ok(JobQueue { class, shard: job_shard(shard)? })
}

fn job_shard(number: i64) -> Result<Shard, SqlError> {
    let shard = u8::try_from(number).ok().and_then(Shard::from_number);
    shard.ok_or_else(|| SqlError::unreadable("job")("a shard of no known number"))
}
