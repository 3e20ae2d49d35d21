//! Where a blob lies below the root, and which blob lies there. The only place that makes names of
//! keys: a name is made of a photo's id, a generation and a rendition, never of a key's text. Must
//! not know the disk. Tests below.

use gallery_core::model::BlobKey;
use gallery_core::values::Generation;

/// Digits of the id that name the upper folder: windows of 2²⁸ ms, some three days.
const UPPER_DIGITS: usize = 5;
/// Digits of the id that name both folders: windows of 2¹⁶ ms, 65 seconds.
const ALL_DIGITS: usize = 8;

/// The two folders and the name of a blob's file. The order of paths is the order of keys: a key
/// has a slash where a name has a dot, and neither is in what they separate, or comes after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlobPath {
    /// The folder in `photos/`.
    pub upper: String,
    /// The folder in it.
    pub lower: String,
    /// The file in that.
    pub file: String,
}

impl BlobPath {
    /// Where the blob of this key lies.
    pub(crate) fn of(key: &BlobKey) -> Self {
        let (id, generation, rendition) = (key.photo().to_string(), key.generation(), key.rendition().name());
        let file = if generation == Generation::UNNUMBERED {
            format!("{id}.{rendition}")
        } else {
            format!("{id}.{generation}.{rendition}")
        };
        Self { upper: id[..UPPER_DIGITS].to_owned(), lower: id[UPPER_DIGITS..ALL_DIGITS].to_owned(), file }
    }

    /// The key of the blob with this path; `None` when it is no blob's path.
    pub(crate) fn key(&self) -> Option<BlobKey> {
        let key = BlobKey::from_listed(&format!("{}{}", BlobKey::PREFIX, self.file.replace('.', "/")))?;
        (Self::of(&key) == *self).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gallery_core::model::Rendition;
    use gallery_core::values::{PhotoId, Timestamp};

    fn key(millis: i64, random: u8, generation: u32, rendition: Rendition) -> BlobKey {
        let id = PhotoId::new(Timestamp::from_millis(millis), &[random; 10]);
        BlobKey::of(id, Generation::from_number(generation), rendition)
    }

    #[test]
    fn a_place_and_its_key_name_each_other() {
        for (generation, ending) in [(0, "original"), (1, "1.original"), (20, "20.original")] {
            let key = key(0x019a_c3f2_1234, 7, generation, Rendition::Original);
            let path = BlobPath::of(&key);
            assert_eq!((path.upper.as_str(), path.lower.as_str()), ("019ac", "3f2"));
            assert_eq!(path.file, format!("{}.{ending}", key.photo()));
            assert_eq!(path.key(), Some(key));
        }
    }

    #[test]
    fn places_have_the_order_of_keys() {
        let mut keys = Vec::new();
        for millis in [0, 1, 65_535, 65_536, 1 << 28, (1 << 28) + 1, 1_795_335_330_007] {
            for random in [0, 1, 255] {
                for generation in [0, 1, 2, 9, 10, 11, 19, 100, u32::MAX] {
                    keys.extend(Rendition::ALL.map(|rendition| key(millis, random, generation, rendition)));
                }
            }
        }
        keys.sort();
        let paths: Vec<_> = keys.iter().map(BlobPath::of).collect();
        assert!(paths.is_sorted());
    }

    #[test]
    fn foreign_names_are_no_blobs_path() {
        let path = BlobPath::of(&key(0x019a_c3f2_1234, 7, 0, Rendition::Small));
        let id = path.file.strip_suffix(".small").unwrap();
        for file in [
            "",
            ".",
            ".small",
            "note.txt",
            id,
            &format!("{id}/small"),
            &format!("{id}.huge"),
            &format!("{id}.small.bak"),
            &format!("{id}.0.small"),
            &format!("{id}.01.small"),
            &format!("{id}.1.small.bak"),
            &format!("{id}.1.2.small"),
            &format!("{id}.1/small"),
            &id.to_uppercase(),
        ] {
            assert_eq!(BlobPath { file: file.to_owned(), ..path.clone() }.key(), None, "{file}");
        }
        assert_eq!(BlobPath { lower: "3f3".to_owned(), ..path.clone() }.key(), None);
        assert_eq!(BlobPath { upper: "019AC".to_owned(), ..path }.key(), None);
    }
}
