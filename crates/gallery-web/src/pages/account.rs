//! The own account: name, usage, password, sessions, cancelling. Tests are in `tests/account.rs`.

use askama::Template;
use gallery_core::model::{Session, Usage};
use gallery_core::usecases::Caller;
use gallery_core::values::{Invalid, SessionId};
use poem::Response;

use super::access::password_hint;
use super::flash::Flash;
use super::form::Form;
use super::format::{Moment, Size, count};
use super::page::{Page, Section};
use super::visit::{Answer, Visit, sayable, show, show_again};
use crate::http::{Code, Problem};

/// The own account.
#[derive(Template)]
#[template(path = "account/show.html")]
pub(super) struct AccountPage {
    pub page: Page,
    pub email: String,
    pub since: Moment,
    pub usage: UsageView,
    pub sessions: Vec<SessionView>,
    pub name_form: Form,
    pub password_form: Form,
    pub password_hint: String,
}

/// What an account holds.
pub(super) struct UsageView {
    pub albums: String,
    pub photos: String,
    pub bytes: Size,
    pub quota: Size,
    /// 0 to 100.
    pub percent: u64,
}

/// A session in the list.
pub(super) struct SessionView {
    pub id: SessionId,
    pub client: String,
    pub created_at: Moment,
    pub last_seen_at: Moment,
    pub current: bool,
}

/// "Cancel the account?"
#[derive(Template)]
#[template(path = "account/cancel.html")]
pub(super) struct CancelPage {
    pub page: Page,
    pub usage: UsageView,
    pub form: Form,
}

/// "Your account is cancelled."
#[derive(Template)]
#[template(path = "account/cancelled.html")]
pub(super) struct CancelledPage {
    pub page: Page,
}

/// The account's forms as they stand.
#[derive(Default)]
struct Forms {
    name: Form,
    password: Form,
}

/// `GET /account`
pub(super) async fn account(visit: Visit, caller: Caller) -> Answer {
    show(&account_page(&visit, &caller, Forms::default()).await?)
}

/// `POST /account`
pub(super) async fn rename(mut visit: Visit, caller: Caller) -> Answer {
    let form = visit.form().await?;
    match visit.gallery().rename(&caller, form.sent("name")).await {
        Ok(_) => visit.go("/account", Some(Flash::NameSaved)),
        Err(error) => {
            let problem = sayable(error)?;
            let forms = Forms { name: form.refused(&problem), ..Forms::default() };
            show_again(&problem, &account_page(&visit, &caller, forms).await?)
        }
    }
}

/// `POST /account/password`
pub(super) async fn change_password(mut visit: Visit, caller: Caller) -> Answer {
    let form = visit.form().await?;
    let (current, new) = (form.value("current_password"), form.value("new_password"));
    match visit.gallery().change_password(&caller, current, new, &visit.client()).await {
        Ok(()) => visit.go("/account", Some(Flash::PasswordChanged)),
        Err(error) => {
            let problem = beside("current_password", sayable(error)?);
            let forms = Forms { password: form.refused(&problem), ..Forms::default() };
            show_again(&problem, &account_page(&visit, &caller, forms).await?)
        }
    }
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(visit: Visit, caller: Caller) -> Answer {
    let id: SessionId = visit.id()?;
    match visit.gallery().end_session(&caller, id).await {
        // It has ended meanwhile: what was asked for is the case.
        Ok(()) | Err(gallery_core::usecases::Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    if id == caller.session.id {
        visit.session().clear();
        return visit.go("/login", Some(Flash::LoggedOut));
    }
    visit.go("/account", Some(Flash::SessionEnded))
}

/// `GET /account/cancel`
pub(super) async fn cancel_form(visit: Visit, caller: Caller) -> Answer {
    show(&cancel_page(&visit, &caller, Form::default()))
}

/// `POST /account/cancel`
pub(super) async fn cancel(mut visit: Visit, caller: Caller) -> Answer {
    let form = visit.form().await?;
    match visit.gallery().cancel_account(&caller, form.value("password"), &visit.client()).await {
        Ok(_) => {
            visit.session().clear();
            visit.go("/account/cancelled", None)
        }
        Err(error) => {
            let problem = beside("password", sayable(error)?);
            let form = form.refused(&problem);
            show_again(&problem, &cancel_page(&visit, &caller, form))
        }
    }
}

/// `GET /account/cancelled`
pub(super) async fn cancelled(visit: Visit, _caller: Option<Caller>) -> Result<Response, Problem> {
    show(&CancelledPage { page: visit.page(Section::Elsewhere) })
}

/// Says that a password is wrong beside its field.
fn beside(field: &'static str, problem: Problem) -> Problem {
    if problem.code() != Code::WrongPassword {
        return problem;
    }
    let invalid = Invalid::new(problem.code().name(), problem.sentence());
    problem.error(field, invalid)
}

async fn account_page(visit: &Visit, caller: &Caller, forms: Forms) -> Result<AccountPage, Problem> {
    let user = &caller.user;
    let sessions = visit.gallery().sessions(caller).await?;
    Ok(AccountPage {
        page: visit.page(Section::Account),
        email: user.email.to_string(),
        since: Moment(user.created_at),
        usage: UsageView::of(&user.usage),
        sessions: sessions.iter().map(|session| SessionView::of(session, caller.session.id)).collect(),
        name_form: forms.name.with("name", user.name.as_str()),
        password_form: forms.password,
        password_hint: password_hint(visit),
    })
}

fn cancel_page(visit: &Visit, caller: &Caller, form: Form) -> CancelPage {
    CancelPage { page: visit.page(Section::Account), usage: UsageView::of(&caller.user.usage), form }
}

impl UsageView {
    /// What an account holds.
    pub(super) fn of(usage: &Usage) -> Self {
        let percent = u128::from(usage.bytes) * 100 / u128::from(usage.quota_bytes.max(1));
        Self {
            albums: count(usage.albums, "album", "albums"),
            photos: count(usage.photos, "photo", "photos"),
            bytes: Size(usage.bytes),
            quota: Size(usage.quota_bytes),
            percent: u64::try_from(percent).unwrap_or(u64::MAX).min(100),
        }
    }

    /// Whether hardly anything is left.
    pub(super) fn is_full(&self) -> bool {
        self.percent >= 99
    }
}

impl SessionView {
    /// A session in the list.
    pub(super) fn of(session: &Session, current: SessionId) -> Self {
        let client = session.user_agent.as_str();
        Self {
            id: session.id,
            client: if client.is_empty() { "A client without a name" } else { client }.to_owned(),
            created_at: Moment(session.created_at),
            last_seen_at: Moment(session.last_seen_at),
            current: session.id == current,
        }
    }
}
