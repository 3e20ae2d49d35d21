//! A proxy for HTTP/1.1. Requests and replies are read whole before they are passed on, so a fault
//! falls exactly before or after what the engine did.

mod book;
mod connection;
mod operation;
mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::book::Book;
pub use self::book::Exchange;
pub use self::rule::{Call, Fault, Reply, Rule};
use crate::gate::Flow;
use crate::host::Host;

/// A proxy before an engine that speaks HTTP/1.1; it stops when dropped.
pub struct HttpProxy {
    host: Host,
    book: Arc<Book>,
}

impl HttpProxy {
    /// Starts a proxy before the engine at this address (`http://127.0.0.1:8000`), on a free port.
    pub fn start(upstream: &str) -> Self {
        let authority = upstream.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|rest| !rest.is_empty() && !rest.contains('/'));
        let authority = authority.unwrap_or_else(|| panic!("{upstream} is not of the form http://host:port"));
        let book = Arc::new(Book::default());
        let service = connection::Service::new(authority, Arc::clone(&book));
        let host = Host::start(move |stream, gate| connection::serve(stream, gate, service.clone()));
        Self { host, book }
    }

    /// What clients are to use as endpoint: `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.host.address())
    }

    /// Adds a rule behind the others. The first rule that fits a request decides about it.
    pub fn add(&self, rule: Rule) {
        self.book.open().rules.push(rule);
    }

    /// Forgets every rule: from now on all is passed on.
    pub fn clear(&self) {
        self.book.open().rules.clear();
    }

    /// How often an operation was asked for, whatever became of it.
    pub fn count(&self, operation: &str) -> usize {
        self.book.open().counts.get(operation).copied().unwrap_or(0)
    }

    /// How often each operation was asked for.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.book.open().counts.clone()
    }

    /// Every operation that was ever asked for, also before [`reset_counts`](Self::reset_counts):
    /// what a policy of least privilege must allow.
    pub fn operations(&self) -> BTreeSet<String> {
        self.book.open().operations.clone()
    }

    /// Begins to count, and to list what met a fault, anew.
    pub fn reset_counts(&self) {
        let mut pages = self.book.open();
        pages.counts.clear();
        pages.faulted.clear();
    }

    /// The operations that met a fault, in their order.
    pub fn faulted(&self) -> Vec<String> {
        self.book.open().faulted.clone()
    }

    /// From now on keeps requests and replies for [`exchanges`](Self::exchanges).
    pub fn record(&self) {
        self.book.open().exchanges.get_or_insert_default();
    }

    /// Takes what was recorded so far, in the order of the replies.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.book.open().exchanges.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Resets every connection, and every new one, until [`restore`](Self::restore).
    pub fn cut(&self) {
        self.host.set(Flow::Cut);
    }

    /// Holds everything back, without an error to the client, until [`restore`](Self::restore).
    pub fn stall(&self) {
        self.host.set(Flow::Stalled);
    }

    /// Lets traffic pass again after [`cut`](Self::cut) or [`stall`](Self::stall). Rules stay.
    pub fn restore(&self) {
        self.host.set(Flow::Open);
    }
}
