//! What surrounds every page: the way to the log-in, errors, messages, assets.

use poem::http::Method;

use super::{cookies, html, location, page, send};
use crate::kit::{Bent, Site};

#[tokio::test]
async fn whoever_is_not_logged_in_is_sent_to_log_in_and_back() {
    let site = Site::new();
    for (path, next) in [
        ("/albums/7?cursor=x", "/login?next=%2Falbums%2F7%3Fcursor%3Dx"),
        ("/photos", "/login?next=%2Fphotos"),
        ("/account", "/login?next=%2Faccount"),
        ("/", "/login"),
    ] {
        assert_eq!(location(&site.get(path).send().await), next);
        assert_eq!(location(&site.get(path).cookie("gallery_session=x").send().await), next);
    }
    // A form cannot be sent again by a link.
    assert_eq!(location(&send(&site, "/albums/new", "", &[("name", "x")]).await), "/login");
    assert!(html(&site.get("/login?next=%2Fphotos").send().await).contains("Log in to continue."));
}

#[tokio::test]
async fn a_session_that_has_ended_is_none() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    site.pass(299);
    let renewed = site.get("/").cookie(&cookie).send().await;
    assert_eq!(renewed.status, 200);
    assert!(cookies(&renewed)[0].starts_with("gallery_session="));
    site.pass(2);
    assert_eq!(location(&site.get("/").cookie(&cookie).send().await), "/login");
}

#[tokio::test]
async fn errors_are_pages_in_the_frame_of_whoever_sees_them() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let visitor = site.get("/nowhere/at/all").send().await;
    assert_eq!(visitor.status, 404);
    assert!(html(&visitor).contains("Sign up") && !html(&visitor).contains("Log out"));
    let id = "01890000-0000-7000-8000-000000000000";
    for path in
        ["/nowhere".to_owned(), "/albums/x".to_owned(), format!("/albums/{id}"), format!("/photos/{id}/edit")]
    {
        let member = site.get(&path).cookie(&cookie).send().await;
        assert_eq!(member.status, 404, "{path}");
        assert!(html(&member).contains("Log out"), "{path}");
    }
    let cursor = site.get("/photos?cursor=%3Cscript%3E").cookie(&cookie).send().await;
    assert_eq!(cursor.status, 400);
    let method = site.request(Method::DELETE, "/account").cookie(&cookie).send().await;
    assert_eq!((method.status.as_u16(), method.header("allow")), (405, "GET, HEAD, POST"));
    html(&method);
}

#[tokio::test]
async fn a_form_of_another_type_is_refused() {
    let site = Site::new();
    let json = site.post("/login").body("application/json", r#"{"email": "x"}"#).send().await;
    assert_eq!(json.status, 415);
    html(&json);
}

#[tokio::test]
async fn rule_35_forms_from_another_site_change_nothing() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    for path in ["/logout", "/albums/new", "/account/cancel", "/account/password"] {
        let request = site.post(path).cookie(&cookie).header("sec-fetch-site", "cross-site");
        let refused = request.body("application/x-www-form-urlencoded", "name=x").send().await;
        assert_eq!(refused.status, 403, "{path}");
        html(&refused);
    }
    assert!(page(&site, "/", &cookie).await.contains("No albums yet"));
}

#[tokio::test]
async fn a_message_is_shown_once() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let saved = send(&site, "/account", &cookie, &[("name", "Ann Lee")]).await;
    let flash = cookies(&saved).pop().unwrap();
    let shown = site.get("/account").cookie(&format!("{cookie}; {flash}")).send().await;
    assert!(html(&shown).contains("Changes saved"));
    assert_eq!(cookies(&shown), ["gallery_flash="]);
    let forged = site.get("/account").cookie(&format!("{cookie}; gallery_flash=You+won")).send().await;
    assert!(!html(&forged).contains("You won") && !html(&forged).contains("role=\"status\""));
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_names_that_change() {
    let site = Site::new();
    let login = page(&site, "/login", "a=b").await;
    let paths: Vec<_> = login.split('"').filter(|text| text.starts_with("/assets/")).collect();
    for (ending, media_type) in [
        (".css", "text/css; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".svg", "image/svg+xml"),
    ] {
        let path = paths.iter().find(|path| path.ends_with(ending)).unwrap();
        let asset = site.get(path).send().await;
        assert_eq!((asset.status.as_u16(), asset.header("content-type")), (200, media_type));
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(!asset.body.is_empty());
        let head = site.request(Method::HEAD, path).send().await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    }
    let unknown = site.get("/assets/site-000000000000.css").send().await;
    assert_eq!((unknown.status.as_u16(), unknown.header("cache-control")), (404, "no-store"));
}

#[tokio::test]
async fn rule_30_pages_have_no_inline_script_or_style() {
    let site = Site::bent(Bent { base_url: "https://photos.example", ..Bent::default() });
    let cookie = site.member("ann@example.org").await;
    let album = site.album(&cookie).await;
    let photo = site.photo(&cookie, &album, "heron.jpg", b"heron").await.text_at("id");
    for path in [
        "/".to_owned(),
        "/photos".to_owned(),
        "/search?q=heron".to_owned(),
        "/account".to_owned(),
        "/account/cancel".to_owned(),
        "/albums/new".to_owned(),
        format!("/albums/{album}"),
        format!("/albums/{album}/edit"),
        format!("/albums/{album}/delete"),
        format!("/photos/{photo}"),
        format!("/photos/{photo}/edit"),
        format!("/photos/{photo}/delete"),
    ] {
        let html = page(&site, &path, &cookie).await;
        assert!(!html.contains("<style") && !html.contains(" style="), "{path}");
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/assets/").count(), "{path}");
        assert!(!html.contains(" onclick") && !html.contains(" onload"), "{path}");
        assert!(html.contains("<html lang=\"en\">") && html.matches("<h1").count() == 1, "{path}");
    }
}
