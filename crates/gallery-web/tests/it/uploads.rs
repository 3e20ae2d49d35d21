//! Uploads: what a photo's form may look like, and what is left behind when it is refused.

use std::time::Duration;

use crate::kit::{Answer, Bent, MAX_UPLOAD_BYTES, Part, RECORD_BYTES, Site, counted, multipart};
use futures_util::stream;
use gallery_core::model::PhotoState;
use poem::Body;
use poem::http::Method;
use serde_json::{Value, json};

/// A site with a member and an album.
struct Bench {
    site: Site,
    cookie: String,
    album: String,
}

impl Bench {
    async fn new() -> Self {
        Self::of(Site::new()).await
    }

    async fn of(site: Site) -> Self {
        let cookie = site.member("ann@example.org").await;
        let album = site.album(&cookie).await;
        Self { site, cookie, album }
    }

    fn path(&self) -> String {
        format!("/api/v1/albums/{}/photos", self.album)
    }

    async fn upload(&self, parts: &[Part<'_>]) -> Answer {
        self.site.post(&self.path()).cookie(&self.cookie).form(parts).await
    }

    async fn send(&self, body: impl Into<Body>) -> Answer {
        let request = self.site.post(&self.path()).cookie(&self.cookie);
        request.body("multipart/form-data; boundary=edge", body).send().await
    }

    /// Waits until there is a pending upload, or none.
    async fn until_pending(&self, wanted: bool) {
        loop {
            let photos = self.site.store.photos_in_any_state(self.album.parse().unwrap(), 9).await.unwrap();
            if photos.iter().any(|photo| photo.state == PhotoState::Pending) == wanted {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Nothing is left of an upload that was refused, and the store is sound.
    async fn assert_nothing_left(&self) {
        self.site.work().await;
        let account = self.site.get("/api/v1/account").cookie(&self.cookie).send().await.json();
        assert_eq!(account["usage"]["bytes"], RECORD_BYTES, "the album's");
        let photos = self.site.get(&self.path()).cookie(&self.cookie).send().await.json();
        assert_eq!(photos["items"], json!([]));
        let report = self.site.web.gallery.verify().await.unwrap();
        assert!(report.is_clean() && report.photos == 0 && report.blobs == 0, "{report}");
    }
}

#[tokio::test]
async fn a_photo_is_answered_with_all_its_facts() {
    let bench = Bench::new().await;
    let parts = [
        Part::text("title", "Heron"),
        Part::file("../IMG 1.jpg", b"first"),
        Part::text("tags", "bird, lake"),
        Part::text("description", "At dusk"),
    ];
    let answer = bench.upload(&parts).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let photo = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/photos/{}", photo["id"].as_str().unwrap()));
    let expected = json!({
        "id": photo["id"], "album_id": bench.album, "title": "Heron", "description": "At dusk", "tags": ["bird", "lake"],
        "file_name": "IMG 1.jpg", "content_type": "image/jpeg", "bytes": 5,
        "sha256": "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e",
        "width": 8, "height": 6, "taken": { "local": "2023-11-15T00:13:20.123", "precision": "second", "offset": "+02:00" },
        "taken_at": "2023-11-14T22:13:20.123Z", "camera": "Pinhole One", "lens": null,
        "gps": { "latitude": 48.137, "longitude": 11.575, "altitude": null }, "placeholder": "AQID", "damaged": false, "generation": 1,
        "created_at": "2026-11-22T08:15:30.000Z", "updated_at": "2026-11-22T08:15:30.000Z", "exif": { "ISO": "100" },
        "maker": null, "model": null, "exposure": null, "aperture": null, "iso": 100,
        "focal_length": null, "focal_length_35mm": null,
    });
    assert_eq!(photo, expected);
    let read = bench.site.get(answer.header("location")).cookie(&bench.cookie).send().await.json();
    assert_eq!(read, expected);
}

#[tokio::test]
async fn parts_come_in_any_order_and_any_pieces() {
    let bench = Bench::new().await;
    let forms = [
        multipart(&[Part::file("a.jpg", b"first"), Part::text("title", "Heron")]),
        multipart(&[Part::text("title", "Heron"), Part::file("a.jpg", b"first")]),
    ];
    for form in forms {
        for size in [1, 7, form.len()] {
            let pieces: Vec<_> =
                form.chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
            let answer = bench.send(Body::from_bytes_stream(stream::iter(pieces))).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["title"].clone()),
                (201, json!("Heron")),
                "pieces of {size}"
            );
        }
    }
}

#[tokio::test]
async fn a_form_has_exactly_one_file_and_known_fields() {
    let bench = Bench::new().await;
    let file = || Part::file("a.jpg", b"first");
    for (parts, problem) in [
        (vec![], (422, "invalid")),
        (vec![Part::text("title", "Heron")], (422, "invalid")),
        (vec![Part::file("a.jpg", b"")], (422, "invalid")),
        (vec![file(), file()], (422, "invalid")),
        (vec![file(), Part::text("owner_id", "x")], (400, "malformed")),
        (vec![Part::text("title", "a"), Part::text("title", "b"), file()], (400, "malformed")),
        (
            vec![file(), Part { disposition: "name=\"title\"".to_owned(), content: b"\xff" }],
            (400, "malformed"),
        ),
        (vec![file(), Part::text("title", &"x".repeat(201))], (422, "invalid")),
    ] {
        let answer = bench.upload(&parts).await;
        assert_eq!(answer.problem(), (problem.0, problem.1.to_owned()), "{answer:?}");
    }
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let bench = Bench::new().await;
    let form = multipart(&[Part::file("a.jpg", b"first")]);
    for content_type in
        ["application/json", "multipart/form-data", "multipart/mixed; boundary=edge", "image/jpeg"]
    {
        let request = bench.site.post(&bench.path()).cookie(&bench.cookie);
        let answer = request.body(content_type, form.clone()).send().await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".to_owned()), "{content_type}");
    }
    for body in [
        b"".to_vec(),
        b"junk".to_vec(),
        b"--edge\r\njunk".to_vec(),
        b"--other\r\n\r\n--other--\r\n".to_vec(),
        form[..form.len() - 12].to_vec(),
    ] {
        let answer = bench.send(body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn rule_21_bytes_are_counted_as_they_arrive() {
    let bench = Bench::new().await;
    let limit = usize::try_from(MAX_UPLOAD_BYTES).unwrap();
    let fits = vec![b'x'; limit];
    assert_eq!(bench.upload(&[Part::file("a.jpg", &fits)]).await.status, 201);

    let over = multipart(&[Part::file("a.jpg", &vec![b'x'; limit + 1])]);
    let pieces: Vec<_> = over.chunks(9_999).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let answer = bench.send(Body::from_bytes_stream(stream::iter(pieces))).await;
    assert_eq!(answer.problem(), (413, "too_large".to_owned()));

    let declared =
        bench.site.post(&bench.path()).cookie(&bench.cookie).header("content-length", "99999999999");
    let answer = declared.body("multipart/form-data; boundary=edge", over).send().await;
    assert_eq!(answer.problem(), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn everything_but_the_photo_is_small() {
    let bench = Bench::new().await;
    let long = "x".repeat(200_000);
    let title = bench.upload(&[Part::text("title", &long), Part::file("a.jpg", b"first")]).await;
    assert_eq!(title.problem(), (413, "too_large".to_owned()));
    let behind = bench.upload(&[Part::file("a.jpg", b"first"), Part::text("title", &long)]).await;
    assert_eq!(behind.problem(), (413, "too_large".to_owned()));
    let header = bench.send(format!("--edge\r\nX-Junk: {long}")).await;
    assert_eq!(header.problem(), (413, "too_large".to_owned()));
    let preamble = bench.send(long).await;
    assert_eq!(preamble.problem(), (413, "too_large".to_owned()));
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn what_is_no_photo_is_refused_by_its_bytes() {
    let bench = Bench::new().await;
    let refused = |answer: Answer| answer.problem();
    assert_eq!(
        refused(bench.upload(&[Part::file("a.jpg", b"zip")]).await),
        (415, "unsupported_photo".to_owned())
    );
    assert_eq!(
        refused(bench.upload(&[Part::file("a.jpg", b"bad")]).await),
        (422, "undecodable_photo".to_owned())
    );
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn rule_20_the_quota_is_never_exceeded() {
    let bench =
        Bench::of(Site::bent(Bent { quota_bytes: RECORD_BYTES + counted(9), ..Bent::default() })).await;
    let too_much = bench.upload(&[Part::file("a.jpg", b"more than nine")]).await;
    assert_eq!(too_much.problem(), (413, "quota_exceeded".to_owned()));
    bench.assert_nothing_left().await;
    assert_eq!(bench.upload(&[Part::file("a.jpg", b"exactly 9")]).await.status, 201);
    assert_eq!(
        bench.upload(&[Part::file("a.jpg", b"x")]).await.problem(),
        (413, "quota_exceeded".to_owned())
    );
}

#[tokio::test]
async fn an_interrupted_upload_leaves_nothing() {
    let bench = Bench::new().await;
    let form = multipart(&[Part::file("a.jpg", &[b'x'; 1_000])]);
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "gone");
    let pieces = vec![Ok(form[..500].to_vec()), Err(broken)];
    let answer = bench.send(Body::from_bytes_stream(stream::iter(pieces))).await;
    assert_eq!(answer.problem(), (400, "interrupted".to_owned()));
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let bench = Bench::new().await;
    let form = multipart(&[Part::file("a.jpg", &[b'x'; 1_000])]);
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Vec<u8>>>(1);
    let body = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    sender.send(Ok(form[..500].to_vec())).await.unwrap();
    // The request is dropped in the middle, as a server does when the connection breaks; then its
    // body ends.
    tokio::select! {
        answer = bench.send(Body::from_bytes_stream(body)) => panic!("the form has not ended: {answer:?}"),
        () = bench.until_pending(true) => {}
    }
    drop(sender);
    bench.until_pending(false).await;
    bench.assert_nothing_left().await;
}

#[tokio::test]
async fn an_idempotency_key_makes_one_photo() {
    let bench = Bench::new().await;
    let upload = |content: &'static [u8]| {
        let request = bench.site.post(&bench.path()).cookie(&bench.cookie).header("idempotency-key", "k1");
        async move { request.form(&[Part::file("a.jpg", content)]).await }
    };
    let first = upload(b"first").await;
    let again = upload(b"first").await;
    assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
    assert_eq!(upload(b"other").await.problem(), (422, "idempotency_mismatch".to_owned()));
    let path = format!("/api/v1/photos/{}", first.text_at("id"));
    bench.site.request(Method::DELETE, &path).cookie(&bench.cookie).send().await;
    let gone = upload(b"first").await;
    assert_eq!(gone.problem(), (409, "idempotency_unresolved".to_owned()));
    assert_eq!(gone.header("retry-after"), "5");
}

/// The attack: a crash, and the client asks again. Time stands still in the gallery, and goes on
/// for its timers.
#[tokio::test(start_paused = true)]
async fn an_upload_that_is_received_slowly_shows_life() {
    let bench = Bench::new().await;
    let form = multipart(&[Part::file("a.jpg", &[b'x'; 1_000])]);
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Vec<u8>>>(1);
    let body = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    sender.send(Ok(form[..500].to_vec())).await.unwrap();
    let died = async {
        bench.until_pending(true).await;
        bench.site.pass(50);
        let dead_at = bench.site.web.gallery.now().plus(Duration::from_secs(11));
        while bench.site.store.overdue_uploads(dead_at, 1).await.unwrap().len() == 1 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        sender.send(Ok(form[500..].to_vec())).await.unwrap();
        drop(sender);
    };
    let (answer, ()) = tokio::join!(bench.send(Body::from_bytes_stream(body)), died);
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn file_names_are_what_browsers_escaped() {
    let bench = Bench::new().await;
    for (sent, kept) in [
        ("5%22 print.jpg", "5\" print.jpg"),
        ("two%0D%0Alines.jpg", "twolines.jpg"),
        ("100%25 %41%2F.jpg", "100%25 %41%2F.jpg"),
        ("می\u{200c}خواهم 👩\u{200d}🚀.jpg", "می\u{200c}خواهم 👩\u{200d}🚀.jpg"),
    ] {
        let answer = bench.upload(&[Part::file(sent, b"first")]).await;
        assert_eq!(answer.text_at("file_name"), kept, "{sent}");
    }
}

#[tokio::test]
async fn rule_42_a_decoder_that_panics_is_an_answer() {
    let bench = Bench::new().await;
    let answer = bench.upload(&[Part::file("a.jpg", b"boom")]).await;
    assert_eq!(answer.problem(), (500, "internal".to_owned()));
    assert!(!answer.text().contains("decoder met"), "{}", answer.text());
    assert_ne!(answer.json()["detail"], Value::Null);
    assert_eq!(bench.upload(&[Part::file("a.jpg", b"first")]).await.status, 201);
}

#[tokio::test]
async fn uploads_into_what_is_not_there_are_refused() {
    let bench = Bench::new().await;
    let stranger = bench.site.member("bea@example.org").await;
    let parts = [Part::file("a.jpg", b"first")];
    let theirs = bench.site.post(&bench.path()).cookie(&stranger).form(&parts).await;
    assert_eq!(theirs.problem(), (404, "not_found".to_owned()));
    let nowhere = bench.site.post("/api/v1/albums/x/photos").cookie(&stranger).form(&parts).await;
    assert_eq!(nowhere.problem(), (404, "not_found".to_owned()));
    bench.assert_nothing_left().await;
}
