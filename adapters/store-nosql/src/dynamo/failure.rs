//! What a call to DynamoDB came to when it did not succeed, and what that means for the store.
//!
//! Knows the service's codes, and nothing of items. Tested with every code by a fault proxy
//! (`tests/faults.rs` of this module).

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use gallery_aws::{CallError, Classify, ErrorResponse};
use gallery_core::ports::StoreError;

/// Why a call did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// A condition did not hold; nothing happened.
    Refused,
    /// Throttled; nothing happened.
    Throttled,
    /// Another transaction holds an item; nothing happened.
    Contention,
    /// No answer, or one that says nothing: it may have happened.
    UnknownOutcome,
    /// There is no such table, as far as these credentials and this region see.
    MissingTable,
    /// No credentials, or such as the service does not take.
    Credentials,
    /// The credentials are good, but not for this.
    Denied,
    /// Anything else. Trying again will not help.
    Failed,
}

/// A call that did not succeed.
pub(super) type Failure = CallError<FailureKind>;

impl Classify for FailureKind {
    const THROTTLED: Self = Self::Throttled;
    const CONTENTION: Option<Self> = Some(Self::Contention);
    const UNKNOWN_OUTCOME: Self = Self::UnknownOutcome;
    const FAILED: Self = Self::Failed;

    fn of(response: &ErrorResponse<'_>) -> Self {
        let cancelled = response.error.downcast_ref::<TransactWriteItemsError>().and_then(cancelled);
        cancelled.unwrap_or_else(|| of_code(response.code, response.status))
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Refused => "was refused",
            Self::Throttled => "was throttled",
            Self::Contention => "met other transactions again and again",
            Self::UnknownOutcome => "was not answered",
            Self::MissingTable => "found no table",
            Self::Credentials => "was made without valid credentials",
            Self::Denied => "is not allowed",
            Self::Failed => "failed",
        }
    }
}

/// What a failed call means for the store. What somebody can mend without touching this process (a
/// role, a table, the network) is a time of being away.
pub(super) fn store_error(failure: Failure) -> StoreError {
    match failure.kind {
        FailureKind::Refused | FailureKind::Failed => StoreError::Backend(Box::new(failure)),
        _ => StoreError::Unavailable(Box::new(failure)),
    }
}

/// Codes of the API reference, "Common errors" and those of the operations.
fn of_code(code: &str, status: u16) -> FailureKind {
    match code {
        "ConditionalCheckFailedException" => FailureKind::Refused,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "LimitExceededException" => FailureKind::Throttled,
        "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => FailureKind::Contention,
        "ResourceNotFoundException" => FailureKind::MissingTable,
        "AccessDeniedException" | "NotAuthorized" | "OptInRequired" => FailureKind::Denied,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "RequestExpired" => FailureKind::Credentials,
        _ if status == 429 => FailureKind::Throttled,
        _ if status >= 500 => FailureKind::UnknownOutcome,
        _ => FailureKind::Failed,
    }
}

/// Why a transaction was cancelled: one condition that does not hold is enough to know what to do.
fn cancelled(error: &TransactWriteItemsError) -> Option<FailureKind> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let codes: Vec<&str> =
        cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    let any = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    Some(if any(&["ConditionalCheckFailed"]) {
        FailureKind::Refused
    } else if any(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
        FailureKind::Failed
    } else if any(&["TransactionConflict"]) {
        FailureKind::Contention
    } else if any(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        FailureKind::Throttled
    } else {
        FailureKind::Failed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_decides_before_the_status() {
        assert_eq!(of_code("ThrottlingException", 500), FailureKind::Throttled);
        assert_eq!(of_code("InternalServerError", 500), FailureKind::UnknownOutcome);
        assert_eq!(of_code("", 502), FailureKind::UnknownOutcome);
        assert_eq!(of_code("ValidationException", 400), FailureKind::Failed);
    }

    #[test]
    fn what_can_be_mended_is_unavailable() {
        let error = |kind| store_error(Failure::new(kind, "GetItem", "x"));
        for kind in [
            FailureKind::Throttled,
            FailureKind::Contention,
            FailureKind::UnknownOutcome,
            FailureKind::MissingTable,
            FailureKind::Credentials,
            FailureKind::Denied,
        ] {
            assert!(matches!(error(kind), StoreError::Unavailable(_)), "{kind:?}");
        }
        assert!(matches!(error(FailureKind::Failed), StoreError::Backend(_)));
    }

    #[test]
    fn a_cause_is_one_line_without_repetitions() {
        let inner = Failure::new(FailureKind::UnknownOutcome, "PutItem", "line one\nline two");
        let failure = Failure::new(FailureKind::UnknownOutcome, "GetItem", inner);
        assert_eq!(failure.cause(), "PutItem was not answered: line one line two");
    }
}
