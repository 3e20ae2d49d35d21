//! Shards: the equal parts of what would otherwise be one list. Knows hashing only.

use std::fmt;

use sha2::{Digest, Sha256};

/// One of sixteen parts, 0…15. Stores record the number: what a shard follows from must not change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// How many there are.
    pub const COUNT: u8 = 16;

    /// The shard of what these bytes name: the low four bits of the first byte of their SHA-256.
    pub fn of(name: &[u8]) -> Self {
        Self(Sha256::digest(name)[0] % Self::COUNT)
    }

    /// The shard of this number; `None` when there is none.
    pub fn from_number(number: u8) -> Option<Self> {
        (number < Self::COUNT).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// All of them, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }
}

/// Two digits, so that texts are in the order of the numbers.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_same_shard_in_every_release() {
        // The first bytes of the SHA-256 are e3, ba and 75.
        for (name, number) in [("", 3), ("abc", 10), ("hello world!", 5)] {
            let shard = Shard::of(name.as_bytes());
            assert_eq!(shard.number(), number, "{name}");
        }
        assert_eq!(Shard::of(b"abc").to_string(), "10");
        assert_eq!(Shard::of(b"").to_string(), "03");
    }

    #[test]
    fn names_are_spread_evenly() {
        let mut counts = [0; Shard::COUNT as usize];
        for n in 0..16_000_u32 {
            counts[usize::from(Shard::of(&n.to_be_bytes()).number())] += 1;
        }
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
    }

    #[test]
    fn there_are_sixteen() {
        assert_eq!(Shard::all().count(), 16);
        assert_eq!(Shard::all().last().map(Shard::number), Some(15));
        assert_eq!(Shard::from_number(16), None);
        assert_eq!(Shard::from_number(15).map(Shard::number), Some(15));
    }
}
