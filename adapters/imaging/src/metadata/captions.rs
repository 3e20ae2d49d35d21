//! Choosing among what people wrote, where several blocks say something. The order is that of the
//! Metadata Working Group's "Guidelines for Handling Image Metadata", version 2.0, chapter 5, where
//! those name the property:
//!
//! * description: EXIF, XMP, IPTC, then the comment and subject that Windows writes beside EXIF's
//!   own,
//! * keywords: XMP, IPTC, then Windows',
//! * rating: XMP, then Windows',
//! * title, which they do not name: XMP's title, IPTC's, then the headlines of both, then Windows'
//!   title.
//!
//! What says nothing (see `boilerplate`) is passed over, wherever it stands.
//!
//! The guidelines let IPTC win over XMP when a digest in Photoshop's resources shows that a program
//! that knew no XMP changed it; such programs are gone, and the digest is not read.

use gallery_core::model::Captions;

use super::boilerplate::{Camera, is_no_keyword, is_no_text, was_no_description};
use super::exif::Exif;
use super::iptc::Iptc;
use super::text::{cleaned, cleaned_lines, shortened};
use super::xmp::Xmp;

/// Most characters of a text.
const MAX_TEXT_CHARS: usize = 10_000;
/// Most keywords.
const MAX_KEYWORDS: usize = 200;

/// Everything in a file that could be a caption, in order.
#[derive(Debug, Default)]
pub struct Found {
    camera: Camera,
    titles: [Option<String>; 5],
    descriptions: [Option<String>; 5],
    keywords: [Vec<String>; 3],
    rating: Option<u8>,
}

impl Found {
    /// What the blocks of a file say.
    pub fn in_blocks(exif: &Exif<'_>, xmp: &Xmp, iptc: &Iptc) -> Self {
        let of = |text: &Option<String>| text.clone();
        Self {
            camera: exif.boilerplate(),
            titles: [of(&xmp.title), of(&iptc.title), of(&xmp.headline), of(&iptc.headline), exif.xp_title()],
            descriptions: [
                exif.description(),
                of(&xmp.description),
                of(&iptc.caption),
                exif.xp_comment(),
                exif.xp_subject(),
            ],
            keywords: [xmp.keywords.clone(), iptc.keywords.clone(), exif.xp_keywords()],
            rating: [xmp.rating, exif.rating()].into_iter().flatten().find_map(stars),
        }
    }

    /// What people wrote, cleaned.
    pub fn captions(&self) -> Captions {
        let is_text = |text: &str| !is_no_text(text, &self.camera);
        let is_keyword = |text: &str| !is_no_keyword(text, &self.camera);
        self.chosen(&self.descriptions, is_text, is_keyword)
    }

    /// What was chosen when EXIF's description alone was compared with what cameras write.
    pub fn former_captions(&self) -> Captions {
        let mut descriptions = self.descriptions.clone();
        descriptions[0] = descriptions[0].take().filter(|text| !was_no_description(text));
        self.chosen(&descriptions, |_| true, |_| true)
    }

    /// The first of each that is wanted; the title is not repeated as the description, as Windows
    /// does.
    fn chosen(
        &self,
        descriptions: &[Option<String>],
        is_text: impl Fn(&str) -> bool,
        is_keyword: impl Fn(&str) -> bool,
    ) -> Captions {
        let first = |texts: &[Option<String>], clean: fn(&str) -> String| {
            texts.iter().flatten().filter_map(|text| some(text, clean)).find(|text| is_text(text))
        };
        let title = first(&self.titles, cleaned);
        let description = first(descriptions, cleaned_lines).filter(|text| title.as_ref() != Some(text));
        let keywords = self.keywords.iter().map(|keywords| {
            let keywords = keywords.iter().filter_map(|keyword| some(keyword, cleaned));
            keywords.filter(|keyword| is_keyword(keyword)).take(MAX_KEYWORDS).collect::<Vec<_>>()
        });
        let keywords = keywords.into_iter().find(|keywords| !keywords.is_empty()).unwrap_or_default();
        Captions { title, description, keywords, rating: self.rating }
    }
}

/// The text, when there is one.
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

    fn found(xmp: &Xmp, iptc: &Iptc) -> Found {
        Found::in_blocks(&Exif::default(), xmp, iptc)
    }

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
        let chosen = found(&xmp, &iptc).captions();
        assert_eq!(chosen.title.as_deref(), Some("I"), "a title is before a headline");
        assert_eq!(chosen.description.as_deref(), Some("line\ntwo"));
        assert_eq!(chosen.keywords, ["x"]);
        let chosen = found(&Xmp { title: Some("T".into()), ..xmp }, &iptc).captions();
        assert_eq!(chosen.title.as_deref(), Some("T"));
    }

    #[test]
    fn a_title_is_not_repeated() {
        let xmp = Xmp { title: Some("Heron".into()), description: Some("Heron ".into()), ..Xmp::default() };
        let chosen = found(&xmp, &Iptc::default()).captions();
        assert_eq!((chosen.title.as_deref(), chosen.description), (Some("Heron"), None));
    }

    #[test]
    fn what_says_nothing_is_passed_over_wherever_it_stands() {
        let xmp = Xmp {
            title: Some("null".into()),
            description: Some("OLYMPUS DIGITAL CAMERA   ".into()),
            keywords: vec!["null".into(), "DCIM".into()],
            ..Xmp::default()
        };
        let iptc = Iptc {
            headline: Some("A heron".into()),
            caption: Some("DCF 1.0".into()),
            keywords: vec!["(null)".into(), "bird".into()],
            ..Iptc::default()
        };
        let found = found(&xmp, &iptc);
        let (now, formerly) = (found.captions(), found.former_captions());
        assert_eq!((now.title.as_deref(), now.description), (Some("A heron"), None));
        assert_eq!(now.keywords, ["bird"]);
        assert_eq!(formerly.title.as_deref(), Some("null"));
        assert_eq!(formerly.description.as_deref(), Some("OLYMPUS DIGITAL CAMERA"));
        assert_eq!(formerly.keywords, ["null", "DCIM"]);
    }

    #[test]
    fn stars_are_one_to_five() {
        assert_eq!([1.0, 4.0, 5.0].map(stars), [Some(1), Some(4), Some(5)]);
        assert_eq!([0.0, -1.0, 6.0, 99.0, f64::NAN, f64::INFINITY].map(stars), [None; 6]);
    }
}
