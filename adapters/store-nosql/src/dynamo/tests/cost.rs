//! What every operation costs on DynamoDB, compared with the table in `docs/dynamodb.md`: an
//! operation that becomes dearer, or cheaper, fails here until the table says so.
//! `GALLERY_UPDATE_COSTS=1` writes the table anew.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use gallery_conformance::store::World;
use gallery_conformance::store::world::{facts, lease_next, tags};
use gallery_core::model::{
    Album, AlbumChange, JobKind, LoginCandidate, NewRenditions, NewSession, Photo, PhotoChange, PhotoFacts,
    PhotoSort, Rendition, User,
};
use gallery_core::ports::{Allowance, SharedStore, SignUpOutcome, Suppression, SuppressionReason};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{
    AddressHash, ContentHash, Description, Generation, PageRequest, PasswordHash, Title,
};

use super::meter::{Meter, MeteredCall};
use super::{metered_engine, proxy};
use crate::DynamoStore;

const BEGIN: &str = "<!-- costs -->\n";
const END: &str = "<!-- /costs -->\n";

/// The operations so far, with what they cost.
struct Ledger {
    meter: Meter,
    rows: Vec<(&'static str, Vec<MeteredCall>)>,
}

impl Ledger {
    async fn note<T>(&mut self, operation: &'static str, work: impl Future<Output = T>) -> T {
        self.meter.take();
        let answer = work.await;
        let mut calls = self.meter.take();
        // Some are made at the same time.
        calls.sort_by_key(|call| call.operation);
        self.rows.push((operation, calls));
        answer
    }

    fn calls(&self, operation: &str) -> Vec<(&'static str, usize)> {
        let (_, calls) = self.rows.iter().find(|(name, _)| *name == operation).expect("it was noted");
        calls.iter().map(|call| (call.operation, call.items)).collect()
    }

    fn table(&self) -> String {
        let mut table = "| operation | calls (items) | read units | write units |\n".to_owned();
        table += "| --- | --- | ---: | ---: |\n";
        for (operation, calls) in &self.rows {
            let named: Vec<String> = calls.chunk_by(|a, b| a.operation == b.operation).map(name).collect();
            let read: f64 = calls.iter().map(MeteredCall::read_units).sum();
            let write: f64 = calls.iter().map(MeteredCall::write_units).sum();
            let named = if named.is_empty() { "–".to_owned() } else { named.join(", ") };
            writeln!(table, "| {operation} | {named} | {read} | {write} |").unwrap();
        }
        table
    }
}

/// Calls of one kind.
fn name(calls: &[MeteredCall]) -> String {
    let items: usize = calls.iter().map(|call| call.items).sum();
    let times = if calls.len() == 1 { String::new() } else { format!("{} × ", calls.len()) };
    format!("{times}{} ({items})", calls[0].operation)
}

/// A photo as cameras and people make them: a title, a description, three tags, 40 EXIF tags.
fn usual(title: &str) -> PhotoFacts {
    let mut facts = facts(title);
    facts.description = Description::parse("The boats in the harbour, seen from the old tower.").unwrap();
    facts.tags = tags("sea, summer, family");
    facts.image.placeholder = (0..25).collect();
    facts.image.metadata.camera = Some("NIKON CORPORATION NIKON D750".to_owned());
    facts.image.metadata.exif = (0..40).map(|n| (format!("ExposureTag{n}"), format!("1/{n} mm"))).collect();
    facts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_costs_what_the_documentation_says() {
    let proxy = proxy();
    let (engine, meter) = metered_engine(&proxy).await;
    let store = DynamoStore::over(engine);
    let mut ledger = Ledger { meter, rows: Vec::new() };
    let user = accounts(&store, &mut ledger).await;
    let (album, photos) = albums(&store, &mut ledger, &user).await;
    lists(&store, &mut ledger, &user, &album, &photos).await;
    changes(&store, &mut ledger, &user, &album, &photos).await;
    jobs(&store, &mut ledger, &user).await;

    assert_eq!(ledger.calls("a request's session"), [("BatchGetItem", 2)], "one round trip, two items");
    let page = ledger.calls("album page of 50 photos, by upload");
    assert_eq!(page.iter().filter(|(operation, _)| *operation == "Query").count(), 1, "{page:?}");
    assert!(ledger.rows.iter().flat_map(|(_, calls)| calls).all(|call| call.operation != "Scan"));
    compare(&ledger.table());
}

async fn accounts(store: &DynamoStore, ledger: &mut Ledger) -> User {
    let shared: SharedStore = Arc::new(store.clone());
    let world = World::of(&shared);
    let new = world.sign_up("ann@example.org");
    let registered = ledger.note("sign-up", world.register(&new)).await;
    assert_eq!(registered, SignUpOutcome::Registered);
    ledger.note("confirmation", shared.confirm_registration(new.id, world.now())).await.unwrap();
    ledger.note("sign-up of a known address", world.register(&new)).await;
    let counters = [ContentHash::of(b"pair"), ContentHash::of(b"network"), ContentHash::of(b"account")];
    let allowances = counters.map(|name| Allowance { name, limit: 10 });
    let end = world.now().plus(std::time::Duration::from_mins(10));
    ledger.note("log-in: guess is counted", shared.admit(&allowances, world.now(), end)).await.unwrap();
    let candidate = shared.log_in_candidate(new.email.key());
    let candidate = ledger.note("log-in: account", candidate).await.unwrap();
    let LoginCandidate { user, version } = candidate.unwrap();
    let log_in = NewSession { version, ..world.log_in(user.id) };
    ledger.note("log-in: start of the session", shared.start_session(&log_in)).await.unwrap();
    ledger.note("log-in: guess is given back", shared.give_back(&counters, world.now())).await.unwrap();
    ledger.note("account by address", shared.user_by_email(new.email.key())).await.unwrap();
    let token = log_in.token.hash;
    ledger.note("a request's session", shared.authenticate(user.id, &token)).await.unwrap();
    let fresh = world.token();
    ledger.note("renewal of a session", shared.renew_session(user.id, &token, &fresh)).await.unwrap();
    ledger.note("list of sessions", shared.sessions_of(user.id, world.now())).await.unwrap();
    ledger.note("log-out", shared.end_session(user.id, log_in.session.id)).await.unwrap();
    let new_hash = PasswordHash::from_phc("$argon2id$second");
    let mail = world.mail(user.id, gallery_core::model::Content::PasswordChanged);
    let change = shared.change_password(user.id, &user.password_hash, &new_hash, None, mail);
    ledger.note("change of password", change).await.unwrap();
    let (name, now) = (ContentHash::of(b"name"), world.now());
    let ends = now.plus(std::time::Duration::from_mins(10));
    ledger.note("look at a counter", shared.count(&name, 0, now, ends)).await.unwrap();
    ledger.note("count", shared.count(&name, 1, now, ends)).await.unwrap();
    user
}

async fn albums(store: &DynamoStore, ledger: &mut Ledger, user: &User) -> (Album, Vec<Photo>) {
    let shared: SharedStore = Arc::new(store.clone());
    let world = World::of(&shared);
    let new = world.new_album(user.id, "Summer at the sea");
    let album = ledger.note("new album", world.create(&new)).await.unwrap();
    for n in 0..49 {
        world.album(user.id, &format!("Album {n}")).await;
    }
    let upload = world.new_upload(&album);
    ledger.note("begin of an upload", shared.begin_upload(&upload)).await.unwrap();
    let alive = shared.extend_upload(upload.id, upload.deadline.plus(std::time::Duration::from_mins(1)));
    ledger.note("it shows that it is alive, every 15 seconds", alive).await.unwrap();
    let noon = usual("Harbour at noon");
    let published = shared.publish_photo(upload.id, &noon);
    let first = ledger.note("publication of a photo", published).await.unwrap();
    let plain = world.upload(&album).await;
    let screenshot = facts("Screenshot");
    let published = shared.publish_photo(plain.id, &screenshot);
    ledger.note("publication without EXIF", published).await.unwrap();
    let mut photos = vec![first];
    while photos.len() < 60 {
        photos.push(world.photo_with(&album, &noon).await);
    }
    (album, photos)
}

async fn lists(store: &DynamoStore, ledger: &mut Ledger, user: &User, album: &Album, photos: &[Photo]) {
    let shared: SharedStore = Arc::new(store.clone());
    let fifty = PageRequest::new(Some(50), None).unwrap();
    ledger.note("an album", shared.album(album.id)).await.unwrap();
    ledger.note("50 albums", shared.albums_of(user.id, None, &fifty)).await.unwrap();
    ledger.note("a photo", shared.photo(photos[0].id)).await.unwrap();
    let uploaded = shared.photos_in_album(user.id, album.id, PhotoSort::Uploaded, &fifty);
    let first = ledger.note("album page of 50 photos, by upload", uploaded).await.unwrap();
    assert_eq!(first.items.len(), 50);
    let next = PageRequest::new(Some(50), Some(&first.next.unwrap().encode())).unwrap();
    let rest = shared.photos_in_album(user.id, album.id, PhotoSort::Uploaded, &next);
    ledger.note("its next page, of 11 photos", rest).await.unwrap();
    let taken = shared.photos_in_album(user.id, album.id, PhotoSort::Taken, &fifty);
    ledger.note("album page of 50 photos, by time taken", taken).await.unwrap();
    let all = shared.photos_of(user.id, PhotoSort::Taken, &fifty);
    ledger.note("50 of all photos", all).await.unwrap();
    let query = Query::parse("harbour").unwrap();
    let found = shared.search_photos(user.id, None, &query, &fifty);
    assert_eq!(ledger.note("search that finds 60 photos, 50 shown", found).await.unwrap().items.len(), 50);
    let query = Query::parse("screenshot").unwrap();
    let found = shared.search_photos(user.id, None, &query, &fifty);
    assert_eq!(ledger.note("search that finds one photo", found).await.unwrap().items.len(), 1);
    let query = Query::parse("nothing").unwrap();
    let found = shared.search_photos(user.id, None, &query, &fifty);
    ledger.note("search that finds nothing", found).await.unwrap();
}

async fn changes(store: &DynamoStore, ledger: &mut Ledger, user: &User, album: &Album, photos: &[Photo]) {
    let shared: SharedStore = Arc::new(store.clone());
    let world = World::of(&shared);
    let change = AlbumChange {
        version: album.version,
        name: album.name.clone(),
        description: Description::parse("Two weeks").unwrap(),
        cover: None,
        updated_at: world.now(),
    };
    let terms = Terms::of_album(&change.name, &change.description);
    ledger.note("change of an album", shared.update_album(album.id, &change, &terms)).await.unwrap();
    let titled = PhotoChange { title: Title::parse("Harbour at night").unwrap(), ..world.change(&photos[1]) };
    let changed = ledger.note("change of a photo's title", world.update(&photos[1], &titled)).await.unwrap();
    let other = world.album(user.id, "Other").await;
    let moved = PhotoChange { album_id: other.id, ..world.change(&changed) };
    ledger.note("move of a photo", world.update(&changed, &moved)).await.unwrap();
    let named = shared.begin_renditions(photos[25].id);
    let generation = ledger.note("begin of new renditions", named).await.unwrap();
    renew(store, ledger, &photos[25], generation).await;
    let purge = world.purge_photo(photos[2].id, user.id);
    let deleted = shared.begin_photo_deletion(photos[2].id, None, purge.clone());
    ledger.note("deletion of a photo", deleted).await.unwrap();
    let removed = [photos[2].id];
    ledger.note("its removal", shared.remove_photos(&removed, purge.id)).await.unwrap();
    let purge = world.purge_album(album);
    ledger.note("deletion of an album", shared.begin_album_deletion(album.id, purge.clone())).await.unwrap();
    let twenty: Vec<_> = photos[3..23].iter().map(|photo| photo.id).collect();
    ledger.note("removal of 20 of its photos", shared.remove_photos(&twenty, purge.id)).await.unwrap();
}

/// Gives a photo the same renditions once more, under this generation.
async fn renew(store: &DynamoStore, ledger: &mut Ledger, photo: &Photo, generation: Generation) {
    let shared: SharedStore = Arc::new(store.clone());
    let (mut objects, image) = (photo.facts.objects.clone(), photo.facts.image.clone());
    objects.iter_mut().skip(1).for_each(|rendition| rendition.generation = generation);
    let new = NewRenditions { version: photo.version, generation, image, objects };
    let replaced = Rendition::DERIVED.map(|rendition| (Generation::FIRST, rendition)).into();
    let removal = JobKind::RemoveRenditions { photo: photo.id, owner: photo.owner, objects: replaced };
    let job = World::of(&shared).job(removal);
    let terms = photo.terms();
    let renewed = shared.replace_renditions(photo.id, &new, &terms, job);
    ledger.note("new renditions of a photo", renewed).await.unwrap();
}

async fn jobs(store: &DynamoStore, ledger: &mut Ledger, user: &User) {
    let shared: SharedStore = Arc::new(store.clone());
    let world = World::of(&shared);
    let later = world.now().plus(std::time::Duration::from_hours(1));
    let early = gallery_core::values::Timestamp::from_millis(0);
    let all = ledger.note("look into every queue, once a minute", shared.due_queues(early)).await.unwrap();
    assert!(all.is_empty(), "{all:?}");
    let none = ledger.note("look for work, none is due", shared.due_queues(early)).await.unwrap();
    assert!(none.is_empty(), "{none:?}");
    shared.due_queues(later).await.unwrap();
    let until = later.plus(std::time::Duration::from_mins(1));
    let leased = ledger.note("lease of a job", lease_next(&shared, 1, later, until)).await.unwrap();
    ledger.note("end of a job", shared.finish_job(leased.job.id, 1)).await.unwrap();
    let address = AddressHash::from_bytes([7; 32]);
    let (reason, reported_at) = (SuppressionReason::Bounced, world.now());
    let bounced = Suppression { reason, reported_at, ends_at: later };
    ledger.note("report of a bounce", shared.suppress(&address, &bounced)).await.unwrap();
    let known = shared.suppression(&address, world.now());
    assert_eq!(ledger.note("look whether an address bounced", known).await.unwrap(), Some(bounced));
    let purge = world.purge_account(user);
    let cancelled = shared.begin_account_deletion(user.id, purge);
    ledger.note("cancellation of an account", cancelled).await.unwrap();
}

fn compare(measured: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/dynamodb.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's beginning is marked");
    let (documented, after) = rest.split_once(END).expect("the table's end is marked");
    if std::env::var_os("GALLERY_UPDATE_COSTS").is_some() {
        return std::fs::write(&path, format!("{before}{BEGIN}{measured}{END}{after}")).unwrap();
    }
    let changed: Vec<String> = measured
        .lines()
        .filter(|line| !documented.lines().any(|known| known == *line))
        .map(|line| format!("  measured {line}"))
        .collect();
    assert!(
        documented == measured,
        "docs/dynamodb.md has other costs (GALLERY_UPDATE_COSTS=1 writes these):\n{}",
        changed.join("\n")
    );
}
