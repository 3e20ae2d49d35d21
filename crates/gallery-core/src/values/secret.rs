//! Secrets and hashes: the server's key, session tokens, and the SHA-256 forms that stores may see.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Invalid, UserId};
use crate::texts::Text;

/// The server's signing secret; every instance of one gallery has the same.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// Fewer bytes than this could be guessed: the output size of the HMAC (RFC 2104 §3).
    pub const MIN_BYTES: usize = 32;

    /// Takes the secret's text as it stands in the configuration: at least 32 bytes, of at least 8
    /// kinds. [`Invalid`] with the code `too_short`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Invalid> {
        let bytes = bytes.into();
        let kinds = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
        if bytes.len() < Self::MIN_BYTES || kinds < 8 {
            return Err(Invalid::new("too_short", Text::new("secret-too-short")));
        }
        Ok(Self(bytes))
    }

    /// The bytes, for keying an HMAC.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// What a session cookie carries: whose session it is (so that a store can read the account and the
/// session in one round trip) and 256 secret bits.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken {
    user: UserId,
    secret: [u8; 32],
}

impl SessionToken {
    /// The token of this account with these 256 bits.
    pub fn new(user: UserId, secret: [u8; 32]) -> Self {
        Self { user, secret }
    }

    /// Whose session the bearer claims to hold. Nothing is proven until the store knows the hash.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The cookie's value: 64 characters of URL-safe base64.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// Reads a cookie's value; `None` when it cannot be a token.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, secret) = bytes.split_at(16);
        Some(Self { user: UserId::from_uuid(Uuid::from_slice(user).ok()?), secret: secret.try_into().ok()? })
    }

    /// The only form in which a store sees the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.bytes()).into())
    }

    fn bytes(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(self.user.uuid().as_bytes());
        bytes[16..].copy_from_slice(&self.secret);
        bytes
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// A digest that was computed elsewhere.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The digest that a store recorded; `None` unless there are 32 bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// 64 hexadecimal digits in lower case.
            pub fn hex(&self) -> String {
                hex::encode(self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.hex())
            }
        }

        /// Hexadecimal for people, 32 bytes for machines.
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(&self.hex())
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return <[u8; 32]>::deserialize(deserializer).map(Self);
                }
                let text = String::deserialize(deserializer)?;
                let bytes = hex::decode(&text).map_err(serde::de::Error::custom)?;
                Self::from_slice(&bytes).ok_or_else(|| serde::de::Error::custom("not 32 bytes"))
            }
        }
    };
}

digest!(
    /// SHA-256 of a session token.
    TokenHash
);
digest!(
    /// SHA-256 of some content: a blob's bytes, or a request's fields.
    ContentHash
);

digest!(
    /// Keyed hash of an address: what a store may hold of one that belongs to nobody
    /// ([`Signer::address_hash`](crate::token::Signer::address_hash)).
    AddressHash
);

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash of a sequence of fields, each preceded by its length so that no two sequences
    /// collide.
    pub fn of_fields<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        Self(hasher.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Timestamp;

    #[test]
    fn a_token_survives_its_cookie_and_is_never_printed() {
        let token = SessionToken::new(UserId::new(Timestamp::from_millis(5), &[1; 10]), [9; 32]);
        let cookie = token.expose();
        assert_eq!(cookie.len(), 64);
        assert_eq!(SessionToken::parse(&cookie), Some(token.clone()));
        assert!(!format!("{token:?}").contains(&cookie));
        let from_the_store = SessionToken::parse(&token.hash().hex()).expect("64 characters of the alphabet");
        assert_ne!(from_the_store, token, "what a store holds is no token");
        assert_ne!(from_the_store.hash(), token.hash());
    }

    #[test]
    fn malformed_cookies_are_no_tokens() {
        for text in ["", "x", "=", &"A".repeat(63), &"A".repeat(65), &"!".repeat(64)] {
            assert_eq!(SessionToken::parse(text), None);
        }
    }

    #[test]
    fn short_or_uniform_secrets_are_refused() {
        assert!(SecretKey::new("changeme").is_err());
        assert!(SecretKey::new("0".repeat(64)).is_err());
        assert!(SecretKey::new("0123456789abcdef0123456789abcdef").is_ok());
    }

    #[test]
    fn field_boundaries_count() {
        let hash = |fields: &[&[u8]]| ContentHash::of_fields(fields.iter().copied());
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"a"]), hash(&[b"a", b""]));
    }
}
