//! What every blob store must do: the scenarios, by topic, and the list that makes them tests of an
//! adapter.
//!
//! ```ignore
//! async fn fresh() -> (SharedBlobs, impl Any) {
//!     let folder = tempfile::tempdir().unwrap();
//!     (Arc::new(DiskBlobs::open(folder.path()).unwrap()), folder)
//! }
//!
//! gallery_conformance::blobs_suite!(fresh);
//! ```
//!
//! A scenario gets a blob store without a blob. What only one technology can show (foreign files,
//! symbolic links, a full disk) is tested by its adapter.

pub mod delete;
pub mod get;
mod kit;
pub mod list;
pub mod put;

use std::sync::Arc;

use gallery_core::ports::Blobs;

/// A shared blob store.
pub type SharedBlobs = Arc<dyn Blobs>;

/// The one list of scenarios, by topic, handed to the macro `$consumer` after `$arguments`.
///
/// To add a scenario, write `pub async fn name(blobs: SharedBlobs)` in the topic's file and add its
/// name here.
#[doc(hidden)]
#[macro_export]
macro_rules! blobs_scenarios {
    ([$($consumer:tt)*] $($arguments:tt)*) => {
        $($consumer)*! {
            $($arguments)*
            put {
                bytes_of_every_size_come_back_unchanged
                files_of_every_size_come_back_unchanged
                a_large_file_comes_back_unchanged
                a_put_leaves_its_source_file_alone
                the_same_bytes_are_put_again_and_again
                racing_puts_of_the_same_bytes_all_succeed
                a_reader_sees_the_whole_blob_while_it_is_put_again
                a_reader_sees_the_whole_blob_or_none
                a_source_of_another_size_than_promised_leaves_nothing
                a_source_that_vanished_leaves_nothing
                an_abandoned_put_is_whole_or_absent
            }
            get {
                a_blob_that_was_never_put_is_not_found
                a_range_delivers_its_part
                a_range_is_cut_at_the_end
                a_range_without_a_byte_is_refused
                a_blob_of_no_bytes_is_read_without_a_range
                a_blob_has_its_size_and_age
                twenty_readers_read_one_blob
                the_blob_store_is_ready
            }
            delete {
                a_deleted_blob_is_gone
                deleting_again_is_no_error
                deleting_leaves_other_blobs_alone
                deleting_a_generation_leaves_the_others_alone
                thousands_of_blobs_are_deleted_at_once
                deletions_race_with_puts_of_their_neighbours
            }
            list {
                a_store_without_a_blob_lists_nothing
                thousands_of_blobs_are_listed_page_by_page_in_byte_order
                generations_of_a_photo_are_listed_in_byte_order
                a_listing_goes_on_after_a_key_that_is_gone
                a_listing_tells_what_stat_tells
                a_listing_finds_what_stays_while_others_come_and_go
            }
        }
    };
}

/// Makes every scenario a named test of one blob store.
///
/// Takes the path of an `async fn() -> (SharedBlobs, impl Any)` in the scope of the call, which
/// makes a fresh blob store without a blob; the second part, a temporary folder for example, is
/// kept until the scenario is over. The tests run on two threads of tokio, of which the calling
/// crate needs `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! blobs_suite {
    ($fresh:path) => {
        $crate::blobs_scenarios!([$crate::suite_tests] { blobs $fresh });
    };
}

/// Runs a scenario on a fresh blob store.
#[doc(hidden)]
pub async fn run<G>(fresh: impl AsyncFnOnce() -> (SharedBlobs, G), scenario: impl AsyncFnOnce(SharedBlobs)) {
    let (blobs, _guard) = fresh().await;
    scenario(blobs).await;
}
