//! Choosing among what people wrote, where several blocks say something. The order is that of the Metadata Working
//! Group's "Guidelines for Handling Image Metadata", version 2.0, chapter 5, where those name the property:
//!
//! * description: EXIF, XMP, IPTC, then the comment and subject that Windows writes beside EXIF's own,
//! * keywords: XMP, IPTC, then Windows',
//! * rating: XMP, then Windows',
//! * title, which they do not name: XMP's title, IPTC's, then the headlines of both, then Windows' title.
//!
//! The guidelines let IPTC win over XMP when a digest in Photoshop's resources shows that a program that knew no XMP changed
//! it; such programs are gone, and the digest is not read.

use gallery_core::model::Captions;

use super::exif::Exif;
use super::iptc::Iptc;
use super::text::{cleaned, cleaned_lines, shortened};
use super::xmp::Xmp;

/// Most characters of a text.
const MAX_TEXT_CHARS: usize = 10_000;
/// Most keywords.
const MAX_KEYWORDS: usize = 200;

/// What people wrote, cleaned; the title is not repeated as the description, as Windows does.
pub fn captions(exif: &Exif<'_>, xmp: &Xmp, iptc: &Iptc) -> Captions {
    let titles = [&xmp.title, &iptc.title, &xmp.headline, &iptc.headline, &exif.xp_title()];
    let title = first(titles, cleaned);
    let descriptions =
        [&exif.description(), &xmp.description, &iptc.caption, &exif.xp_comment(), &exif.xp_subject()];
    let description = first(descriptions, cleaned_lines).filter(|text| title.as_ref() != Some(text));
    let keywords = [xmp.keywords.clone(), iptc.keywords.clone(), exif.xp_keywords()]
        .into_iter()
        .map(|keywords| keywords.iter().filter_map(|keyword| some(keyword, cleaned)).collect::<Vec<_>>())
        .find(|keywords| !keywords.is_empty())
        .unwrap_or_default();
    Captions {
        title,
        description,
        keywords: keywords.into_iter().take(MAX_KEYWORDS).collect(),
        rating: [xmp.rating, exif.rating()].into_iter().flatten().find_map(stars),
    }
}

/// The first text that says something.
fn first<const N: usize>(texts: [&Option<String>; N], clean: fn(&str) -> String) -> Option<String> {
    texts.into_iter().flatten().find_map(|text| some(text, clean))
}

fn some(text: &str, clean: fn(&str) -> String) -> Option<String> {
    let text = clean(text);
    let text = text.trim();
    (!text.is_empty()).then(|| shortened(text.to_owned(), MAX_TEXT_CHARS))
}

/// Stars: 0 is none, −1 is "rejected".
fn stars(rating: f64) -> Option<u8> {
    (1..=5).find(|stars| f64::from(*stars).total_cmp(&rating.round()).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_is_before_iptc() {
        let xmp =
            Xmp { headline: Some("X".into()), keywords: vec![" ".into(), "x".into()], ..Xmp::default() };
        let iptc = Iptc {
            title: Some("I".into()),
            caption: Some("line\r\n\u{1B}two".into()),
            keywords: vec!["i".into()],
            ..Iptc::default()
        };
        let found = captions(&Exif::default(), &xmp, &iptc);
        assert_eq!(found.title.as_deref(), Some("I"), "a title is before a headline");
        assert_eq!(found.description.as_deref(), Some("line\ntwo"));
        assert_eq!(found.keywords, ["x"]);
        let found = captions(&Exif::default(), &Xmp { title: Some("T".into()), ..xmp }, &iptc);
        assert_eq!(found.title.as_deref(), Some("T"));
    }

    #[test]
    fn a_title_is_not_repeated() {
        let xmp = Xmp { title: Some("Heron".into()), description: Some("Heron ".into()), ..Xmp::default() };
        let found = captions(&Exif::default(), &xmp, &Iptc::default());
        assert_eq!((found.title.as_deref(), found.description), (Some("Heron"), None));
    }

    #[test]
    fn stars_are_one_to_five() {
        assert_eq!([1.0, 4.0, 5.0].map(stars), [Some(1), Some(4), Some(5)]);
        assert_eq!([0.0, -1.0, 6.0, 99.0, f64::NAN, f64::INFINITY].map(stars), [None; 6]);
    }
}
