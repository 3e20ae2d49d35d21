//! Title, description and keywords inside a photo's file become its first title, description and
//! tags; by a setting the rating, too.

use gallery_tests::client::Upload;
use gallery_tests::member::{id_of, ids_of};
use gallery_tests::{Launch, Sample, Server};
use serde_json::json;

/// A title in XMP and IPTC, keywords and stars in XMP, a caption in IPTC.
fn captioned() -> Upload {
    let plain = Sample::new(64, 48).jpeg();
    let xmp = xmp("dc:title='Grey heron' dc:subject='bird' xmp:Rating='4'");
    let iptc = iptc(&[(5, "Reiher"), (25, "Vogel"), (120, "At dusk,\rby the lake: Zoë")]);
    let (start_of_image, rest) = plain.split_at(2);
    Upload::new("IMG_0001.JPG", "image/jpeg", [start_of_image, &xmp, &iptc, rest].concat())
}

/// A segment of a JPEG with an XMP packet: these properties as attributes.
fn xmp(properties: &str) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
         xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' {properties}/>\
         </rdf:RDF></x:xmpmeta>"
    );
    segment(0xE1, packet.as_bytes())
}

/// A segment with IPTC-IIM datasets of the application record: number and text, in UTF-8.
fn iptc(datasets: &[(u8, &str)]) -> Vec<u8> {
    let mut records = b"\x1C\x01\x5A\0\x03\x1B%G".to_vec();
    for (number, text) in datasets {
        let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
        records.extend([&[0x1C, 2, *number], length.as_slice(), text.as_bytes()].concat());
    }
    let length = u32::try_from(records.len()).expect("short records").to_be_bytes();
    let resource = b"Photoshop 3.0\08BIM\x04\x04\0\0".as_slice();
    segment(0xED, &[resource, &length, &records].concat())
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("it fits into a segment").to_be_bytes();
    [&[0xFF, marker], length.as_slice(), content].concat()
}

#[tokio::test]
async fn captions_of_the_file_are_the_first_of_the_photo() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &captioned(), &[("title", " ")]).await;
    assert_eq!(photo["title"], "Grey heron");
    assert_eq!(photo["description"], "At dusk,\nby the lake: Zoë");
    assert_eq!(photo["tags"], json!(["bird"]));
    let read = ann.get(&format!("/api/v1/photos/{}", id_of(&photo))).await.expect(200).json();
    assert_eq!(read["title"], "Grey heron");
    for query in ["heron", "dusk", "bird"] {
        let found = ann.get(&format!("/api/v1/search?q={query}")).await.expect(200).json();
        assert_eq!(ids_of(&found), [id_of(&photo)], "{query}");
    }
}

#[tokio::test]
async fn what_the_person_says_is_before_what_the_file_says() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &captioned(), &[("title", "Mine"), ("tags", "mine")]).await;
    assert_eq!((&photo["title"], &photo["tags"]), (&json!("Mine"), &json!(["mine"])));
    assert_eq!(photo["description"], "At dusk,\nby the lake: Zoë");
}

#[tokio::test]
async fn captions_of_the_file_stay_in_it_where_the_setting_says_so() {
    let server = Launch::new().setting("GALLERY__PHOTOS__EMBEDDED_CAPTIONS", "false").start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &captioned(), &[]).await;
    assert_eq!((&photo["title"], &photo["description"]), (&json!(""), &json!("")));
    assert_eq!(photo["tags"], json!([]));
}

#[tokio::test]
async fn a_rating_becomes_a_tag_where_the_setting_says_so() {
    let server = Launch::new().setting("GALLERY__PHOTOS__RATING_TAGS", "true").start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &captioned(), &[]).await;
    assert_eq!(photo["tags"], json!(["bird", "4 stars"]));
    let found = ann.get("/api/v1/search?q=stars").await.expect(200).json();
    assert_eq!(ids_of(&found), [id_of(&photo)]);
}
