//! Limits on guessing passwords and on causing mail, counted in the store so that instances share
//! them. They are checked before anything that costs more.

use std::net::IpAddr;

use super::{Error, Gallery};
use crate::model::JobCause;
use crate::ports::{Allowance, Conflict, StoreError};
use crate::texts::Language;
use crate::values::{ContentHash, Email, EmailKey, SessionId, UserAgent};

/// The network that surrounds a client's own may cause so many times what the client's own may.
const SURROUNDING: u32 = 4;

/// Who sends a request, as far as the web layer knows.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The network address, after configured proxies; only compared, never shown.
    pub address: String,
    /// What the client says it is.
    pub user_agent: UserAgent,
    /// What an earlier log-in gave it to be known by
    /// ([`LoggedIn::device`](super::LoggedIn::device)), if it shows it.
    pub device: Option<String>,
    /// The language that it asks for.
    pub language: Option<Language>,
}

impl Client {
    /// The networks that the client is counted by, each with how many times the limit it may come
    /// to.
    fn networks(&self) -> Vec<(String, u32)> {
        match self.address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                vec![
                    (format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"), 1),
                    (format!("{a:x}:{b:x}:{c:x}::/48"), SURROUNDING),
                ]
            }
            Ok(IpAddr::V4(address)) => vec![(address.to_string(), 1)],
            Err(_) => vec![(self.address.clone(), 1)],
        }
    }
}

/// What vouches for somebody who claims to know an account's password.
pub(super) enum Voucher {
    /// Nothing.
    None,
    /// A device that has logged in to the account before.
    Device(String),
    /// A session of the account.
    Session(SessionId),
}

/// A guess at a password, or a mail, that counts until it is given back, by the names of its
/// counters.
pub(super) struct Counted(Vec<ContentHash>);

impl Counted {
    fn of(allowances: Vec<Allowance>) -> Self {
        Self(allowances.into_iter().map(|allowance| allowance.name).collect())
    }
}

/// Why a mail is sent to somebody who is not logged in. Each is counted for itself, so that what
/// strangers do to an address does not keep its owner from another kind of mail.
#[derive(Debug, Clone, Copy)]
pub(super) enum MailPurpose {
    SignUp,
    Confirmation,
    PasswordReset,
}

impl MailPurpose {
    fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Confirmation => "confirmation",
            Self::PasswordReset => "password reset",
        }
    }
}

impl Gallery {
    /// Counts a guess at the password of the account of this address, before anything is compared:
    /// so no number of guesses at once is more than the limit. [`Error::TooManyAttempts`] when
    /// there were too many.
    pub(super) async fn begin_guess(
        &self,
        account: &str,
        voucher: &Voucher,
        client: &Client,
    ) -> Result<Counted, Error> {
        let allowances = self.guess_allowances(account, voucher, client);
        if !self.admit(&allowances).await? {
            return Err(Error::TooManyAttempts { retry_after: self.rules.throttling.window.as_secs() });
        }
        Ok(Counted::of(allowances))
    }

    /// Takes back a guess that was none or could not be compared, or a mail that could not be
    /// recorded. When the store fails, it stays counted.
    pub(super) async fn give_back(&self, counted: Counted) {
        let _turn = self.counter_locks.lock(&counted.0).await;
        if let Err(error) = self.ports.store.give_back(&counted.0, self.now()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a guess or mail that was none stays counted"
            );
        }
    }

    fn guess_allowances(&self, account: &str, voucher: &Voucher, client: &Client) -> Vec<Allowance> {
        let limits = &self.rules.throttling;
        let mut allowances = Vec::new();
        for (network, times) in client.networks() {
            let limit = |limit: u32| limit.saturating_mul(times);
            allowances.push(allowance(&["guesses from", &network], limit(limits.failures_per_client)));
            if matches!(voucher, Voucher::None) {
                let pair = ["guesses", account, &network];
                allowances.push(allowance(&pair, limit(limits.failures_per_account)));
            }
        }
        let of_one = |kind, id: &str| allowance(&["guesses", account, kind, id], limits.failures_per_account);
        allowances.push(match voucher {
            Voucher::None => allowance(&["guesses at", account], limits.failures_per_account_everywhere),
            Voucher::Device(id) => of_one("device", id),
            Voucher::Session(id) => of_one("session", &id.to_string()),
        });
        allowances
    }

    /// Counts a mail that somebody who is not logged in causes, before anything else is done for
    /// it: so no number of requests at once causes more than the limit. Returns what to [give
    /// back](Self::give_back) when the mail could not be recorded; `None` when the address has had
    /// enough of them: then nothing is sent, and the answer stays the same.
    /// [`Error::TooManyAttempts`] when the client has caused too many.
    pub(super) async fn count_mail(
        &self,
        email: &Email,
        purpose: MailPurpose,
        client: &Client,
    ) -> Result<Option<Counted>, Error> {
        let (limits, purpose) = (&self.rules.throttling, purpose.name());
        let networks = client.networks().into_iter().map(|(network, times)| {
            allowance(&["mails from", purpose, &network], limits.mails_per_client.saturating_mul(times))
        });
        let mut allowances = networks.collect::<Vec<_>>();
        if !self.admit(&allowances).await? {
            return Err(Error::TooManyAttempts { retry_after: limits.window.as_secs() });
        }
        let address = allowance(&["mails to", purpose, email.key().as_str()], limits.mails_per_address);
        match self.admit(&[address]).await {
            Ok(true) => {
                allowances.push(address);
                Ok(Some(Counted::of(allowances)))
            }
            // The network stays counted: whoever goes on asking is stopped there.
            Ok(false) => Ok(None),
            Err(error) => {
                self.give_back(Counted::of(allowances)).await;
                Err(error)
            }
        }
    }

    /// The cause of what somebody does who is not logged in. Of the network, an IPv4 address or an
    /// IPv6 /64, only a keyed hash leaves here.
    pub(super) fn network_of(&self, client: &Client) -> JobCause {
        let own = client.networks().into_iter().next().map(|(network, _)| network);
        let named = format!("network {}", own.unwrap_or_default());
        JobCause::Network(self.signer.fingerprint(&named))
    }

    async fn admit(&self, allowances: &[Allowance]) -> Result<bool, Error> {
        let _turn = self.counter_locks.lock(allowances.iter().map(|allowance| &allowance.name)).await;
        let now = self.now();
        match self.ports.store.admit(allowances, now, now.plus(self.rules.throttling.window)).await {
            Err(StoreError::Conflict(Conflict::LimitReached)) => Ok(false),
            other => Ok(other.map(|()| true)?),
        }
    }

    /// What vouches for a client that wants to log in to the account of this address.
    pub(super) fn voucher(&self, address: Option<&EmailKey>, client: &Client) -> Voucher {
        let known = address.zip(client.device.as_deref());
        let device = known.and_then(|(address, shown)| self.signer.known_device(shown, address));
        device.map_or(Voucher::None, Voucher::Device)
    }
}

fn allowance(name: &[&str], limit: u32) -> Allowance {
    Allowance { name: ContentHash::of_fields(name.iter().map(|part| part.as_bytes())), limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Vec<(String, u32)> {
        Client { address: address.to_owned(), ..Client::default() }.networks()
    }

    #[test]
    fn rule_48_an_ipv6_client_is_its_64_and_its_48() {
        let one = networks("2001:db8:1:2:3:4:5:6");
        assert_eq!(one, [("2001:db8:1:2::/64".to_owned(), 1), ("2001:db8:1::/48".to_owned(), 4)]);
        assert_eq!(networks("2001:db8:1:2::ffff"), one);
        assert_eq!(networks("2001:db8:1:3::1")[1], one[1]);
        assert_ne!(networks("2001:db8:1:3::1")[0], one[0]);
    }

    #[test]
    fn an_ipv4_client_is_its_address_however_it_comes() {
        assert_eq!(networks("192.0.2.1"), [("192.0.2.1".to_owned(), 1)]);
        assert_eq!(networks("::ffff:192.0.2.1"), networks("192.0.2.1"));
        assert_eq!(networks("unknown"), [("unknown".to_owned(), 1)]);
    }
}
