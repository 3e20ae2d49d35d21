//! Getting in and out: sign-up, confirmation, log-in, log-out, forgotten passwords. Tests are in
//! `tests/it/pages/access.rs`; snapshots in `snapshots`.

use askama::Template;
use gallery_core::usecases::{Caller, SignUp};

use super::flash::Flash;
use super::form::Form;
use super::next::safe_next;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, form_error, show, show_again};
use crate::http::{Code, Problem};

/// The sign-up form.
#[derive(Template)]
#[template(path = "access/signup.html")]
pub(super) struct SignUpPage {
    pub page: Page,
    pub form: Form,
    pub password_min_chars: usize,
}

/// The log-in form.
#[derive(Template)]
#[template(path = "access/login.html")]
pub(super) struct LogInPage {
    pub page: Page,
    pub form: Form,
}

/// The form for a new password.
#[derive(Template)]
#[template(path = "access/reset.html")]
pub(super) struct ResetPage {
    pub page: Page,
    pub form: Form,
    pub token: String,
    pub password_min_chars: usize,
}

/// A link from a mail that is not good (any more).
#[derive(Template)]
#[template(path = "access/link.html")]
pub(super) struct LinkPage<'a> {
    pub page: Page,
    pub title: String,
    pub detail: String,
    /// Where a new link is to be had.
    pub again: &'a str,
    /// The token of a link that has only expired: with it, the new link is asked for without
    /// another question.
    pub expired: Option<&'a str>,
}

/// Which link is wanted again.
#[derive(Clone, Copy)]
pub(super) enum LinkKind {
    Confirmation,
    Reset,
}

/// How long a new password has to be.
pub(super) fn password_min_chars(context: &PageContext) -> usize {
    context.gallery().rules().password_min_chars
}

/// `GET /signup`
pub(super) async fn sign_up_form(context: PageContext, caller: Option<Caller>) -> Answer {
    if caller.is_some() {
        return context.go("/", None);
    }
    sign_up_page(&context, Form::default(), None)
}

/// `POST /signup`
pub(super) async fn sign_up(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    let form = context.form().await?;
    let typed =
        SignUp { email: form.value("email"), password: form.value("password"), name: form.value("name") };
    match context.gallery().sign_up(typed, &context.client()?).await {
        Ok(named) => {
            context.signed_up(named);
            context.go("/signup/sent", None)
        }
        Err(error) => sign_up_page(&context, form, Some(form_error(error)?)),
    }
}

fn sign_up_page(context: &PageContext, form: Form, problem: Option<Problem>) -> Answer {
    let (page, password_min_chars) = (context.page(Section::Elsewhere), password_min_chars(context));
    match problem {
        None => show(&SignUpPage { page, form, password_min_chars }),
        Some(problem) => {
            let form = context.refused(form, &problem);
            show_again(&problem, &SignUpPage { page, form, password_min_chars })
        }
    }
}

/// `GET /login`
pub(super) async fn log_in_form(context: PageContext, caller: Option<Caller>) -> Answer {
    let next = context.query("next").unwrap_or_default();
    let next = safe_next(&next).unwrap_or_default();
    if caller.is_some() {
        return context.go(if next.is_empty() { "/" } else { next }, None);
    }
    let form = Form::default().with("next", next);
    show(&LogInPage { page: context.page(Section::Elsewhere), form })
}

/// `POST /login`
pub(super) async fn log_in(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    let form = context.form().await?;
    let tried =
        context.gallery().log_in(form.value("email"), form.value("password"), &context.client()?).await;
    let problem = match tried {
        Ok(logged_in) => {
            context.logged_in(&logged_in);
            return context.go(safe_next(form.value("next")).unwrap_or("/"), None);
        }
        Err(error) => form_error(Problem::from(error).at_log_in())?,
    };
    let form = context.refused(form, &problem);
    show_again(&problem, &LogInPage { page: context.page(Section::Elsewhere), form })
}

/// `POST /logout`
pub(super) async fn log_out(context: PageContext, caller: Option<Caller>) -> Answer {
    if let Some(caller) = caller {
        context.gallery().log_out(&caller).await?;
    }
    context.session().clear();
    context.go("/login", Some(Flash::LoggedOut))
}

/// `GET /confirm/{token}`
pub(super) async fn confirm(context: PageContext, _caller: Option<Caller>) -> Answer {
    match context.gallery().confirm_address(context.part("token")).await {
        Ok(()) => context.go("/login", Some(Flash::Confirmed)),
        Err(error) => bad_link(&context, error.into(), LinkKind::Confirmation),
    }
}

/// `GET /reset/{token}`
pub(super) async fn reset_form(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    match context.gallery().check_reset_token(context.part("token")).await {
        Ok(user) => {
            context.read_by(&user);
            show(&reset_page(&context, Form::default()))
        }
        Err(error) => bad_link(&context, error.into(), LinkKind::Reset),
    }
}

/// `POST /reset/{token}`
pub(super) async fn reset(mut context: PageContext, _caller: Option<Caller>) -> Answer {
    let form = context.form().await?;
    let (token, client) = (context.part("token"), context.client()?);
    let problem = match context.gallery().reset_password(token, form.value("password"), &client).await {
        Ok(()) => return context.go("/login", Some(Flash::PasswordReset)),
        Err(error) => form_error(error)?,
    };
    if problem.code() == Code::Invalid {
        return show_again(&problem, &reset_page(&context, context.refused(form, &problem)));
    }
    bad_link(&context, problem, LinkKind::Reset)
}

fn reset_page(context: &PageContext, form: Form) -> ResetPage {
    ResetPage {
        page: context.page(Section::Elsewhere),
        form,
        token: context.part("token").to_owned(),
        password_min_chars: password_min_chars(context),
    }
}

/// Says what is wrong with a link, and where there is a new one. What is no link's fault ends the
/// request.
pub(super) fn bad_link(context: &PageContext, problem: Problem, kind: LinkKind) -> Answer {
    if !matches!(problem.code(), Code::TokenExpired | Code::TokenInvalid) {
        return Err(problem);
    }
    let page = context.page(Section::Elsewhere);
    let (title, detail) = (page.say(&problem.code().title()), page.say(problem.sentence()));
    let has_expired = problem.code() == Code::TokenExpired;
    let (again, expired) = match kind {
        LinkKind::Confirmation => {
            ("/resend", Some(context.part("token")).filter(|token| has_expired && !token.is_empty()))
        }
        LinkKind::Reset => ("/forgot", None),
    };
    show_again(&problem, &LinkPage { page, title, detail, again, expired })
}
