//! Requests per second of a page of 50 photos, beside the bare handler on the same database: short rounds in
//! turns, by the same load generator, so that whatever else the machine does hits both.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gallery_tests::Server;
use gallery_tests::client::Upload;
use gallery_tests::server::free_port;

use crate::binary;
use crate::start::resident_memory;

/// Rounds of each.
const ROUNDS: usize = 5;

/// Seconds of a round. All of them stay far below the five minutes of a session.
const SECONDS: &str = "4s";

/// What the rounds came to.
pub struct Load {
    /// Requests per second of the gallery: the median round.
    pub gallery: f64,
    /// Requests per second of the bare handler: the median round.
    pub peer: f64,
    /// The gallery's resident memory after the rounds, in KiB.
    pub resident_kib: u64,
}

impl Load {
    /// The gallery's share of the bare handler's rate.
    pub fn ratio(&self) -> f64 {
        self.gallery / self.peer
    }
}

/// The peer's process; killed when dropped.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fills an album and runs the rounds.
pub async fn run() -> Load {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Fifty").await;
    for seed in 0..50 {
        let title = format!("Photo {seed} of the harbour");
        ann.photo(&album, &Upload::small(seed), &[("title", &title), ("tags", "sea,harbour")]).await;
    }
    let cookie = format!("cookie: gallery_session={}", ann.session_token());
    let page = format!("{}/api/v1/albums/{album}/photos", server.base_url());
    let items = ann.get(&page).await.expect(200).json()["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(50), "a page holds 50 photos");

    let address = format!("127.0.0.1:{}", free_port());
    let _peer = start_peer(&address, &server.data_folder());
    let bare = format!("http://{address}/albums/{album}");
    gallery_tests::eventually("the bare handler", async || {
        let answer = reqwest::get(&bare).await.ok()?;
        (answer.text().await.ok()? == "50").then_some(())
    })
    .await;

    let (mut gallery, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        gallery.push(requests_per_second(&page, &cookie));
        peer.push(requests_per_second(&bare, &cookie));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Load { gallery: median(gallery), peer: median(peer), resident_kib: resident_memory(server.id()) }
}

fn start_peer(address: &str, data: &Path) -> Peer {
    let files =
        std::fs::read_dir(data).expect("the data folder").filter_map(|entry| Some(entry.ok()?.path()));
    let is_database = |file: &std::path::PathBuf| {
        std::fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
    };
    let database = files.into_iter().find(is_database).expect("the database");
    let mut command = Command::new(binary("GALLERY_PEER_BIN"));
    command.arg(address).arg(database).stdin(Stdio::null());
    Peer(command.spawn().expect("the bare handler starts"))
}

/// One round of wrk; panics when any answer was not a success.
fn requests_per_second(url: &str, header: &str) -> f64 {
    let arguments = ["-t1", "-c8", "-d", SECONDS, "-H", header, url];
    let output = Command::new("wrk").args(arguments).output().expect("wrk runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && !said.contains("Non-2xx"), "{said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")).expect("a rate");
    rate.trim().parse().expect("a number")
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
