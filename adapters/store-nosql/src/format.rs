//! The version of the format of everything that a store keeps: which items there are, under which
//! keys, and what they mean. A program that knows only a smaller one refuses the store before it
//! writes anything; a store of a smaller one is taken over when it is opened.
//!
//! Each engine keeps the version in its own way: in the file's table `meta`, or as an item. Tested
//! in `tests/it/embedded_opening.rs`, `dynamo/tests/format.rs`, and `tests/it/release_before.rs`.

use std::fmt;

/// The greatest version that this program knows, and the one that it writes.
///
/// 1. The first, until 2026-11-22. On DynamoDB no item says so.
/// 2. Photos and their blobs have generations. Records of before are read as they are: their
///    generation is 0. A program of before would look for blobs under other keys.
/// 3. Sign-ups are records of their own; until then they were accounts without a confirmation. Such
///    accounts become registrations when the store is opened (`upgrade`). A program of before would
///    not find them.
/// 4. The time that a photo was taken is local, with its precision and offset, and its owner may
///    set it. Records of before are read as they are. A program of before would see no time.
pub(crate) const FORMAT: u64 = 4;

/// What is said of a store of this version, which is greater than [`FORMAT`].
pub(crate) struct Newer(pub(crate) u64);

impl fmt::Display for Newer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(version) = self;
        write!(
            f,
            "belongs to a newer version of this program (its format is {version}, this one knows \
             {FORMAT}). Install that version; nothing was changed"
        )
    }
}
