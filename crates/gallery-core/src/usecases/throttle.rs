//! Limits on guessing passwords and on causing mail, counted in the store so that instances share them.

use super::{Error, Gallery};
use crate::values::{ContentHash, Email, UserAgent};

/// Who sends a request, as far as the web layer knows.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The network address, after configured proxies; only compared, never shown.
    pub address: String,
    /// What the client says it is.
    pub user_agent: UserAgent,
}

impl Gallery {
    /// The counters of wrong passwords: for this account from this client, and from this client.
    pub(super) fn failure_counters(account: &str, client: &Client) -> [ContentHash; 2] {
        [counter(&["failures", account, &client.address]), counter(&["failures", &client.address])]
    }

    /// Fails when the counters of wrong passwords have come to their limits.
    pub(super) fn refuse_after(&self, [pair, total]: [u32; 2]) -> Result<(), Error> {
        let limits = &self.rules.throttling;
        if pair >= limits.failures_per_account || total >= limits.failures_per_client {
            return Err(Error::TooManyAttempts { retry_after: limits.window.as_secs() });
        }
        Ok(())
    }

    /// Fails while there were too many wrong passwords for this account, or from this client.
    pub(super) async fn check_failures(&self, account: &str, client: &Client) -> Result<(), Error> {
        self.refuse_after(self.count_failures(account, client, 0).await?)
    }

    /// Counts a wrong password.
    pub(super) async fn note_failure(&self, account: &str, client: &Client) -> Result<(), Error> {
        // The attempt that reaches the limit is still answered as what it is.
        self.count_failures(account, client, 1).await.map(drop)
    }

    async fn count_failures(&self, account: &str, client: &Client, amount: u32) -> Result<[u32; 2], Error> {
        let [pair, total] = Self::failure_counters(account, client);
        Ok([self.count(&pair, amount).await?, self.count(&total, amount).await?])
    }

    /// Counts a mail that somebody who is not logged in causes. False when the address has had enough of
    /// them: then nothing is sent, and the answer stays the same.
    pub(super) async fn may_mail(&self, email: &Email, client: &Client) -> Result<bool, Error> {
        let limits = &self.rules.throttling;
        if self.count(&counter(&["mails from", &client.address]), 1).await? > limits.mails_per_client {
            return Err(Error::TooManyAttempts { retry_after: limits.window.as_secs() });
        }
        Ok(self.count(&counter(&["mails to", email.key().as_str()]), 1).await? <= limits.mails_per_address)
    }

    async fn count(&self, name: &ContentHash, amount: u32) -> Result<u32, Error> {
        let now = self.now();
        Ok(self.ports.store.count(name, amount, now, now.plus(self.rules.throttling.window)).await?)
    }
}

fn counter(name: &[&str]) -> ContentHash {
    ContentHash::of_fields(name.iter().map(|part| part.as_bytes()))
}
