//! A store that misbehaves as planned: [`FaultyStore`] and the [`Gate`] that its calls pass.
//!
//! The gate counts the port calls of one use case, notes how each was answered, and at the planned
//! call refuses, loses the reply, repeats the call, or stops until somebody lets it go on (or drops
//! it, as a crash does).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gallery_core::ports::Conflict;
use tokio::sync::Notify;

#[allow(clippy::wildcard_imports, reason = "the table's names")]
use super::methods::names::*;
use super::methods::port_methods;

/// More port calls than this are no use case but a loop without end.
const MOST_CALLS: usize = 5_000;

/// What happens at the planned call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens in the store, and the answer is `Unavailable`.
    Refuse,
    /// Nothing happens in the store, and the answer is `Backend`.
    Break,
    /// The store does it, but the answer is `Unavailable`.
    LoseReply,
    /// The store does it, its reply is lost below the port, and it does it again.
    Repeat,
    /// The use case stops before the call.
    StopBefore,
    /// The use case stops after the call.
    StopAfter,
}

/// How a store answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It did it.
    Done,
    /// See [`StoreError`].
    NotFound,
    /// See [`StoreError`].
    Conflict(Conflict),
    /// See [`StoreError`].
    Unavailable,
    /// See [`StoreError`].
    Backend,
}

/// One call of a port method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method's name.
    pub method: &'static str,
    /// How the store answered, before a fault changed that; absent when it was not asked, or not to
    /// the end.
    pub reply: Option<Reply>,
}

/// What the calls of a use case pass.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<State>,
    stopped: Notify,
    resumed: Notify,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    plan: Option<(usize, Fault)>,
}

impl Gate {
    /// Begins a use case, at whose n-th call (from 0) this happens.
    pub fn begin(&self, plan: Option<(usize, Fault)>) {
        *self.state.lock().unwrap() = State { calls: Vec::new(), plan };
    }

    /// The calls since then.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Returns when the use case has stopped where it was planned to.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// Lets a use case that has stopped go on.
    pub fn resume(&self) {
        self.resumed.notify_one();
    }

    async fn arrive(&self, method: &'static str) -> Option<Fault> {
        let fault = {
            let mut state = self.state.lock().unwrap();
            let number = state.calls.len();
            assert!(number < MOST_CALLS, "a use case calls {method} without end");
            state.calls.push(Call { method, reply: None });
            state.plan.filter(|(planned, _)| *planned == number).map(|(_, fault)| fault)
        };
        if fault == Some(Fault::StopBefore) {
            self.stop().await;
        }
        fault
    }

    async fn leave(&self, fault: Option<Fault>, reply: Reply) {
        if let Some(call) = self.state.lock().unwrap().calls.last_mut() {
            call.reply = Some(reply);
        }
        if fault == Some(Fault::StopAfter) {
            self.stop().await;
        }
    }

    async fn stop(&self) {
        self.stopped.notify_one();
        self.resumed.notified().await;
    }
}

/// A store whose calls pass a gate.
pub struct FaultyStore {
    store: SharedStore,
    gate: Arc<Gate>,
}

impl FaultyStore {
    /// This store behind this gate.
    pub fn new(store: SharedStore, gate: Arc<Gate>) -> Self {
        Self { store, gate }
    }
}

macro_rules! pass_the_gate {
    ($($port:ident { $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $port for FaultyStore {
            $(
                async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    let fault = self.gate.arrive(stringify!($method)).await;
                    if let Some(refused) = refusal(fault) {
                        return Err(refused);
                    }
                    if fault == Some(Fault::Repeat) {
                        let _lost = self.store.$method($(Clone::clone(&$argument)),*).await;
                    }
                    let answer = self.store.$method($($argument),*).await;
                    self.gate.leave(fault, reply(&answer)).await;
                    if fault == Some(Fault::LoseReply) {
                        return Err(StoreError::Unavailable("the reply was lost, as planned".into()));
                    }
                    answer
                }
            )*
        }
    )*};
}
port_methods!(pass_the_gate);

#[async_trait]
impl Store for FaultyStore {
    async fn ready(&self) -> Result<(), StoreError> {
        self.store.ready().await
    }

    async fn finish_interrupted(&self, limit: u32) -> Result<u64, StoreError> {
        self.store.finish_interrupted(limit).await
    }
}

fn refusal(fault: Option<Fault>) -> Option<StoreError> {
    match fault {
        Some(Fault::Refuse) => Some(StoreError::Unavailable("away, as planned".into())),
        Some(Fault::Break) => Some(StoreError::Backend("broken, as planned".into())),
        _ => None,
    }
}

fn reply<T>(answer: &Result<T, StoreError>) -> Reply {
    match answer {
        Ok(_) => Reply::Done,
        Err(StoreError::NotFound) => Reply::NotFound,
        Err(StoreError::Conflict(conflict)) => Reply::Conflict(*conflict),
        Err(StoreError::Unavailable(_)) => Reply::Unavailable,
        Err(_) => Reply::Backend,
    }
}
