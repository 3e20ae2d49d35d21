//! What stands against sending a mail, each in one line with what to do, and which of it is about
//! the mail. Knows SES's codes. The rules are tested below; that answers on the wire meet them, in
//! `tests/it/`.

use gallery_aws::{CallError, Classify, ClientError, ErrorResponse};
use gallery_core::ports::MailError;
use gallery_mime::loggable;

/// Why SES cannot be used, or did not take a mail. `place` names the region, and the endpoint if
/// there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SesError {
    /// No region anywhere.
    #[error("no AWS region is set for SES: set it in the configuration, in AWS_REGION or in the AWS profile")]
    NoRegion,
    /// The endpoint is no address.
    #[error("the SES endpoint \"{0}\" is not of the form http://host:port or https://host")]
    BadEndpoint(String),
    /// The configuration set has no name that SES takes.
    #[error(
        "the SES configuration set \"{0}\" cannot be: it has up to 64 ASCII letters, digits, \"_\" and \"-\""
    )]
    BadConfigurationSet(String),
    /// A tag is not as SES takes it.
    #[error("the SES tag \"{0}\" cannot be used: name and value have ASCII letters, digits, \"_\" and \"-\"")]
    BadTag(String),
    /// The default chain found no credentials.
    #[error(
        "no AWS credentials were found for SES: give this machine a role, or set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, or AWS_PROFILE ({0})"
    )]
    NoCredentials(String),
    /// More mails than the account may send, a second or a day.
    #[error("{place} throttles: fewer mails at a time, or ask AWS for a higher sending quota ({cause})")]
    Throttled {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// Nothing is sent for this account at the moment.
    #[error(
        "{place} has paused sending for this account or configuration set: see the SES console ({cause})"
    )]
    Paused {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// The sender is not verified, or the account is in the sandbox and the recipient is not.
    #[error(
        "{place} does not send before an address or domain is verified: verify the sender's, and move the account out \
         of the sandbox ({cause})"
    )]
    Unverified {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// The configuration set is not there.
    #[error("{place} does not know what mails are to be sent with: check the configuration set ({cause})")]
    Unknown {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// The credentials are not valid, or not for this.
    #[error(
        "{place} does not accept the AWS credentials for this: allow ses:SendEmail, check the clock ({cause})"
    )]
    Denied {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// SES does not take this mail.
    #[error("{place} refuses the mail ({cause})")]
    Rejected {
        /// What was asked.
        place: String,
        /// What it said.
        cause: String,
    },
    /// The recipient's address is beyond what SES can transmit.
    #[error("{place} cannot send to an address with letters beyond ASCII before the @")]
    Address {
        /// What was asked.
        place: String,
    },
    /// The gallery's own address is beyond what SES can transmit.
    #[error("{place} cannot send from an address with letters beyond ASCII before the @: use another sender")]
    OwnAddress {
        /// What was asked.
        place: String,
    },
    /// No answer, not in time, or none that says anything. Whether the mail was taken is unknown.
    #[error("{place} did not answer: {cause}")]
    Lost {
        /// What was asked.
        place: String,
        /// What happened.
        cause: String,
    },
}

/// Why SES did not take a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Throttled,
    Paused,
    Unverified,
    UnknownConfigurationSet,
    Denied,
    Rejected,
    /// No answer, or one that says nothing: the mail may have been taken.
    UnknownOutcome,
    /// An answer that is not understood.
    Failed,
}

impl Classify for FailureKind {
    const THROTTLED: Self = Self::Throttled;
    const UNKNOWN_OUTCOME: Self = Self::UnknownOutcome;
    const FAILED: Self = Self::Failed;

    /// Codes of SES's API reference (`SendEmail`, "Common errors"). What they do not say is in the
    /// text: that nobody may send for an address, because it is not verified or belongs to another
    /// account, has the same code as a mail with a virus.
    fn of(response: &ErrorResponse<'_>) -> Self {
        let said = response.message.to_lowercase();
        let says = |words: &str| said.contains(words);
        match response.code {
            "TooManyRequestsException" | "LimitExceededException" | "ThrottlingException" | "Throttling" => {
                Self::Throttled
            }
            "SendingPausedException" | "AccountSuspendedException" => Self::Paused,
            "MailFromDomainNotVerifiedException" => Self::Unverified,
            "MessageRejected" if ["not verified", "authority", "not authorized"].into_iter().any(says) => {
                Self::Unverified
            }
            "BadRequestException" if says("configuration set") => Self::UnknownConfigurationSet,
            "MessageRejected" | "BadRequestException" => Self::Rejected,
            "NotFoundException" => Self::UnknownConfigurationSet,
            _ => match response.status {
                429 => Self::Throttled,
                401 | 403 => Self::Denied,
                500.. => Self::UnknownOutcome,
                _ => Self::Failed,
            },
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Throttled => "was throttled",
            Self::UnknownOutcome => "was not answered",
            _ => "was refused",
        }
    }
}

impl SesError {
    /// What a failed call means for whoever runs this.
    pub(crate) fn of(place: String, error: &CallError<FailureKind>) -> Self {
        let cause = match (&error.code, &error.message) {
            (None, None) => error.cause(),
            (code, said) => {
                let (code, said) =
                    (code.as_deref().unwrap_or("no code"), said.as_deref().unwrap_or_default());
                format!("{code} {said}")
            }
        };
        let cause = loggable(&cause);
        match error.kind {
            FailureKind::Throttled => Self::Throttled { place, cause },
            FailureKind::Paused => Self::Paused { place, cause },
            FailureKind::Unverified => Self::Unverified { place, cause },
            FailureKind::UnknownConfigurationSet => Self::Unknown { place, cause },
            FailureKind::Denied => Self::Denied { place, cause },
            FailureKind::Rejected => Self::Rejected { place, cause },
            FailureKind::UnknownOutcome | FailureKind::Failed => Self::Lost { place, cause },
        }
    }

    /// True when this very mail can never be sent through SES.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Address { .. })
    }
}

impl From<SesError> for MailError {
    fn from(error: SesError) -> Self {
        if error.is_final() { Self::Never(Box::new(error)) } else { Self::Later(Box::new(error)) }
    }
}

/// The causes of an error, fit for a log.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    loggable(&gallery_aws::error_chain(error))
}

impl From<ClientError> for SesError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::BadEndpoint(endpoint) => Self::BadEndpoint(endpoint),
            ClientError::NoRegion => Self::NoRegion,
            ClientError::NoCredentials(reason) => Self::NoCredentials(loggable(&reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, status: u16, said: &str) -> SesError {
        let error = CallError::<FailureKind>::unsendable("SendEmail", said);
        let response = ErrorResponse { code, message: said, status, error: &error };
        let error = CallError::new(FailureKind::of(&response), "SendEmail", said);
        SesError::of("SES".to_owned(), &error)
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_final() {
        for (code, said) in [
            ("MessageRejected", "Message contains a virus"),
            ("BadRequestException", "Missing final '@domain'"),
        ] {
            assert!(of(code, 400, said).is_final(), "{code} {said}");
        }
        for (code, status, said) in [
            ("MessageRejected", 400, "Email address is not verified."),
            ("MessageRejected", 400, "Did not have authority to send from email gallery@example.org"),
            ("BadRequestException", 400, "Configuration set <x> does not exist."),
            ("NotFoundException", 404, "Configuration set <x> does not exist."),
            ("MailFromDomainNotVerifiedException", 400, ""),
            ("AccountSuspendedException", 400, ""),
            ("SendingPausedException", 400, ""),
            ("LimitExceededException", 400, ""),
            ("TooManyRequestsException", 429, ""),
            ("AccessDeniedException", 403, ""),
            ("InternalFailure", 500, ""),
            ("", 502, ""),
            ("SomethingNewException", 400, ""),
        ] {
            assert!(!of(code, status, said).is_final(), "{code} {said}");
        }
    }

    #[test]
    fn a_code_decides_before_the_status() {
        assert!(matches!(of("TooManyRequestsException", 500, ""), SesError::Throttled { .. }));
        assert!(matches!(of("", 429, ""), SesError::Throttled { .. }));
        assert!(matches!(of("SignatureDoesNotMatch", 403, ""), SesError::Denied { .. }));
        assert!(matches!(of("", 503, ""), SesError::Lost { .. }));
    }
}
