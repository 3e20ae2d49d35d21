//! The conformance suite. While a scenario runs, `Scan` is refused, as a role that serves requests
//! may well refuse it: no request's path needs it. Only the sweeper and the auditor do.

use std::sync::Arc;

use gallery_conformance::store::invariants;
use gallery_core::ports::SharedStore;
use gallery_faults::{Rule, dynamo};
use gallery_store_nosql::DynamoStore;

use super::fixture;

/// What looks through tables, besides the topic `audit`.
const SCANNING: [&str; 18] = [
    // The sweeper looks for what has expired, where time to live is not enabled.
    "ended_keys_are_removed_strictly_before_now",
    "of_all_kinds_together_no_more_than_the_limit_is_removed",
    "ended_counters_are_removed_strictly_before_now",
    "ended_suppressions_are_removed_strictly_before_now",
    "reading_a_counter_does_not_start_it",
    "expired_sessions_are_removed_a_limit_at_a_time",
    "expired_sessions_are_removed_strictly_before_now",
    "old_registrations_are_removed_a_few_at_a_time",
    "old_registrations_are_removed_strictly_before_an_instant",
    "a_confirmation_and_the_sweep_exclude_each_other",
    "mails_of_strangers_go_with_their_registration",
    // The scenario asks the auditor what is there, or what is left.
    "a_cancelled_account_is_gone_at_once",
    "a_photo_has_512_words_at_most",
    "a_purge_touches_nobody_else",
    "a_purged_account_leaves_nothing",
    "an_account_without_a_receipt_leaves_no_mail",
    "nothing_is_uploaded_where_nothing_can_be",
    "upgrading_what_is_new_changes_nothing",
];

async fn run(topic: &str, name: &str, scenario: impl AsyncFnOnce(SharedStore)) {
    let proxy = fixture::proxy();
    let options = fixture::tables(&proxy).await;
    let store: SharedStore = Arc::new(DynamoStore::open(options).await.unwrap());
    let scanning = topic == "audit" || SCANNING.contains(&name);
    if !scanning {
        proxy.add(Rule::on("Scan", dynamo::denied()));
    }
    scenario(SharedStore::clone(&store)).await;
    assert_eq!(proxy.count("Scan") > 0, scanning, "scenarios that scan are listed");
    proxy.clear();
    invariants::check(&*store).await;
}

macro_rules! tests {
    ({} $($topic:ident { $($scenario:ident)* })*) => {
        $(
            mod $topic {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $scenario() {
                        let scenario = gallery_conformance::store::$topic::$scenario;
                        super::run(stringify!($topic), stringify!($scenario), scenario).await;
                    }
                )*
            }
        )*
    };
}

gallery_conformance::store_scenarios!([tests] {});
