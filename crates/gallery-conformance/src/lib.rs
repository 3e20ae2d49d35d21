//! The behaviour that every adapter must show: one suite of scenarios per port, each a named test.
//!
//! A suite is a list of scenarios and a macro that turns the list into tests of one adapter
//! ([`store_suite!`], and its siblings for blobs and mail). The scenarios know the ports only; they
//! must not know an adapter. They are themselves exercised by the conformance tests of every
//! adapter, first of all by `adapters/store-memory/tests/it/conformance.rs`.

pub mod blobs;
pub mod fakes;
pub mod mail;
pub mod model;
pub mod store;

/// Makes the scenarios of a suite's list named tests: each is handed to the suite's `run`.
#[doc(hidden)]
#[macro_export]
macro_rules! suite_tests {
    ({ $suite:ident $fresh:path } $($topic:ident { $($scenario:ident)* })*) => {
        $(
            mod $topic {
                #[allow(unused_imports)]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $scenario() {
                        $crate::$suite::run($fresh, $crate::$suite::$topic::$scenario).await;
                    }
                )*
            }
        )*
    };
}
