//! Every statement of a request's path finds its rows by an index.
//!
//! The plans are the server's answers to `EXPLAIN`, which depend on what is stored: so there are
//! accounts, albums, photos and postings by the thousand, with statistics. Reading the whole store
//! (`sql::audit`) is the exception.

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::{drop_database, fresh};
use crate::mysql::{MySqlStore, sql};
use crate::sql::{albums, audit, jobs, limits, lists, photos, sessions, suppressions, users};

/// One step of a plan: table, how it is read, and by which index.
#[derive(Debug)]
struct Step {
    table: String,
    access: String,
    index: Option<String>,
    extra: String,
}

impl Step {
    fn of(row: &MySqlRow) -> Self {
        let text = |name: &str| row.try_get::<Option<String>, _>(name).unwrap();
        Self {
            table: text("table").unwrap_or_default(),
            access: text("type").unwrap_or_default(),
            index: text("key"),
            extra: text("Extra").unwrap_or_default(),
        }
    }

    /// True for a step that reads a whole table, or a whole index; a derived table holds what was
    /// found.
    fn scans(&self) -> bool {
        matches!(self.access.as_str(), "ALL" | "index") && !self.table.starts_with('<')
    }
}

/// A value of the kind that is expected behind these words of a statement: one that is there, and
/// one behind it for an upper end.
fn value_after(words: &str) -> &'static str {
    let upper = words.ends_with("< ");
    let column = words.trim_end_matches(|c: char| " =<>(+,".contains(c));
    let column = column.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    match column {
        "id" | "album_id" | "owner_id" | "user_id" | "session_id" | "target" | "resource" | "cover"
        | "IN" | "" => {
            if upper {
                "UNHEX(REPEAT('ff', 16))"
            } else {
                "UNHEX('00000000000000000000000000000011')"
            }
        }
        "hash" | "name" | "address" | "replaced_by" => "UNHEX(SHA2('17', 256))",
        "term" if upper => "'summes'",
        "term" | "email_key" | "idempotency_key" => "'summer'",
        _ => "51",
    }
}

/// The server's plan for a statement.
async fn plan(store: &MySqlStore, text: &str) -> Vec<Step> {
    let mut explained = "EXPLAIN ".to_owned();
    let mut parts = text.split('?').peekable();
    while let Some(part) = parts.next() {
        explained.push_str(part);
        if parts.peek().is_some() {
            explained.push_str(value_after(&explained));
        }
    }
    let rows = store.pool.fetch_all(AssertSqlSafe(explained.clone())).await;
    rows.unwrap_or_else(|error| panic!("{error}\n{explained}")).iter().map(Step::of).collect()
}

/// Fills a table with this many rows, which `row` gives for each number.
async fn fill(store: &MySqlStore, table: &str, rows: u32, row: impl Fn(u32) -> String) {
    let rows: Vec<String> = (1..=rows).map(|number| format!("({})", row(number))).collect();
    for rows in rows.chunks(1_000) {
        let insert = format!("INSERT INTO {table} VALUES {}", rows.join(", "));
        store.pool.execute(AssertSqlSafe(insert)).await.unwrap();
    }
}

/// Twenty accounts with twenty albums each, ten photos in each of those, and what belongs to them.
async fn furnished(name: &str) -> MySqlStore {
    let store = fresh(name).await;
    let id = |number: u32| format!("UNHEX('{number:032x}')");
    let hash = |number: u32| format!("UNHEX(SHA2('{number}', 256))");
    let photos = "Photo (id, album_id, owner_id, state, bytes, version, created_at, updated_at, taken_order)";
    fill(&store, "User", 20, |n| {
        let address = format!("'u{n}@example.org'");
        format!("{}, {address}, {address}, 'Ann', '$', {n}, NULL, 0, 0, 0, 0, 0, NULL", id(n))
    })
    .await;
    fill(&store, "Session", 400, |n| format!("{}, {}, {n}, {n}, {n}, ''", id(n), id((n - 1) % 20 + 1))).await;
    fill(&store, "SessionToken", 800, |n| format!("{}, {}, {n}, {n}, NULL", hash(n), id((n - 1) % 400 + 1)))
        .await;
    fill(&store, "Album", 400, |n| {
        format!("{}, {}, 0, 1, {n}, {n}, NULL, 0, 0, 'Summer', ''", id(n), id((n - 1) % 20 + 1))
    })
    .await;
    fill(&store, photos, 4_000, |n| {
        format!("{}, {}, {}, 1, {n}, 1, {n}, {n}, {n}", id(n), id((n - 1) % 400 + 1), id((n - 1) % 20 + 1))
    })
    .await;
    fill(&store, "Posting", 8_000, |n| {
        let term = if n % 40 < 20 { "summer".to_owned() } else { format!("word{}", n % 100) };
        format!("{}, 1, '{term}', {}", id((n - 1) % 20 + 1), id(n))
    })
    .await;
    fill(&store, "Job (id, kind, user_id, is_deletion, due_at, body)", 2_000, |n| {
        format!("{}, 'send_mail', {}, 0, {n}, '{{}}'", id(n), id((n - 1) % 400 + 1))
    })
    .await;
    fill(&store, "IdempotencyRecord", 2_000, |n| {
        format!("{}, 'key{n}', {}, NULL, {n}", id((n - 1) % 20 + 1), id(n))
    })
    .await;
    fill(&store, "Counter", 2_000, |n| format!("{}, 1, {n}", hash(n))).await;
    fill(&store, "Suppression", 2_000, |n| format!("{}, 'bounced', {n}, {n}", hash(n))).await;
    let tables =
        "User, Session, SessionToken, Album, Photo, Posting, Job, IdempotencyRecord, Counter, Suppression";
    store.pool.fetch_all(AssertSqlSafe(format!("ANALYZE TABLE {tables}"))).await.unwrap();
    store
}

async fn assert_indexed(store: &MySqlStore, statements: &[&str]) {
    for text in statements {
        let plan = plan(store, text).await;
        assert!(!plan.iter().any(Step::scans), "{text}\n{plan:#?}");
    }
}

#[tokio::test]
async fn accounts_and_sessions_are_found_by_key() {
    let store = furnished("plans_accounts").await;
    assert_indexed(
        &store,
        &[
            sql::LOCK_ACCOUNT,
            sql::LOCK_LIVE_ACCOUNT,
            sql::LOCK_OWNER_OF_ALBUM,
            sql::LOCK_OWNER_OF_PHOTO,
            sessions::EXPIRED_TOKENS,
            &sql::lock_accounts(2),
            &lists::owners_of_photos(2),
            &lists::delete_tokens(2),
            &lists::delete_sessions_without_token(2),
            users::BY_ID,
            users::BY_EMAIL,
            users::REGISTRATION,
            users::REGISTRATIONS_OF,
            sql::LOCK_REGISTRATIONS_OF,
            users::OLD_REGISTRATIONS,
            users::UNREGISTER,
            users::CONFIRM,
            users::UPDATE,
            users::SET_PASSWORD,
            users::MARK,
            users::BYTES_LEFT,
            users::ADD_USAGE,
            users::LEFT_OVER,
            users::DELETE,
            sessions::AUTHENTICATE,
            sessions::TOKEN,
            sessions::REPLACE_TOKEN,
            sessions::SEEN,
            sessions::OF_USER,
            sessions::END,
            sessions::END_ALL,
            sessions::END_ALL_BUT,
        ],
    )
    .await;
    drop_database(&store).await;
}

#[tokio::test]
async fn albums_and_photos_are_found_by_key() {
    let store = furnished("plans_albums").await;
    assert_indexed(
        &store,
        &[
            sql::TERMS,
            &sql::drop_postings(2),
            &sql::delete_records(2),
            albums::EXPIRED_RECORDS,
            albums::DELETE_EXPIRED_RECORD,
            albums::LIVE,
            albums::IS_LIVE_OF,
            albums::UPDATE,
            albums::SET_NEWEST_COVER,
            albums::REPLACE_COVER,
            albums::ADD_PHOTO,
            albums::ADD_CONTENT,
            albums::CONTENT,
            albums::MARK,
            albums::IN_ANY_STATE,
            albums::LEFT_OVER,
            albums::DELETE,
            albums::DELETE_POSTINGS,
            albums::RECORD,
            albums::SET_FINGERPRINT,
            albums::DELETE_RECORDS_OF_RESOURCE,
            albums::DELETE_RECORDS_OF_OWNER,
            photos::BYTES,
            photos::LIVE,
            photos::UNMARKED,
            photos::IS_READY_IN,
            photos::IN_ANY_STATE,
            photos::IN_ALBUM_IN_ANY_STATE,
            photos::OVERDUE,
            photos::REMOVABLE,
            photos::PUBLISH,
            photos::UPDATE,
            photos::SET_DEADLINE,
            photos::SET_GENERATION,
            photos::REPLACE_RENDITIONS,
            photos::MARK,
            photos::DELETE,
        ],
    )
    .await;
    drop_database(&store).await;
}

#[tokio::test]
async fn lists_are_ranges_of_an_index_and_are_not_sorted() {
    let store = furnished("plans_lists").await;
    for (text, table, index) in [
        (albums::OF_OWNER, "a", "Album_by_owner"),
        (sql::IN_ALBUM, "p", "Photo_by_album"),
        (sql::IN_ALBUM_BY_TAKEN, "p", "Photo_by_album_taken"),
        (sql::OF_OWNER, "p", "Photo_by_owner"),
        (sql::OF_OWNER_BY_TAKEN, "p", "Photo_by_owner_taken"),
    ] {
        let plan = plan(&store, text).await;
        let list = plan.iter().find(|step| step.table == table).and_then(|step| step.index.as_deref());
        assert_eq!(list, Some(index), "{text}\n{plan:#?}");
        assert!(
            !plan.iter().any(|step| step.scans() || step.extra.contains("filesort")),
            "{text}\n{plan:#?}"
        );
    }
    drop_database(&store).await;
}

#[tokio::test]
async fn searches_read_ranges_of_indexes_and_rows_by_key() {
    let store = furnished("plans_search").await;
    for (text, table, index) in [
        (sql::POSTINGS.to_owned(), "d", "PRIMARY"),
        (sql::CANDIDATES_OF_OWNER.to_owned(), "p", "Photo_by_owner"),
        (sql::CANDIDATES_IN_ALBUM.to_owned(), "p", "Photo_by_album"),
        (sql::CANDIDATE_ALBUMS.to_owned(), "p", "Album_by_owner"),
        (sql::photos_of_owner(4), "p", "PRIMARY"),
        (sql::albums_of_owner(4), "a", "PRIMARY"),
    ] {
        let plan = plan(&store, &text).await;
        let read = plan.iter().find(|step| step.table == table).and_then(|step| step.index.as_deref());
        assert_eq!(read, Some(index), "{text}\n{plan:#?}");
        assert!(
            !plan.iter().any(|step| step.scans() || step.extra.contains("filesort")),
            "{text}\n{plan:#?}"
        );
    }
    drop_database(&store).await;
}

#[tokio::test]
async fn the_queue_counters_and_suppressions_are_found_by_key() {
    let store = furnished("plans_queue").await;
    assert_indexed(
        &store,
        &[
            sql::NEXT_JOB,
            jobs::TAKE,
            sql::LOCK_LEASE,
            jobs::OF_USER_BUT,
            jobs::MAILS_OF_USER,
            &lists::delete_jobs(2),
            limits::COUNTED,
            sql::DELETE_ENDED_COUNTERS,
            sql::DELETE_ENDED_SUPPRESSIONS,
            jobs::EXTEND,
            jobs::DELETE,
            jobs::POSTPONE,
            jobs::BY_ID,
            jobs::LIST,
            jobs::RESUME,
            jobs::ADD_TALLY,
            limits::RUNNING,
            limits::GIVE_BACK,
            &lists::running_counters(2),
            suppressions::IN_FORCE,
            suppressions::LIFT,
        ],
    )
    .await;
    let next = plan(&store, sql::NEXT_JOB).await;
    assert!(
        !next.iter().any(|step| step.extra.contains("filesort")),
        "a sort would lock all that is due: {next:#?}"
    );
    let due = plan(&store, &sql::due_queues()).await;
    let jobs = due.iter().find(|step| step.table == "j");
    assert_eq!(jobs.and_then(|step| step.index.as_deref()), Some("Job_by_queue"), "{due:#?}");
    assert!(jobs.is_some_and(|step| !step.scans()), "{due:#?}");
    drop_database(&store).await;
}

#[tokio::test]
async fn a_scan_would_be_noticed() {
    let store = furnished("plans_scan").await;
    assert!(plan(&store, audit::STRAYS).await.iter().any(Step::scans));
    assert!(plan(&store, "SELECT * FROM Photo WHERE title = ?").await.iter().any(Step::scans));
    drop_database(&store).await;
}
