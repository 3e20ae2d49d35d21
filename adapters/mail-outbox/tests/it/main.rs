//! The outbox from outside: the conformance suite for mail, and what only files can show.

mod conformance;
mod outbox;
