//! Why a store did not do what it was asked: for every port of a store. Knows no port.

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the method is about is not there, or not in a state in which it can be seen. Nothing
    /// changed.
    #[error("not found")]
    NotFound,
    /// The change contradicts what the store holds. Nothing changed.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The store is away, overloaded, or did not answer in time: whether anything changed is
    /// unknown. Try again.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store answered what this code does not understand. Trying again will not help.
    #[error("the store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a change contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// The thing was changed since the version on which this change is based.
    Stale,
    /// The account has no quota left at all.
    QuotaExceeded,
    /// The owner used this `Idempotency-Key` before.
    IdempotencyKeyUsed,
    /// The stored password hash is not the expected one any more.
    PasswordChanged,
    /// The photo that shall be the cover is not a ready photo of the album.
    NotInAlbum,
    /// There is still something under it.
    NotEmpty,
    /// A counter has come to its limit.
    LimitReached,
    /// The lease has ended or is another worker's.
    LeaseLost,
}
