//! Requests per second of a page of 50 photos, beside the bare query of the same store: short
//! rounds in turns, by the same load generator, so that whatever else the machine does hits both.

use std::fmt;
use std::process::{Child, Command, Stdio};

use gallery_tests::client::Upload;
use gallery_tests::engine::DynamoTables;
use gallery_tests::server::free_port;
use gallery_tests::{Client, Launch, Person, Server, eventually};

use crate::figure::binary;
use crate::start::resident_memory;
use crate::stores::{Bare, Store};

/// Photos on the page.
const PHOTOS: u8 = 50;

/// Rounds of each.
const ROUNDS: usize = 5;

/// A round. All of them together stay below the minute after which a session gets another token.
const ROUND: &str = "4s";

/// Before the first round, so that what starts cold (DynamoDB Local, above all) is warm.
const WARM_UP: &str = "2s";

/// What the rounds on a store came to.
pub struct Load {
    /// The store, as people call it.
    pub store: &'static str,
    /// Requests per second of the gallery.
    pub gallery: Rates,
    /// Requests per second of the bare handler.
    pub bare: Rates,
    /// The gallery's resident memory after the rounds, in KiB.
    pub resident_kib: u64,
}

impl Load {
    /// The gallery's share of the bare handler's rate.
    pub fn ratio(&self) -> f64 {
        self.gallery.median() / self.bare.median()
    }
}

/// A figure of each round: requests per second, or milliseconds.
pub struct Rates(Vec<f64>);

impl Rates {
    /// The one in the middle.
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

impl fmt::Display for Rates {
    /// The median, and how far the rounds lie apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.0[0], self.0[self.0.len() - 1]);
        let places = usize::from(most < 100.0);
        write!(f, "{:.places$} ({least:.places$}–{most:.places$})", self.median())
    }
}

impl FromIterator<f64> for Rates {
    fn from_iter<T: IntoIterator<Item = f64>>(rates: T) -> Self {
        let mut rates: Vec<f64> = rates.into_iter().collect();
        rates.sort_by(f64::total_cmp);
        Self(rates)
    }
}

/// The bare handler's process; killed when dropped.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fills an album and runs the rounds.
pub async fn on(store: &Store) -> Load {
    let (person, album) = fill(store.launch.clone()).await;
    let bare = store.bare();
    let server = store.launch.clone().start().await;
    let client = server.client();
    client.log_in(&person).await;
    let page = format!("{}/api/v1/albums/{album}/photos", server.base_url());
    let items = client.get(&page).await.expect(200).json()["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(usize::from(PHOTOS)), "the page holds all photos");
    let (_peer, query) = start_peer(&bare, &album).await;

    let cookie = session_of(&client);
    for url in [&page, &query] {
        requests_per_second(url, &cookie, WARM_UP);
    }
    let rounds = (0..ROUNDS)
        .map(|_| (requests_per_second(&page, &cookie, ROUND), requests_per_second(&query, &cookie, ROUND)));
    let (gallery, bare): (Vec<f64>, Vec<f64>) = rounds.unzip();
    let resident_kib = resident_memory(server.id());
    server.stop().await;
    Load { store: store.name, gallery: Rates::from_iter(gallery), bare: Rates::from_iter(bare), resident_kib }
}

/// Somebody, and an album of theirs with its photos. The gallery is stopped then, so that
/// everything is in its place.
pub async fn fill(launch: Launch) -> (Person, String) {
    let server: Server = launch.start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Fifty").await;
    for seed in 0..PHOTOS {
        let title = format!("Photo {seed} of the harbour");
        ann.photo(&album, &Upload::small(seed), &[("title", &title), ("tags", "sea,harbour")]).await;
    }
    server.stop().await;
    (ann.person.clone(), album)
}

/// Starts the bare handler, and checks what it answers; the address of its query.
async fn start_peer(bare: &Bare, album: &str) -> (Peer, String) {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(binary("GALLERY_PEER_BIN"));
    command.arg(&address).args(&bare.arguments).stdin(Stdio::null());
    command.env("AWS_ENDPOINT_URL_DYNAMODB", DynamoTables::endpoint());
    let peer = Peer(command.spawn().expect("the bare handler starts"));
    let query = format!("http://{address}/albums/{album}");
    let said =
        eventually("the bare handler", async || reqwest::get(&query).await.ok()?.text().await.ok()).await;
    assert_eq!(said, bare.answer, "what {:?} holds", bare.arguments);
    (peer, query)
}

/// The header field with the session's cookie.
pub fn session_of(client: &Client) -> String {
    format!("cookie: gallery_session={}", client.session_token())
}

fn requests_per_second(url: &str, header: &str, duration: &str) -> f64 {
    let said = wrk(url, header, duration);
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")).expect("a rate");
    rate.trim().parse().expect("a number")
}

/// One round of wrk: its report; panics when any answer was not a success.
pub fn wrk(url: &str, header: &str, duration: &str) -> String {
    let arguments = ["-t1", "-c8", "--latency", "-d", duration, "-H", header, url];
    let output = Command::new("wrk").args(arguments).output().expect("wrk runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = ["Non-2xx", "Socket errors"].iter().any(|complaint| said.contains(complaint));
    assert!(output.status.success() && !failed, "{said}");
    said
}
