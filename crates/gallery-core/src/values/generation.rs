//! Generations of a photo's blobs. The value knows no key and no store; keys are made in
//! [`BlobKey`](crate::model::BlobKey), and tests are beside the code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How often blobs of one photo have been made: blobs of different generations have different keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(u32);

impl Generation {
    /// Of blobs that were put before keys had generations: their keys have no number.
    pub const UNNUMBERED: Self = Self(0);
    /// Of the blobs that an upload puts.
    pub const FIRST: Self = Self(1);

    /// The generation that comes after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number, as stores record it.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The generation that a store recorded.
    pub fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// This generation and all before it, from the unnumbered one on.
    pub fn up_to_this(self) -> impl Iterator<Item = Self> + use<> {
        (0..=self.0).map(Self)
    }

    /// The generation in a key: a decimal number from 1 on, in its one spelling.
    pub(crate) fn from_key(text: &str) -> Option<Self> {
        let number = text.parse().ok().filter(|number| *number > 0)?;
        let generation = Self(number);
        (generation.to_string() == text).then_some(generation)
    }
}

/// The decimal number.
impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_come_after_blobs_without_a_number() {
        assert_eq!(Generation::default(), Generation::UNNUMBERED);
        assert_eq!(Generation::UNNUMBERED.next(), Generation::FIRST);
        assert!(Generation::FIRST < Generation::FIRST.next());
        assert_eq!(Generation::FIRST.up_to_this().map(Generation::number).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn one_spelling_in_keys() {
        assert_eq!(Generation::from_key("1"), Some(Generation::FIRST));
        assert_eq!(Generation::from_key("4294967295"), Some(Generation::from_number(u32::MAX)));
        for text in ["", "0", "01", "+1", "-1", " 1", "1 ", "4294967296", "one"] {
            assert_eq!(Generation::from_key(text), None, "{text:?}");
        }
    }

    #[test]
    fn records_hold_the_number_alone() {
        assert_eq!(serde_json::to_string(&Generation::FIRST).unwrap(), "1");
        assert_eq!(serde_json::from_str::<Generation>("7").unwrap(), Generation::from_number(7));
    }
}
