//! How long a page that needs no photo takes while S3 hangs, beside the same page while S3 is well:
//! rounds in turns, with the same uploads going on in both.

use std::time::Duration;

use gallery_faults::HttpProxy;
use gallery_tests::client::Upload;
use gallery_tests::s3::Bucket;
use gallery_tests::{Client, Launch, Variant, eventually};
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::load::{Rates, fill, session_of, wrk};

/// Rounds of each.
const ROUNDS: usize = 3;

/// People who upload one photo after the other.
const UPLOADERS: usize = 4;

/// The least time from one upload of theirs to the next.
const PACE: Duration = Duration::from_millis(500);

/// What the rounds with a binary came to.
pub struct Outage {
    /// The binary.
    pub name: &'static str,
    /// The 99th percentile of the page's time while S3 is well, in milliseconds.
    pub well: Rates,
    /// The same while S3 takes requests and does not answer.
    pub hanging: Rates,
}

impl Outage {
    /// How much longer the page takes while S3 hangs.
    pub fn ratio(&self) -> f64 {
        self.hanging.median() / self.well.median()
    }
}

/// Fills an album and runs the rounds.
pub async fn of(variant: Variant) -> Outage {
    let (bucket, s3) = (Bucket::fresh(), HttpProxy::start(&Bucket::server()));
    let launch = bucket.used_by(Launch::of(variant), &s3.url());
    let name = launch.name();
    let (person, album) = fill(launch.clone()).await;
    let server = launch.start().await;
    let client = server.client();
    client.log_in(&person).await;
    let (page, busy) = (format!("{}/albums/{album}", server.base_url()), client.album("Busy").await);
    let cookie = session_of(&client);
    wrk(&page, &cookie, "2s");
    let (mut well, mut hanging) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        well.push(percentile_with_uploads(&client, &busy, &page, &cookie));
        s3.stall();
        hanging.push(percentile_with_uploads(&client, &busy, &page, &cookie));
        s3.restore();
        eventually("ready again", async || client.is_ready().await.then_some(())).await;
    }
    server.stop().await;
    Outage { name, well: Rates::from_iter(well), hanging: Rates::from_iter(hanging) }
}

fn percentile_with_uploads(client: &Client, album: &str, page: &str, cookie: &str) -> f64 {
    let mut uploads = JoinSet::new();
    for _ in 0..UPLOADERS {
        let (client, album) = (client.copy(), album.to_owned());
        uploads.spawn(async move {
            let (mut turns, mut seed) = (interval(PACE), 0u8);
            loop {
                turns.tick().await;
                seed = seed.wrapping_add(1);
                // 503 while S3 hangs.
                let _ = client.upload_request(&album, &Upload::small(seed), &[]).try_send().await;
            }
        });
    }
    milliseconds(&wrk(page, cookie, "4s"))
}

/// The line `99%   12.34ms` of wrk's report.
fn milliseconds(report: &str) -> f64 {
    let text =
        report.lines().find_map(|line| line.trim().strip_prefix("99%")).expect("a 99th percentile").trim();
    let unit = text.find(|char: char| char.is_ascii_alphabetic()).expect("a unit");
    let number: f64 = text[..unit].parse().expect("a number");
    number
        * match &text[unit..] {
            "us" => 0.001,
            "ms" => 1.0,
            "s" => 1000.0,
            other => panic!("wrk counts in {other}"),
        }
}
