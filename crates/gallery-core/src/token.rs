//! Signed, timed tokens for links in mails, in the format of Python's itsdangerous
//! `URLSafeTimedSerializer`, with SHA-256 as the digest and `hmac` as the derivation of keys.
//!
//! `base64url(JSON) "." base64url(seconds, big endian) "." base64url(HMAC-SHA-256)`, without
//! padding. The signing key is HMAC-SHA-256(secret, salt), so that a token made for one [`Purpose`]
//! is worthless for another. The signature is compared in constant time before anything else is
//! decoded. That either side reads the other's tokens is proven by a test in `tests/`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::values::{AddressHash, ContentHash, EmailKey, SecretKey, Timestamp};

/// A link in a mail is good for this long: 10 minutes.
pub const LINK_LIFETIME: Duration = Duration::from_mins(10);

/// A sign-up that is not confirmed so long after it is forgotten.
pub const SIGN_UP_LIFETIME: Duration = Duration::from_hours(24);

/// What a token is for; part of the signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proving that an address belongs to the person who signed up.
    ConfirmAddress,
    /// Choosing a new password.
    ResetPassword,
    /// Naming the own sign-up when its mail is wanted again. Whoever has it has signed up, and
    /// proves nothing else.
    NameSignUp,
}

impl Purpose {
    /// The itsdangerous salt.
    pub fn salt(self) -> &'static str {
        match self {
            Self::ConfirmAddress => "gallery.confirm-address",
            Self::ResetPassword => "gallery.reset-password",
            Self::NameSignUp => "gallery.sign-up",
        }
    }

    /// For how long a token is good.
    fn lifetime(self) -> Duration {
        match self {
            Self::ConfirmAddress | Self::ResetPassword => LINK_LIFETIME,
            Self::NameSignUp => SIGN_UP_LIFETIME,
        }
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not signed by this gallery for this purpose, or malformed, or from the future.
    #[error("the token is not valid")]
    Invalid,
    /// Signed by this gallery, but too long ago.
    #[error("the token has expired")]
    Expired,
}

/// Signs and reads tokens with the gallery's secret.
#[derive(Debug, Clone)]
pub struct Signer {
    secret: SecretKey,
}

impl Signer {
    /// A signer with this secret.
    pub fn new(secret: SecretKey) -> Self {
        Self { secret }
    }

    /// A token that carries `payload` (as a JSON string) and this instant.
    pub fn sign(&self, purpose: Purpose, payload: &str, at: Timestamp) -> String {
        let json = serde_json::Value::from(payload).to_string();
        let seconds = u64::try_from(at.seconds()).unwrap_or(0).to_be_bytes();
        let significant = &seconds[seconds.iter().position(|b| *b != 0).unwrap_or(7)..];
        let value = format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(significant));
        let signature = self.mac(purpose, value.as_bytes()).finalize().into_bytes();
        format!("{value}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The payload of a token that this gallery signed for this purpose at most 10 minutes before
    /// `now`; one that names a sign-up, at most 24 hours.
    pub fn read(&self, purpose: Purpose, token: &str, now: Timestamp) -> Result<String, TokenError> {
        self.read_within(purpose.lifetime(), purpose, token, now)
    }

    /// The payload of a token of at most this age.
    pub(crate) fn read_within(
        &self,
        lifetime: Duration,
        purpose: Purpose,
        token: &str,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let (value, signature) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Invalid)?;
        self.mac(purpose, value.as_bytes()).verify_slice(&signature).map_err(|_| TokenError::Invalid)?;

        let (json, seconds) = value.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let seconds = URL_SAFE_NO_PAD.decode(seconds).map_err(|_| TokenError::Invalid)?;
        let mut wide = [0; 8];
        let start = wide.len().checked_sub(seconds.len()).ok_or(TokenError::Invalid)?;
        wide[start..].copy_from_slice(&seconds);
        let signed_at = i64::try_from(u64::from_be_bytes(wide)).map_err(|_| TokenError::Invalid)?;
        if signed_at > now.seconds() {
            return Err(TokenError::Invalid);
        }
        if now.seconds() - signed_at > lifetime.as_secs().cast_signed() {
            return Err(TokenError::Expired);
        }
        let json = URL_SAFE_NO_PAD.decode(json).map_err(|_| TokenError::Invalid)?;
        serde_json::from_slice(&json).map_err(|_| TokenError::Invalid)
    }

    /// The secret half of a session token's one replacement: a keyed hash of the token it replaces,
    /// so that requests running in parallel on any instance compute the same one.
    pub fn successor(&self, token: &crate::values::SessionToken) -> crate::values::SessionToken {
        let mut mac = mac_with(self.secret.expose());
        mac.update(b"gallery.session-successor");
        mac.update(token.expose().as_bytes());
        crate::values::SessionToken::new(token.user(), mac.finalize().into_bytes().into())
    }

    /// 128 bits of a keyed hash of these fields, the first of which says what it is for.
    pub(crate) fn sign_fields(&self, fields: &[&[u8]]) -> [u8; 16] {
        let mut signature = [0; 16];
        signature.copy_from_slice(&self.mac_of_fields(fields).finalize().into_bytes()[..16]);
        signature
    }

    /// Whether these are those bits; compared in constant time.
    pub(crate) fn has_signed_fields(&self, fields: &[&[u8]], signature: &[u8; 16]) -> bool {
        self.mac_of_fields(fields).verify_truncated_left(signature).is_ok()
    }

    fn mac_of_fields(&self, fields: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = mac_with(self.secret.expose());
        mac.update(ContentHash::of_fields(fields.iter().copied()).as_bytes());
        mac
    }

    /// A short keyed fingerprint of `text`: what a token may carry of something secret.
    pub fn fingerprint(&self, text: &str) -> String {
        let mut mac = mac_with(self.secret.expose());
        mac.update(b"gallery.fingerprint");
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
    }

    /// A keyed hash of an address: the same for every spelling of it, and worthless to whoever has
    /// the store without the gallery's secret, because addresses can be guessed.
    pub fn address_hash(&self, address: &EmailKey) -> AddressHash {
        let mut mac = mac_with(self.secret.expose());
        mac.update(b"gallery.address");
        mac.update(address.as_str().as_bytes());
        AddressHash::from_bytes(mac.finalize().into_bytes().into())
    }

    fn mac(&self, purpose: Purpose, value: &[u8]) -> Hmac<Sha256> {
        let mut derivation = mac_with(self.secret.expose());
        derivation.update(purpose.salt().as_bytes());
        let mut mac = mac_with(&derivation.finalize().into_bytes());
        mac.update(value);
        mac
    }
}

fn mac_with(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn signer() -> Signer {
        Signer::new(SecretKey::new(SECRET).unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn lives_ten_minutes_and_is_not_from_the_future() {
        let token = signer().sign(Purpose::ConfirmAddress, "ann", at(10_000));
        let read = |now| signer().read(Purpose::ConfirmAddress, &token, now);
        assert_eq!(read(at(10_000)).as_deref(), Ok("ann"));
        assert_eq!(read(at(10_600)).as_deref(), Ok("ann"));
        assert_eq!(read(at(10_601)), Err(TokenError::Expired));
        assert_eq!(read(at(9_999)), Err(TokenError::Invalid));
    }

    #[test]
    fn is_bound_to_its_purpose_and_secret() {
        let token = signer().sign(Purpose::ConfirmAddress, "ann", at(10_000));
        assert_eq!(signer().read(Purpose::ResetPassword, &token, at(10_000)), Err(TokenError::Invalid));
        let other = Signer::new(SecretKey::new(SECRET.to_uppercase()).unwrap());
        assert_eq!(other.read(Purpose::ConfirmAddress, &token, at(10_000)), Err(TokenError::Invalid));
    }

    #[test]
    fn no_changed_character_passes() {
        let token = signer().sign(Purpose::ConfirmAddress, "ann", at(10_000));
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                signer().read(Purpose::ConfirmAddress, &changed, at(10_000)),
                Err(TokenError::Invalid)
            );
        }
        for token in ["", ".", "..", "...", "a.b.c", &token[..token.len() - 1]] {
            assert_eq!(signer().read(Purpose::ConfirmAddress, token, at(10_000)), Err(TokenError::Invalid));
        }
    }

    #[test]
    fn successors_are_stable_and_differ_from_their_token() {
        use crate::values::{SessionToken, UserId};
        let token = SessionToken::new(UserId::new(at(1), &[1; 10]), [3; 32]);
        let next = signer().successor(&token);
        assert_eq!(next, signer().successor(&token));
        assert_ne!(next.hash(), token.hash());
        assert_ne!(next.hash(), signer().successor(&next).hash());
        assert_eq!(next.user(), token.user());
    }

    #[test]
    fn hashes_of_addresses_are_keyed_and_the_same_for_every_spelling() {
        use crate::values::Email;
        let hash = |signer: Signer, text| signer.address_hash(Email::parse(text).unwrap().key());
        assert_eq!(hash(signer(), "Ann@Example.org"), hash(signer(), "ann@example.org."));
        assert_ne!(hash(signer(), "ann@example.org"), hash(signer(), "bob@example.org"));
        let other = Signer::new(SecretKey::new(SECRET.to_uppercase()).unwrap());
        assert_ne!(hash(other, "ann@example.org"), hash(signer(), "ann@example.org"));
    }
}
