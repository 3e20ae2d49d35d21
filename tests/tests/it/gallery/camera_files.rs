//! Real camera files, where the machine has them, beside what exiftool reads from them. Without the
//! collection, the same checks run on files made by code.

use std::path::PathBuf;
use std::process::Command;

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::photos::{camera_files, size_of};
use gallery_tests::{Member, Sample, Server};
use serde_json::Value;

/// Files of these folders of the collection, and one made by code.
fn files(folders: &[&str], own: &tempfile::TempDir) -> Vec<PathBuf> {
    let made = own.path().join("made.jpg");
    let bytes = Sample::new(300, 200)
        .camera("Canon", "Canon EOS 40D")
        .taken("2008:05:30 15:56:01")
        .orientation(8)
        .gps(43.467_157, 11.885_395, 120)
        .jpeg();
    std::fs::write(&made, bytes).expect("a file");
    folders.iter().flat_map(|folder| camera_files(folder)).chain([made]).collect()
}

fn exiftool(file: &PathBuf) -> Value {
    let output = Command::new("exiftool").args(["-json", "-n", "-G0"]).arg(file).output();
    let output = output.expect("exiftool runs; `cargo xtask test` installs it");
    let list: Value = serde_json::from_slice(&output.stdout).expect("JSON of exiftool");
    list[0].clone()
}

async fn upload(ann: &Member, album: &str, file: &PathBuf) -> gallery_tests::Answer {
    let bytes = std::fs::read(file).expect("a camera file");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    ann.upload(album, &Upload::new(&name, "image/jpeg", bytes), &[]).await
}

#[tokio::test]
async fn what_the_camera_wrote_is_read_as_exiftool_reads_it() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Cameras").await;
    let own = tempfile::tempdir().expect("a temporary folder");
    for file in files(&["cameras", "gps", "orientation", "large"], &own) {
        let name = file.display().to_string();
        let photo = upload(&ann, &album, &file).await.expect(201).json();
        let expected = exiftool(&file);
        let stored = (expected["File:ImageWidth"].as_u64(), expected["File:ImageHeight"].as_u64());
        let turned =
            expected["EXIF:Orientation"].as_u64().is_some_and(|orientation| (5..=8).contains(&orientation));
        let (width, height) = if turned { (stored.1, stored.0) } else { stored };
        assert_eq!((photo["width"].as_u64(), photo["height"].as_u64()), (width, height), "{name}");
        if let Some(model) = expected["EXIF:Model"].as_str().map(str::trim).filter(|model| !model.is_empty())
        {
            let camera = photo["camera"].as_str().unwrap_or_default();
            assert!(camera.contains(model), "{name}: {camera:?} without {model:?}");
        }
        if let Some(latitude) = expected["Composite:GPSLatitude"].as_f64().filter(|latitude| *latitude != 0.0)
        {
            let read = photo["gps"]["latitude"].as_f64().unwrap_or_default();
            assert!((read - latitude).abs() < 0.000_01, "{name}: {read} is not {latitude}");
        }
        if let Some(taken) =
            expected["EXIF:DateTimeOriginal"].as_str().filter(|taken| !taken.starts_with("0000"))
        {
            let day = taken.get(..10).unwrap_or_default().replace(':', "-");
            let read = photo["taken"]["local"].as_str().unwrap_or_default();
            assert!(read.starts_with(&day), "{name}: {read} is not {taken}");
            let offset = &photo["taken"]["offset"];
            assert!(offset.is_null() || *offset == expected["EXIF:OffsetTimeOriginal"], "{name}: {offset}");
        }
        let path = format!("/api/v1/photos/{}/renditions/small", id_of(&photo));
        let (small_width, small_height) = size_of(&ann.get(&path).await.expect(200).body);
        assert!(small_width.max(small_height) <= 320, "{name}");
        assert_eq!(small_width > small_height, width > height, "{name}");
    }
}

#[tokio::test]
async fn damaged_files_are_taken_as_they_are_or_refused_clearly() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Damaged").await;
    let own = tempfile::tempdir().expect("a temporary folder");
    let damaged = own.path().join("damaged.jpg");
    let mut bytes = Sample::new(300, 200).camera("Canon", "EOS").jpeg();
    let exif = bytes.windows(4).position(|window| window == b"Exif").expect("EXIF");
    bytes[exif + 6..exif + 40].fill(0xFF);
    std::fs::write(&damaged, bytes).expect("a file");
    for file in camera_files("invalid").into_iter().chain(camera_files("heic")).chain([damaged]) {
        let answer = upload(&ann, &album, &file).await;
        match answer.status {
            201 => {
                let path = format!("/api/v1/photos/{}/renditions/medium", id_of(&answer.json()));
                size_of(&ann.get(&path).await.expect(200).body);
            }
            415 => drop(answer.problem(415, "unsupported_photo")),
            _ => drop(answer.problem(422, "undecodable_photo")),
        }
    }
    server.client().get("/healthz").await.ok(200);
    server.stop().await.verify();
}
