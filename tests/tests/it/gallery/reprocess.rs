//! `admin reprocess` beside a running server: new renditions under a new address, and nothing else
//! changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::server::Launch;
use gallery_tests::{Client, Clock, Sample, Server, eventually};
use serde_json::{Value, json};

/// The names of a photo's blobs, without its id, in order.
fn blobs(server: &Server, photo: &str) -> Vec<String> {
    let mut names = Vec::new();
    collect(&server.data_folder().join("blobs/photos"), &mut names);
    let mut own: Vec<String> = names
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.strip_prefix(photo)?.strip_prefix('.'))
        .map(str::to_owned)
        .collect();
    own.sort();
    own
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// What the command prints; panics unless it ends well.
async fn admin(server: &Server, words: &[&str]) -> String {
    let (launch, words) = (server.launch(), words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let run = move || {
        let words: Vec<_> = ["admin"].into_iter().chain(words.iter().map(String::as_str)).collect();
        launch.run(&words)
    };
    let output = tokio::task::spawn_blocking(run).await.expect("the command ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

async fn generation(client: &Client, photo: &str) -> Value {
    client.get(&format!("/api/v1/photos/{photo}")).await.expect(200).json()["generation"].clone()
}

const NEW: [&str; 4] = ["1.original", "2.large", "2.medium", "2.small"];
const BOTH: [&str; 7] = ["1.large", "1.medium", "1.original", "1.small", "2.large", "2.medium", "2.small"];

#[tokio::test]
async fn renditions_are_made_anew_while_the_gallery_is_in_use() {
    let clock = Clock::new();
    let server = Launch::new().clock(&clock).start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let bytes = Sample::new(1_500, 1_000).camera("Pinhole", "One").jpeg();
    let file = Upload::new("heron.jpg", "image/jpeg", bytes.clone());
    let photo = id_of(&ann.photo(&album, &file, &[("title", "uploaded")]).await);
    let address = format!("/api/v1/photos/{photo}");
    let before = ann.patch(&address, json!({"title": "edited", "tags": ["sea"]})).await.expect(200).json();
    let medium = ann.get(&format!("{address}/renditions/medium?v=1")).await.expect(200);

    let said = admin(&server, &["reprocess", "--photo", &photo]).await;
    assert!(said.starts_with("Jobs recorded: 1."), "{said}");
    let after = eventually("the new generation", async || {
        let shown = ann.get(&address).await.expect(200).json();
        (shown["generation"] == 2).then_some(shown)
    })
    .await;
    for field in ["title", "tags", "album_id", "bytes", "sha256", "width", "camera", "updated_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let page = ann.get(&format!("/photos/{photo}")).await.expect(200).text();
    assert!(page.contains(&format!("{address}/renditions/medium?v=2")), "{page}");
    let again = ann.get(&format!("{address}/renditions/medium?v=2")).await.expect(200);
    assert_eq!(again.header("content-type"), "image/jpeg");
    assert_eq!((again.body, again.headers["etag"].clone()), (medium.body, medium.headers["etag"].clone()));
    assert_eq!(ann.get(&format!("{address}/renditions/original?v=2")).await.expect(200).body, bytes);
    assert_eq!(blobs(&server, &photo), BOTH, "somebody may be fetching the old ones");
    assert!(admin(&server, &["verify"]).await.contains("All invariants hold."));

    clock.set(Duration::from_mins(16));
    eventually("the old renditions' end", async || (blobs(&server, &photo) == NEW).then_some(())).await;
    let client = server.client();
    client.log_in(&ann.person).await;
    client.get(&format!("{address}/renditions/medium?v=2")).await.ok(200);
    assert_eq!(client.all_ids("/api/v1/search?q=edited%20pinhole").await, [photo]);
    server.stop().await.verify();
}

#[tokio::test]
async fn an_accounts_photos_are_made_anew_and_those_that_fail_are_told_of() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let bob = server.member("bob").await;
    let (album, bobs) = (ann.album("Summer").await, bob.album("Winter").await);
    let mut photos = Vec::new();
    for seed in 0..12 {
        photos.push(id_of(&ann.photo(&album, &Upload::small(seed), &[]).await));
    }
    let theirs = id_of(&bob.photo(&bobs, &Upload::small(99), &[]).await);
    // An original that is not what was uploaded.
    let mut files = Vec::new();
    collect(&server.data_folder().join("blobs/photos"), &mut files);
    let damaged = format!("{}.1.original", photos[5]);
    let damaged = files.iter().find(|path| path.ends_with(&damaged)).expect("the original");
    fs::write(damaged, "not a photo").expect("a file");

    assert!(
        admin(&server, &["reprocess", "--account", "ann@example.org"]).await.starts_with("Jobs recorded: 1.")
    );
    for (place, photo) in photos.iter().enumerate().filter(|(place, _)| *place != 5) {
        eventually(&format!("photo {place}"), async || (generation(&ann, photo).await == 2).then_some(()))
            .await;
    }
    let parked = eventually("the job that failed", async || {
        let jobs = admin(&server, &["jobs", "--json"]).await;
        let jobs = jobs.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        jobs.into_iter().find(|job| job["kind"] == "reprocess" && job["parked"] == true)
    })
    .await;
    assert!(parked["last_error"].as_str().expect("a reason").contains("not what was put"), "{parked}");
    assert_eq!(generation(&ann, &photos[5]).await, 1);
    assert_eq!(generation(&bob, &theirs).await, 1, "nobody asked for it");

    // Everybody's; and it works without a server, too, which has to be there for the work.
    let server = server.stop().await;
    let said = String::from_utf8(server.run(&["admin", "reprocess", "--all"]).stdout).expect("text");
    assert!(said.starts_with("Jobs recorded: 2."), "{said}");
    let server = server.start().await;
    let client = server.client();
    client.log_in(&bob.person).await;
    eventually("Bob's photo", async || (generation(&client, &theirs).await == 2).then_some(())).await;
}

#[tokio::test]
async fn what_is_asked_for_must_be_there() {
    let server = Server::start().await;
    let cases: [(&'static [&'static str], &str); 5] = [
        (&["admin", "reprocess"], "required"),
        (&["admin", "reprocess", "--all", "--photo", "x"], "cannot be combined with"),
        (&["admin", "reprocess", "--photo", "x"], "photo: This isn’t an ID"),
        (&["admin", "reprocess", "--photo", "019ac3f2-0000-7000-8000-000000000000"], "no such photo"),
        (&["admin", "reprocess", "--account", "bob@example.org"], "no such photo or account"),
    ];
    for (words, told) in cases {
        let launch = server.launch();
        let output = tokio::task::spawn_blocking(move || launch.run(words)).await.expect("it ends");
        assert!(!output.status.success(), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{words:?}: {said}");
    }
}
