//! The whole store: the port `Audit`. Knows the records only; tested by the conformance suite's
//! audit.

use async_trait::async_trait;
use gallery_core::ports::{Audit, AuditedAlbum, AuditedPhoto, AuditedUser, StoreError, Stray};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use uuid::Uuid;

use crate::MemoryStore;
use crate::state::{State, up_to};

#[async_trait]
impl Audit for MemoryStore {
    async fn audit_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AuditedUser>, StoreError> {
        let state = self.state();
        let live = state.users.values().map(|user| AuditedUser {
            id: user.id,
            email: Some(user.email.clone()),
            created_at: user.created_at,
            confirmed_at: Some(user.confirmed_at),
            deleting: false,
            usage: user.usage,
        });
        let leaving = state.leaving.iter().map(|(id, user)| AuditedUser {
            id: *id,
            email: None,
            created_at: user.created_at,
            confirmed_at: Some(user.confirmed_at),
            deleting: true,
            usage: user.usage,
        });
        let mut users: Vec<AuditedUser> = live.chain(leaving).filter(|user| Some(user.id) > after).collect();
        users.sort_by_key(|user| user.id);
        Ok(up_to(limit, users))
    }

    async fn audit_albums(
        &self,
        after: Option<AlbumId>,
        limit: u32,
    ) -> Result<Vec<AuditedAlbum>, StoreError> {
        let state = self.state();
        let later = state.albums.values().filter(|row| Some(row.album.id) > after);
        let albums = later.map(|row| AuditedAlbum {
            id: row.album.id,
            owner: row.album.owner,
            deleting: row.deleting,
            photo_count: row.album.photo_count,
            cover: row.album.cover,
            terms: Terms::of_album(&row.album.name, &row.album.description),
            postings: row.postings.clone(),
        });
        Ok(up_to(limit, albums))
    }

    async fn audit_photos(
        &self,
        after: Option<PhotoId>,
        limit: u32,
    ) -> Result<Vec<AuditedPhoto>, StoreError> {
        let state = self.state();
        let later = state.photos.values().filter(|row| Some(row.stored.id) > after);
        let photos = later.map(|row| AuditedPhoto {
            row: row.stored.clone(),
            facts: row.facts.clone(),
            postings: row.postings.clone(),
        });
        Ok(up_to(limit, photos))
    }

    async fn strays(&self, limit: u32) -> Result<Vec<Stray>, StoreError> {
        let state = self.state();
        let stray = |kind, about: Uuid| Stray { kind, about: about.to_string() };
        let sessions = state.sessions.values().map(|session| session.user_id);
        let sessions =
            sessions.filter(|user| state.lacks_user(*user)).map(|user| stray("session", user.uuid()));
        let tokens = state.tokens.values().map(|row| row.session);
        let tokens = tokens.filter(|id| !state.sessions.contains_key(id)).map(|id| stray("token", id.uuid()));
        let records = state.idempotency.values();
        let records = records
            .filter(|record| state.lacks_user(record.owner) || state.lacks_resource(record.resource))
            .map(|record| stray("idempotency record", record.resource));
        let jobs = state.jobs.values().filter_map(|row| row.job.kind.user());
        let lacks_subject = |id: &UserId| state.lacks_user(*id) && !state.registrations.contains_key(id);
        let jobs = jobs.filter(lacks_subject).map(|user| stray("job", user.uuid()));
        Ok(up_to(limit, sessions.chain(tokens).chain(records).chain(jobs)))
    }
}

impl State {
    fn lacks_user(&self, id: UserId) -> bool {
        !self.users.contains_key(&id) && !self.leaving.contains_key(&id)
    }

    fn lacks_resource(&self, id: Uuid) -> bool {
        !self.albums.contains_key(&AlbumId::from_uuid(id))
            && !self.photos.contains_key(&PhotoId::from_uuid(id))
    }
}
