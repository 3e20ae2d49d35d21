//! What people and editors wrote into an XMP packet (ISO 16684-1; the schemas of its sections 8 and
//! 9, Adobe's "XMP Specification, Part 2" for photoshop and exif). Properties may be attributes or
//! elements, plain or in an rdf:Alt, rdf:Bag or rdf:Seq; only those of the photo itself count, not
//! those of structures inside. Depth, number and length are bounded, entities are not expanded, and
//! damaged XML gives what was read before the damage. Packets in UTF-16, which nobody writes, are
//! not read. Texts are as they stand there; `captions` chooses and cleans.

use gallery_core::values::Taken;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{LocalName, Namespace, NamespaceResolver, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use super::moment::date_and_time;

/// Most bytes of a packet that are looked at; Photoshop's longest are about as long.
const MAX_PACKET_BYTES: usize = 1 << 20;
/// Deepest nesting; the properties of a photo are at 6.
const MAX_DEPTH: usize = 64;
/// Most values that are kept.
const MAX_VALUES: usize = 300;
/// Most bytes of one text that are kept.
const MAX_TEXT_BYTES: usize = 32 * 1024;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub struct Xmp {
    pub title: Option<String>,
    pub headline: Option<String>,
    pub description: Option<String>,
    pub keywords: Vec<String>,
    /// As it stands there.
    pub rating: Option<f64>,
    /// As EXIF's tag of this name.
    pub orientation: Option<u32>,
    /// When the picture was made.
    pub created: Option<Taken>,
    /// When it became a file.
    pub digitized: Option<Taken>,
}

/// The properties that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Title,
    Headline,
    Description,
    Subject,
    Rating,
    Orientation,
    DateTimeOriginal,
    DateCreated,
    DateTimeDigitized,
    CreateDate,
}

impl Property {
    fn named(namespace: &str, name: &str) -> Option<Self> {
        Some(match (namespace, name) {
            (DUBLIN_CORE, "title") => Self::Title,
            (DUBLIN_CORE, "description") => Self::Description,
            (DUBLIN_CORE, "subject") => Self::Subject,
            (PHOTOSHOP, "Headline") => Self::Headline,
            (PHOTOSHOP, "DateCreated") => Self::DateCreated,
            (XMP, "Rating") => Self::Rating,
            (TIFF, "Orientation") => Self::Orientation,
            (XMP, "CreateDate") => Self::CreateDate,
            (EXIF, "DateTimeOriginal") => Self::DateTimeOriginal,
            (EXIF, "DateTimeDigitized") => Self::DateTimeDigitized,
            _ => return None,
        })
    }
}

/// An element that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    /// Around the RDF.
    Envelope,
    Rdf,
    /// `rdf:Description`: its attributes and children are properties.
    Description,
    Property(Property),
    /// `rdf:Alt`, `rdf:Bag` or `rdf:Seq`.
    List(Property),
    /// `rdf:li`, and whether it is in the default language.
    Item(Property, bool),
    /// Anything else, and everything inside.
    Other,
}

struct Value {
    property: Property,
    text: String,
    is_default: bool,
}

#[derive(Default)]
struct Walk {
    open: Vec<Node>,
    /// Text of the innermost property or item.
    text: String,
    values: Vec<Value>,
}

impl Xmp {
    /// Reads a packet.
    pub fn read(packet: &[u8]) -> Self {
        let packet = String::from_utf8_lossy(&packet[..packet.len().min(MAX_PACKET_BYTES)]);
        let mut reader = NsReader::from_str(&packet);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().allow_dangling_amp = true;
        let mut walk = Walk::default();
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(_) if walk.open.len() == MAX_DEPTH => break,
                Event::Start(start) => walk.start(reader.resolver(), &start),
                Event::End(_) => walk.end(),
                Event::Text(text) => walk.push(&text.xml10_content()),
                Event::CData(text) => walk.push(&text.xml10_content()),
                Event::GeneralRef(reference) => walk.push_reference(&reference),
                Event::Eof => break,
                _ => {}
            }
        }
        walk.into_found()
    }
}

impl Walk {
    fn start(&mut self, namespaces: &NamespaceResolver, start: &BytesStart<'_>) {
        let (namespace, name) = named(namespaces.resolve_element(start.name()));
        let is_rdf = |wanted: &[&str]| namespace == RDF && wanted.contains(&name);
        let node = match self.open.last().copied().unwrap_or(Node::Envelope) {
            Node::Envelope if is_rdf(&["RDF"]) => Node::Rdf,
            Node::Envelope => Node::Envelope,
            Node::Rdf if is_rdf(&["Description"]) => {
                self.attributes(namespaces, start);
                Node::Description
            }
            Node::Description => Property::named(namespace, name).map_or(Node::Other, Node::Property),
            Node::Property(property) if is_rdf(&["Alt", "Bag", "Seq"]) => Node::List(property),
            Node::List(property) if is_rdf(&["li"]) => {
                Node::Item(property, is_in_default_language(namespaces, start))
            }
            _ => Node::Other,
        };
        if matches!(node, Node::Property(_) | Node::Item(..)) {
            self.text.clear();
        }
        self.open.push(node);
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Node::Property(property)) => self.keep(property, false),
            Some(Node::Item(property, is_default)) => self.keep(property, is_default),
            _ => {}
        }
    }

    fn attributes(&mut self, namespaces: &NamespaceResolver, start: &BytesStart<'_>) {
        // Without a look for repeated names, which takes quadratic time.
        for attribute in start.attributes().with_checks(false).flatten() {
            let (namespace, name) = named(namespaces.resolve_attribute(attribute.key));
            let Some(property) = Property::named(namespace, name) else { continue };
            if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) {
                self.text.clear();
                self.append(&value);
                self.keep(property, false);
            }
        }
    }

    fn push(&mut self, text: &str) {
        if matches!(self.open.last(), Some(Node::Property(_) | Node::Item(..))) {
            self.append(text);
        }
    }

    /// A character by its number, or one of the five names that XML itself has.
    fn push_reference(&mut self, reference: &BytesRef<'_>) {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.push(character.encode_utf8(&mut [0; 4])),
            _ => self.push(resolve_predefined_entity(reference).unwrap_or_default()),
        }
    }

    fn append(&mut self, text: &str) {
        let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    /// Keeps the text, unless it is only the white space between items.
    fn keep(&mut self, property: Property, is_default: bool) {
        let text = std::mem::take(&mut self.text);
        if self.values.len() < MAX_VALUES && !text.trim().is_empty() {
            self.values.push(Value { property, text, is_default });
        }
    }

    fn into_found(self) -> Xmp {
        let all = |wanted| self.values.iter().filter(move |value| value.property == wanted);
        let one = |wanted| {
            let in_default_language = all(wanted).find(|value| value.is_default);
            in_default_language.or_else(|| all(wanted).next()).map(|value| value.text.clone())
        };
        let time = |wanted| one(wanted).and_then(|text| date_and_time(&text));
        Xmp {
            title: one(Property::Title),
            headline: one(Property::Headline),
            description: one(Property::Description),
            keywords: all(Property::Subject).map(|value| value.text.clone()).collect(),
            rating: one(Property::Rating).and_then(|text| text.trim().parse().ok()),
            orientation: one(Property::Orientation).and_then(|text| text.trim().parse().ok()),
            created: time(Property::DateTimeOriginal).or_else(|| time(Property::DateCreated)),
            digitized: time(Property::DateTimeDigitized).or_else(|| time(Property::CreateDate)),
        }
    }
}

/// Namespace and name; a prefix that was not declared has no namespace.
fn named<'a>((namespace, name): (ResolveResult<'a>, LocalName<'a>)) -> (&'a str, &'a str) {
    match namespace {
        ResolveResult::Bound(Namespace(namespace)) => (namespace, name.into_inner()),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => ("", name.into_inner()),
    }
}

fn is_in_default_language(namespaces: &NamespaceResolver, start: &BytesStart<'_>) -> bool {
    start.attributes().with_checks(false).flatten().any(|attribute| {
        named(namespaces.resolve_attribute(attribute.key)) == (XML, "lang")
            && *attribute.value == *"x-default"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet around what describes the photo.
    fn packet(description: &str) -> String {
        format!(
            "<?xpacket begin='\u{FEFF}' id='W5M0MpCehiHzreSzNTczkc9d'?>\
             <x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='{RDF}'>\
             <r:Description r:about='' xmlns:d='{DUBLIN_CORE}' xmlns:ps='{PHOTOSHOP}' xmlns:xmp='{XMP}' \
             xmlns:e='{EXIF}' xmlns:t='{TIFF}' {description}</r:Description></r:RDF></x:xmpmeta><?xpacket end='w'?>"
        )
    }

    fn read(description: &str) -> Xmp {
        Xmp::read(packet(description).as_bytes())
    }

    fn title(description: &str) -> Option<String> {
        read(description).title
    }

    fn printed(taken: Option<Taken>) -> Option<String> {
        taken.map(|taken| taken.to_string())
    }

    #[test]
    fn properties_may_be_elements() {
        let found = read(
            "><d:title><r:Alt><r:li xml:lang='de'>Reiher</r:li><r:li xml:lang='x-default'>Heron</r:li></r:Alt></d:title>
             <d:description><r:Alt><r:li xml:lang='fr'>Au bord
du lac</r:li></r:Alt></d:description>
             <d:subject><r:Bag><r:li>bird</r:li> <r:li>lake &amp; sea</r:li></r:Bag></d:subject>
             <ps:Headline>A heron</ps:Headline><xmp:Rating>4.0</xmp:Rating>
             <e:DateTimeOriginal>2008-10-22T16:28:39.042+02:00</e:DateTimeOriginal>
             <xmp:CreateDate>2009-01</xmp:CreateDate>",
        );
        assert_eq!(found.title.as_deref(), Some("Heron"));
        assert_eq!(found.description.as_deref(), Some("Au bord\ndu lac"));
        assert_eq!(found.headline.as_deref(), Some("A heron"));
        assert_eq!(found.keywords, ["bird", "lake & sea"]);
        assert_eq!(found.rating, Some(4.0));
        assert_eq!(printed(found.created).as_deref(), Some("2008-10-22 16:28:39.042 +02:00"));
        assert_eq!(printed(found.digitized).as_deref(), Some("2009-01"));
    }

    #[test]
    fn properties_may_be_attributes() {
        let found = read(
            "d:title='Tom &#38; Jerry' d:subject='bird' ps:Headline='A &quot;heron&quot;' xmp:Rating='-1' \
             ps:DateCreated='2008-10-22' t:Orientation='6' unknown:Rating='5'>",
        );
        assert_eq!(found.title.as_deref(), Some("Tom & Jerry"));
        assert_eq!(found.headline.as_deref(), Some("A \"heron\""));
        assert_eq!(found.keywords, ["bird"]);
        assert_eq!((found.rating, found.orientation), (Some(-1.0), Some(6)));
        assert_eq!(printed(found.created).as_deref(), Some("2008-10-22"));
    }

    #[test]
    fn names_are_those_of_their_namespaces() {
        assert_eq!(title("><d:title xmlns:d='urn:other'>Heron</d:title>"), None);
        assert_eq!(title("><title>Heron</title>"), None);
        assert_eq!(
            title("><title xmlns='http://purl.org/dc/elements/1.1/'>Heron</title>").as_deref(),
            Some("Heron")
        );
    }

    #[test]
    fn structures_inside_are_not_the_photo() {
        let nested = "><ps:DocumentAncestors><r:Bag><r:li><r:Description><d:title>Other</d:title></r:Description></r:li>\
                      </r:Bag></ps:DocumentAncestors><d:title>Heron</d:title>";
        assert_eq!(title(nested).as_deref(), Some("Heron"));
        assert_eq!(title("><d:title>He<b>NOT</b>ron</d:title>").as_deref(), Some("Heron"));
    }

    #[test]
    fn damage_ends_the_reading() {
        let good = "><d:title>Heron</d:title>";
        for damage in [
            "<d:subject><r:Bag><r:li>bird",
            "</wrong>",
            "<d:description <<",
            "<![CDATA[",
            "<!-- ",
            "<d:x y='",
        ] {
            let whole = packet(&format!("{good}{damage}"));
            let cut = &whole[..whole.find(damage).unwrap() + damage.len()];
            for text in [whole.as_str(), cut] {
                assert_eq!(Xmp::read(text.as_bytes()).title.as_deref(), Some("Heron"), "{damage}");
            }
        }
        assert_eq!(title("><d:title>Tom & Jerry</d:title>").as_deref(), Some("Tom & Jerry"));
        for nothing in [b"".as_slice(), b"\0\0\0\0", b"\xFF\xFE<\0x\0", b"<", b"</x>", b"&lt;"] {
            assert_eq!(Xmp::read(nothing), Xmp::default());
        }
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = "<!DOCTYPE x [<!ENTITY a 'boom'><!ENTITY b '&a;&a;&a;&a;'>]>";
        let packet = bomb.to_owned() + &packet("xmp:Rating='&b;'><d:title>He&b;&#114;on</d:title>");
        let found = Xmp::read(packet.as_bytes());
        assert_eq!((found.title.as_deref(), found.rating), (Some("Heron"), None));
    }

    #[test]
    fn depth_number_and_length_are_bounded() {
        let deep = "<x>".repeat(100_000);
        assert_eq!(title(&format!("><d:title>Heron</d:title>{deep}")).as_deref(), Some("Heron"));
        let many = "<r:li>bird</r:li>".repeat(10_000);
        assert_eq!(
            read(&format!("><d:subject><r:Bag>{many}</r:Bag></d:subject>")).keywords.len(),
            MAX_VALUES
        );
        let long = "ä".repeat(100_000);
        let length = title(&format!("><d:title>{long}</d:title>")).map(|title| title.len());
        assert_eq!(length, Some(MAX_TEXT_BYTES));
    }
}
