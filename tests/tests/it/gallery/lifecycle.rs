//! Stopping, crashing and starting again.

use std::time::{Duration, Instant};

use gallery_tests::client::Upload;
use gallery_tests::member::{RECORD_BYTES, id_of};
use gallery_tests::{Sample, Server, eventually};
use serde_json::json;

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &Upload::small(1), &[("title", "harbour"), ("tags", "sea")]).await;
    let cookies = ann.cookies().clone();
    let shown = ann.get(&format!("/api/v1/photos/{}", id_of(&photo))).await.expect(200).json();

    let server = server.stop().await.start().await;
    let ann = server.client();
    ann.cookies().clone_from(&cookies);
    assert_eq!(ann.get(&format!("/api/v1/photos/{}", id_of(&photo))).await.expect(200).json(), shown);
    let path = format!("/api/v1/photos/{}/renditions/original", id_of(&photo));
    assert_eq!(ann.get(&path).await.expect(200).body, Upload::small(1).bytes);
    assert_eq!(ann.all_ids("/api/v1/search?q=harbour%20sea").await, [id_of(&photo)]);
}

#[tokio::test]
async fn asked_to_stop_the_gallery_finishes_what_runs_and_ends() {
    let mut server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Busy").await;
    let big = Sample::new(3000, 2000).jpeg();
    let upload = {
        let (client, album) = (ann.copy(), album.clone());
        tokio::spawn(async move {
            client.upload(&album, &Upload::new("big.jpg", "image/jpeg", big), &[]).await.status
        })
    };
    // Under way: its bytes are reserved, and it is not listed yet; or it was quick and is done.
    eventually("the upload's beginning", async || (ann.used().await > RECORD_BYTES).then_some(())).await;
    let started = Instant::now();
    server.terminate();
    assert_eq!(upload.await.expect("the running upload is answered"), 201);
    let status = server.ended().await;
    assert!(status.success(), "{status}");
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());

    let launch = server.launch();
    launch.verify();
    let server = launch.start().await;
    let client = server.client();
    client.log_in(&ann.person).await;
    assert_eq!(client.all_ids("/api/v1/photos").await.len(), 1);
}

/// `docs/invariants.md`, I7: an upload answered with 201 is readable, whatever happens next.
#[tokio::test]
async fn a_crash_amid_uploads_loses_nothing_that_was_answered() {
    let mut server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Busy").await;
    let mut answered: Vec<(String, Vec<u8>)> = Vec::new();
    let mut seed = 0;
    for round in 0..3_u64 {
        let client = server.client();
        client.log_in(&ann.person).await;
        let uploads = (0..6).map(|_| {
            seed += 1;
            let (client, album) = (client.copy(), album.clone());
            let bytes = Sample::new(500, 400).seed(seed).jpeg();
            tokio::spawn(async move {
                let file = Upload::new("a.jpg", "image/jpeg", bytes.clone());
                let answer = client.upload_request(&album, &file, &[]).try_send().await.ok()?;
                (answer.status == 201).then(|| (id_of(&answer.json()), bytes))
            })
        });
        let uploads: Vec<_> = uploads.collect();
        // Another moment each round: before, amid and after the first answers.
        tokio::time::sleep(Duration::from_millis(30 + 120 * round)).await;
        let launch = server.kill();
        for upload in uploads {
            answered.extend(upload.await.expect("the task ends"));
        }
        server = launch.start().await;
    }
    let client = server.client();
    client.log_in(&ann.person).await;
    let listed = client.all_ids("/api/v1/photos").await;
    for (id, bytes) in &answered {
        assert!(listed.contains(id), "{id} was answered with 201 and is not listed");
        let path = format!("/api/v1/photos/{id}/renditions/original");
        assert_eq!(&client.get(&path).await.expect(200).body, bytes, "{id}");
    }
    // What is listed is whole, answered or not.
    for id in &listed {
        client.get(&format!("/api/v1/photos/{id}/renditions/small")).await.ok(200);
    }
    client.photo(&album, &Upload::small(200), &[]).await;
    server.stop().await.verify();
}

#[tokio::test]
async fn a_cancellation_survives_a_crash() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Doomed").await;
    for seed in 0..8 {
        ann.photo(&album, &Upload::small(seed), &[]).await;
    }
    let body = json!({"password": ann.person.password});
    ann.request(reqwest::Method::DELETE, "/api/v1/account").json(&body).send().await.ok(202);
    // At once, amid the purge or just after it.
    let server = server.kill().start().await;
    // A dead worker's lease ends after 60 seconds; then another takes the job.
    let started = Instant::now();
    while server.outbox().to(&ann.person.email).iter().all(|mail| !mail.subject.contains("cancelled")) {
        assert!(started.elapsed() < Duration::from_mins(2), "the purge was not resumed");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let client = server.client();
    let body = json!({"email": ann.person.email, "password": ann.person.password});
    client.post("/api/v1/sessions", body).await.problem(401, "bad_credentials");
    server.stop().await.verify();
}
