//! The harness of the black-box tests: it starts the real binaries with a fresh data folder, speaks
//! HTTP to them, reads its outbox, drives real browsers, and makes photos.
//!
//! It knows the gallery as its users do, by `docs/`: addresses, forms, the JSON API, environment
//! variables, the outbox folder. It uses none of the gallery's crates but the fault proxies, which
//! know nothing of it. What cannot be done panics with a sentence that says what was expected and
//! what came; nothing is skipped.

pub mod admin;
pub mod answer;
pub mod browser;
pub mod checkout;
pub mod client;
pub mod clock;
pub mod engine;
pub mod fleet;
pub mod guesses;
pub mod haproxy;
pub mod marionette;
pub mod member;
pub mod outbox;
pub mod photos;
pub mod python;
pub mod release_before;
pub mod rust_source;
pub mod s3;
pub mod server;
pub mod ses;
pub mod smtp;
pub mod webdriver;

use std::time::{Duration, Instant};

pub use answer::Answer;
pub use browser::Browser;
pub use client::Client;
pub use clock::Clock;
pub use fleet::Fleet;
pub use member::{Member, Person};
pub use outbox::{Mail, Outbox};
pub use photos::Sample;
pub use release_before::ReleaseBefore;
pub use server::{Launch, Server, Variant};

/// The longest that anything in the background may take before a test gives up on it.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Asks again and again, for [`TIMEOUT`], until there is an answer; panics with `what` when there
/// is none.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < TIMEOUT, "waited {TIMEOUT:?} in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
