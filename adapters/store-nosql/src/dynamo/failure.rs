//! What a call to DynamoDB came to when it did not succeed, and what that means for the store.
//!
//! Knows the SDK's errors and the service's codes, and nothing of items. Tested with every code by a fault proxy
//! (`tests/faults.rs` of this module).

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use gallery_aws::story;
use gallery_core::ports::StoreError;

/// Why a call did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// A condition did not hold; nothing happened.
    Refused,
    /// Throttled; nothing happened.
    Overload,
    /// Another transaction holds an item; nothing happened.
    Contention,
    /// No answer, or one that says nothing: it may have happened.
    Unknown,
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
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) why: Why,
    pub(super) operation: &'static str,
    /// The service's own name of the error, if it answered one.
    pub(super) code: Option<String>,
    source: Box<dyn Error + Send + Sync>,
}

impl Failure {
    pub(super) fn new(
        why: Why,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { why, operation, code: None, source: source.into() }
    }

    /// What the SDK says.
    pub(super) fn of<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        Self { code, ..Self::new(why(&error), operation, error) }
    }

    /// No answer in time.
    pub(super) fn timed_out(operation: &'static str) -> Self {
        Self::new(Why::Unknown, operation, "no answer in time")
    }

    /// The whole story in one line, from the outermost cause to the innermost, without repetitions.
    pub(super) fn story(&self) -> String {
        story(&*self.source)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.why {
            Why::Refused => "was refused",
            Why::Overload => "was throttled",
            Why::Contention => "met other transactions again and again",
            Why::Unknown => "was not answered",
            Why::MissingTable => "found no table",
            Why::Credentials => "was made without valid credentials",
            Why::Denied => "is not allowed",
            Why::Failed => "failed",
        };
        write!(f, "{} {what}", self.operation)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<Failure> for StoreError {
    /// What somebody can mend without touching this process (a role, a table, the network) is a time of being away.
    fn from(failure: Failure) -> Self {
        match failure.why {
            Why::Refused | Why::Failed => Self::Backend(Box::new(failure)),
            _ => Self::Unavailable(Box::new(failure)),
        }
    }
}

fn why<E>(error: &SdkError<E>) -> Why
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let source: &(dyn Error + 'static) = answer.err();
            let cancelled = source.downcast_ref::<TransactWriteItemsError>().and_then(cancelled);
            cancelled.unwrap_or_else(|| of_code(answer.err().code(), answer.raw().status().as_u16()))
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => Why::Failed,
        SdkError::ConstructionFailure(_) => Why::Failed,
        // No connection, a lost one, no answer in time, no credentials at the moment, or not DynamoDB's words.
        _ => Why::Unknown,
    }
}

/// Codes of the API reference, "Common errors" and those of the operations.
fn of_code(code: Option<&str>, status: u16) -> Why {
    match code.unwrap_or_default() {
        "ConditionalCheckFailedException" => Why::Refused,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "LimitExceededException" => Why::Overload,
        "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => Why::Contention,
        "ResourceNotFoundException" => Why::MissingTable,
        "AccessDeniedException" | "NotAuthorized" | "OptInRequired" => Why::Denied,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "RequestExpired" => Why::Credentials,
        _ if status == 429 => Why::Overload,
        _ if status >= 500 => Why::Unknown,
        _ => Why::Failed,
    }
}

/// Why a transaction was cancelled: one condition that does not hold is enough to know what to do.
fn cancelled(error: &TransactWriteItemsError) -> Option<Why> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let codes: Vec<&str> =
        cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    let any = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    Some(if any(&["ConditionalCheckFailed"]) {
        Why::Refused
    } else if any(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
        Why::Failed
    } else if any(&["TransactionConflict"]) {
        Why::Contention
    } else if any(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Why::Overload
    } else {
        Why::Failed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_decides_before_the_status() {
        assert_eq!(of_code(Some("ThrottlingException"), 500), Why::Overload);
        assert_eq!(of_code(Some("InternalServerError"), 500), Why::Unknown);
        assert_eq!(of_code(None, 502), Why::Unknown);
        assert_eq!(of_code(Some("ValidationException"), 400), Why::Failed);
    }

    #[test]
    fn what_can_be_mended_is_unavailable() {
        for why in
            [Why::Overload, Why::Contention, Why::Unknown, Why::MissingTable, Why::Credentials, Why::Denied]
        {
            assert!(
                matches!(Failure::new(why, "GetItem", "x").into(), StoreError::Unavailable(_)),
                "{why:?}"
            );
        }
        assert!(matches!(Failure::new(Why::Failed, "GetItem", "x").into(), StoreError::Backend(_)));
    }

    #[test]
    fn a_story_is_one_line_without_repetitions() {
        let inner = Failure::new(Why::Unknown, "PutItem", "line one\nline two");
        let failure = Failure::new(Why::Unknown, "GetItem", inner);
        assert_eq!(failure.story(), "PutItem was not answered: line one line two");
    }
}
