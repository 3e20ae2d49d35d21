//! The own account: name, usage, password, sessions, cancelling. Tests are in
//! `tests/it/pages/account.rs`.

use askama::Template;
use gallery_core::model::{Session, Usage};
use gallery_core::texts::{Language, Size};
use gallery_core::usecases::{AccountPatch, Caller};
use gallery_core::values::{Invalid, SessionId};
use poem::Response;

use super::access::password_min_chars;
use super::client_name::ClientName;
use super::flash::Flash;
use super::form::Form;
use super::format::Moment;
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, form_error, show, show_again};
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
    pub languages: [Language; 2],
    pub password_min_chars: usize,
}

/// What an account holds.
pub(super) struct UsageView {
    pub albums: u64,
    pub photos: u64,
    pub bytes: Size,
    pub quota: Size,
    /// 0 to 100.
    pub percent: u64,
}

/// A session in the list.
pub(super) struct SessionView {
    pub id: SessionId,
    pub client: ClientName,
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
pub(super) async fn account(context: PageContext, caller: Caller) -> Answer {
    show(&account_page(&context, &caller, Forms::default()).await?)
}

/// `POST /account`
pub(super) async fn update(mut context: PageContext, caller: Caller) -> Answer {
    let form = context.form().await?;
    let patch = AccountPatch {
        name: form.sent("name"),
        // Nothing chosen means the browser's.
        language: form.sent("language").map(|tag| Some(tag).filter(|tag| !tag.is_empty())),
    };
    match context.gallery().update_account(&caller, patch).await {
        Ok(_) => context.go("/account", Some(Flash::AccountSaved)),
        Err(error) => {
            let problem = form_error(error)?;
            let forms = Forms { name: context.refused(form, &problem), ..Forms::default() };
            show_again(&problem, &account_page(&context, &caller, forms).await?)
        }
    }
}

/// `POST /account/password`
pub(super) async fn change_password(mut context: PageContext, caller: Caller) -> Answer {
    let form = context.form().await?;
    let (current, new) = (form.value("current_password"), form.value("new_password"));
    match context.gallery().change_password(&caller, current, new, &context.client()?).await {
        Ok(()) => context.go("/account", Some(Flash::PasswordChanged)),
        Err(error) => {
            let problem = beside("current_password", form_error(error)?);
            let forms = Forms { password: context.refused(form, &problem), ..Forms::default() };
            show_again(&problem, &account_page(&context, &caller, forms).await?)
        }
    }
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(context: PageContext, caller: Caller) -> Answer {
    let id: SessionId = context.id()?;
    match context.gallery().end_session(&caller, id).await {
        // It has ended meanwhile: what was asked for is the case.
        Ok(()) | Err(gallery_core::usecases::Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    if id == caller.session.id {
        context.session().clear();
        return context.go("/login", Some(Flash::LoggedOut));
    }
    context.go("/account", Some(Flash::SessionEnded))
}

/// `GET /account/cancel`
pub(super) async fn cancel_form(context: PageContext, caller: Caller) -> Answer {
    show(&cancel_page(&context, &caller, Form::default()))
}

/// `POST /account/cancel`
pub(super) async fn cancel(mut context: PageContext, caller: Caller) -> Answer {
    let form = context.form().await?;
    match context.gallery().cancel_account(&caller, form.value("password"), &context.client()?).await {
        Ok(_) => {
            context.session().clear();
            context.go("/account/cancelled", None)
        }
        Err(error) => {
            let problem = beside("password", form_error(error)?);
            let form = context.refused(form, &problem);
            show_again(&problem, &cancel_page(&context, &caller, form))
        }
    }
}

/// `GET /account/cancelled`
pub(super) async fn cancelled(context: PageContext, _caller: Option<Caller>) -> Result<Response, Problem> {
    show(&CancelledPage { page: context.page(Section::Elsewhere) })
}

/// Says that a password is wrong beside its field.
fn beside(field: &'static str, problem: Problem) -> Problem {
    if problem.code() != Code::WrongPassword {
        return problem;
    }
    let invalid = Invalid::new(problem.code().name(), problem.sentence().clone());
    problem.error(field, invalid)
}

async fn account_page(context: &PageContext, caller: &Caller, forms: Forms) -> Result<AccountPage, Problem> {
    let user = &caller.user;
    let sessions = context.gallery().sessions(caller).await?;
    Ok(AccountPage {
        page: context.page(Section::Account),
        email: user.email.to_string(),
        since: Moment(user.created_at),
        usage: UsageView::of(&user.usage),
        sessions: sessions.iter().map(|session| SessionView::of(session, caller.session.id)).collect(),
        name_form: forms
            .name
            .with("name", user.name.as_str())
            .with("language", user.language.map_or("", Language::tag)),
        password_form: forms.password,
        languages: Language::ALL,
        password_min_chars: password_min_chars(context),
    })
}

fn cancel_page(context: &PageContext, caller: &Caller, form: Form) -> CancelPage {
    CancelPage { page: context.page(Section::Account), usage: UsageView::of(&caller.user.usage), form }
}

impl UsageView {
    /// What an account holds.
    pub(super) fn of(usage: &Usage) -> Self {
        let percent = u128::from(usage.bytes) * 100 / u128::from(usage.quota_bytes.max(1));
        Self {
            albums: usage.albums,
            photos: usage.photos,
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
        Self {
            id: session.id,
            client: ClientName::of(session.user_agent.as_str()),
            created_at: Moment(session.created_at),
            last_seen_at: Moment(session.last_seen_at),
            current: session.id == current,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_quota() {
        let percent = |bytes| UsageView::of(&Usage { bytes, quota_bytes: 1_000, ..Usage::default() }).percent;
        assert_eq!([percent(0), percent(999), percent(1_000), percent(5_000)], [0, 99, 100, 100]);
        assert_eq!(UsageView::of(&Usage { bytes: 5, ..Usage::default() }).percent, 100);
    }
}
