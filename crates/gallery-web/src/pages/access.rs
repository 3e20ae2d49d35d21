//! Getting in and out: sign-up, confirmation, log-in, log-out, forgotten passwords. Tests are in
//! `tests/it/pages/access.rs`; snapshots in `snapshots`.

use askama::Template;
use gallery_core::usecases::{Caller, SignUp};

use super::flash::Flash;
use super::form::Form;
use super::next::safe_next;
use super::page::{Page, Section};
use super::visit::{Answer, Visit, sayable, show, show_again};
use crate::http::{Code, Problem};

/// The sign-up form.
#[derive(Template)]
#[template(path = "access/signup.html")]
pub(super) struct SignUpPage {
    pub page: Page,
    pub form: Form,
    pub password_hint: String,
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
    pub password_hint: String,
}

/// A link from a mail that is not good (any more).
#[derive(Template)]
#[template(path = "access/link.html")]
pub(super) struct LinkPage<'a> {
    pub page: Page,
    pub title: &'a str,
    pub detail: &'a str,
    /// Where a new link is to be had.
    pub again: &'a str,
    /// The token of a link that has only expired: with it, the new link is asked for without another question.
    pub expired: Option<&'a str>,
}

/// Which link is wanted again.
#[derive(Clone, Copy)]
pub(super) enum Again {
    Confirmation,
    Reset,
}

/// What a new password has to be.
pub(super) fn password_hint(visit: &Visit) -> String {
    format!(
        "At least {} characters. A few words that only you would put together are good.",
        visit.gallery().rules().password_min_chars
    )
}

/// `GET /signup`
pub(super) async fn sign_up_form(visit: Visit, caller: Option<Caller>) -> Answer {
    if caller.is_some() {
        return visit.go("/", None);
    }
    sign_up_page(&visit, Form::default(), None)
}

/// `POST /signup`
pub(super) async fn sign_up(mut visit: Visit, _caller: Option<Caller>) -> Answer {
    let form = visit.form().await?;
    let typed =
        SignUp { email: form.value("email"), password: form.value("password"), name: form.value("name") };
    match visit.gallery().sign_up(typed, &visit.client()?).await {
        Ok(named) => {
            visit.signed_up(named);
            visit.go("/signup/sent", None)
        }
        Err(error) => sign_up_page(&visit, form, Some(sayable(error)?)),
    }
}

fn sign_up_page(visit: &Visit, form: Form, problem: Option<Problem>) -> Answer {
    let (page, password_hint) = (visit.page(Section::Elsewhere), password_hint(visit));
    match problem {
        None => show(&SignUpPage { page, form, password_hint }),
        Some(problem) => {
            let form = form.refused(&problem);
            show_again(&problem, &SignUpPage { page, form, password_hint })
        }
    }
}

/// `GET /login`
pub(super) async fn log_in_form(visit: Visit, caller: Option<Caller>) -> Answer {
    let next = visit.query("next").unwrap_or_default();
    let next = safe_next(&next).unwrap_or_default();
    if caller.is_some() {
        return visit.go(if next.is_empty() { "/" } else { next }, None);
    }
    let form = Form::default().with("next", next);
    show(&LogInPage { page: visit.page(Section::Elsewhere), form })
}

/// `POST /login`
pub(super) async fn log_in(mut visit: Visit, _caller: Option<Caller>) -> Answer {
    let form = visit.form().await?;
    let tried = visit.gallery().log_in(form.value("email"), form.value("password"), &visit.client()?).await;
    let problem = match tried {
        Ok(logged_in) => {
            visit.logged_in(&logged_in);
            return visit.go(safe_next(form.value("next")).unwrap_or("/"), None);
        }
        Err(error) => sayable(Problem::from(error).at_log_in())?,
    };
    let form = form.refused(&problem);
    show_again(&problem, &LogInPage { page: visit.page(Section::Elsewhere), form })
}

/// `POST /logout`
pub(super) async fn log_out(visit: Visit, caller: Option<Caller>) -> Answer {
    if let Some(caller) = caller {
        visit.gallery().log_out(&caller).await?;
    }
    visit.session().clear();
    visit.go("/login", Some(Flash::LoggedOut))
}

/// `GET /confirm/{token}`
pub(super) async fn confirm(visit: Visit, _caller: Option<Caller>) -> Answer {
    match visit.gallery().confirm_address(visit.part("token")).await {
        Ok(()) => visit.go("/login", Some(Flash::Confirmed)),
        Err(error) => bad_link(&visit, error.into(), Again::Confirmation),
    }
}

/// `GET /reset/{token}`
pub(super) async fn reset_form(visit: Visit, _caller: Option<Caller>) -> Answer {
    match visit.gallery().check_reset_token(visit.part("token")).await {
        Ok(_) => show(&reset_page(&visit, Form::default())),
        Err(error) => bad_link(&visit, error.into(), Again::Reset),
    }
}

/// `POST /reset/{token}`
pub(super) async fn reset(mut visit: Visit, _caller: Option<Caller>) -> Answer {
    let form = visit.form().await?;
    let problem = match visit.gallery().reset_password(visit.part("token"), form.value("password")).await {
        Ok(()) => return visit.go("/login", Some(Flash::PasswordReset)),
        Err(error) => sayable(error)?,
    };
    if problem.code() == Code::Invalid {
        return show_again(&problem, &reset_page(&visit, form.refused(&problem)));
    }
    bad_link(&visit, problem, Again::Reset)
}

fn reset_page(visit: &Visit, form: Form) -> ResetPage {
    ResetPage {
        page: visit.page(Section::Elsewhere),
        form,
        token: visit.part("token").to_owned(),
        password_hint: password_hint(visit),
    }
}

/// Says what is wrong with a link, and where there is a new one. What is no link's fault ends the visit.
pub(super) fn bad_link(visit: &Visit, problem: Problem, again: Again) -> Answer {
    if !matches!(problem.code(), Code::TokenExpired | Code::TokenInvalid) {
        return Err(problem);
    }
    let page = visit.page(Section::Elsewhere);
    let (title, detail) = (problem.code().title(), problem.sentence());
    let has_expired = problem.code() == Code::TokenExpired;
    let (again, expired) = match again {
        Again::Confirmation => {
            ("/resend", Some(visit.part("token")).filter(|token| has_expired && !token.is_empty()))
        }
        Again::Reset => ("/forgot", None),
    };
    show_again(&problem, &LinkPage { page, title, detail, again, expired })
}
