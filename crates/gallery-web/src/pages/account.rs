//! The own account: name, usage, password, sessions, cancelling. Tests are in
//! `tests/it/pages/account.rs`.

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

/// Browsers by what their user agent holds. The order counts: most of them claim to be others, too.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems by what their browsers' user agents hold, in the order to look.
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux`; what is no known browser is shown as it calls itself.
fn client_name(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        _ if user_agent.is_empty() => "A client without a name".to_owned(),
        _ => user_agent.to_owned(),
    }
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
pub(super) async fn rename(mut context: PageContext, caller: Caller) -> Answer {
    let form = context.form().await?;
    match context.gallery().rename(&caller, form.sent("name")).await {
        Ok(_) => context.go("/account", Some(Flash::NameSaved)),
        Err(error) => {
            let problem = form_error(error)?;
            let forms = Forms { name: form.refused(&problem), ..Forms::default() };
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
            let forms = Forms { password: form.refused(&problem), ..Forms::default() };
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
            let form = form.refused(&problem);
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
    let invalid = Invalid::new(problem.code().name(), problem.sentence());
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
        name_form: forms.name.with("name", user.name.as_str()),
        password_form: forms.password,
        password_hint: password_hint(context),
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
        Self {
            id: session.id,
            client: client_name(session.user_agent.as_str()),
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
    fn browsers_are_called_by_their_names() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(client_name(chrome), "Chrome on Linux");
        assert_eq!(client_name(&format!("{chrome} Edg/140.0")), "Edge on Linux");
        assert_eq!(client_name(safari), "Safari on iPhone");
        assert_eq!(client_name("curl/8.10"), "curl/8.10");
        assert_eq!(client_name(""), "A client without a name");
    }

    #[test]
    fn the_bar_is_full_at_the_quota() {
        let percent = |bytes| UsageView::of(&Usage { bytes, quota_bytes: 1_000, ..Usage::default() }).percent;
        assert_eq!([percent(0), percent(999), percent(1_000), percent(5_000)], [0, 99, 100, 100]);
        assert_eq!(UsageView::of(&Usage { bytes: 5, ..Usage::default() }).percent, 100);
    }
}
