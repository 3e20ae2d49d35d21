//! Sessions: tokens, their one replacement, and their end.

use std::sync::Arc;

use gallery_core::model::{Authenticated, Content, LoginCandidate, NewSession, NewToken, User};
use gallery_core::ports::{Conflict, Renewal, SharedStore};
use gallery_core::values::{PasswordHash, PersonName, SessionId};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel};
use super::world::{MILLISECOND, email};

pub async fn a_token_answers_its_account_and_session(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    world.photo(&album, "Sea").await;
    let started = world.session(ann.id).await;
    let expected = Authenticated {
        user: store.user(ann.id).await.unwrap(),
        session: started.session,
        token: started.token,
        replaced_by: None,
    };
    assert_eq!(store.authenticate(ann.id, &started.token.hash).await.unwrap(), expected);
}

pub async fn starting_a_session_twice_starts_one(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let started = world.session(ann.id).await;
    let renewed = world.token();
    store.renew_session(ann.id, &started.token.hash, &renewed).await.unwrap();
    store.start_session(&started).await.unwrap();

    let known = store.authenticate(ann.id, &started.token.hash).await.unwrap();
    assert_eq!(known.replaced_by, Some(renewed.hash));
    assert_eq!(known.session.last_seen_at, started.token.issued_at, "what this token knows");
    let [listed] = &store.sessions_of(ann.id, world.now()).await.unwrap()[..] else {
        panic!("one session is listed");
    };
    assert_eq!(listed.last_seen_at, renewed.issued_at);
}

pub async fn a_session_needs_an_account(store: SharedStore) {
    let world = World::of(&store);
    let nobody = world.log_in(world.user_id());
    assert_not_found(store.start_session(&nobody).await);
    assert_not_found(store.authenticate(nobody.session.user_id, &nobody.token.hash).await);
    assert_eq!(store.sessions_of(nobody.session.user_id, world.now()).await.unwrap(), []);
}

pub async fn a_log_in_finds_the_live_account_of_an_address(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let found = async |address| {
        let candidate = store.log_in_candidate(email(address).key()).await.unwrap();
        candidate.map(|candidate| candidate.user)
    };
    assert_eq!(found("Ann@example.org").await, Some(ann.clone()));
    assert_eq!(found("eve@example.org").await, None);
    world.registration("eve@example.org").await;
    assert_eq!(found("eve@example.org").await, None);
    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();
    assert_eq!(found("ann@example.org").await, None);
}

/// A session to be started by what a log-in learns now.
async fn proven(store: &SharedStore, world: &World, user: &User) -> NewSession {
    let candidate = store.log_in_candidate(user.email.key()).await.unwrap();
    let LoginCandidate { user, version } = candidate.unwrap();
    NewSession { password: user.password_hash, version, ..world.log_in(user.id) }
}

pub async fn a_session_starts_only_while_its_password_is_the_accounts(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (early, repeated) = (proven(&store, &world, &ann).await, proven(&store, &world, &ann).await);
    store.start_session(&repeated).await.unwrap();
    let new = PasswordHash::from_phc("$argon2id$new");
    let mail = world.mail(ann.id, Content::PasswordChanged);
    store.change_password(ann.id, &ann.password_hash, &new, None, mail).await.unwrap();
    for outdated in [early.clone(), NewSession { version: None, ..early }, repeated] {
        assert_conflict(store.start_session(&outdated).await, Conflict::PasswordChanged);
        assert_not_found(store.authenticate(ann.id, &outdated.token.hash).await);
    }
    let (good, late) = (proven(&store, &world, &ann).await, proven(&store, &world, &ann).await);
    store.start_session(&good).await.unwrap();
    assert!(store.authenticate(ann.id, &good.token.hash).await.is_ok());

    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();
    assert_not_found(store.start_session(&late).await);
    assert_not_found(store.start_session(&good).await);
}

pub async fn a_session_starts_although_the_account_has_changed_otherwise(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let proven = proven(&store, &world, &ann).await;
    store.update_user(ann.id, &PersonName::parse("Ann Lee-Roy").unwrap(), None).await.unwrap();
    world.album(ann.id, "Summer").await;
    store.start_session(&proven).await.unwrap();
    assert_eq!(store.authenticate(ann.id, &proven.token.hash).await.unwrap().session, proven.session);
}

pub async fn a_session_that_is_started_again_keeps_its_tokens(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let started = proven(&store, &world, &ann).await;
    store.start_session(&started).await.unwrap();
    let renewed = world.token();
    store.renew_session(ann.id, &started.token.hash, &renewed).await.unwrap();
    store.start_session(&started).await.unwrap();
    let late = started.token.expires_at;
    assert_eq!(store.sessions_of(ann.id, late).await.unwrap().len(), 1, "the newer token keeps it listed");
    store.end_session(ann.id, started.session.id).await.unwrap();
    assert_not_found(store.authenticate(ann.id, &renewed.hash).await);
}

pub async fn a_token_is_good_for_its_own_account_alone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (anns, bobs) = (world.session(ann.id).await, world.session(bob.id).await);
    assert_not_found(store.authenticate(ann.id, &world.token().hash).await);
    assert_not_found(store.authenticate(ann.id, &bobs.token.hash).await);
    assert_not_found(store.renew_session(ann.id, &bobs.token.hash, &world.token()).await);
    assert_not_found(store.end_session(ann.id, bobs.session.id).await);
    assert_eq!(store.authenticate(bob.id, &bobs.token.hash).await.unwrap().session, bobs.session);
    assert_eq!(store.authenticate(ann.id, &anns.token.hash).await.unwrap().session, anns.session);
}

pub async fn a_token_has_one_replacement(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let first = world.session(ann.id).await;
    let (second, refused, third) = (world.token(), world.token(), world.token());
    let renew = async |old: &NewToken, new| store.renew_session(ann.id, &old.hash, new).await.unwrap();

    assert_eq!(renew(&first.token, &second).await, Renewal::Issued);
    assert_eq!(renew(&first.token, &second).await, Renewal::Issued);
    assert_eq!(renew(&first.token, &refused).await, Renewal::Refused);
    assert_not_found(store.authenticate(ann.id, &refused.hash).await);

    let old = store.authenticate(ann.id, &first.token.hash).await.unwrap();
    assert_eq!((old.token, old.replaced_by), (first.token, Some(second.hash)), "the old token stays good");
    let new = store.authenticate(ann.id, &second.hash).await.unwrap();
    assert_eq!((new.token, new.replaced_by), (second, None));
    assert_eq!((new.session.id, new.session.last_seen_at), (first.session.id, second.issued_at));
    assert_eq!(new.session.created_at, first.session.created_at);

    assert_eq!(renew(&second, &third).await, Renewal::Issued);
    assert_eq!(
        renew(&first.token, &second).await,
        Renewal::Issued,
        "also after the replacement was replaced"
    );
    let seen = store.authenticate(ann.id, &third.hash).await.unwrap().session.last_seen_at;
    assert_eq!(seen, third.issued_at, "a repetition does not set it back");
}

pub async fn of_parallel_renewals_with_different_tokens_one_is_issued(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let old = world.session(ann.id).await.token;
    let tokens: Vec<_> = (0..20).map(|_| world.token()).collect();
    let results = in_parallel(20, |n| {
        let (store, new) = (SharedStore::clone(&store), tokens[n as usize]);
        async move { store.renew_session(ann.id, &old.hash, &new).await.unwrap() }
    })
    .await;

    let issued: Vec<_> = (0..20).filter(|n| results[*n] == Renewal::Issued).collect();
    let [winner] = issued[..] else { panic!("one replacement is issued: {results:?}") };
    for (n, token) in tokens.iter().enumerate() {
        assert_eq!(store.authenticate(ann.id, &token.hash).await.is_ok(), n == winner);
    }
    let known = store.authenticate(ann.id, &old.hash).await.unwrap();
    assert_eq!(known.replaced_by, Some(tokens[winner].hash));
}

pub async fn parallel_renewals_with_one_token_are_all_issued(store: SharedStore) {
    let world = Arc::new(World::of(&store));
    let ann = world.user("ann@example.org").await;
    let (old, new) = (world.session(ann.id).await.token, world.token());
    let results = in_parallel(20, |_| {
        let store = SharedStore::clone(&store);
        async move { store.renew_session(ann.id, &old.hash, &new).await.unwrap() }
    })
    .await;
    assert_eq!(results, [Renewal::Issued; 20]);
    assert_eq!(store.authenticate(ann.id, &new.hash).await.unwrap().token, new);
}

pub async fn an_ended_session_has_no_tokens(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (ended, other) = (world.session(ann.id).await, world.session(ann.id).await);
    let renewed = world.token();
    store.renew_session(ann.id, &ended.token.hash, &renewed).await.unwrap();
    store.end_session(ann.id, ended.session.id).await.unwrap();

    for token in [ended.token, renewed] {
        assert_not_found(store.authenticate(ann.id, &token.hash).await);
        assert_not_found(store.renew_session(ann.id, &token.hash, &world.token()).await);
    }
    assert_not_found(store.end_session(ann.id, ended.session.id).await);
    assert_not_found(store.end_session(ann.id, world.session_id()).await);
    assert_eq!(store.sessions_of(ann.id, world.now()).await.unwrap(), [other.session]);
}

pub async fn sessions_are_listed_newest_first_while_a_token_is_good(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let first = world.session(ann.id).await;
    world.session(bob.id).await;
    let second = world.session(ann.id).await;
    let third = world.session(ann.id).await;
    let renewed = world.token();
    store.renew_session(ann.id, &first.token.hash, &renewed).await.unwrap();
    let list = async |now| -> Vec<SessionId> {
        store.sessions_of(ann.id, now).await.unwrap().into_iter().map(|session| session.id).collect()
    };

    let [one, two, three] = [first.session.id, second.session.id, third.session.id];
    assert_eq!(list(world.now()).await, [three, two, one]);
    assert_eq!(list(second.token.expires_at.minus(MILLISECOND)).await, [three, two, one]);
    assert_eq!(list(second.token.expires_at).await, [three, one], "a token is not good when it expires");
    assert_eq!(list(third.token.expires_at).await, [one], "a replacement keeps a session going");
    assert_eq!(list(renewed.expires_at).await, []);
}

pub async fn a_session_is_not_listed_beyond_its_end(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut started = world.log_in(ann.id);
    started.session.ends_at = started.token.expires_at.minus(MILLISECOND * 10);
    store.start_session(&started).await.unwrap();
    let ends_at = started.session.ends_at;
    let before = store.sessions_of(ann.id, ends_at.minus(MILLISECOND)).await.unwrap();
    assert_eq!(before, [started.session]);
    assert_eq!(store.sessions_of(ann.id, ends_at).await.unwrap(), []);
}
