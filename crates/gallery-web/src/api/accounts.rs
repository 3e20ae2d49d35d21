//! Sign-up, confirmation, forgotten passwords: what somebody without a session can do about an
//! account.

use std::sync::Arc;

use gallery_core::texts::Text;
use gallery_core::usecases::{Resend, SignUp};
use gallery_core::values::Invalid;
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::payload::JsonBody;
use super::refusal::{Answer, MailAgain, MailRequest, Redemption};
use super::tag::Tag;
use super::views::Empty;
use crate::Web;
use crate::http::{Problem, RequestContext};

/// Operations on accounts.
pub(super) struct Accounts(pub(super) Arc<Web>);

/// A sign-up.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct NewAccount {
    /// The e-mail address, at most 254 bytes.
    email: String,
    /// The password: at least 12 characters unless configured otherwise, at most 1,024 bytes, no
    /// common one, nor one with digits or punctuation around it, or with digits and signs for
    /// letters (`p@ssw0rd`).
    password: String,
    /// The person's name, 1 to 100 characters.
    name: String,
}

/// An e-mail address.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Address {
    /// The e-mail address.
    email: String,
}

/// Whose confirmation mail is wanted again: exactly one of the two.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct MailWanted {
    /// The e-mail address. Where several sign-ups wait for it, the cookie `gallery_sign_up` of the
    /// sign-up says which one is meant; without it, the mail says to sign up again.
    email: Option<String>,
    /// The last part of the link in the earlier mail, however long it has expired, within 24 hours.
    token: Option<String>,
}

/// A token from a mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Confirmation {
    /// The last part of the link in the mail.
    token: String,
}

/// A token from a mail, and the new password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct PasswordReset {
    /// The last part of the link in the mail.
    token: String,
    /// The new password.
    password: String,
}

/// 202
#[derive(ApiResponse)]
pub(super) enum Accepted {
    /// Accepted, whether or not the address is known. If it is, a mail is on its way.
    #[oai(status = 202)]
    Accepted(JsonBody<Empty>),
}

/// 204
#[derive(ApiResponse)]
pub(super) enum Done {
    /// Done.
    #[oai(status = 204)]
    Done,
}

const ACCEPTED: Accepted = Accepted::Accepted(JsonBody(Empty {}));

#[OpenApi(tag = "Tag::Accounts")]
impl Accounts {
    /// Sign up
    ///
    /// The sign-up waits for 24 hours until the link in its mail is opened. The answer is the same,
    /// and takes as long, when the address is taken; its owner gets a mail that says so. Several
    /// sign-ups of one address wait side by side: each link confirms its own.
    #[oai(path = "/accounts", method = "post", operation_id = "signUp")]
    async fn sign_up(&self, request: &Request, body: JsonBody<NewAccount>) -> Answer<Accepted, MailRequest> {
        let NewAccount { email, password, name } = &body.0;
        let form = SignUp { email, password, name };
        let named = self.0.gallery.sign_up(form, &self.0.client(request)?).await?;
        RequestContext::of(request)?.sign_up.set(named);
        Ok(ACCEPTED)
    }

    /// Send the confirmation mail again
    #[oai(path = "/accounts/resend-confirmation", method = "post", operation_id = "resendConfirmation")]
    async fn resend(&self, request: &Request, body: JsonBody<MailWanted>) -> Answer<Accepted, MailAgain> {
        let context = RequestContext::of(request)?;
        let wanted = match &body.0 {
            MailWanted { email: Some(email), token: None } => {
                Resend::Address { email, sign_up: context.sign_up.shown() }
            }
            MailWanted { email: None, token: Some(token) } => Resend::Link(token),
            _ => {
                let missing = Invalid::new("required", Text::new("request-email-or-token"));
                return Err(Problem::field("email", missing).into());
            }
        };
        self.0.gallery.resend_confirmation(wanted, &self.0.client(request)?).await?;
        Ok(ACCEPTED)
    }

    /// Confirm an address
    ///
    /// Redeems the token of a confirmation mail, which is good for 10 minutes, and confirms exactly
    /// the sign-up that the mail was sent for. Doing it again is harmless.
    #[oai(path = "/accounts/confirm", method = "post", operation_id = "confirmAccount")]
    async fn confirm(&self, body: JsonBody<Confirmation>) -> Answer<Done, Redemption> {
        self.0.gallery.confirm_address(&body.0.token).await?;
        Ok(Done::Done)
    }

    /// Ask for a link to choose a new password
    #[oai(path = "/accounts/forgot-password", method = "post", operation_id = "forgotPassword")]
    async fn forgot(&self, request: &Request, body: JsonBody<Address>) -> Answer<Accepted, MailRequest> {
        self.0.gallery.forgot_password(&body.0.email, &self.0.client(request)?).await?;
        Ok(ACCEPTED)
    }

    /// Choose a new password
    ///
    /// Redeems the token of a reset mail: once, within 10 minutes. All sessions of the account end.
    #[oai(path = "/accounts/reset-password", method = "post", operation_id = "resetPassword")]
    async fn reset(&self, request: &Request, body: JsonBody<PasswordReset>) -> Answer<Done, Redemption> {
        let client = self.0.client(request)?;
        self.0.gallery.reset_password(&body.0.token, &body.0.password, &client).await?;
        Ok(Done::Done)
    }
}
