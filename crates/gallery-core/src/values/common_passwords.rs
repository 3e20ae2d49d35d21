//! Common passwords: whether one stands on the lists that attackers try first.
//!
//! The lists are kept as hashes of their entries, four bytes each, in order: 65,297 entries in 261
//! kB, found in 17 comparisons. One in 65,000 passwords that are on no list is taken for one that
//! is. Which lists they are of, and how the file is made, is told in
//! `examples/common_passwords.rs`. Tests are below.

use sha2::{Digest, Sha256};

/// Bytes of an entry.
const ENTRY_BYTES: usize = 4;

/// The entries, in order.
static ENTRIES: &[u8] = include_bytes!("../../data/common-passwords.bin");

/// What stands for a password in the file; the same for upper and lower case.
pub fn common_password_entry(text: &str) -> [u8; ENTRY_BYTES] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(text.to_lowercase()).into();
    [a, b, c, d]
}

/// Whether the password is on a list.
pub(super) fn is_listed(text: &str) -> bool {
    let (entries, _) = ENTRIES.as_chunks::<ENTRY_BYTES>();
    entries.binary_search(&common_password_entry(text)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole_and_in_order() {
        let (entries, rest) = ENTRIES.as_chunks::<ENTRY_BYTES>();
        assert!(rest.is_empty() && entries.len() > 60_000, "{} entries", entries.len());
        assert!(entries.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn hardly_any_other_password_is_taken_for_a_listed_one() {
        let taken = (0..100_000).filter(|n| is_listed(&format!("a phrase of its own, number {n}"))).count();
        assert!(taken <= 6, "{taken} of 100,000");
    }
}
