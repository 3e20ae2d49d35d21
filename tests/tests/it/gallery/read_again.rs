//! A gallery whose photos were read by earlier rules: after `admin reprocess` each says what it
//! should.

use gallery_tests::{Client, ReleaseBefore, Variant, eventually};
use serde_json::{Value, json};

/// What each photo says before and after: time taken, whether it has a place, and whether it is
/// upright.
const TAKEN: [(&str, Option<&str>, &str); 10] = [
    ("date-1993 12-00-00.jpg", None, "1993-01-01T00:00:00.000Z"),
    ("date-1993-00-00 12-00-00.jpg", None, "1993-01-01T00:00:00.000Z"),
    ("date-24-08-19.jpg", None, "2015-08-22T00:08:19.000Z"),
    ("date-date-only.jpg", None, "2014-04-02T00:00:00.000Z"),
    ("date-unknown-time-blank.jpg", None, "2014-04-02T00:00:00.000Z"),
    ("date-without-seconds.jpg", None, "2014-04-02T12:56:00.000Z"),
    ("date-year-only.jpg", None, "1993-01-01T00:00:00.000Z"),
    ("exif-of-80-kB.png", None, "2020-05-05T05:05:05.000Z"),
    ("png-exif-as-raw-profile.png", None, "2020-05-05T05:05:05.000Z"),
    ("taken-after-midnight-offset-+02-00.jpg", Some("2024-07-13T22:30:00.000Z"), "2024-07-13T22:30:00.000Z"),
];
/// What the clocks of some cameras showed.
const BY_THE_CLOCK: [(&str, &str, &str, Option<&str>); 4] = [
    ("date-year-only.jpg", "1993-01-01T00:00:00", "year", None),
    ("date-date-only.jpg", "2014-04-02T00:00:00", "day", None),
    ("date-without-seconds.jpg", "2014-04-02T12:56:00", "minute", None),
    ("taken-after-midnight-offset-+02-00.jpg", "2024-07-14T00:30:00", "second", Some("+02:00")),
];
const TURNED: [&str; 3] =
    ["exif-of-80-kB.png", "heic-exif-orientation-6-without-irot.heic", "png-exif-as-raw-profile.png"];
const DESCRIBED: [(&str, &str); 3] = [
    ("description-DCIM_100GOPRO.jpg", "DCIM\\100GOPRO"),
    ("description-null.jpg", "null"),
    ("description-olympus-in-exif-and-xmp.jpg", "OLYMPUS DIGITAL CAMERA"),
];
/// A copy of a photo with boilerplate, whose owner gave it a title, a description and tags later.
const EDITED: &str = "edited.jpg";
/// A scan in black and white, which was shown with the bits of its bytes turned round.
const SCAN: &str = "tiff-fill-order-2.tif";

#[tokio::test]
async fn photos_of_a_gallery_made_before_come_right() {
    let variant = Variant::tested();
    let before = ReleaseBefore::unpack_of("2026-11-28", variant.embedded_store());
    let server = before.launch(variant).start().await;
    let ann = before.log_in(&server, "ann").await;
    let photo = async |name: &str| before.photo(&ann, name).await;

    for (name, taken, _) in TAKEN {
        assert_eq!(photo(name).await["taken_at"], json!(taken), "{name}");
    }
    // The release before kept an instant, and no offset.
    let of_before = json!({ "local": "2024-07-13T22:30:00", "precision": "second", "offset": null });
    assert_eq!(photo(BY_THE_CLOCK[3].0).await["taken"], of_before);
    for (name, description) in DESCRIBED {
        assert_eq!(photo(name).await["description"], description, "{name}");
    }
    for name in TURNED {
        assert!(is_wide(&photo(name).await), "{name}");
    }
    assert_eq!(
        photo("gps-0-0.jpg").await["gps"],
        json!({"latitude": 0.0, "longitude": 0.0, "altitude": null})
    );
    let edited = photo(EDITED).await;
    let scan = small_of(&ann, &photo(SCAN).await).await;

    let output = server.launch().run(&["admin", "reprocess", "--all"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in before.names() {
        eventually(&name, async || (photo(&name).await["generation"] == 2).then_some(())).await;
    }
    // Texts follow in a unit of their own.
    for (name, _) in DESCRIBED {
        eventually(name, async || (photo(name).await["description"] == "").then_some(())).await;
    }
    for (name, _, taken) in TAKEN {
        assert_eq!(photo(name).await["taken_at"], taken, "{name}");
    }
    for (name, local, precision, offset) in BY_THE_CLOCK {
        let taken = json!({ "local": local, "precision": precision, "offset": offset });
        assert_eq!(photo(name).await["taken"], taken, "{name}");
    }
    for name in TURNED {
        assert!(!is_wide(&photo(name).await), "{name}");
    }
    assert_eq!(photo("gps-0-0.jpg").await["gps"], Value::Null);
    let now = photo(EDITED).await;
    for field in ["title", "description", "tags", "updated_at"] {
        assert_eq!(now[field], edited[field], "{field}");
    }
    assert_ne!(small_of(&ann, &photo(SCAN).await).await, scan);
    server.stop().await.verify();
}

fn is_wide(photo: &Value) -> bool {
    photo["width"].as_u64() > photo["height"].as_u64()
}

async fn small_of(client: &Client, photo: &Value) -> Vec<u8> {
    let address = format!("/api/v1/photos/{}/renditions/small", photo["id"].as_str().expect("an id"));
    client.get(&address).await.expect(200).body
}
