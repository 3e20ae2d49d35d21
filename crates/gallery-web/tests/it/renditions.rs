//! The bytes of photos: types, names, versions, ranges, links.

use std::sync::Arc;

use crate::kit::fakes::LinkingBlobs;
use crate::kit::{Answer, Bent, Site};
use gallery_core::usecases::ReprocessScope;
use poem::http::Method;

/// A site with a photo whose original is `0123456789`.
struct Shown {
    site: Site,
    cookie: String,
    photo: String,
}

impl Shown {
    async fn new(site: Site, file_name: &str) -> Self {
        let cookie = site.member("ann@example.org").await;
        let album = site.album(&cookie).await;
        let photo = site.photo(&cookie, &album, file_name, b"0123456789").await.text_at("id");
        Self { site, cookie, photo }
    }

    fn path(&self, name: &str) -> String {
        format!("/api/v1/photos/{}/renditions/{name}?v=1", self.photo)
    }

    async fn original(&self, headers: &[(&'static str, &str)]) -> Answer {
        let request = self.site.get(&self.path("original")).cookie(&self.cookie);
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
    }
}

const FOR_EVER: &str = "private, max-age=31536000, immutable";
const ETAG: &str = "\"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882\"";

#[tokio::test]
async fn rule_31_bytes_of_others_are_fenced_in() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    for (name, body, disposition) in [
        ("original", "0123456789", "attachment; filename=\"a.jpg\""),
        ("large", "large", "inline; filename=\"a-large.jpg\""),
        ("medium", "medium", "inline; filename=\"a-medium.jpg\""),
        ("small", "small", "inline; filename=\"a-small.jpg\""),
    ] {
        let answer = shown.site.get(&shown.path(name)).cookie(&shown.cookie).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, body));
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(answer.header("content-length"), body.len().to_string());
        assert_eq!(answer.header("content-disposition"), disposition);
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), FOR_EVER);
        assert_eq!(answer.header("accept-ranges"), "bytes");
    }
    assert_eq!(shown.original(&[]).await.header("etag"), ETAG);
    let huge = shown.site.get(&shown.path("huge")).cookie(&shown.cookie).send().await;
    assert_eq!(huge.problem(), (404, "not_found".to_owned()));
    assert_eq!(shown.site.get(&shown.path("small")).send().await.problem(), (401, "no_session".to_owned()));
}

#[tokio::test]
async fn rule_28_file_names_cannot_break_out_of_their_header() {
    let shown = Shown::new(Site::new(), "é%22; filename=evil.exe.jpg").await;
    let disposition = shown.original(&[]).await.header("content-disposition").to_owned();
    assert!(
        disposition.starts_with("attachment; filename=\"___ filename=evil.exe.jpg\"; filename*=UTF-8''"),
        "{disposition}"
    );
    assert_eq!(disposition.matches('"').count(), 2);
}

#[tokio::test]
async fn single_ranges_are_delivered() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    for (range, body, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-5", "2345", "bytes 2-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=0-99", "0123456789", "bytes 0-9/10"),
    ] {
        let answer = shown.original(&[("range", range)]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (206, body), "{range}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), body.len().to_string());
        assert_eq!(answer.header("etag"), ETAG);
    }
    for range in ["bytes=0-1,4-5", "lines=1-2", "bytes=5-2"] {
        assert_eq!(shown.original(&[("range", range)]).await.status, 200, "{range}");
    }
    let behind = shown.original(&[("range", "bytes=10-")]).await;
    assert_eq!(behind.problem(), (416, "range_not_satisfiable".to_owned()));
    assert_eq!(behind.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn versions_that_are_known_are_not_sent_again() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    let known = shown.original(&[("if-none-match", ETAG), ("range", "bytes=0-1")]).await;
    assert_eq!((known.status.as_u16(), known.body.len(), known.header("etag")), (304, 0, ETAG));
    assert_eq!(known.header("cache-control"), FOR_EVER);
    assert_eq!(shown.original(&[("if-none-match", "\"other\"")]).await.status, 200);
    assert_eq!(shown.original(&[("range", "bytes=0-1"), ("if-range", ETAG)]).await.status, 206);
    assert_eq!(shown.original(&[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await.status, 200);
}

#[tokio::test]
async fn addresses_of_a_version_are_kept_for_ever_and_others_for_a_while() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    let bare = shown.path("small").replace("?v=1", "");
    for (query, kept) in [
        ("", "private, max-age=600"),
        ("?w=1", "private, max-age=600"),
        ("?v=1", FOR_EVER),
        // The value is the photo page's business.
        ("?v=0", FOR_EVER),
        ("?v=&w=x", FOR_EVER),
    ] {
        let answer = shown.site.get(&format!("{bare}{query}")).cookie(&shown.cookie).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "small"), "{query}");
        assert_eq!(answer.header("cache-control"), kept, "{query}");
        let known = shown.site.get(&format!("{bare}{query}")).cookie(&shown.cookie);
        let known = known.header("if-none-match", answer.header("etag")).send().await;
        assert_eq!((known.status.as_u16(), known.header("cache-control")), (304, kept), "{query}");
    }
}

#[tokio::test]
async fn renditions_made_anew_have_another_address_and_another_version() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    let old = shown.site.get(&shown.path("small")).cookie(&shown.cookie).send().await;
    let original = shown.original(&[]).await;
    shown.site.photo(&shown.cookie, &shown.site.album(&shown.cookie).await, "b.jpg", b"new decoder").await;
    shown.site.web.gallery.reprocess(ReprocessScope::Photo(&shown.photo)).await.unwrap();
    shown.site.work().await;

    let photo = shown.site.get(&format!("/api/v1/photos/{}", shown.photo)).cookie(&shown.cookie).send().await;
    assert_eq!(photo.json()["generation"], 2);
    let page = shown.site.get(&format!("/photos/{}", shown.photo)).cookie(&shown.cookie).send().await;
    assert!(page.text().contains("/renditions/large?v=2\""), "{}", page.text());
    assert!(!page.text().contains("?v=1"), "{}", page.text());

    // Whoever asks for the old address gets what is there now, and may not take the old one for it.
    for address in [shown.path("small"), shown.path("small").replace("?v=1", "?v=2")] {
        let request = shown.site.get(&address).cookie(&shown.cookie);
        let now = request.header("if-none-match", old.header("etag")).send().await;
        assert_eq!((now.status.as_u16(), now.text()), (200, "small1"));
        assert_ne!(now.header("etag"), old.header("etag"));
        let request = shown.site.get(&address).cookie(&shown.cookie).header("range", "bytes=0-1");
        let part = request.header("if-range", old.header("etag")).send().await;
        assert_eq!((part.status.as_u16(), part.text()), (200, "small1"));
    }
    assert_eq!(shown.original(&[]).await.header("etag"), original.header("etag"));
}

#[tokio::test]
async fn heads_have_everything_but_the_bytes() {
    let shown = Shown::new(Site::new(), "a.jpg").await;
    let head = shown.site.request(Method::HEAD, &shown.path("original")).cookie(&shown.cookie).send().await;
    let get = shown.original(&[]).await;
    assert_eq!((head.status, head.body.len()), (get.status, 0));
    for name in
        ["content-type", "content-length", "etag", "accept-ranges", "content-disposition", "cache-control"]
    {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[tokio::test]
async fn links_lead_to_the_object_store() {
    let site = Site::bent(Bent { blobs: Some(Arc::new(LinkingBlobs)), ..Bent::default() });
    let shown = Shown::new(site, "a.jpg").await;
    let answer = shown.original(&[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (302, 0));
    assert_eq!(
        answer.header("location"),
        format!("https://objects.example/photos/{}/1/original?300", shown.photo)
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let head = shown.site.request(Method::HEAD, &shown.path("original")).cookie(&shown.cookie).send().await;
    assert_eq!(
        (head.status.as_u16(), head.header("content-length")),
        (200, "10"),
        "links are signed for GET"
    );
    assert_eq!(shown.original(&[("if-none-match", ETAG)]).await.status, 304);
}
