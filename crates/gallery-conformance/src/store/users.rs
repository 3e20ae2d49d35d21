//! Accounts: names and passwords. How they come into being is in `registrations`.

use gallery_core::model::{Content, User};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::texts::Language;
use gallery_core::values::{PasswordHash, PersonName};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel};

pub async fn a_name_and_a_language_are_replaced(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let bob = world.user("bob@example.org").await;
    let name = PersonName::parse("Robert'); DROP TABLE User;--").unwrap();
    assert_eq!(ann.language, Some(Language::German), "it is the sign-up's");
    for language in [Some(Language::English), None, None] {
        store.update_user(ann.id, &name, language).await.unwrap();
        let updated = store.user(ann.id).await.unwrap();
        assert_eq!(updated, User { name: name.clone(), language, ..ann.clone() });
    }
    assert_eq!(store.user(bob.id).await.unwrap(), bob);
    assert_not_found(store.update_user(world.user_id(), &name, None).await);
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
        store.update_user(ann.id, &name, None).await.unwrap();
        assert_eq!(store.user(ann.id).await.unwrap().name, name);
    }
    let longest = format!("{}@{}.example", "l".repeat(64), "d".repeat(60));
    let user = world.user(&longest).await;
    assert_eq!(store.user_by_email(user.email.key()).await.unwrap(), user);
}
