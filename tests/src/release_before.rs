//! Galleries of the release before, kept as files: `tests/fixtures/{date}/{store}.tar.gz`, made by
//! that release's own binaries. Each holds the data folder as a SIGKILL left it, `known.json` with
//! what is in it, and for a database server the dump of its tables. The tests of this are beside
//! those of the stores.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Client, Launch, Person, Server, Variant, eventually};

/// The day of the release.
const DAY: &str = "2026-11-22";

/// The secret that the galleries were made with.
const SECRET: &str = "made-for-the-release-of-2026-11-22-only-for-tests-0123456789abcdef";

/// A copy of a gallery of the release before; removed when dropped.
pub struct ReleaseBefore {
    folder: TempDir,
    known: Value,
}

impl ReleaseBefore {
    /// Unpacks the gallery on this store: `sqlite`, `redb`, `mariadb` or `dynamodb`.
    pub fn unpack(store: &str) -> Self {
        Self::unpack_of(DAY, store)
    }

    /// The same of a gallery of another day.
    pub fn unpack_of(day: &str, store: &str) -> Self {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{day}/{store}.tar.gz"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let unpacked = Command::new("tar")
            .args(["--extract", "--gzip", "--no-same-owner", "--file"])
            .arg(&archive)
            .arg("--directory")
            .arg(folder.path())
            .status();
        assert!(unpacked.is_ok_and(|status| status.success()), "cannot unpack {}", archive.display());
        let known = std::fs::read(folder.path().join("known.json")).expect("what is known of the gallery");
        Self { folder, known: serde_json::from_slice(&known).expect("JSON") }
    }

    /// A file of the fixture.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How to start this version's binary on it.
    pub fn launch(&self, variant: Variant) -> Launch {
        Launch::of(variant).data(&self.file("data")).setting("GALLERY__AUTH__SECRET", SECRET)
    }

    fn id(&self, name: &str) -> &str {
        self.known[name].as_str().unwrap_or_else(|| panic!("{name} is not known"))
    }

    /// The photos that Ann sees, in the order of their upload.
    fn photos(&self) -> Vec<String> {
        let photos = self.known["photos"].as_array().expect("photos");
        photos.iter().map(|photo| photo.as_str().expect("an id").to_owned()).collect()
    }

    /// The names of the files that were uploaded, where they are known.
    pub fn names(&self) -> Vec<String> {
        self.known["files"].as_object().expect("files by their names").keys().cloned().collect()
    }

    /// The photo that this file became.
    pub async fn photo(&self, client: &Client, name: &str) -> Value {
        let id = self.known["files"][name].as_str().unwrap_or_else(|| panic!("{name} is not known"));
        client.get(&format!("/api/v1/photos/{id}")).await.expect(200).json()
    }

    /// A client of somebody who has an account in it.
    pub async fn log_in(&self, server: &Server, name: &str) -> Client {
        let person = Person { password: self.id("password").to_owned(), ..Person::named(name) };
        let client = server.client();
        client.log_in(&person).await;
        client
    }

    /// Serves the gallery with this version, looks at everything in it, uses it, and verifies it.
    pub async fn opens_serves_and_verifies(&self, launch: Launch) {
        let server = launch.start().await;
        let ann = self.log_in(&server, "ann").await;
        self.everything_is_there(&ann).await;
        let bob = self.log_in(&server, "bob").await;
        self.who_waits_for_confirmation_cannot_log_in(&server).await;
        bob.get(&format!("/api/v1/photos/{}", self.id("bobs_photo"))).await.ok(200);
        bob.get(&format!("/api/v1/photos/{}", self.id("edited"))).await.ok(404);
        let added = ann.photo(self.id("empty"), &crate::client::Upload::small(1), &[]).await;
        ann.get(&format!("/api/v1/photos/{}", crate::member::id_of(&added))).await.ok(200);
        self.what_was_deleted_is_removed(&server).await;
        let launch = server.stop().await;
        // What is left of the upgrade, if anything is.
        assert!(launch.run(&["admin", "sweep"]).status.success());
        launch.verify();
        let jobs = launch.run(&["admin", "jobs"]);
        assert!(!String::from_utf8_lossy(&jobs.stdout).contains("upgrade"), "{jobs:?}");
    }

    /// An account that waited for its confirmation is a registration now, or was one until its day
    /// was over.
    async fn who_waits_for_confirmation_cannot_log_in(&self, server: &Server) {
        let body = json!({"email": Person::named("waiting").email, "password": self.id("password")});
        server.client().post("/api/v1/sessions", body).await.problem(401, "bad_credentials");
    }

    /// Albums, photos, renditions, search and edits are as the release before left them.
    pub async fn everything_is_there(&self, ann: &Client) {
        let mut albums = ann.all_ids("/api/v1/albums").await;
        albums.sort();
        assert_eq!(albums, [self.id("album"), self.id("empty")]);
        let mut photos = ann.all_ids(&format!("/api/v1/albums/{}/photos", self.id("album"))).await;
        photos.reverse();
        assert_eq!(photos, self.photos());
        for photo in &photos {
            for rendition in ["original", "large", "medium", "small"] {
                let path = format!("/api/v1/photos/{photo}/renditions/{rendition}");
                assert!(!ann.get(&path).await.expect(200).body.is_empty(), "{path}");
            }
        }
        assert_eq!(ann.all_ids("/api/v1/search?q=shore").await, [photos[0].clone()]);
        let edited = ann.get(&format!("/api/v1/photos/{}", self.id("edited"))).await.expect(200).json();
        assert_eq!(edited["title"], "Edited by its owner");
        assert_eq!(edited["tags"], serde_json::json!(["edited"]));
    }

    /// The worker finishes the deletion that the kill interrupted.
    async fn what_was_deleted_is_removed(&self, server: &Server) {
        let (deleted, blobs) = (self.id("deleted"), server.data_folder().join("blobs"));
        let what = "the blobs of the deleted photo are removed";
        eventually(what, async || {
            (!names_below(&blobs).iter().any(|name| name.starts_with(deleted))).then_some(())
        })
        .await;
    }
}

/// The names of all files below a folder.
fn names_below(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.flat_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            names_below(&path)
        } else {
            vec![entry.file_name().to_string_lossy().into_owned()]
        }
    });
    names.collect()
}
