//! The statements that every dialect takes, one module per port.
//!
//! They use `?` for values, standard functions only, and no clause that makes a write return rows.
//! Text that several statements share is a macro, because a statement must be a `&'static str`.
//! Each is executed by the conformance suite, and its plan checked by `sqlite/tests/plans.rs` and
//! `mysql/tests/plans.rs`.

pub(crate) mod albums;
pub(crate) mod audit;
pub(crate) mod jobs;
pub(crate) mod limits;
pub(crate) mod lists;
pub(crate) mod photos;
pub(crate) mod sessions;
pub(crate) mod suppressions;
pub(crate) mod upgrades;
pub(crate) mod users;
