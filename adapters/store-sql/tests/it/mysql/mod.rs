//! The store on MySQL or MariaDB: the conformance suite, and what only a server can get wrong.
//!
//! Needs the feature `engines` and a server, named by `GALLERY_TEST_MYSQL_URL`, whose user is root
//! and may create databases and users (`cargo xtask engines up` starts one; `cargo xtask test` does
//! it by itself). Tests of encryption, and of servers that go away, start a MariaDB of their own.

mod conformance;
mod contention;
mod durability;
mod faults;
mod fresh;
mod migrating;
mod model;
mod opening;
mod release;
mod server;
mod sql_page;
mod text;
mod tls;
