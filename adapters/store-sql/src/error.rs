//! What can go wrong between the store and its database, before it becomes a [`StoreError`].
//!
//! Which failure of the driver is which of these is the dialect's to say; see `sqlite::failure` and
//! `mysql::failure`.

use std::error::Error;

use gallery_core::ports::StoreError;

/// A failure that is not an answer: neither "not found" nor a conflict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqlError {
    /// The database is locked, full, unreachable, or all connections are taken.
    #[error("the database cannot be used now")]
    Away(#[source] sqlx::Error),
    /// A unit of work saw another one come between two of its statements, and may succeed when it
    /// is run again.
    #[error("other requests changed the same records all the time")]
    Contended,
    /// The database returned what no statement here expects.
    #[error("the database failed")]
    Failed(#[source] sqlx::Error),
    /// A row holds what this code did not write.
    #[error("a stored {what} cannot be read")]
    Unreadable {
        /// The thing, in the core's words.
        what: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl SqlError {
    /// For `map_err` where a stored value is parsed.
    pub(crate) fn unreadable<E: Into<Box<dyn Error + Send + Sync>>>(
        what: &'static str,
    ) -> impl Fn(E) -> Self {
        move |error| Self::Unreadable { what, source: error.into() }
    }
}

impl SqlError {
    /// True when a unit of work ended as [`Contended`](Self::Contended).
    pub(crate) fn is_contended(error: &StoreError) -> bool {
        let StoreError::Unavailable(source) = error else { return false };
        matches!(source.downcast_ref(), Some(Self::Contended))
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Away(_) | SqlError::Contended => Self::Unavailable(Box::new(error)),
            SqlError::Failed(_) | SqlError::Unreadable { .. } => Self::Backend(Box::new(error)),
        }
    }
}
