//! Accounts: sign-up, confirmation, names and passwords.

use std::sync::Arc;

use gallery_core::model::{Content, Usage};
use gallery_core::ports::{Conflict, Registration, SharedStore, StoreError};
use gallery_core::values::{PasswordHash, PersonName};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel};
use super::world::{MILLISECOND, QUOTA_BYTES, email};

pub async fn a_sign_up_creates_a_pending_account_and_its_mail(store: SharedStore) {
    let world = World::of(&store);
    let new = world.sign_up("Ann@Example.org");
    assert_eq!(world.register(&new).await, Registration::Created);

    let user = store.user(new.id).await.unwrap();
    assert_eq!((user.id, &user.email, &user.name), (new.id, &new.email, &new.name));
    assert_eq!(user.password_hash, new.password_hash);
    assert_eq!((user.created_at, user.confirmed_at), (new.created_at, None));
    assert_eq!(user.usage, Usage { quota_bytes: QUOTA_BYTES, ..Usage::default() });
    assert_eq!(store.user_by_email(email("ann@example.org").key()).await.unwrap(), user);
    assert_eq!(world.mails_to(new.id).await, [Content::ConfirmAddress]);
    assert_not_found(store.user(world.user_id()).await);
    assert_not_found(store.user_by_email(email("eve@example.org").key()).await);
}

pub async fn a_second_sign_up_renews_the_pending_account(store: SharedStore) {
    let world = World::of(&store);
    let first = world.pending_user("Ann@example.org").await;
    let mut second = world.sign_up("ann@EXAMPLE.org");
    second.name = PersonName::parse("Ann Other").unwrap();
    second.password_hash = PasswordHash::from_phc("$argon2id$second");
    second.quota_bytes = 1;
    assert_eq!(world.register(&second).await, Registration::Renewed(first.id));

    let user = store.user(first.id).await.unwrap();
    assert_eq!((&user.name, &user.password_hash), (&second.name, &second.password_hash));
    assert_eq!(user.email.typed(), "Ann@example.org");
    assert_eq!((user.created_at, user.confirmed_at, user.usage), (first.created_at, None, first.usage));
    assert_not_found(store.user(second.id).await);
    assert_eq!(world.mails_to(first.id).await, [Content::ConfirmAddress, Content::ConfirmAddress]);
}

pub async fn a_sign_up_with_a_confirmed_address_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut again = world.sign_up("ANN@example.org");
    again.password_hash = PasswordHash::from_phc("$argon2id$intruder");
    assert_eq!(world.register(&again).await, Registration::AlreadyConfirmed(ann.id));

    assert_eq!(store.user(ann.id).await.unwrap(), ann);
    assert_not_found(store.user(again.id).await);
    assert_eq!(world.mails_to(ann.id).await, [Content::AlreadyRegistered]);
}

pub async fn fifty_sign_ups_at_once_make_one_account(store: SharedStore) {
    let world = Arc::new(World::of(&store));
    let sign_ups: Vec<_> = (0..50).map(|_| world.sign_up("ann@example.org")).collect();
    let results = in_parallel(50, |n| {
        let (world, new) = (Arc::clone(&world), sign_ups[n as usize].clone());
        async move { world.register(&new).await }
    })
    .await;

    let created: Vec<_> = (0..50).filter(|n| results[*n] == Registration::Created).collect();
    let [winner] = created[..] else { panic!("one sign-up creates the account: {results:?}") };
    let id = sign_ups[winner].id;
    let others = results.iter().filter(|result| **result == Registration::Renewed(id)).count();
    assert_eq!(others, 49, "every other sign-up renews it");
    assert_eq!(store.audit_users(None, 10).await.unwrap().len(), 1);
    assert_eq!(store.user_by_email(email("ann@example.org").key()).await.unwrap().id, id);
    assert_eq!(world.mails_to(id).await.len(), 50, "every sign-up has its mail");
}

pub async fn an_address_is_one_account_in_every_spelling(store: SharedStore) {
    let world = World::of(&store);
    let jorg = world.user("Jörg@Bücher.example").await;
    for spelling in ["jörg@bücher.example", "JO\u{308}RG@xn--bcher-kva.example", "jörg@BÜCHER.example."] {
        let again = world.sign_up(spelling);
        assert_eq!(world.register(&again).await, Registration::AlreadyConfirmed(jorg.id), "{spelling}");
        assert_eq!(store.user_by_email(email(spelling).key()).await.unwrap().id, jorg.id, "{spelling}");
    }
    for other in ["jorg@bücher.example", "jörg@bucher.example", "jörg+x@bücher.example"] {
        let new = world.sign_up(other);
        assert_eq!(world.register(&new).await, Registration::Created, "{other}");
    }
}

pub async fn confirming_twice_keeps_the_first_instant(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.pending_user("ann@example.org").await;
    let first = world.now();
    store.confirm_user(ann.id, first).await.unwrap();
    store.confirm_user(ann.id, world.now()).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().confirmed_at, Some(first));
    assert_not_found(store.confirm_user(world.user_id(), world.now()).await);
}

pub async fn a_name_is_replaced(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let bob = world.user("bob@example.org").await;
    let name = PersonName::parse("Robert'); DROP TABLE User;--").unwrap();
    store.rename_user(ann.id, &name).await.unwrap();
    store.rename_user(ann.id, &name).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().name, name);
    assert_eq!(store.user(bob.id).await.unwrap(), bob);
    assert_not_found(store.rename_user(world.user_id(), &name).await);
}

pub async fn a_password_is_changed_with_its_mail_and_sessions(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let bob = world.user("bob@example.org").await;
    let (kept, ended) = (world.session(ann.id).await, world.session(ann.id).await);
    let others = world.session(bob.id).await;
    let new = PasswordHash::from_phc("$argon2id$new");
    let mail = || world.mail(ann.id, Content::PasswordChanged);

    let wrong = PasswordHash::from_phc("$argon2id$wrong");
    let refused = store.change_password(ann.id, &wrong, &new, None, mail()).await;
    assert_conflict(refused, Conflict::PasswordChanged);
    assert_eq!(store.user(ann.id).await.unwrap().password_hash, ann.password_hash);
    assert!(store.authenticate(ann.id, &ended.token.hash).await.is_ok(), "a refusal ends no session");
    assert_eq!(world.mails_to(ann.id).await, []);

    store.change_password(ann.id, &ann.password_hash, &new, Some(kept.session.id), mail()).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().password_hash, new);
    assert!(store.authenticate(ann.id, &kept.token.hash).await.is_ok());
    assert_not_found(store.authenticate(ann.id, &ended.token.hash).await);
    assert!(store.authenticate(bob.id, &others.token.hash).await.is_ok());
    assert_eq!(world.mails_to(ann.id).await, [Content::PasswordChanged]);

    store.change_password(ann.id, &new, &ann.password_hash, None, mail()).await.unwrap();
    assert_not_found(store.authenticate(ann.id, &kept.token.hash).await);
    assert_not_found(store.change_password(world.user_id(), &new, &new, None, mail()).await);
}

pub async fn of_fifty_password_changes_one_succeeds(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mails: Vec<_> = (0..50).map(|_| world.mail(ann.id, Content::PasswordChanged)).collect();
    let results = in_parallel(50, |n| {
        let (store, expected) = (SharedStore::clone(&store), ann.password_hash.clone());
        let (new, mail) = (PasswordHash::from_phc(format!("$argon2id${n}")), mails[n as usize].clone());
        async move { store.change_password(ann.id, &expected, &new, None, mail).await }
    })
    .await;

    let winners: Vec<usize> = (0..50).filter(|n| results[*n].is_ok()).collect();
    let [winner] = winners[..] else { panic!("one change succeeds: {results:?}") };
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::PasswordChanged);
    }
    let expected = PasswordHash::from_phc(format!("$argon2id${winner}"));
    assert_eq!(store.user(ann.id).await.unwrap().password_hash, expected);
    assert_eq!(world.mails_to(ann.id).await, [Content::PasswordChanged]);
}

pub async fn a_rehash_needs_the_expected_hash(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let session = world.session(ann.id).await;
    let stronger = PasswordHash::from_phc("$argon2id$stronger");
    let outdated = PasswordHash::from_phc("$argon2id$outdated");

    store.rehash_password(ann.id, &outdated, &stronger).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().password_hash, ann.password_hash);
    store.rehash_password(ann.id, &ann.password_hash, &stronger).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().password_hash, stronger);
    assert!(store.authenticate(ann.id, &session.token.hash).await.is_ok(), "sessions stay");
    assert_eq!(world.mails_to(ann.id).await, []);
}

pub async fn names_of_every_script_come_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    for name in ["Đặng Thị 👩🏽‍🚀", "محمد بن سلمان", "O'Brien \"%_\\\"", &"𝒳".repeat(100)]
    {
        let name = PersonName::parse(name).unwrap();
        store.rename_user(ann.id, &name).await.unwrap();
        assert_eq!(store.user(ann.id).await.unwrap().name, name);
    }
    let longest = format!("{}@{}.example", "l".repeat(64), "d".repeat(60));
    let user = world.pending_user(&longest).await;
    assert_eq!(store.user_by_email(user.email.key()).await.unwrap(), user);
}

pub async fn unconfirmed_users_are_found_strictly_before_an_instant(store: SharedStore) {
    let world = World::of(&store);
    let old = world.pending_user("old@example.org").await;
    world.user("confirmed@example.org").await;
    let young = world.pending_user("young@example.org").await;

    let found = async |before| -> Result<_, StoreError> { store.unconfirmed_users(before, 10).await };
    assert_eq!(found(old.created_at).await.unwrap(), []);
    assert_eq!(found(old.created_at.plus(MILLISECOND)).await.unwrap(), [old.id]);
    assert_eq!(found(young.created_at).await.unwrap(), [old.id]);
    assert_eq!(found(world.now()).await.unwrap().len(), 2);
    assert_eq!(store.unconfirmed_users(world.now(), 1).await.unwrap().len(), 1);
}
