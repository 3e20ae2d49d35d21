//! What holds in every store at every moment, read through the port `Audit`.
//!
//! It is the store's part of the invariants (`docs/invariants.md`: I3, I4, I5, I8) and the album's
//! count and cover; it must not know what happened before. It is exercised after every scenario.

use std::collections::{BTreeMap, BTreeSet};

use gallery_core::model::{PhotoState, Usage};
use gallery_core::ports::{AuditedAlbum, AuditedPhoto, AuditedUser, Store};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId, UserId};

/// Small, so that the audit's paging is exercised, too.
const PAGE: u32 = 3;

/// A whole store.
#[derive(Debug, PartialEq)]
pub struct Whole {
    /// Every account.
    pub users: Vec<AuditedUser>,
    /// Every album.
    pub albums: Vec<AuditedAlbum>,
    /// Every photo.
    pub photos: Vec<AuditedPhoto>,
}

impl Whole {
    /// Reads the store page by page.
    pub async fn read(store: &dyn Store) -> Self {
        let mut whole = Self { users: Vec::new(), albums: Vec::new(), photos: Vec::new() };
        loop {
            let after = whole.users.last().map(|user| user.id);
            let page = store.audit_users(after, PAGE).await.unwrap();
            if page.is_empty() {
                break;
            }
            whole.users.extend(page);
        }
        loop {
            let after = whole.albums.last().map(|album| album.id);
            let page = store.audit_albums(after, PAGE).await.unwrap();
            if page.is_empty() {
                break;
            }
            whole.albums.extend(page);
        }
        loop {
            let after = whole.photos.last().map(|photo| photo.row.id);
            let page = store.audit_photos(after, PAGE).await.unwrap();
            if page.is_empty() {
                break;
            }
            whole.photos.extend(page);
        }
        assert!(distinct(whole.users.iter().map(|user| user.id)), "accounts are audited once each");
        assert!(distinct(whole.albums.iter().map(|album| album.id)), "albums are audited once each");
        assert!(distinct(whole.photos.iter().map(|photo| photo.row.id)), "photos are audited once each");
        whole
    }
}

fn distinct<T: Ord>(mut items: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    items.all(|item| seen.insert(item))
}

/// Panics, naming what is wrong, unless the store is consistent.
pub async fn check(store: &dyn Store) {
    let whole = Whole::read(store).await;
    let users: BTreeMap<UserId, &AuditedUser> = whole.users.iter().map(|user| (user.id, user)).collect();
    let albums: BTreeMap<AlbumId, &AuditedAlbum> =
        whole.albums.iter().map(|album| (album.id, album)).collect();

    let addresses: Vec<_> = whole.users.iter().filter_map(|user| user.email.as_ref()).collect();
    let keys: BTreeSet<_> = addresses.iter().map(|address| address.key()).collect();
    assert_eq!(keys.len(), addresses.len(), "an address has one account");

    for album in &whole.albums {
        let owner = users.get(&album.owner).expect("no album is without its account");
        if !album.deleting && !owner.deleting {
            check_album(album, &whole.photos);
        }
    }
    for photo in &whole.photos {
        let album = albums.get(&photo.row.album_id).expect("no photo is without its album");
        let owner = users.get(&photo.row.owner).expect("no photo is without its account");
        assert_eq!(album.owner, photo.row.owner, "a photo is its album's owner's");
        if !album.deleting && !owner.deleting && photo.row.state != PhotoState::Deleting {
            check_photo(photo);
        }
    }
    for user in whole.users.iter().filter(|user| !user.deleting) {
        check_usage(user, &whole, &albums);
    }
    assert_eq!(store.strays(10).await.unwrap(), [], "no record is about something that is gone");
}

fn check_album(album: &AuditedAlbum, photos: &[AuditedPhoto]) {
    let inside = photos.iter().filter(|photo| photo.row.album_id == album.id);
    let ready: BTreeSet<PhotoId> =
        inside.filter(|photo| photo.row.state == PhotoState::Ready).map(|photo| photo.row.id).collect();
    assert_eq!(album.photo_count, ready.len() as u64, "an album counts its ready photos");
    match album.cover {
        Some(cover) => assert!(ready.contains(&cover), "a cover is a ready photo of its album"),
        None => assert!(ready.is_empty(), "an album with photos has a cover"),
    }
    assert_postings(&album.postings, &album.terms);
}

/// What the release before the one of fields has indexed is found as it was then.
fn assert_postings(postings: &Terms, terms: &Terms) {
    assert!(postings == terms || postings.are_without_fields(), "postings are terms: {postings:?} {terms:?}");
}

fn check_photo(photo: &AuditedPhoto) {
    let terms = photo.facts.as_ref().map(gallery_core::model::PhotoFacts::terms).unwrap_or_default();
    assert_postings(&photo.postings, &terms);
    assert_eq!(photo.facts.is_some(), photo.row.state == PhotoState::Ready, "ready photos have facts");
    if let Some(facts) = &photo.facts {
        assert_eq!(photo.row.bytes, facts.counted_bytes(), "a ready photo counts what is stored of it");
    } else {
        assert_eq!(photo.postings, Terms::default(), "a pending photo has no postings");
    }
}

fn check_usage(user: &AuditedUser, whole: &Whole, albums: &BTreeMap<AlbumId, &AuditedAlbum>) {
    let own = whole.albums.iter().filter(|album| album.owner == user.id && !album.deleting).count() as u64;
    assert_eq!(user.usage.albums, own, "usage counts live albums");
    let held = whole.photos.iter().map(|photo| &photo.row).filter(|row| {
        row.owner == user.id && row.state != PhotoState::Deleting && !albums[&row.album_id].deleting
    });
    let (ready, pending): (Vec<_>, Vec<_>) = held.partition(|row| row.state == PhotoState::Ready);
    assert_eq!(user.usage.photos, ready.len() as u64, "usage counts ready photos in live albums");
    let photos: u64 = ready.iter().chain(&pending).map(|row| row.bytes).sum();
    assert_eq!(
        user.usage.bytes,
        photos + own * Usage::RECORD_BYTES,
        "usage has the bytes of ready and pending photos, and of albums' records"
    );
}
