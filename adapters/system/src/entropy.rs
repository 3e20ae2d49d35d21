//! Randomness. It must not be asked for anywhere else.

use gallery_core::ports::Entropy;

/// The system's random number generator.
///
/// Panics when the system has no random bytes to give: without them there are no ids and no tokens,
/// and a request that went on would be a breach.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the generator behind the port")]
        let filled = getrandom::fill(buffer);
        filled.expect("the system has random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        OsEntropy.fill(&mut a);
        OsEntropy.fill(&mut b);
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }
}
