//! What every mailer must do: the scenarios, by topic, and the list that makes them tests of an
//! adapter.
//!
//! ```ignore
//! async fn fresh() -> (SharedMailer, SharedMailbox, impl Any) {
//!     let folder = tempfile::tempdir().unwrap();
//!     let mailer = OutboxMailer::open(folder.path(), false).unwrap();
//!     (Arc::new(mailer), Arc::new(Outbox(folder.path().to_owned())), folder)
//! }
//!
//! gallery_conformance::mail_suite!(fresh);
//! ```
//!
//! A scenario sends mails and reads what arrived, with a parser that shares no code with any
//! adapter. It allows what mail systems do on the way, such as further headers and a line break at
//! the end.

pub mod content;
pub mod envelope;
mod kit;

use std::sync::Arc;

use async_trait::async_trait;
use gallery_core::ports::Mailer;

/// A shared mailer.
pub type SharedMailer = Arc<dyn Mailer>;
/// A shared mailbox.
pub type SharedMailbox = Arc<dyn Arrivals>;

/// The other end of a mailer under test.
#[async_trait]
pub trait Arrivals: Send + Sync + 'static {
    /// Every mail that has arrived, whole and as transmitted, in the order of arrival. When a mail
    /// was sent before this was called, it is among them.
    async fn arrived(&self) -> Vec<Vec<u8>>;
}

/// The one list of scenarios, by topic, handed to the macro `$consumer` after `$arguments`.
///
/// To add a scenario, write `pub async fn name(mailer: SharedMailer, mailbox: SharedMailbox)` in
/// the topic's file and add its name here.
#[doc(hidden)]
#[macro_export]
macro_rules! mail_scenarios {
    ([$($consumer:tt)*] $($arguments:tt)*) => {
        $($consumer)*! {
            $($arguments)*
            envelope {
                a_mail_arrives_with_its_headers
                an_answer_goes_to_the_reply_address
                names_arrive_as_they_are
                names_inject_nothing
                subjects_of_every_script_arrive
                subjects_inject_nothing
                a_domain_travels_in_its_ascii_form
                addresses_of_other_scripts_reach_their_mailbox
                every_mail_says_that_a_machine_wrote_it
                a_mail_sent_again_is_the_same_mail
                twenty_mails_at_once_all_arrive
            }
            content {
                both_parts_arrive_with_the_link
                texts_of_every_kind_arrive_unchanged
                no_line_is_longer_than_mail_allows
                every_mail_of_the_gallery_arrives
            }
        }
    };
}

/// Makes every scenario a named test of one mailer.
///
/// Takes the path of an `async fn() -> (SharedMailer, SharedMailbox, impl Any)` in the scope of the
/// call, which makes a mailer and its empty mailbox; the third part, a temporary folder for
/// example, is kept until the scenario is over. The tests run on two threads of tokio, of which the
/// calling crate needs `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! mail_suite {
    ($fresh:path) => {
        $crate::mail_scenarios!([$crate::suite_tests] { mail $fresh });
    };
}

/// Runs a scenario on a mailer and its empty mailbox.
#[doc(hidden)]
pub async fn run<G>(
    fresh: impl AsyncFnOnce() -> (SharedMailer, SharedMailbox, G),
    scenario: impl AsyncFnOnce(SharedMailer, SharedMailbox),
) {
    let (mailer, mailbox, _guard) = fresh().await;
    scenario(mailer, mailbox).await;
}
