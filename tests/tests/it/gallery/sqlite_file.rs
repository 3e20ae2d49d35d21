//! A SQLite database that this version cannot use. What the embedded store does with such a file is
//! tested beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gallery_tests::Server;

use super::start_up::assert_refused;

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.append(&mut contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    found
}

#[tokio::test]
async fn a_data_folder_of_a_newer_version_is_refused_and_not_touched() {
    let server = Server::start().await;
    let launch = server.stop().await;
    let data = launch.data_folder();
    let database = contents(&data).into_keys().find(|file| is_database(file)).expect("the database");
    let add = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); \
               c.execute('INSERT INTO _sqlx_migrations SELECT 99999999999999, description, installed_on, success, \
               checksum, execution_time FROM _sqlx_migrations LIMIT 1'); c.commit(); c.close()";
    gallery_tests::python::run(add, &[&database.display().to_string()]);
    let before = contents(&data);
    let output = launch.run_as_server();
    assert_refused(&output, "newer");
    for (file, bytes) in contents(&data) {
        match before.get(&file) {
            Some(old) => assert!(bytes == *old, "{} was touched", file.display()),
            // What SQLite makes beside a file that it only reads; the log is empty.
            None if file.ends_with("gallery.db-shm") => {}
            None => assert!(bytes.is_empty(), "{} was made", file.display()),
        }
    }
}

fn is_database(file: &Path) -> bool {
    fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
}
