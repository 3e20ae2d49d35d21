//! Sign-ups: registrations beside accounts, and the confirmation that makes an account of one of
//! them.

use std::sync::Arc;

use gallery_core::model::{Content, Registration, Usage};
use gallery_core::ports::{SharedStore, SignUpOutcome};
use gallery_core::token::SIGN_UP_LIFETIME;
use gallery_core::values::{PasswordHash, PersonName};

use super::World;
use super::reading::{assert_not_found, in_parallel};
use super::world::{MILLISECOND, QUOTA_BYTES, email};

pub async fn a_sign_up_is_registered_with_its_mail(store: SharedStore) {
    let world = World::of(&store);
    let new = world.sign_up("Ann@Example.org");
    assert_eq!(world.register(&new).await, SignUpOutcome::Registered);

    assert_eq!(store.registration(new.id).await.unwrap(), new);
    let waiting = store.registrations_of(email("ann@example.org").key(), 10).await.unwrap();
    assert_eq!(waiting, std::slice::from_ref(&new));
    assert_eq!(world.mails_to(new.id).await, [Content::ConfirmAddress]);
    assert_not_found(store.user(new.id).await);
    assert_not_found(store.user_by_email(new.email.key()).await);
    assert_eq!(store.log_in_candidate(new.email.key()).await.unwrap(), None);
    assert_not_found(store.registration(world.user_id()).await);
    assert_eq!(store.registrations_of(email("eve@example.org").key(), 10).await.unwrap(), []);
}

pub async fn sign_ups_of_one_address_wait_side_by_side(store: SharedStore) {
    let world = World::of(&store);
    let first = world.registration("Ann@example.org").await;
    let mut second = world.sign_up("ann@EXAMPLE.org");
    second.name = PersonName::parse("Ann Other").unwrap();
    second.password_hash = PasswordHash::from_phc("$argon2id$second");
    second.quota_bytes = 1;
    assert_eq!(world.register(&second).await, SignUpOutcome::Registered);

    assert_eq!(store.registration(first.id).await.unwrap(), first);
    assert_eq!(store.registration(second.id).await.unwrap(), second);
    let newest_first = [second.clone(), first.clone()];
    assert_eq!(store.registrations_of(first.email.key(), 10).await.unwrap(), newest_first);
    assert_eq!(store.registrations_of(first.email.key(), 1).await.unwrap(), newest_first[..1]);
    assert_eq!(world.mails_to(first.id).await, [Content::ConfirmAddress]);
    assert_eq!(world.mails_to(second.id).await, [Content::ConfirmAddress]);
}

pub async fn a_confirmation_makes_an_account_of_its_own_registration(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.registration("ann@example.org").await, world.registration("bob@x.example").await);
    let mut intruder = world.sign_up("Ann@example.org");
    intruder.password_hash = PasswordHash::from_phc("$argon2id$intruder");
    world.register(&intruder).await;
    let at = world.now();
    store.confirm_registration(ann.id, at).await.unwrap();

    let user = store.user(ann.id).await.unwrap();
    assert_eq!(user, ann.clone().confirmed(at));
    assert_eq!((user.created_at, user.confirmed_at), (ann.created_at, at));
    assert_eq!(user.usage, Usage { quota_bytes: QUOTA_BYTES, ..Usage::default() });
    assert_eq!(store.user_by_email(ann.email.key()).await.unwrap(), user);
    let candidate = store.log_in_candidate(ann.email.key()).await.unwrap();
    assert_eq!(candidate.map(|candidate| candidate.user), Some(user));
    for gone in [&ann, &intruder] {
        assert_not_found(store.registration(gone.id).await);
    }
    assert_eq!(store.registrations_of(ann.email.key(), 10).await.unwrap(), []);
    assert_eq!(world.mails_to(intruder.id).await, [], "its mails go with it");
    assert_eq!(world.mails_to(ann.id).await, [Content::ConfirmAddress]);
    assert_not_found(store.confirm_registration(intruder.id, world.now()).await);
    assert_eq!(store.registration(bob.id).await.unwrap(), bob, "another address is another's");
}

pub async fn confirming_twice_keeps_the_first_instant(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.registration("ann@example.org").await;
    let first = world.now();
    store.confirm_registration(ann.id, first).await.unwrap();
    let name = PersonName::parse("Ann Lee-Roy").unwrap();
    store.update_user(ann.id, &name, None).await.unwrap();
    store.confirm_registration(ann.id, world.now()).await.unwrap();
    let user = store.user(ann.id).await.unwrap();
    assert_eq!((user.confirmed_at, user.name), (first, name));
    assert_not_found(store.confirm_registration(world.user_id(), world.now()).await);
}

pub async fn a_sign_up_with_the_address_of_an_account_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut again = world.sign_up("ANN@example.org");
    again.password_hash = PasswordHash::from_phc("$argon2id$intruder");
    assert_eq!(world.register(&again).await, SignUpOutcome::AlreadyRegistered(Box::new(ann.clone())));

    assert_eq!(store.user(ann.id).await.unwrap(), ann);
    assert_not_found(store.registration(again.id).await);
    assert_eq!(store.registrations_of(ann.email.key(), 10).await.unwrap(), []);
    assert_not_found(store.confirm_registration(again.id, world.now()).await);
    assert_eq!(world.mails_to(ann.id).await, [Content::AlreadyRegistered]);
}

pub async fn an_address_is_one_account_in_every_spelling(store: SharedStore) {
    let world = World::of(&store);
    let jorg = world.user("Jörg@Bücher.example").await;
    for spelling in ["jörg@bücher.example", "JO\u{308}RG@xn--bcher-kva.example", "jörg@BÜCHER.example."] {
        let again = world.sign_up(spelling);
        let known = SignUpOutcome::AlreadyRegistered(Box::new(jorg.clone()));
        assert_eq!(world.register(&again).await, known, "{spelling}");
        assert_eq!(store.user_by_email(email(spelling).key()).await.unwrap().id, jorg.id, "{spelling}");
    }
    for other in ["jorg@bücher.example", "jörg@bucher.example", "jörg+x@bücher.example"] {
        world.registration(other).await;
    }
}

pub async fn of_twenty_confirmations_of_one_address_one_makes_an_account(store: SharedStore) {
    let world = Arc::new(World::of(&store));
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(world.registration("ann@example.org").await);
    }
    let results = in_parallel(20, |n| {
        let (store, world, id) = (SharedStore::clone(&store), Arc::clone(&world), waiting[n as usize].id);
        async move { store.confirm_registration(id, world.now()).await }
    })
    .await;

    let winners: Vec<usize> = (0..20).filter(|n| results[*n].is_ok()).collect();
    let [winner] = winners[..] else { panic!("one confirmation succeeds: {results:?}") };
    for result in results.into_iter().filter(Result::is_err) {
        assert_not_found(result);
    }
    assert_eq!(store.user_by_email(waiting[0].email.key()).await.unwrap().id, waiting[winner].id);
    for loser in waiting.iter().filter(|registration| registration.id != waiting[winner].id) {
        assert_not_found(store.user(loser.id).await);
    }
    assert_eq!(store.registrations_of(waiting[0].email.key(), 50).await.unwrap(), []);
    store.confirm_registration(waiting[winner].id, world.now()).await.unwrap();
}

pub async fn fifty_sign_ups_at_once_are_all_registered(store: SharedStore) {
    let world = Arc::new(World::of(&store));
    let sign_ups: Vec<Registration> = (0..50).map(|_| world.sign_up("ann@example.org")).collect();
    let results = in_parallel(50, |n| {
        let (world, new) = (Arc::clone(&world), sign_ups[n as usize].clone());
        async move { world.register(&new).await }
    })
    .await;
    assert!(results.iter().all(|result| *result == SignUpOutcome::Registered));
    let mut newest_first = sign_ups;
    newest_first.reverse();
    assert_eq!(store.registrations_of(newest_first[0].email.key(), 60).await.unwrap(), newest_first);
    assert_eq!(world.jobs().await.len(), 50, "every sign-up has its mail");
}

pub async fn old_registrations_are_removed_strictly_before_an_instant(store: SharedStore) {
    let world = World::of(&store);
    let old = world.registration("old@example.org").await;
    let confirmed = world.user("confirmed@example.org").await;
    let young = world.registration("young@example.org").await;
    let end = |registration: &Registration| registration.created_at.plus(SIGN_UP_LIFETIME);

    assert_eq!(store.remove_expired(end(&old), 10).await.unwrap(), 0);
    assert_eq!(store.registration(old.id).await.unwrap(), old);
    assert_eq!(store.remove_expired(end(&old).plus(MILLISECOND), 10).await.unwrap(), 1);
    assert_not_found(store.registration(old.id).await);
    assert_eq!(store.registrations_of(old.email.key(), 10).await.unwrap(), []);
    assert_not_found(store.confirm_registration(old.id, world.now()).await);
    assert_eq!(world.mails_to(old.id).await, [], "its mails go with it");
    assert_eq!(store.remove_expired(end(&young), 10).await.unwrap(), 0);
    assert_eq!(store.registration(young.id).await.unwrap(), young);
    assert_eq!(store.user(confirmed.id).await.unwrap(), confirmed);
}

pub async fn old_registrations_are_removed_a_few_at_a_time(store: SharedStore) {
    let world = World::of(&store);
    for n in 0..5 {
        world.registration(&format!("user{}@example.org", n % 2)).await;
    }
    let later = world.now().plus(SIGN_UP_LIFETIME);
    for removed in [3, 2, 0] {
        assert_eq!(store.remove_expired(later, 3).await.unwrap(), removed);
    }
    assert_eq!(world.jobs().await, []);
}
