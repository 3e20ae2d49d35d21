//! What the proxy is told to do, and what it saw. Tests: those of the proxy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::rule::{Call, Fault, Rule};

/// A request and what the client was told.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub call: Call,
    /// The status of the reply; `None` when the client got none.
    pub status: Option<u16>,
    /// The engine's reply, also when the client did not get it; empty when the engine was not
    /// asked.
    pub reply: Bytes,
}

/// What the proxy was told to do, and what it saw.
#[derive(Default)]
pub struct Book(Mutex<Pages>);

/// What the book holds.
#[derive(Default)]
pub struct Pages {
    pub rules: Vec<Rule>,
    pub counts: BTreeMap<String, usize>,
    pub operations: BTreeSet<String>,
    pub faulted: Vec<String>,
    /// `None` unless somebody wants to read it: bodies of a long test fill the memory.
    pub exchanges: Option<Vec<Exchange>>,
}

impl Book {
    /// What is in it.
    pub fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request and decides about it.
    pub fn decide(&self, call: &Call) -> Option<Fault> {
        let mut pages = self.open();
        *pages.counts.entry(call.operation.clone()).or_default() += 1;
        pages.operations.insert(call.operation.clone());
        let fault = pages.rules.iter_mut().find_map(|rule| rule.apply(call))?;
        pages.faulted.push(call.operation.clone());
        Some(fault)
    }

    /// Keeps what was exchanged, when somebody wants to read it.
    pub fn record(&self, exchange: impl FnOnce() -> Exchange) {
        if let Some(exchanges) = &mut self.open().exchanges {
            exchanges.push(exchange());
        }
    }
}
