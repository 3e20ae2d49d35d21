//! Sign-up, confirmation, log-in, log-out, forgotten passwords.

use super::{cookies, html, location, message, page, send, session};
use crate::kit::{PASSWORD, Site};

const ANN: &str = "ann@example.org";

async fn sign_up(site: &Site, email: &str) -> crate::kit::Answer {
    send(site, "/signup", "", &[("email", email), ("password", PASSWORD), ("name", "Ann")]).await
}

async fn log_in(site: &Site, email: &str, password: &str) -> crate::kit::Answer {
    send(site, "/login", "", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn from_sign_up_to_log_out() {
    let site = Site::new();
    let signed_up = sign_up(&site, ANN).await;
    assert!(page(&site, location(&signed_up), "a=b").await.contains("Check your e-mail"));
    site.work().await;
    let confirmed = site.get(&format!("/confirm/{}", site.last_token())).send().await;
    assert_eq!(location(&confirmed), "/login");
    assert!(message(&site, &confirmed, "a=b").await.contains("is confirmed"));
    let logged_in = log_in(&site, ANN, PASSWORD).await;
    assert_eq!(location(&logged_in), "/");
    let cookie = session(&logged_in);
    assert!(page(&site, "/", &cookie).await.contains("Log out"));
    assert_eq!(location(&site.get("/login").cookie(&cookie).send().await), "/");
    assert_eq!(location(&site.get("/signup").cookie(&cookie).send().await), "/");
    let logged_out = send(&site, "/logout", &cookie, &[]).await;
    assert!(cookies(&logged_out).contains(&"gallery_session=".to_owned()));
    assert_eq!(message(&site, &logged_out, "a=b").await, "You’re logged out.");
    assert_eq!(location(&site.get("/").cookie(&cookie).send().await), "/login");
}

#[tokio::test]
async fn rule_36_a_known_address_gets_the_same_answer() {
    let site = Site::new();
    site.account(ANN).await;
    let (known, unknown) = (sign_up(&site, ANN).await, sign_up(&site, "eve@example.org").await);
    assert_eq!((known.status, location(&known)), (unknown.status, location(&unknown)));
    for path in ["/forgot", "/resend"] {
        let known = send(&site, path, "", &[("email", ANN)]).await;
        let unknown = send(&site, path, "", &[("email", "nobody@example.org")]).await;
        assert_eq!((location(&known), &known.body), (location(&unknown), &unknown.body), "{path}");
    }
    let (known, unknown) = (log_in(&site, ANN, "x").await, log_in(&site, "nobody@example.org", "x").await);
    assert_eq!(known.status, 401);
    assert_eq!(html(&known).replace(ANN, ""), html(&unknown).replace("nobody@example.org", ""));
}

#[tokio::test]
async fn what_was_typed_is_kept_and_the_password_is_not() {
    let site = Site::new();
    let typed = [("email", "<b>ann"), ("password", "short-secret"), ("name", " ")];
    let refused = send(&site, "/signup", "", &typed).await;
    assert_eq!(refused.status, 422);
    let html = html(&refused);
    assert!(html.contains("value=\"&#60;b&#62;ann\"") && !html.contains("short-secret"));
    for id in ["name-error", "email-error"] {
        assert!(html.contains(&format!("id=\"{id}\"")) && html.contains(id), "{id}");
    }
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2);
    let refused = send(&site, "/signup", "", &[("email", ANN), ("password", "short"), ("name", "Ann")]).await;
    assert!(refused.text().contains("at least 12\u{a0}characters"));
    assert_eq!(send(&site, "/forgot", "", &[("email", "x")]).await.status, 422);
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_gets_a_new_link() {
    let site = Site::new();
    sign_up(&site, ANN).await;
    site.work().await;
    site.pass(601);
    let expired = site.get(&format!("/confirm/{}", site.last_token())).send().await;
    assert_eq!((expired.status.as_u16(), expired.header("referrer-policy")), (422, "same-origin"));
    let token = site.last_token();
    assert!(html(&expired).contains("has expired") && expired.text().contains("action=\"/resend\""));
    assert!(expired.text().contains(&format!("name=\"token\" value=\"{token}\"")));
    let early = log_in(&site, ANN, PASSWORD).await;
    assert_eq!(early.status, 401);
    for help in ["open the link in the e-mail", "href=\"/resend\"", "href=\"/forgot\"", "href=\"/signup\""] {
        assert!(html(&early).contains(help), "{help}");
    }
    let resent = send(&site, "/resend", "", &[("token", &token)]).await;
    page(&site, location(&resent), "a=b").await;
    site.work().await;
    let link = format!("/confirm/{}", site.last_token());
    for _ in 0..2 {
        assert_eq!(location(&site.get(&link).send().await), "/login");
    }
    let invalid = site.get(&format!("{link}x")).send().await;
    assert_eq!(invalid.status, 422);
    assert!(html(&invalid).contains("isn’t valid"));
}

#[tokio::test]
async fn a_log_in_leads_on_within_the_site_only() {
    let site = Site::new();
    site.account(ANN).await;
    for (next, leads_to) in [
        ("/photos?cursor=x", "/photos?cursor=x"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
    ] {
        let typed = [("email", ANN), ("password", PASSWORD), ("next", next)];
        assert_eq!(location(&send(&site, "/login", "", &typed).await), leads_to);
        let refused =
            send(&site, "/login", "", &[("email", ANN), ("password", "wrong"), ("next", "/photos")]).await;
        assert!(refused.text().contains("name=\"next\" value=\"/photos\""));
    }
    let form = site.get("/login?next=%2F%2Fevil.example").send().await;
    assert!(!html(&form).contains("evil"));
}

#[tokio::test]
async fn rule_37_guessing_is_slowed_down_on_the_form() {
    let site = Site::new();
    site.account(ANN).await;
    for _ in 0..10 {
        assert_eq!(log_in(&site, ANN, "a wrong password").await.status, 401);
    }
    let slowed = log_in(&site, ANN, PASSWORD).await;
    assert_eq!((slowed.status.as_u16(), slowed.header("retry-after")), (429, "600"));
    assert!(
        html(&slowed).contains("Too many attempts") && slowed.text().contains("value=\"ann@example.org\"")
    );
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_once() {
    let site = Site::new();
    site.account(ANN).await;
    let asked = send(&site, "/forgot", "", &[("email", ANN)]).await;
    assert!(page(&site, location(&asked), "a=b").await.contains("Check your e-mail"));
    site.work().await;
    let link = format!("/reset/{}", site.last_token());
    let form = site.get(&link).send().await;
    assert_eq!((form.status.as_u16(), form.header("referrer-policy")), (200, "same-origin"));
    let weak = send(&site, &link, "", &[("password", "password1234")]).await;
    assert_eq!(weak.status, 422);
    assert!(html(&weak).contains("id=\"password-error\"") && weak.text().contains(&link));
    let done = send(&site, &link, "", &[("password", "grey heron at dawn")]).await;
    assert!(message(&site, &done, "a=b").await.contains("new password is saved"));
    for used in
        [site.get(&link).send().await, send(&site, &link, "", &[("password", "another heron or two")]).await]
    {
        assert_eq!(used.status, 422);
        assert!(html(&used).contains("href=\"/forgot\""));
    }
    assert_eq!(log_in(&site, ANN, "grey heron at dawn").await.status, 303);
}
