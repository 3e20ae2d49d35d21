//! The SES server that `cargo xtask engines up` starts. All tests share it: each writes to
//! addresses of its own.

use serde_json::Value;

use crate::engine::{of_environment, unique_name};
use crate::{Launch, eventually};

/// The environment variable with the server's address: `http://127.0.0.1:port`.
const SES: &str = "GALLERY_TEST_SES_URL";

/// What was sent to one address.
pub struct Inbox {
    /// The address.
    pub address: String,
}

/// A mail as the server took it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The `Subject`.
    pub subject: String,
    /// The text part.
    pub text: String,
}

/// Where the server answers.
pub fn server() -> String {
    of_environment(SES)
}

/// A gallery that sends its mails through SES, and reaches the server at this endpoint.
#[must_use]
pub fn used_by(launch: Launch, endpoint: &str) -> Launch {
    launch
        .setting("GALLERY__MAIL__TRANSPORT", "ses")
        .setting("GALLERY__MAIL__FROM", "gallery@example.org")
        .setting("GALLERY__SES__REGION", "us-east-1")
        .setting("GALLERY__SES__ENDPOINT", endpoint)
}

impl Inbox {
    /// Of an address that no other test has, for somebody of this name.
    pub fn of(name: &str) -> Self {
        let unique = unique_name(&format!("{name}-")).to_lowercase();
        Self { address: format!("{unique}@example.org") }
    }

    /// Everything that was sent to it, the oldest first.
    pub async fn mails(&self) -> Vec<Sent> {
        let store = reqwest::get(format!("{}/store", server())).await.expect("the SES server answers");
        let store: Value = store.json().await.expect("the SES server answers JSON");
        let all = store["emails"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mine = all.iter().filter(|mail| mail["destination"]["to"].to_string().contains(&self.address));
        mine.map(|mail| Sent { subject: text(&mail["subject"]), text: text(&mail["body"]["text"]) }).collect()
    }

    /// Waits for a mail whose subject holds these words; the latest one.
    pub async fn latest(&self, words: &str) -> Sent {
        let what = format!("a mail to {} about {words:?}", self.address);
        let find = async || self.mails().await.into_iter().rfind(|mail| mail.subject.contains(words));
        eventually(&what, find).await
    }
}

impl Sent {
    /// The token of the confirmation or reset link.
    #[track_caller]
    pub fn token(&self, path: &str) -> String {
        let link = self.text.split_whitespace().find(|word| word.contains(path));
        let link = link.unwrap_or_else(|| panic!("no link to {path} in {}", self.text));
        link.rsplit('/').next().unwrap_or_default().to_owned()
    }
}
