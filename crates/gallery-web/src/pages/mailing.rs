//! Asking for a mail with a link: a new confirmation, a forgotten password; and the pages that send
//! people to their mailbox. The answers are the same whether or not the address is known. Tests are
//! in `tests/it/pages/access.rs`.

use askama::Template;
use gallery_core::usecases::{Caller, Error, Resend};

use super::access::{LinkKind, bad_link};
use super::form::Form;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, form_error, show, show_again};

/// A form that asks for an address.
#[derive(Template)]
#[template(path = "access/address.html")]
pub(super) struct AddressPage {
    pub page: Page,
    pub form: Form,
    pub ask: &'static Ask,
}

/// What an address is asked for, by the keys of the texts that say so.
pub(super) struct Ask {
    pub title: &'static str,
    pub lead: &'static str,
    pub action: &'static str,
}

/// "Check your e-mail".
#[derive(Template)]
#[template(path = "access/mailbox.html")]
pub(super) struct MailboxPage {
    pub page: Page,
    /// The key of what it says of the mail.
    pub lead: &'static str,
    /// Where the mail can be asked for again.
    pub again: &'static str,
}

pub(super) static RESEND: Ask = Ask { title: "resend-title", lead: "resend-lead", action: "/resend" };

pub(super) static FORGOT: Ask = Ask { title: "forgot-title", lead: "forgot-lead", action: "/forgot" };

/// `GET /resend`
pub(super) async fn resend_form(context: PageContext, _caller: Option<Caller>) -> Answer {
    show(&AddressPage { page: context.page(Section::Elsewhere), form: Form::default(), ask: &RESEND })
}

/// `GET /forgot`
pub(super) async fn forgot_form(context: PageContext, _caller: Option<Caller>) -> Answer {
    show(&AddressPage { page: context.page(Section::Elsewhere), form: Form::default(), ask: &FORGOT })
}

/// `POST /resend`
pub(super) async fn resend(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    let form = context.form().await?;
    let wanted = match form.sent("token") {
        Some(token) => Resend::Link(token),
        None => Resend::Address { email: form.value("email"), sign_up: context.sign_up() },
    };
    match context.gallery().resend_confirmation(wanted, &context.client()?).await {
        Ok(()) => context.go("/resend/sent", None),
        Err(Error::Token(error)) => bad_link(&context, Error::Token(error).into(), LinkKind::Confirmation),
        Err(error) => ask_again(&context, form, error, &RESEND),
    }
}

/// `POST /forgot`
pub(super) async fn forgot(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    let form = context.form().await?;
    match context.gallery().forgot_password(form.value("email"), &context.client()?).await {
        Ok(()) => context.go("/forgot/sent", None),
        Err(error) => ask_again(&context, form, error, &FORGOT),
    }
}

fn ask_again(context: &PageContext, form: Form, error: Error, ask: &'static Ask) -> Answer {
    let problem = form_error(error)?;
    let form = context.refused(form, &problem);
    show_again(&problem, &AddressPage { page: context.page(Section::Elsewhere), form, ask })
}

/// `GET /signup/sent`
pub(super) async fn signed_up(context: PageContext, _caller: Option<Caller>) -> Answer {
    mailbox(&context, "mailbox-signed-up", "/resend")
}

/// `GET /resend/sent`
pub(super) async fn resent(context: PageContext, _caller: Option<Caller>) -> Answer {
    mailbox(&context, "mailbox-resent", "/resend")
}

/// `GET /forgot/sent`
pub(super) async fn reset_sent(context: PageContext, _caller: Option<Caller>) -> Answer {
    mailbox(&context, "mailbox-reset", "/forgot")
}

fn mailbox(context: &PageContext, lead: &'static str, again: &'static str) -> Answer {
    show(&MailboxPage { page: context.page(Section::Elsewhere), lead, again })
}
