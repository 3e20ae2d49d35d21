//! The own account: name, usage, password, sessions, cancelling.

use super::{cookies, html, location, message, page, send, session};
use crate::kit::{PASSWORD, Site};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn the_account_says_what_it_holds() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    site.photo(&cookie, &album, "heron.jpg", &vec![7; 250_000]).await;
    let html = page(&site, "/account", &cookie).await;
    for text in [
        "1\u{a0}album, 1\u{a0}photo",
        "254\u{a0}kB of 10\u{a0}MB used",
        "<rect width=\"2\"",
        ANN,
        "(This session)",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_name_is_changed_or_refused_beside_its_field() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let saved = send(&site, "/account", &cookie, &[("name", "Ann Lee")]).await;
    assert_eq!(message(&site, &saved, &cookie).await, "Changes saved");
    assert!(page(&site, "/", &cookie).await.contains("Ann Lee"));
    let refused = send(&site, "/account", &cookie, &[("name", "")]).await;
    assert_eq!(refused.status, 422);
    assert!(html(&refused).contains("id=\"name-error\""));
}

#[tokio::test]
async fn rule_6_a_password_change_asks_for_the_current_one_and_ends_other_sessions() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let other = session(&send(&site, "/login", "", &[("email", ANN), ("password", PASSWORD)]).await);
    let new = ("new_password", "grey heron at dawn");
    let wrong =
        send(&site, "/account/password", &cookie, &[("current_password", "no idea at all"), new]).await;
    assert_eq!(wrong.status, 403);
    assert!(html(&wrong).contains("id=\"current_password-error\"") && !wrong.text().contains("heron at"));
    let changed = send(&site, "/account/password", &cookie, &[("current_password", PASSWORD), new]).await;
    assert!(message(&site, &changed, &cookie).await.contains("Your password has been changed"));
    assert_eq!(location(&site.get("/").cookie(&other).send().await), "/login");
}

#[tokio::test]
async fn sessions_are_ended_one_by_one() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    site.pass(1);
    let other = session(&send(&site, "/login", "", &[("email", ANN), ("password", PASSWORD)]).await);
    let actions = |html: &str| -> Vec<String> {
        html.split('"').filter(|text| text.starts_with("/account/sessions/")).map(str::to_owned).collect()
    };
    // The newest comes first, which is the other one.
    let listed = actions(&page(&site, "/account", &cookie).await);
    assert_eq!(listed.len(), 2);
    for _ in 0..2 {
        let ended = send(&site, &listed[0], &cookie, &[]).await;
        assert_eq!(message(&site, &ended, &cookie).await, "Session ended");
    }
    assert_eq!(location(&site.get("/").cookie(&other).send().await), "/login");
    let own = send(&site, &listed[1], &cookie, &[]).await;
    assert_eq!(location(&own), "/login");
    assert!(cookies(&own).contains(&"gallery_session=".to_owned()));
}

#[tokio::test]
async fn rule_12_cancelling_asks_for_the_password() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    site.album(&cookie).await;
    assert!(page(&site, "/account/cancel", &cookie).await.contains("1\u{a0}album"));
    for (password, status) in [("", 422), ("not the password", 403)] {
        let refused = send(&site, "/account/cancel", &cookie, &[("password", password)]).await;
        assert_eq!(refused.status.as_u16(), status);
        assert!(html(&refused).contains("id=\"password-error\""));
    }
    assert_eq!(page(&site, "/account", &cookie).await.matches("(This session)").count(), 1);
    let cancelled = send(&site, "/account/cancel", &cookie, &[("password", PASSWORD)]).await;
    assert!(cookies(&cancelled).contains(&"gallery_session=".to_owned()));
    assert!(page(&site, location(&cancelled), "a=b").await.contains("Your account is cancelled"));
    assert_eq!(location(&site.get("/").cookie(&cookie).send().await), "/login");
    assert_eq!(send(&site, "/login", "", &[("email", ANN), ("password", PASSWORD)]).await.status, 401);
}
