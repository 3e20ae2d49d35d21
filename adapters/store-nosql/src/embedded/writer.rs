//! The one thread that writes. It takes all units of work that wait, works them in their order
//! within one transaction, and brings that to the disk once ("group commit"): the disk's flush
//! costs the same for one unit as for a hundred. It also opens the database again after a failure,
//! and erases when nobody writes.
//!
//! Tests: `tests` beside it, `tests/it/embedded_durability.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use gallery_core::ports::StoreError;
use redb::Error;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::batch::Batch;
use super::erase;
use super::open::DatabaseFile;
use super::shared::{Shared, meaning};
use crate::table::{Outcome, Write};

/// The most units of work of one transaction, so that the first does not wait for ever.
const MOST_UNITS: usize = 256;
/// How long the thread sleeps when there is nothing to do.
const TICK: Duration = Duration::from_secs(1);
/// The time between attempts to open the database again.
const RETRY: Duration = Duration::from_secs(1);

/// When the file is written anew while the store runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Erasing {
    /// Nobody has written for so long.
    pub(super) quiet: Duration,
    /// It was not done for so long.
    pub(super) between: Duration,
}

impl Default for Erasing {
    fn default() -> Self {
        Self { quiet: Duration::from_secs(5), between: Duration::from_hours(24) }
    }
}

/// A unit of work that waits.
pub(super) struct Commit {
    pub(super) writes: Vec<Write<Vec<u8>>>,
    pub(super) answer: oneshot::Sender<Result<Outcome, StoreError>>,
    /// Its place in the queue.
    pub(super) room: OwnedSemaphorePermit,
}

/// What the thread is asked to do.
pub(super) enum Message {
    Commit(Commit),
    /// Answer, to show that the thread works.
    Ping(oneshot::Sender<()>),
    /// Work what came before, erase, close the file, and end.
    Close(oneshot::Sender<()>),
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    file: DatabaseFile,
    inbox: Receiver<Message>,
    erasing: Erasing,
    /// The file remembers that it has residue.
    residue: bool,
    written_at: Instant,
    erased_at: Instant,
    opened_at: Option<Instant>,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        file: DatabaseFile,
        inbox: Receiver<Message>,
        residue: bool,
        erasing: Erasing,
    ) -> Self {
        let now = Instant::now();
        Self { shared, file, inbox, erasing, residue, written_at: now, erased_at: now, opened_at: None }
    }

    /// Works until it is told to close, or nobody can ask for anything any more.
    pub(super) fn run(mut self) {
        let tick = TICK.min(self.erasing.quiet);
        let closing = loop {
            match self.inbox.recv_timeout(tick) {
                Ok(message) => {
                    if let Some(answer) = self.work(message) {
                        self.erase();
                        break Some(answer);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tend(),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        drop(self.shared.replace(None));
        drop(self);
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
    }

    /// Does what waits; returns who wants to hear of the end, if that is asked for.
    fn work(&mut self, first: Message) -> Option<oneshot::Sender<()>> {
        let mut units = Vec::new();
        let mut closing = None;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                // Nobody waits for it any more: it is as if it had never come.
                Message::Commit(commit) if commit.answer.is_closed() => {}
                Message::Commit(commit) => units.push(commit),
                Message::Ping(answer) => drop(answer.send(())),
                Message::Close(answer) => {
                    closing = Some(answer);
                    break;
                }
            }
            next = if units.len() < MOST_UNITS { self.inbox.try_recv().ok() } else { None };
        }
        if !units.is_empty() {
            self.commit(units);
        }
        closing
    }

    fn commit(&mut self, units: Vec<Commit>) {
        self.mend();
        let done = catch_unwind(AssertUnwindSafe(|| self.transact(&units)))
            .unwrap_or_else(|_| Err(Error::Corrupted("writing panicked".to_owned())));
        match done {
            Ok(outcomes) => {
                self.written_at = Instant::now();
                for (unit, outcome) in units.into_iter().zip(outcomes) {
                    // Whoever is told finds room in the queue.
                    drop(unit.room);
                    let _ = unit.answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(%error, units = units.len(), "a commit failed");
                self.shared.break_down();
                self.mend();
                for unit in units {
                    let _ = unit.answer.send(Err(meaning(&error)));
                }
            }
        }
    }

    fn transact(&mut self, units: &[Commit]) -> Result<Vec<Outcome>, Error> {
        let database = self.shared.database();
        // As durable as it can be: that is redb's default.
        let transaction = database.as_ref().ok_or(Error::DatabaseClosed)?.begin_write()?;
        let mut batch = Batch::begin(&transaction)?;
        let outcomes = units.iter().map(|unit| batch.apply(&unit.writes)).collect::<Result<_, _>>()?;
        let effect = batch.end(self.residue)?;
        if effect.changed {
            transaction.commit()?;
            self.residue |= effect.residue;
        } else {
            transaction.abort()?;
        }
        Ok(outcomes)
    }

    /// Opens the database again, if it needs that and it is time for an attempt.
    fn mend(&mut self) {
        if !self.shared.is_broken() || self.opened_at.is_some_and(|at| at.elapsed() < RETRY) {
            return;
        }
        self.opened_at = Some(Instant::now());
        // Closing it gives up redb's lock, without which it cannot be opened.
        drop(self.shared.replace(None));
        match self.file.reopen() {
            Ok(database) => {
                self.residue = erase::has_residue(&database).unwrap_or_default();
                self.shared.replace(Some(database));
                tracing::warn!("the store was opened again after a failure");
            }
            Err(error) => tracing::error!(%error, "the store is unavailable"),
        }
    }

    /// What is to be done when nobody writes.
    fn tend(&mut self) {
        self.mend();
        if self.written_at.elapsed() >= self.erasing.quiet && self.erased_at.elapsed() >= self.erasing.between
        {
            self.erase();
        }
    }

    /// Writes the file anew, if it has residue. Reads go on meanwhile.
    fn erase(&mut self) {
        self.erased_at = Instant::now();
        if !self.residue {
            return;
        }
        let database = self.shared.database();
        let Some(old) = database.as_ref() else { return };
        match erase::rewritten(&self.file, old) {
            Ok(Some(new)) => {
                drop(database);
                drop(self.shared.replace(Some(new)));
                self.residue = false;
            }
            Ok(None) => {}
            Err(error) => {
                drop(database);
                tracing::warn!(%error, "the store was not written anew");
                // Whichever file has its place now is the store.
                self.shared.break_down();
                self.opened_at = None;
                self.mend();
            }
        }
    }
}
