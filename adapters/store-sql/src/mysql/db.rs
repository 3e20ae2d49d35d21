//! How statements are run: a unit of work, which is repeated when it got into another's way, or a
//! read on its own. What a failure means is in `failure`. Tests: here, and `tests/it/mysql/`.
//!
//! # Who waits for whom
//!
//! A unit of work first locks the row of the account it is about (`SELECT … FOR UPDATE`; of
//! several, in order of their ids), then changes whatever belongs to that account, and jobs at
//! last. So the units of one account follow one another, as all units do in SQLite, and no two of
//! them can wait for each other. The isolation is READ COMMITTED: what is read after the lock is
//! what the unit before has left, not a snapshot from before the lock, and no gaps are locked,
//! which is where most deadlocks of `InnoDB` come from. Where one happens all the same (the server
//! itself may cause it), the whole unit is run again, a bounded number of times, after a wait that
//! differs from one to the next.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gallery_core::ports::StoreError;
use sqlx::error::ErrorKind;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::{Executor, MySql, MySqlPool};
use tokio::time::{Instant, sleep, timeout};

use super::failure::{breaks_connection, code, failed, number};
use crate::error::SqlError;

/// How often a unit of work is run at most.
const ATTEMPTS: u32 = 8;
/// After this time no further attempt begins: with a lock that is not to be had, that is the
/// second.
const ATTEMPTS_LIMIT: Duration = Duration::from_secs(3);
/// How long one read may take. Nothing that a request reads takes a tenth of it; an answer that is
/// later than this does not come any more, and whoever asked shall learn that within two seconds.
const READ_LIMIT: Duration = Duration::from_millis(1_750);
/// How long one statement of a unit of work may take: longer than the server lets it wait for a
/// lock.
const CHANGE_LIMIT: Duration = Duration::from_secs(4);
/// How long one statement may take that reads the whole store.
const AUDIT_LIMIT: Duration = Duration::from_mins(5);

/// The dialect, as the files that are compiled for each know it.
pub(super) type Database = MySql;
pub(super) type SqlStore = MySqlStore;

/// A statement with its values.
pub(super) type Statement<'q> = sqlx::query::Query<'q, MySql, MySqlArguments>;

/// A store on a MySQL or MariaDB server. See [`MySqlStore::open`].
#[derive(Debug)]
pub struct MySqlStore {
    pub(super) pool: MySqlPool,
}

/// A connection of the pool. It goes back only when it is known to be in order: one that was given
/// up in the middle of an answer, or of a unit of work, or whose server is gone, is closed, and the
/// server forgets what was begun.
struct Borrowed {
    connection: PoolConnection<MySql>,
    limit: Duration,
    in_order: bool,
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !self.in_order {
            self.connection.close_on_drop();
        }
    }
}

impl Borrowed {
    async fn command(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        within(self.limit, self.connection.execute(text)).await.map(drop)
    }

    async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        let done = within(self.limit, statement.execute(&mut *self.connection)).await?;
        Ok(done.rows_affected())
    }

    async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<MySqlRow>, sqlx::Error> {
        within(self.limit, statement.fetch_all(&mut *self.connection)).await
    }
}

/// What a driver's future returns, or that it took too long.
async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let late = || sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"));
    timeout(limit, answer).await.unwrap_or_else(|_| Err(late()))
}

/// One unit of work. Dropping it before its end leaves nothing behind.
pub(super) struct Tx {
    borrowed: Borrowed,
    /// True when the unit got into another's way, and may succeed when it is run again.
    contended: bool,
    /// True when the connection is of no use any more.
    broken: bool,
}

impl MySqlStore {
    /// The attempts at one unit of work; see `unit_of_work!`.
    pub(super) fn attempts(&self) -> Attempts<'_> {
        Attempts { store: self, made: 0, began: Instant::now() }
    }

    /// A snapshot for several reads, however long they take.
    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION READ ONLY";
        self.begin(begin, AUDIT_LIMIT).await
    }

    async fn begin(&self, begin: &'static str, limit: Duration) -> Result<Tx, StoreError> {
        let mut borrowed = self.borrow(limit).await?;
        borrowed.command(begin).await.map_err(failed)?;
        Ok(Tx { borrowed, contended: false, broken: false })
    }

    /// All rows, undecoded, outside of a unit of work.
    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<MySqlRow>, StoreError> {
        let mut borrowed = self.borrow(READ_LIMIT).await?;
        let rows = borrowed.rows(statement).await;
        borrowed.in_order = rows.as_ref().err().is_none_or(|error| !breaks_connection(error));
        rows.map_err(failed)
    }

    /// A connection. Whatever is wrong when there is none — the password, even — may be put right
    /// while we run.
    async fn borrow(&self, limit: Duration) -> Result<Borrowed, StoreError> {
        let connection = self.pool.acquire().await.map_err(SqlError::Away)?;
        Ok(Borrowed { connection, limit, in_order: false })
    }
}

/// Runs a unit of work, wholly or not at all: `unit_of_work!(self, async |tx| …)` returns what the
/// body returns. The body may be run several times, each time on what is stored then. It is a macro
/// because the futures of a closure that borrows what it is called with cannot be shown to be
/// `Send`.
macro_rules! unit_of_work {
    ($store:expr, async |$tx:ident| $body:expr) => {{
        let mut attempts = $store.attempts();
        loop {
            let mut tx = attempts.begin().await?;
            let $tx = &mut tx;
            let outcome = async { $body }.await;
            if let Some(outcome) = attempts.end(tx, outcome).await {
                break outcome;
            }
        }
    }};
}
pub(super) use unit_of_work;

/// How often a unit of work was tried.
pub(super) struct Attempts<'s> {
    store: &'s MySqlStore,
    made: u32,
    began: Instant,
}

impl Attempts<'_> {
    pub(super) async fn begin(&mut self) -> Result<Tx, StoreError> {
        self.made += 1;
        self.store.begin("START TRANSACTION", CHANGE_LIMIT).await
    }

    /// Ends an attempt. What it came to, or nothing when there shall be another one.
    pub(super) async fn end<T>(
        &mut self,
        mut tx: Tx,
        outcome: Result<T, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        let outcome = match outcome {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        };
        let over = self.made == ATTEMPTS || self.began.elapsed() > ATTEMPTS_LIMIT;
        let contended = tx.contended || outcome.as_ref().is_err_and(SqlError::is_contended);
        if outcome.is_ok() || !contended || over {
            return Some(outcome);
        }
        drop(tx);
        sleep(pause(self.made)).await;
        None
    }
}

impl Tx {
    /// Runs a change; returns how many rows it found, whether or not they differ now.
    pub(super) async fn run(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        let done = self.borrowed.execute(statement).await;
        done.map_err(|error| self.failed(error))
    }

    /// Runs an insertion; returns false when the key is taken, which leaves the unit of work as it
    /// was.
    pub(super) async fn inserted(&mut self, statement: Statement<'_>) -> Result<bool, StoreError> {
        match self.borrowed.execute(statement).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// All rows, undecoded.
    pub(super) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<MySqlRow>, StoreError> {
        let rows = self.borrowed.rows(statement).await;
        rows.map_err(|error| self.failed(error))
    }

    /// Ends a snapshot.
    pub(super) async fn finish(mut self) {
        self.roll_back().await;
    }

    /// Ends the unit of work; when this is Ok, its changes are on the server's disk. A reply that
    /// is lost says nothing about them, so nothing but contention, which the server has undone,
    /// lets the unit run again.
    async fn commit(&mut self) -> Result<(), StoreError> {
        let ended = self.borrowed.command("COMMIT").await;
        self.borrowed.in_order = ended.is_ok();
        ended.map_err(|error| {
            self.note(&error);
            SqlError::Away(error).into()
        })
    }

    async fn roll_back(&mut self) {
        if !self.broken {
            self.borrowed.in_order = self.borrowed.command("ROLLBACK").await.is_ok();
        }
    }

    fn failed(&mut self, error: sqlx::Error) -> StoreError {
        self.note(&error);
        failed(error)
    }

    fn note(&mut self, error: &sqlx::Error) {
        self.contended |= number(error).is_some_and(|number| code::CONTENTION.contains(&number));
        self.broken |= breaks_connection(error);
    }
}

/// How long to wait before this attempt is followed by another. The fraction of the golden ratio
/// spreads those who wait at the same time as far from one another as can be, without any
/// randomness.
fn pause(attempt: u32) -> Duration {
    static WAITING: AtomicU64 = AtomicU64::new(0);
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let spread = WAITING.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN) >> 54;
    let longest = Duration::from_millis(10) * 2_u32.pow(attempt.min(5));
    longest.mul_f64(0.25 + 0.75 * f64::from(u32::try_from(spread).unwrap_or(0)) / 1_024.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let never = std::future::pending::<Result<(), sqlx::Error>>();
        let error = within(Duration::from_millis(1), never).await.unwrap_err();
        assert!(matches!(failed(error), StoreError::Unavailable(_)));
    }

    #[test]
    fn pauses_grow_and_differ() {
        for attempt in 1..ATTEMPTS {
            let pauses: BTreeSet<Duration> = (0..50).map(|_| pause(attempt)).collect();
            assert!(pauses.len() > 40, "{pauses:?}");
            assert!(pauses.iter().all(|pause| *pause < Duration::from_millis(320)), "{pauses:?}");
        }
        assert!(pause(5) > pause(1));
    }
}
