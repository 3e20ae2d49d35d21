//! Devices: what a client is known by that has logged in to an account before. A signed text that
//! the client keeps; no store knows of it. It proves nothing but that: it only spares its owner the
//! limits that others have used up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::token::Signer;
use crate::values::EmailKey;

/// Bytes of a device's id.
pub(crate) const ID_BYTES: usize = 16;
/// How many accounts one client is known to, the newest first: some people share a browser.
const MOST_ACCOUNTS: usize = 4;

impl Signer {
    /// The device's id, if the client has logged in to the account of this address before.
    pub(crate) fn known_device(&self, shown: &str, address: &EmailKey) -> Option<String> {
        entries(shown).find(|entry| self.is_of(entry, address)).map(|entry| hex::encode(entry.id))
    }

    /// What the client shall show from now on, when it has logged in to the account of this
    /// address. It keeps the id by which it is known already; otherwise it gets this one.
    pub(crate) fn remember_device(
        &self,
        shown: Option<&str>,
        address: &EmailKey,
        fresh: [u8; ID_BYTES],
    ) -> String {
        let (own, others): (Vec<_>, Vec<_>) =
            entries(shown.unwrap_or_default()).partition(|entry| self.is_of(entry, address));
        let newest = own.into_iter().next().unwrap_or_else(|| {
            let signature = self.sign_fields(&signed(&fresh, address));
            Entry { id: fresh, signature }
        });
        let kept = std::iter::once(newest).chain(others).take(MOST_ACCOUNTS);
        kept.map(|entry| entry.text()).collect::<Vec<_>>().join(".")
    }

    fn is_of(&self, entry: &Entry, address: &EmailKey) -> bool {
        self.has_signed_fields(&signed(&entry.id, address), &entry.signature)
    }
}

/// A device's id for one account, and what proves that it was given out.
struct Entry {
    id: [u8; ID_BYTES],
    signature: [u8; 16],
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, signature) = bytes.split_at_checked(ID_BYTES)?;
        Some(Self { id: id.try_into().ok()?, signature: signature.try_into().ok()? })
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.id, self.signature].concat())
    }
}

/// The entries that have the form of one.
fn entries(shown: &str) -> impl Iterator<Item = Entry> {
    shown.split('.').take(MOST_ACCOUNTS).filter_map(Entry::parse)
}

/// What an entry's signature is of.
fn signed<'a>(id: &'a [u8; ID_BYTES], address: &'a EmailKey) -> [&'a [u8]; 3] {
    [b"gallery.device", id, address.as_str().as_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{Email, SecretKey};

    fn signer(secret: &str) -> Signer {
        Signer::new(SecretKey::new(secret).unwrap())
    }

    fn address(text: &str) -> EmailKey {
        Email::parse(text).unwrap().key().clone()
    }

    #[test]
    fn rule_48_a_device_is_known_to_the_accounts_that_it_has_logged_in_to() {
        let signer = signer("0123456789abcdef0123456789abcdef");
        let (ann, bob) = (address("ann@example.org"), address("bob@example.org"));
        let first = signer.remember_device(None, &ann, [1; ID_BYTES]);
        let both = signer.remember_device(Some(&first), &bob, [2; ID_BYTES]);
        assert_eq!(signer.known_device(&both, &ann), Some(hex::encode([1; ID_BYTES])));
        assert_eq!(signer.known_device(&both, &bob), Some(hex::encode([2; ID_BYTES])));
        assert_eq!(signer.known_device(&first, &bob), None);
        let again = signer.remember_device(Some(&both), &ann, [3; ID_BYTES]);
        assert_eq!(signer.known_device(&again, &ann), Some(hex::encode([1; ID_BYTES])), "it keeps its id");
    }

    #[test]
    fn the_newest_accounts_are_remembered() {
        let signer = signer("0123456789abcdef0123456789abcdef");
        let accounts: Vec<EmailKey> = (0..6).map(|n| address(&format!("user{n}@example.org"))).collect();
        let shown = accounts.iter().fold(None, |shown: Option<String>, account| {
            Some(signer.remember_device(shown.as_deref(), account, [7; ID_BYTES]))
        });
        let known =
            accounts.iter().map(|account| signer.known_device(shown.as_deref().unwrap(), account).is_some());
        assert_eq!(known.collect::<Vec<_>>(), [false, false, true, true, true, true]);
    }

    #[test]
    fn what_was_not_signed_here_is_not_known() {
        let ours = signer("0123456789abcdef0123456789abcdef");
        let theirs = signer("0123456789ABCDEF0123456789ABCDEF");
        let ann = address("ann@example.org");
        let good = ours.remember_device(None, &ann, [1; ID_BYTES]);
        let mut changed = good.clone();
        changed.replace_range(0..1, if good.starts_with('A') { "B" } else { "A" });
        let foreign = theirs.remember_device(None, &ann, [1; ID_BYTES]);
        for text in ["", ".", "x.y", changed.as_str(), foreign.as_str(), &good[1..], &"A".repeat(9_999)] {
            assert_eq!(ours.known_device(text, &ann), None, "{text}");
        }
    }
}
