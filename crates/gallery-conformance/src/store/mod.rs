//! What every store must do: the scenarios, by topic, and the list that makes them tests of an
//! adapter.
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
//! [`invariants::check`] reads the whole store: whatever a scenario is about, usage, covers,
//! postings and ownership must have followed.
//!
//! "Before" an instant means strictly before: what expires exactly at `now` has not expired before
//! `now`. A token that is good until an instant is not good at that instant any more.

pub mod albums;
pub mod audit;
pub mod covers;
pub mod deletion;
pub mod expiry;
pub mod idempotency;
pub mod invariants;
pub mod jobs;
pub mod limits;
pub mod photos;
pub mod purge;
pub mod queries;
pub mod queues;
pub mod races;
pub mod reading;
pub mod registrations;
pub mod renditions;
pub mod samples;
pub mod search;
pub mod sessions;
pub mod suppressions;
pub mod taken;
pub mod upgrades;
pub mod uploads;
pub mod users;
pub mod world;

use gallery_core::ports::SharedStore;
pub use world::World;

/// The one list of scenarios, by topic, handed to the macro `$consumer` after `$arguments`.
///
/// To add a scenario, write `pub async fn name(store: SharedStore)` in the topic's file and add its
/// name here.
#[doc(hidden)]
#[macro_export]
macro_rules! store_scenarios {
    ([$($consumer:tt)*] $($arguments:tt)*) => {
        $($consumer)*! {
            $($arguments)*
            registrations {
                a_sign_up_is_registered_with_its_mail
                sign_ups_of_one_address_wait_side_by_side
                a_confirmation_makes_an_account_of_its_own_registration
                confirming_twice_keeps_the_first_instant
                a_sign_up_with_the_address_of_an_account_changes_nothing
                an_address_is_one_account_in_every_spelling
                of_twenty_confirmations_of_one_address_one_makes_an_account
                fifty_sign_ups_at_once_are_all_registered
                old_registrations_are_removed_strictly_before_an_instant
                old_registrations_are_removed_a_few_at_a_time
            }
            users {
                a_name_and_a_language_are_replaced
                a_password_is_changed_with_its_mail_and_sessions
                of_fifty_password_changes_one_succeeds
                a_rehash_needs_the_expected_hash
                names_of_every_script_come_back_unchanged
            }
            sessions {
                a_token_answers_its_account_and_session
                starting_a_session_twice_starts_one
                a_session_needs_an_account
                a_log_in_finds_the_live_account_of_an_address
                a_session_starts_only_while_its_password_is_the_accounts
                a_session_starts_although_the_account_has_changed_otherwise
                a_session_that_is_started_again_keeps_its_tokens
                a_token_is_good_for_its_own_account_alone
                a_token_has_one_replacement
                of_parallel_renewals_with_different_tokens_one_is_issued
                parallel_renewals_with_one_token_are_all_issued
                an_ended_session_has_no_tokens
                sessions_are_listed_newest_first_while_a_token_is_good
                a_session_is_not_listed_beyond_its_end
            }
            albums {
                an_album_is_created_and_read
                creating_an_album_again_changes_nothing
                an_album_needs_an_account
                albums_are_listed_newest_first_in_pages
                pages_of_albums_stand_while_albums_come_and_go
                an_album_is_changed
                a_stale_change_of_an_album_is_refused
                of_parallel_changes_of_an_album_one_succeeds
                albums_are_found_by_the_words_of_name_and_description
                found_albums_come_in_pages
                texts_of_every_script_come_back_unchanged
            }
            idempotency {
                an_album_records_its_key
                an_upload_records_its_key_and_later_its_fingerprint
                a_key_is_used_once
                a_used_key_is_told_before_the_quota
                a_key_belongs_to_its_owner
                keys_differ_in_every_byte
                of_parallel_uploads_with_one_key_one_begins
                an_expired_key_is_free_at_once
                of_parallel_requests_with_an_expired_key_one_begins
                a_dead_uploads_key_goes_to_its_repetition
                an_abandoned_upload_frees_its_key
                the_key_of_a_published_photo_goes_with_its_row
            }
            uploads {
                an_upload_reserves_quota
                beginning_an_upload_again_reserves_once
                an_upload_gets_what_is_left_of_the_quota
                parallel_uploads_never_exceed_the_quota
                of_parallel_uploads_one_gets_the_last_byte
                a_pending_photo_is_never_seen
                a_photo_that_the_quota_does_not_hold_is_not_published
                an_album_that_the_quota_does_not_hold_is_not_created
                a_published_photo_has_its_true_size
                sizes_beyond_32_bits_are_exact
                publishing_again_changes_nothing
                a_photo_is_not_published_after_its_deletion
                nothing_is_uploaded_where_nothing_can_be
                parallel_uploads_into_an_album_are_all_counted
                overdue_uploads_are_found_strictly_before_an_instant
                dead_uploads_under_a_mark_hide_no_other
                an_upload_that_shows_life_is_not_overdue
            }
            photos {
                everything_known_of_a_photo_comes_back_unchanged
                texts_at_their_limits_come_back_unchanged
                a_photo_of_three_hundred_kilobytes_comes_back_unchanged
                pages_of_photos_with_long_texts_are_complete
                photos_are_listed_newest_upload_first
                photos_are_listed_by_the_time_they_were_taken
                pages_of_photos_break_between_ties
                pages_of_photos_stand_while_photos_come_and_go
                an_album_shows_its_photos_to_its_owner_alone
                a_photo_is_changed
                a_stale_change_of_a_photo_is_refused
                a_photo_moves_between_albums
                a_photo_moves_to_a_live_album_of_its_owner_alone
                parallel_moves_are_all_counted
            }
            renditions {
                renditions_of_a_new_generation_replace_the_old_ones
                usage_follows_renditions_beyond_the_quota
                a_generation_is_named_once
                naming_a_generation_changes_nothing_that_an_owner_sees
                renditions_are_replaced_again_and_again
                renditions_of_a_photo_that_is_not_live_are_not_replaced
                renditions_based_on_another_version_are_stale
                renditions_of_a_generation_that_is_not_the_newest_are_stale
                replacing_again_is_stale_and_records_no_other_job
                postings_follow_new_renditions
                the_place_by_time_taken_follows_new_renditions
                large_metadata_come_and_go_with_new_renditions
                an_edit_and_new_renditions_exclude_each_other
                a_deletion_and_new_renditions_exclude_each_other
                a_deleted_photo_still_names_its_generations
            }
            taken {
                a_time_taken_keeps_its_precision_and_offset
                what_an_owner_sets_counts_until_it_is_restored
                lists_by_time_follow_what_an_owner_sets
                reading_a_file_again_leaves_what_its_owner_set
                a_moved_photo_takes_the_time_that_its_owner_set_along
            }
            covers {
                the_first_photo_becomes_the_cover
                a_deleted_cover_gives_way_to_the_newest_photo
                a_moved_cover_gives_way_to_the_newest_photo
                a_chosen_cover_stays
                an_unchosen_cover_is_the_newest_photo
                a_cover_must_be_a_ready_photo_of_the_album
                a_stale_choice_of_a_cover_is_refused_as_stale
            }
            search {
                every_word_of_a_query_is_a_prefix_of_some_word
                case_and_accents_do_not_matter
                words_of_every_script_are_found
                words_that_only_look_alike_are_different
                a_photo_is_found_by_everything_known_of_it
                a_photo_with_several_matching_words_is_found_once
                found_photos_come_in_pages
                a_search_in_an_album_finds_its_photos_alone
                an_old_word_finds_nothing
                hostile_queries_find_nothing_but_what_matches
                a_photo_has_512_words_at_most
                long_words_are_found_by_their_beginning
                a_word_with_more_postings_than_are_read_finds_the_same
                a_word_of_more_albums_than_are_read_finds_the_same
            }
            queries {
                a_tag_is_found_exactly
                quotes_mean_whole_words_and_whole_tags
                what_is_excluded_is_not_found
                operators_narrow_a_search
                albums_narrow_a_search
                albums_are_found_by_the_forms_that_fit_them
                symbols_and_letters_of_every_kind_are_found
                what_a_camera_writes_besides_finds_nothing
                sixteen_words_count
            }
            deletion {
                a_deleted_photo_is_gone_at_once
                deleting_a_photo_again_is_ok_and_records_nothing
                a_deleted_upload_gives_its_reservation_back
                only_overdue_uploads_are_swept
                a_deleted_album_is_gone_at_once
                a_deleted_album_takes_what_it_holds_off_the_usage
                deleting_an_album_again_is_ok_and_records_nothing
                uploads_that_race_with_their_albums_deletion_leave_nothing
                a_cancelled_account_is_gone_at_once
                nothing_is_changed_or_added_under_a_cancelled_account
                an_address_is_free_again_at_once
                a_cancelled_accounts_waiting_mails_are_dropped
                cancelling_an_account_again_is_ok_and_records_nothing
                a_registration_is_no_account_to_be_deleted
            }
            purge {
                removed_photos_are_tallied_once
                live_photos_are_not_removed
                uploads_that_were_never_published_are_not_tallied
                twenty_five_photos_are_removed_at_once
                workers_at_once_tally_a_photo_once
                an_album_is_removed_when_it_is_marked_and_empty
                an_account_is_removed_when_it_is_marked_and_empty
                an_account_without_a_receipt_leaves_no_mail
                a_purged_account_leaves_nothing
                a_purge_touches_nobody_else
            }
            races {
                a_confirmation_and_the_sweep_exclude_each_other
                a_publication_and_the_sweep_exclude_each_other
                a_cancelled_account_keeps_nothing_of_racing_requests
                a_move_and_the_targets_deletion_exclude_each_other
                a_chosen_cover_and_its_deletion_exclude_each_other
                photos_deleted_at_once_are_all_counted
                a_change_and_a_deletion_exclude_each_other
            }
            jobs {
                a_job_of_every_kind_comes_back_unchanged
                recording_a_job_again_changes_nothing
                the_job_that_is_due_for_longest_comes_first
                of_many_workers_one_gets_a_job
                a_lease_that_ends_lets_another_worker_in
                an_extended_lease_lasts
                a_finished_job_is_gone
                a_postponed_job_counts_its_failures
                a_parked_job_waits_until_it_is_resumed
                a_parked_deletion_is_leased_when_it_is_due
                jobs_are_listed_in_order_of_their_ids
            }
            queues {
                a_job_is_found_in_its_own_queue
                a_hundred_jobs_of_one_cause_hide_no_other
                a_job_that_is_due_later_is_found_then
                a_queue_that_ran_empty_is_found_again
                a_job_stays_in_its_queue
                a_job_whose_worker_died_is_found_again
                mails_of_strangers_go_with_their_registration
            }
            limits {
                a_counter_adds_up_by_its_name
                a_counter_that_ended_starts_again
                reading_a_counter_does_not_start_it
                parallel_counts_are_all_counted
                guesses_are_admitted_up_to_every_limit
                of_parallel_guesses_as_many_are_admitted_as_the_limit_allows
                what_is_given_back_can_be_taken_again
            }
            suppressions {
                a_suppressed_address_is_known_by_its_hash_alone
                a_suppression_ends_by_itself
                the_suppression_that_ends_last_stands
                of_parallel_suppressions_the_last_end_wins
                a_lifted_suppression_is_gone
            }
            expiry {
                expired_sessions_are_removed_strictly_before_now
                expired_sessions_are_removed_a_limit_at_a_time
                ended_keys_are_removed_strictly_before_now
                ended_counters_are_removed_strictly_before_now
                ended_suppressions_are_removed_strictly_before_now
                of_all_kinds_together_no_more_than_the_limit_is_removed
            }
            upgrades {
                progress_is_kept_by_number
                upgrading_what_is_new_changes_nothing
                upgrades_and_deletions_leave_what_is_right
            }
            audit {
                an_empty_store_is_ready_and_empty
                accounts_of_every_state_are_audited
                albums_of_every_state_are_audited
                photos_of_every_state_are_audited
                jobs_of_accounts_that_are_gone_are_strays
            }
        }
    };
}

/// Makes every scenario a named test of one store.
///
/// Takes the path of an `async fn() -> (SharedStore, impl Any)` in the scope of the call, which
/// makes a fresh store without a record; the second part, a temporary folder for example, is kept
/// until the scenario is over. The tests run on two threads of tokio, of which the calling crate
/// needs `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! store_suite {
    ($fresh:path) => {
        $crate::store_scenarios!([$crate::suite_tests] { store $fresh });
    };
}

/// Runs a scenario on a fresh store, and checks what must hold after every one.
#[doc(hidden)]
pub async fn run<G>(fresh: impl AsyncFnOnce() -> (SharedStore, G), scenario: impl AsyncFnOnce(SharedStore)) {
    let (store, _guard) = fresh().await;
    scenario(SharedStore::clone(&store)).await;
    invariants::check(&*store).await;
}
