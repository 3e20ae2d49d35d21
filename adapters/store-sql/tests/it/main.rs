//! Everything that is tested through the crate's interface, in one binary: on SQLite always, on a
//! server with the feature `engines`.

mod conformance;
mod durability;
mod model;
#[cfg(feature = "engines")]
mod mysql;
mod opening;
mod release;
mod sql_page;
