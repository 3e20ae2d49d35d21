//! Both binaries with their photos in S3 and their mails through SES, each behind a proxy that
//! makes them fail.

use std::time::Duration;

use futures_util::future::join_all;
use gallery_faults::{Fault, HttpProxy, Reply, Rule};
use gallery_tests::client::Upload;
use gallery_tests::member::{id_of, ids_of};
use gallery_tests::s3::Bucket;
use gallery_tests::server::free_port;
use gallery_tests::ses::{self, Inbox};
use gallery_tests::{Clock, Launch, Member, Person, Sample, Server, TIMEOUT, Variant, eventually};
use reqwest::Method;
use serde_json::json;

macro_rules! for_both_binaries {
    ($($scenario:ident),+ $(,)?) => {
        mod gallery_sql {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(super::Launch::of(super::Variant::Sql)).await;
            })+
        }

        mod gallery_nosql {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(super::Launch::of(super::Variant::NoSql)).await;
            })+
        }
    };
}

for_both_binaries!(
    photos_live_in_s3_and_mails_go_through_ses,
    what_is_wrong_is_told_at_the_start,
    browsers_are_redirected_to_s3,
    an_upload_succeeds_or_leaves_nothing,
    albums_are_shown_while_s3_hangs,
    sign_up_answers_while_ses_is_throttled,
    no_expired_link_is_sent_after_an_hour_without_ses,
);

/// A gallery's surroundings in AWS.
struct Aws {
    bucket: Bucket,
    s3: HttpProxy,
    ses: HttpProxy,
}

impl Aws {
    fn around(launch: Launch) -> (Self, Launch) {
        let aws = Self {
            bucket: Bucket::fresh(),
            s3: HttpProxy::start(&Bucket::server()),
            ses: HttpProxy::start(&ses::server()),
        };
        let launch = aws.bucket.used_by(launch, &aws.s3.url());
        let launch = ses::used_by(launch, &aws.ses.url());
        (aws, launch)
    }

    /// Waits until nothing is in the bucket.
    async fn is_empty(&self) {
        eventually("an empty bucket", async || self.bucket.keys().is_empty().then_some(())).await;
    }
}

/// Somebody of this name who confirmed an address with a mail from SES, and logged in.
async fn member(server: &Server, name: &str) -> (Member, Inbox) {
    let inbox = Inbox::of(name);
    let person = Person { email: inbox.address.clone(), ..Person::named(name) };
    let mailed = async || inbox.latest("Confirm").await.token("/confirm/");
    let member = Member::confirming(server.client(), person, mailed).await;
    (member, inbox)
}

async fn photos_live_in_s3_and_mails_go_through_ses(launch: Launch) {
    let (aws, launch) = Aws::around(launch);
    let server = launch.start().await;
    let (ann, inbox) = member(&server, "ann").await;
    let album = ann.album("Summer").await;
    let file = Upload::new("sea.jpg", "image/jpeg", Sample::new(3000, 2000).jpeg());
    let photo = id_of(&ann.photo(&album, &file, &[]).await);
    assert_eq!(aws.bucket.keys().len(), 4, "the original and three renditions");
    let original = format!("/api/v1/photos/{photo}/renditions/original");
    assert_eq!(ann.get(&original).await.expect(200).body, file.bytes);
    let part = ann.request(Method::GET, &original).header("range", "bytes=10-19").send().await;
    assert_eq!(part.expect(206).body, file.bytes[10..20]);
    let second = id_of(&ann.photo(&album, &Upload::small(2), &[]).await);
    ann.delete(&format!("/api/v1/photos/{photo}")).await.ok(204);
    eventually("one photo's objects", async || (aws.bucket.keys().len() == 4).then_some(())).await;
    assert!(aws.bucket.keys().iter().all(|key| key.contains(&second)));

    let body = json!({"password": ann.person.password});
    ann.request(Method::DELETE, "/api/v1/account").json(&body).send().await.ok(202);
    let receipt = inbox.latest("cancelled").await;
    assert!(receipt.text.contains("1 photo"), "{}", receipt.text);
    aws.is_empty().await;
    server.stop().await.verify();
}

async fn what_is_wrong_is_told_at_the_start(launch: Launch) {
    let bucket = Bucket::fresh();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let there = bucket.used_by(launch, &Bucket::server());
    for (wrong, words) in [
        (there.clone().setting("GALLERY__S3__BUCKET", "no-such-bucket"), "no-such-bucket"),
        (there.clone().setting("AWS_SECRET_ACCESS_KEY", "another"), "credentials"),
        (there.clone().setting("GALLERY__S3__ENDPOINT", &nobody), "cannot be reached"),
        (there.setting("GALLERY__MAIL__TRANSPORT", "ses"), "mail.from"),
    ] {
        let output = wrong.run_as_server();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(words), "{words}: {said}");
        assert!(said.trim().lines().count() <= 2, "one clear line, perhaps with a headline: {said}");
    }
}

async fn browsers_are_redirected_to_s3(launch: Launch) {
    let (aws, launch) = Aws::around(launch);
    let server = launch.setting("GALLERY__S3__DELIVERY", "redirect").start().await;
    let (ann, _) = member(&server, "ann").await;
    let album = ann.album("Summer").await;
    let file = Upload::small(1);
    let photo = id_of(&ann.photo(&album, &file, &[]).await);
    let page = ann.get(&format!("/albums/{album}")).await.expect(200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("img-src 'self' data: {};", aws.s3.url())), "{policy}");

    let path = format!("/api/v1/photos/{photo}/renditions/original");
    let redirect = ann.get(&path).await.expect(302);
    let cached = redirect.headers["cache-control"].to_str().unwrap();
    assert!(cached.contains("private") || cached.contains("no-store"), "{cached}");
    let address = redirect.headers["location"].to_str().unwrap();
    let object = reqwest::get(address).await.expect("S3 answers");
    assert_eq!(object.status(), 200);
    assert_eq!(object.headers()["content-type"], "image/jpeg");
    assert!(object.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(object.bytes().await.expect("the object"), file.bytes);
    let unsigned = address.split('?').next().unwrap();
    assert_eq!(reqwest::get(unsigned).await.expect("S3 answers").status(), 403, "objects are private");
    ann.stranger().get(&path).await.problem(401, "no_session");
    server.stop().await.verify();
}

/// What happens to S3's answers, and how often; `None`: until the end of the upload.
fn s3_faults() -> Vec<(&'static str, Fault, Option<usize>)> {
    let failing = |status| Fault::answer(Reply::text(status, "the server is not well"));
    // First what one more attempt mends: later the budget for such attempts is used up.
    vec![
        ("is slow", Fault::Delay(Duration::from_millis(300)), None),
        ("fails for a moment", failing(500), Some(1)),
        ("does the work and loses the reply", Fault::ResetAfter, Some(1)),
        ("does the work and loses every reply", Fault::ResetAfter, None),
        ("does the work and fails", Fault::answer_after(Reply::text(500, "lost")), None),
        ("breaks the connection", Fault::Reset, None),
        ("is overloaded", failing(503), None),
        ("fails", failing(500), None),
    ]
}

async fn an_upload_succeeds_or_leaves_nothing(launch: Launch) {
    let (aws, launch) = Aws::around(launch);
    let server = launch.start().await;
    let (ann, _) = member(&server, "ann").await;
    let album = ann.album("Summer").await;
    let mut kept = Vec::new();
    for (seed, (what, fault, times)) in (1..).zip(s3_faults()) {
        let rule = Rule::on("PutObject", fault);
        aws.s3.add(if let Some(times) = times { rule.times(times) } else { rule });
        let answer = ann.upload(&album, &Upload::small(seed), &[]).await;
        aws.s3.clear();
        match answer.status {
            201 => kept.push((id_of(&answer.json()), seed)),
            503 => assert!(answer.headers.contains_key("retry-after"), "S3 {what}"),
            status => panic!("S3 {what}: {status}\n{}", answer.text()),
        }
        let listed = ids_of(&ann.get(&format!("/api/v1/albums/{album}/photos")).await.expect(200).json());
        assert_eq!(listed.len(), kept.len(), "S3 {what}: what was not answered 201 is not listed");
    }
    assert!(kept.len() >= 3, "what one more attempt mends does not fail an upload: {kept:?}");
    for (photo, seed) in &kept {
        let original = ann.get(&format!("/api/v1/photos/{photo}/renditions/original")).await.expect(200);
        assert_eq!(original.body, Upload::small(*seed).bytes);
    }
    let objects = kept.len() * 4;
    eventually("no object of a failed upload", async || (aws.bucket.keys().len() == objects).then_some(()))
        .await;
    server.stop().await.verify();
}

async fn albums_are_shown_while_s3_hangs(launch: Launch) {
    let (aws, launch) = Aws::around(launch);
    let server = launch.start().await;
    let (ann, _) = member(&server, "ann").await;
    let album = ann.album("Summer").await;
    aws.s3.stall();
    let uploads = (0..4).map(|seed| {
        let (ann, album) = (ann.copy(), album.clone());
        tokio::spawn(async move { ann.upload(&album, &Upload::small(seed), &[]).await.status })
    });
    let uploads: Vec<_> = uploads.collect();
    eventually("not ready", async || (!ann.is_ready().await).then_some(())).await;
    let page = format!("/albums/{album}");
    for _ in 0..50 {
        let shown = tokio::time::timeout(TIMEOUT, ann.get(&page)).await;
        shown.expect("pages without photos do not wait for S3").ok(200);
    }
    aws.s3.restore();
    let statuses = join_all(uploads).await.into_iter().map(|status| status.expect("an answer"));
    let uploaded = statuses.filter(|status| *status == 201).count();
    eventually("ready again", async || ann.is_ready().await.then_some(())).await;
    let listed = ann.all_ids(&format!("/api/v1/albums/{album}/photos")).await;
    assert_eq!(listed.len(), uploaded);
    server.stop().await.verify();
}

/// What SES answers when more is sent than the account may send in a second.
fn throttled() -> Fault {
    Fault::answer(Reply {
        status: 429,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-amzn-errortype".to_owned(), "TooManyRequestsException".to_owned()),
        ],
        body: r#"{"message":"Maximum sending rate exceeded."}"#.into(),
    })
}

async fn sign_up_answers_while_ses_is_throttled(launch: Launch) {
    let (aws, launch) = Aws::around(launch);
    let server = launch.start().await;
    aws.ses.add(Rule::on("SendEmail", throttled()));
    let people: Vec<(Person, Inbox)> = ["ann", "bob", "eve"]
        .map(|name| {
            let inbox = Inbox::of(name);
            (Person { email: inbox.address.clone(), ..Person::named(name) }, inbox)
        })
        .into();
    for (person, _) in &people {
        server.client().sign_up(person).await;
    }
    eventually("an attempt for each", async || (aws.ses.count("SendEmail") >= 3).then_some(())).await;
    aws.ses.clear();
    for (person, inbox) in &people {
        let token = inbox.latest("Confirm").await.token("/confirm/");
        server.client().post("/api/v1/accounts/confirm", json!({"token": token})).await.ok(204);
        server.client().log_in(person).await;
    }
    server.stop().await.verify();
}

async fn no_expired_link_is_sent_after_an_hour_without_ses(launch: Launch) {
    let ses = HttpProxy::start(&ses::server());
    let clock = Clock::new();
    // One worker, so that nothing is being sent when it drops the mail.
    let launch = ses::used_by(launch, &ses.url()).setting("GALLERY__WORKERS__COUNT", "1");
    let server = launch.clock(&clock).start().await;
    let (ann, inbox) = member(&server, "ann").await;
    ses.add(Rule::any(Fault::Reset));
    let late = Inbox::of("bob");
    server.client().sign_up(&Person { email: late.address.clone(), ..Person::named("bob") }).await;
    let change = json!({"current_password": ann.person.password, "new_password": "slate-heron-at-dusk-9"});
    ann.post("/api/v1/account/password", change).await.ok(204);
    eventually("an attempt", async || (!ses.faulted().is_empty()).then_some(())).await;
    clock.set(Duration::from_hours(1));
    // Only then SES is back, so that an attempt that was under way when the clock jumped does not
    // succeed.
    let dropped = "its link has expired";
    eventually("a mail that is dropped", async || server.log().contains(dropped).then_some(())).await;
    ses.clear();
    inbox.latest("password").await;
    assert!(late.mails().await.is_empty(), "the link had expired");
    server.stop().await.verify();
}
