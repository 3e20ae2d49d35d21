//! The session token at the edges of its life, over the memory store.

use crate::kit::{PASSWORD, World, client};
use gallery_core::usecases::Error;

async fn cookie(world: &World) -> String {
    world.member("ann@example.org").await;
    world.gallery.log_in("ann@example.org", PASSWORD, &client()).await.unwrap().token.expose()
}

#[tokio::test]
async fn a_token_lives_five_minutes() {
    let world = World::new();
    let cookie = cookie(&world).await;
    world.pass(299);
    world.gallery.authenticate(&cookie).await.unwrap();
    world.pass(1);
    assert!(matches!(world.gallery.authenticate(&cookie).await, Err(Error::NoSession)));
}

#[tokio::test]
async fn a_token_over_a_minute_old_is_replaced_once_and_stays_good_for_requests_in_flight() {
    let world = World::new();
    let cookie = cookie(&world).await;
    world.pass(60);
    assert!(world.gallery.authenticate(&cookie).await.unwrap().fresh_token.is_none());
    world.pass(1);
    let fresh = world.gallery.authenticate(&cookie).await.unwrap().fresh_token.unwrap();
    let parallel = world.gallery.authenticate(&cookie).await.unwrap().fresh_token.unwrap();
    assert_eq!(fresh, parallel, "one replacement, however many requests run in parallel");
    let renewed = world.gallery.authenticate(&fresh.expose()).await.unwrap();
    assert!(renewed.fresh_token.is_none());
    assert_eq!(renewed.session.last_seen_at, world.gallery.now());
    world.pass(238);
    world.gallery.authenticate(&cookie).await.unwrap();
    world.pass(1);
    assert!(matches!(world.gallery.authenticate(&cookie).await, Err(Error::NoSession)));
    world.gallery.authenticate(&fresh.expose()).await.unwrap();
}

#[tokio::test]
async fn a_session_in_use_ends_after_eight_hours() {
    let world = World::new();
    let mut cookie = cookie(&world).await;
    for _ in 0..(8 * 60 / 4) - 1 {
        world.pass(4 * 60);
        cookie = world.gallery.authenticate(&cookie).await.unwrap().fresh_token.unwrap().expose();
    }
    world.pass(4 * 60);
    assert!(matches!(world.gallery.authenticate(&cookie).await, Err(Error::NoSession)));
}

#[tokio::test]
async fn logging_out_ends_every_token_of_the_session_and_no_other_session() {
    let world = World::new();
    let cookie = cookie(&world).await;
    let other = world.gallery.log_in("ann@example.org", PASSWORD, &client()).await.unwrap().token.expose();
    world.pass(61);
    let caller = world.gallery.authenticate(&cookie).await.unwrap();
    let fresh = caller.fresh_token.clone().unwrap().expose();
    world.gallery.log_out(&caller).await.unwrap();
    world.gallery.log_out(&caller).await.unwrap();
    for ended in [&cookie, &fresh] {
        assert!(matches!(world.gallery.authenticate(ended).await, Err(Error::NoSession)));
    }
    world.gallery.authenticate(&other).await.unwrap();
}

#[tokio::test]
async fn what_the_store_knows_of_a_token_is_no_token() {
    let world = World::new();
    let cookie = cookie(&world).await;
    let token = gallery_core::values::SessionToken::parse(&cookie).unwrap();
    for stolen in [token.hash().hex(), token.user().to_string(), String::new()] {
        assert!(matches!(world.gallery.authenticate(&stolen).await, Err(Error::NoSession)));
    }
}
