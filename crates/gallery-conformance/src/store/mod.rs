//! What every store must do: the scenarios, by topic, and the list that makes them tests of an adapter.
//!
//! ```text
//! async fn fresh() -> (SharedStore, impl Any) {
//!     (Arc::new(MemoryStore::new()), ())
//! }
//!
//! gallery_conformance::store_suite!(fresh);
//! ```
//!
//! A scenario gets a store without a record and talks to the ports alone. When it is over,
//! [`invariants::check`] reads the whole store: whatever a scenario is about, usage, covers, postings and
//! ownership must have followed.
//!
//! "Before" an instant means strictly before: what expires exactly at `now` has not expired before `now`.
//! A token that is good until an instant is not good at that instant any more.

pub mod invariants;
pub mod users;
pub mod world;

pub use world::World;

/// The one list of scenarios, by topic, handed to the macro `$consumer` after `$arguments`.
///
/// To add a scenario, write `pub async fn name(store: SharedStore)` in the topic's file and add its name here.
#[doc(hidden)]
#[macro_export]
macro_rules! store_scenarios {
    ([$($consumer:tt)*] $($arguments:tt)*) => {
        $($consumer)*! {
            $($arguments)*
            users {
                a_sign_up_creates_a_pending_account_and_its_mail
                a_second_sign_up_renews_the_pending_account
                a_sign_up_with_a_confirmed_address_changes_nothing
                fifty_sign_ups_at_once_make_one_account
                an_address_is_one_account_in_every_spelling
                confirming_twice_keeps_the_first_instant
                a_name_is_replaced
                a_password_is_changed_with_its_mail_and_sessions
                of_fifty_password_changes_one_succeeds
                a_rehash_needs_the_expected_hash
                names_of_every_script_come_back_unchanged
                unconfirmed_users_are_found_strictly_before_an_instant
            }
        }
    };
}

/// Makes every scenario a named test of one store.
///
/// Takes the path of an `async fn() -> (SharedStore, impl Any)` in the scope of the call, which makes a fresh
/// store without a record; the second part, a temporary folder for example, is kept until the scenario is
/// over. The tests run on two threads of tokio, of which the calling crate needs `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! store_suite {
    ($fresh:path) => {
        $crate::store_scenarios!([$crate::store_tests] { $fresh });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! store_tests {
    ({ $fresh:path } $($topic:ident { $($scenario:ident)* })*) => {
        $(
            mod $topic {
                #[allow(unused_imports)]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $scenario() {
                        let (store, _guard) = $fresh().await;
                        $crate::store::$topic::$scenario(::std::sync::Arc::clone(&store)).await;
                        $crate::store::invariants::check(&*store).await;
                    }
                )*
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    macro_rules! names {
        ($($topic:ident { $($scenario:ident)* })*) => {
            [$($(concat!(stringify!($topic), "::", stringify!($scenario))),*),*]
        };
    }

    #[test]
    fn every_scenario_is_in_the_list() {
        let listed: BTreeSet<String> = store_scenarios!([names]).into_iter().map(str::to_owned).collect();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
        let mut written = BTreeSet::new();
        for file in std::fs::read_dir(sources).unwrap() {
            let path = file.unwrap().path();
            let topic = path.file_stem().unwrap().to_str().unwrap().to_owned();
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let name = line
                    .strip_prefix("pub async fn ")
                    .and_then(|rest| rest.split_once("(store: SharedStore)"));
                written.extend(name.map(|(name, _)| format!("{topic}::{name}")));
            }
        }
        assert_eq!(listed, written);
    }
}
