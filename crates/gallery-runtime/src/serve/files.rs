//! The limit on open files. Every connection is one, and systems hand out few unless asked.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open beside connections: the store's, blobs, uploads, the log.
const OTHERS: u64 = 256;

/// Asks the system for as many open files as this user may have, and returns how many connections
/// can be open at once: `wanted`, or as many as that limit leaves.
pub fn connections(wanted: u32) -> u32 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = u64::from(wanted) + OTHERS;
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    let mut granted = current;
    if !enough(current) {
        let asked = if enough(maximum) { Some(needed) } else { maximum };
        if setrlimit(Resource::Nofile, Rlimit { current: asked, maximum }).is_ok() {
            granted = asked;
        }
    }
    let left = granted.map_or(u64::from(wanted), |limit| limit.saturating_sub(OTHERS).max(limit / 2));
    let possible = u32::try_from(left).unwrap_or(u32::MAX).min(wanted).max(1);
    if possible < wanted {
        tracing::warn!(wanted, possible, "the limit on open files bounds connections; `ulimit -n` raises it");
    }
    possible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_wanted_and_never_none() {
        assert_eq!(connections(1), 1);
        assert!(connections(100) <= 100);
        assert!(connections(u32::MAX) >= 1);
    }
}
