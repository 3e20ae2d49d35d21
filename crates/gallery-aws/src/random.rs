//! Random numbers of the operating system, for what only has to differ between callers: pauses and
//! tokens. What must be unpredictable takes the core's port `Entropy`. Tests are below.

/// A random number from 0 to 1: the part of a pause that is waited ("full jitter").
pub fn jitter() -> f64 {
    // Without randomness the whole pause is waited.
    getrandom::u32().map_or(1.0, |bits| f64::from(bits) / f64::from(u32::MAX))
}

/// A random name of 32 hexadecimal digits, by which a service recognises a request that is sent
/// again.
pub fn random_token() -> String {
    let half = || getrandom::u64().expect("the system has random bytes");
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn jitter_covers_the_range() {
        let numbers: Vec<f64> = (0..1000).map(|_| jitter()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        for tenth in 0..10 {
            let part = f64::from(tenth) / 10.0..f64::from(tenth + 1) / 10.0;
            assert!(numbers.iter().any(|number| part.contains(number)), "{part:?}");
        }
    }

    #[test]
    fn tokens_differ() {
        let tokens: HashSet<String> = (0..100).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 100);
        assert!(tokens.iter().all(|token| token.len() == 32), "{tokens:?}");
    }
}
