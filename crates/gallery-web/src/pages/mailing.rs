//! Asking for a mail with a link: a new confirmation, a forgotten password; and the pages that send
//! people to their mailbox. The answers are the same whether or not the address is known. Tests are
//! in `tests/it/pages/access.rs`.

use askama::Template;
use gallery_core::usecases::{Caller, Error, Resend};

use super::access::{Again, bad_link};
use super::form::Form;
use super::page::{Page, Section};
use super::visit::{Answer, Visit, sayable, show, show_again};

/// A form that asks for an address.
#[derive(Template)]
#[template(path = "access/address.html")]
pub(super) struct AddressPage {
    pub page: Page,
    pub form: Form,
    pub ask: &'static Ask,
}

/// What an address is asked for.
pub(super) struct Ask {
    pub title: &'static str,
    pub lead: &'static str,
    pub action: &'static str,
}

/// "Look into your mailbox".
#[derive(Template)]
#[template(path = "access/mailbox.html")]
pub(super) struct MailboxPage {
    pub page: Page,
    pub lead: &'static str,
    /// Where the mail can be asked for again.
    pub again: &'static str,
}

pub(super) static RESEND: Ask = Ask {
    title: "Confirm your address",
    lead: "Enter the address that you signed up with, and a new link is sent to it.",
    action: "/resend",
};

pub(super) static FORGOT: Ask = Ask {
    title: "Forgot your password?",
    lead: "Enter your address, and a link for choosing a new password is sent to it.",
    action: "/forgot",
};

/// `GET /resend`
pub(super) async fn resend_form(visit: Visit, _caller: Option<Caller>) -> Answer {
    show(&AddressPage { page: visit.page(Section::Elsewhere), form: Form::default(), ask: &RESEND })
}

/// `GET /forgot`
pub(super) async fn forgot_form(visit: Visit, _caller: Option<Caller>) -> Answer {
    show(&AddressPage { page: visit.page(Section::Elsewhere), form: Form::default(), ask: &FORGOT })
}

/// `POST /resend`
pub(super) async fn resend(mut visit: Visit, _caller: Option<Caller>) -> Answer {
    let form = visit.form().await?;
    let wanted = match form.sent("token") {
        Some(token) => Resend::Link(token),
        None => Resend::Address { email: form.value("email"), sign_up: visit.sign_up() },
    };
    match visit.gallery().resend_confirmation(wanted, &visit.client()?).await {
        Ok(()) => visit.go("/resend/sent", None),
        Err(Error::Token(error)) => bad_link(&visit, Error::Token(error).into(), Again::Confirmation),
        Err(error) => ask_again(&visit, form, error, &RESEND),
    }
}

/// `POST /forgot`
pub(super) async fn forgot(mut visit: Visit, _caller: Option<Caller>) -> Answer {
    let form = visit.form().await?;
    match visit.gallery().forgot_password(form.value("email"), &visit.client()?).await {
        Ok(()) => visit.go("/forgot/sent", None),
        Err(error) => ask_again(&visit, form, error, &FORGOT),
    }
}

fn ask_again(visit: &Visit, form: Form, error: Error, ask: &'static Ask) -> Answer {
    let problem = sayable(error)?;
    let form = form.refused(&problem);
    show_again(&problem, &AddressPage { page: visit.page(Section::Elsewhere), form, ask })
}

/// `GET /signup/sent`
pub(super) async fn signed_up(visit: Visit, _caller: Option<Caller>) -> Answer {
    let lead = "A mail is on its way to the address that you entered. Open the link in it to confirm the address; then you can log in.";
    mailbox(&visit, lead, "/resend")
}

/// `GET /resend/sent`
pub(super) async fn resent(visit: Visit, _caller: Option<Caller>) -> Answer {
    let lead = "If a sign-up waits for the confirmation of this address, a mail is on its way.";
    mailbox(&visit, lead, "/resend")
}

/// `GET /forgot/sent`
pub(super) async fn reset_sent(visit: Visit, _caller: Option<Caller>) -> Answer {
    let lead = "If there is an account with this address, a mail with a link for choosing a new password is on its way.";
    mailbox(&visit, lead, "/forgot")
}

fn mailbox(visit: &Visit, lead: &'static str, again: &'static str) -> Answer {
    show(&MailboxPage { page: visit.page(Section::Elsewhere), lead, again })
}
