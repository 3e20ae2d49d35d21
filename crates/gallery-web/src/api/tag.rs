//! [`Tag`]: what operations are about, as the document groups them.

use poem_openapi::Tags;

/// What operations are about.
#[derive(Tags)]
pub(super) enum Tag {
    /// Sign-up, confirmation, forgotten passwords.
    Accounts,
    /// Log-in and log-out.
    Sessions,
    /// One's own account.
    Account,
    /// Albums.
    Albums,
    /// Photos and their files.
    Photos,
}
