//! The stores that are measured: how a gallery is started on each, and where the bare handler finds
//! the same records.

use std::fs;
use std::path::{Path, PathBuf};

use gallery_tests::engine::{DynamoTables, MySqlDatabase};
use gallery_tests::{Launch, Variant};
use tempfile::TempDir;

/// What a gallery must be told when its records are not in its data folder.
const SECRET: &str = "5d1f6a0c94be37285d1f6a0c94be3728";

/// The name of the store that the aim is about.
pub const SQLITE: &str = "SQLite";

/// A store of its own, empty at first.
pub struct Store {
    /// As people call it.
    pub name: &'static str,
    /// How the gallery is started on it.
    pub launch: Launch,
    records: Records,
}

/// Where the records are.
enum Records {
    SqliteFile,
    MySql(MySqlDatabase),
    /// The gallery has its file to itself, so the bare handler gets a copy in this folder.
    RedbFile(TempDir),
    DynamoDb(DynamoTables),
}

/// What the bare handler is told, and what it then answers.
pub struct Bare {
    /// The kind of store, and its place.
    pub arguments: [String; 2],
    /// The rows or items of an album of 50 photos.
    pub answer: &'static str,
}

/// All stores, each made when it is its turn.
pub const ALL: [fn() -> Store; 4] = [sqlite, mariadb, embedded, dynamodb];

fn sqlite() -> Store {
    Store { name: SQLITE, launch: Launch::of(Variant::Sql), records: Records::SqliteFile }
}

fn mariadb() -> Store {
    let database = MySqlDatabase::fresh();
    let launch = Launch::of(Variant::Sql)
        .setting("GALLERY__DATABASE__URL", &database.url())
        .setting("GALLERY__AUTH__SECRET", SECRET);
    Store { name: "MariaDB", launch, records: Records::MySql(database) }
}

fn embedded() -> Store {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Store { name: "embedded", launch: Launch::of(Variant::NoSql), records: Records::RedbFile(folder) }
}

fn dynamodb() -> Store {
    let tables = DynamoTables::fresh();
    let launch = Launch::of(Variant::NoSql)
        .setting("GALLERY__DATABASE__URL", "dynamodb:")
        .setting("GALLERY__DYNAMODB__ENDPOINT", &DynamoTables::endpoint())
        .setting("GALLERY__DYNAMODB__TABLE_PREFIX", tables.prefix())
        .setting("GALLERY__AUTH__SECRET", SECRET);
    let made = launch.run(&["admin", "create-tables"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Store { name: "DynamoDB Local", launch, records: Records::DynamoDb(tables) }
}

impl Store {
    /// The records as they are now, for the bare handler. The gallery must have been stopped in
    /// good order.
    pub fn bare(&self) -> Bare {
        let data = self.launch.data_folder();
        // The items of the key-value stores begin with the album itself.
        let (kind, place, answer) = match &self.records {
            Records::SqliteFile => ("sqlite", file_beginning_with(&data, b"SQLite format 3\0"), "50"),
            Records::MySql(database) => ("mysql", database.url(), "50"),
            Records::RedbFile(folder) => {
                let copy = folder.path().join("copy.redb").to_string_lossy().into_owned();
                fs::copy(file_beginning_with(&data, b"redb"), &copy).expect("room for a copy of the file");
                ("redb", copy, "51")
            }
            Records::DynamoDb(tables) => ("dynamodb", tables.prefix().to_owned(), "51"),
        };
        Bare { arguments: [kind.to_owned(), place], answer }
    }
}

/// The file of a folder that begins with these bytes.
fn file_beginning_with(folder: &Path, bytes: &[u8]) -> String {
    let files = fs::read_dir(folder).expect("the data folder").filter_map(|entry| Some(entry.ok()?.path()));
    let begins = |file: &PathBuf| fs::read(file).is_ok_and(|content| content.starts_with(bytes));
    let file = files.into_iter().find(begins).expect("the database is in the data folder");
    file.to_string_lossy().into_owned()
}
