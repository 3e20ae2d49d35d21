//! `docs/sql.md` is true: its tables have every column of the schema and no other, its diagram has
//! every table and foreign key, and its examples run and change nothing. `mysql/sql_page.rs` has
//! the same on a server.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use gallery_store_sql::SqliteStore;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use crate::release::copied;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sql.md"));

/// sqlx's own table, which is no part of the diagram.
const MIGRATIONS: &str = "_sqlx_migrations";

const COLUMNS: &str = "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0 \
     FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";

const FOREIGN_KEYS: &str = "SELECT f.\"table\", t.name \
     FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";

/// Table, column, type, and whether it may be NULL.
pub type Column = (String, String, String, bool);

/// Where the page has what is different in each dialect.
pub struct Dialect {
    /// What stands behind the three ticks above an example for this dialect alone.
    pub info: &'static str,
    /// Which cell of a column's row has its type.
    pub type_cell: usize,
}

const SQLITE: Dialect = Dialect { info: "sql sqlite", type_cell: 2 };

/// The page's columns, with the types of a dialect.
pub fn documented_columns(dialect: &Dialect) -> Vec<Column> {
    let mut table = None;
    let mut columns = Vec::new();
    for line in PAGE.lines() {
        if line.starts_with('#') {
            table = line.strip_prefix("### ").and_then(in_ticks);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let (Some(table), Some(column)) = (table, cells.get(1).copied().and_then(in_ticks)) {
            let kind = cells[dialect.type_cell];
            columns.push((table.to_owned(), column.to_owned(), kind.to_owned(), cells[4] == "yes"));
        }
    }
    columns
}

/// The word that the text is, in backticks.
fn in_ticks(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.strip_suffix('`')
}

/// What stands behind the three ticks of every block, and the block.
fn blocks() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').expect("a block has lines"))
}

/// The examples for a dialect: those for all, and its own.
pub fn examples(dialect: &Dialect) -> Vec<&'static str> {
    let is_for_it = |info: &str| info == "sql" || info == dialect.info;
    blocks().filter(|(info, _)| is_for_it(info)).map(|(_, example)| example).collect()
}

/// The words of every line of the diagram: a table, or two tables and what is drawn between them.
fn diagram() -> impl Iterator<Item = Vec<&'static str>> {
    let (_, diagram) = blocks().find(|(info, _)| *info == "mermaid").expect("the page has a diagram");
    diagram.lines().skip(1).map(|line| line.split_whitespace().collect())
}

/// The diagram's foreign keys: the table that is referred to, and the one that refers to it.
pub fn drawn_foreign_keys() -> Vec<(String, String)> {
    let solid = diagram().filter(|words| words.get(1).is_some_and(|line| line.contains("--")));
    solid.map(|words| (words[0].to_owned(), words[2].to_owned())).collect()
}

/// Fails with what only the page has, and what only the database has.
pub fn assert_same<T: Ord + Debug>(mut page: Vec<T>, mut database: Vec<T>) {
    page.sort();
    database.sort();
    let undocumented: Vec<&T> = database.iter().filter(|one| !page.contains(one)).collect();
    let unknown: Vec<&T> = page.iter().filter(|one| !database.contains(one)).collect();
    assert!(
        page == database,
        "docs/sql.md lacks {undocumented:#?}, has {unknown:#?} too much, or has something twice"
    );
}

/// A connection that cannot write.
async fn reader(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap()
}

#[tokio::test]
async fn every_column_and_foreign_key_is_documented_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    SqliteStore::open(&path).await.unwrap().close().await;
    let mut connection = reader(&path).await;
    let columns: Vec<Column> = sqlx::query_as(COLUMNS).fetch_all(&mut connection).await.unwrap();
    assert_same(documented_columns(&SQLITE), columns);
    let keys: Vec<(String, String)> = sqlx::query_as(FOREIGN_KEYS).fetch_all(&mut connection).await.unwrap();
    assert_same(drawn_foreign_keys(), keys);
}

/// On a store with something in it, because an error may need a row to happen.
#[tokio::test]
async fn every_example_runs_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = copied(folder.path());
    SqliteStore::open(&path).await.unwrap().close().await;
    let mut connection = reader(&path).await;
    for example in examples(&SQLITE) {
        if let Err(error) = sqlx::raw_sql(example).fetch_all(&mut connection).await {
            panic!("{error}\n{example}");
        }
    }
}

#[test]
fn every_table_is_in_the_diagram() {
    let drawn: BTreeSet<&str> =
        diagram().flat_map(|words| [words.first().copied(), words.get(2).copied()]).flatten().collect();
    let columns = documented_columns(&SQLITE);
    let tables = columns.iter().map(|(table, ..)| table.as_str()).filter(|table| *table != MIGRATIONS);
    assert_eq!(drawn, tables.collect::<BTreeSet<_>>());
}

/// Otherwise an example could be passed over.
#[test]
fn every_block_says_what_it_is() {
    let marked = |known: &str| blocks().filter(|(info, _)| *info == known).count();
    let known = ["mermaid", "sh", "sql", "sql sqlite", "sql mysql"];
    assert_eq!(known.map(marked).iter().sum::<usize>(), blocks().count());
    assert_eq!(marked("sql sqlite"), marked("sql mysql"), "one of each for what is different");
    assert!(marked("sql") > 0);
}
