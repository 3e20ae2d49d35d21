//! What every page shows around its content, bundled, and how a page becomes an answer. It knows no
//! particular page. Tests are in the pages' snapshots.

use std::sync::LazyLock;

use askama::Template;
use gallery_core::texts::{Argument, Language, Localized, Text};
use gallery_core::values::{Precision, Taken};
use poem::Response;
use poem::http::StatusCode;

use super::assets::AssetLinks;
use super::client_name::ClientName;
use super::flash::Flash;
use super::format::Moment;
use crate::http::{Problem, Web};

/// What every page shows around its content; a template holds it as `page`.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// The gallery's name.
    pub site: String,
    /// Who looks at it.
    pub viewer: Viewer,
    /// The message that the request carried.
    pub flash: Option<Flash>,
    /// The part of the site that the page belongs to.
    pub section: Section,
    /// What was searched for.
    pub query: String,
    /// Where stylesheet, script and icon are.
    pub assets: &'static AssetLinks,
    /// The language that it is read in.
    pub language: Language,
}

/// What the script says, with what it fills in.
const SCRIPT_TEXTS: [(&str, &[&str]); 16] = [
    ("script-waiting", &[]),
    ("script-percent", &["percent"]),
    ("script-processing", &[]),
    ("script-done", &[]),
    ("script-too-large", &["size", "limit"]),
    ("script-logged-out", &[]),
    ("script-unreachable", &[]),
    ("script-retry", &[]),
    ("script-progress", &["done", "all"]),
    ("script-progress-failed", &["done", "all", "failed"]),
    ("script-show-new", &[]),
    ("script-photo", &[]),
    ("script-details", &[]),
    ("script-close", &[]),
    ("script-previous", &[]),
    ("script-next", &[]),
];

/// Who looks at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Viewer {
    /// Somebody who is logged in, by name.
    Member(String),
    /// Somebody who is not logged in.
    Visitor,
    /// The request was refused before anybody asked.
    Unknown,
}

/// The parts of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Albums and what belongs to one.
    Albums,
    /// The timeline.
    Photos,
    /// The own account.
    Account,
    /// Everything else.
    Elsewhere,
}

impl Page {
    /// A page for this viewer, elsewhere.
    pub(super) fn new(site: &str, viewer: Viewer, language: Language) -> Self {
        Self {
            site: site.to_owned(),
            viewer,
            flash: None,
            section: Section::Elsewhere,
            query: String::new(),
            assets: AssetLinks::current(),
            language,
        }
    }

    /// The page as one of this section.
    #[must_use]
    pub(super) fn within(mut self, section: Section) -> Self {
        self.section = section;
        self
    }

    /// For the layout: who is logged in, by name.
    pub(super) fn member(&self) -> Option<&str> {
        match &self.viewer {
            Viewer::Member(name) => Some(name),
            Viewer::Visitor | Viewer::Unknown => None,
        }
    }

    /// For the layout: whether nobody is logged in.
    pub(super) fn is_visitor(&self) -> bool {
        self.viewer == Viewer::Visitor
    }

    /// For the layout: whether the page belongs to the albums.
    pub(super) fn is_albums(&self) -> bool {
        self.section == Section::Albums
    }

    /// For the layout: whether the page belongs to the timeline.
    pub(super) fn is_photos(&self) -> bool {
        self.section == Section::Photos
    }

    /// For the layout: whether the page belongs to the account.
    pub(super) fn is_account(&self) -> bool {
        self.section == Section::Account
    }
}

/// What templates print.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
impl Page {
    /// A text in the page's language.
    pub(super) fn said(&self, text: Text) -> Localized {
        Localized::new(self.language, text)
    }

    /// The text with this key; [`Localized::with`] fills its variables.
    pub(super) fn t(&self, key: &'static str) -> Localized {
        Localized::new(self.language, Text::new(key))
    }

    /// A text that was made before its reader was known.
    pub(super) fn say(&self, text: &Text) -> String {
        text.in_language(self.language)
    }

    /// A value of whatever kind.
    pub(super) fn value(&self, value: &Argument) -> String {
        value.in_language(self.language)
    }

    /// `3 albums`
    pub(super) fn albums(&self, count: &u64) -> String {
        self.t("count-albums").with("count", count).to_string()
    }

    /// `3 photos`
    pub(super) fn photos(&self, count: &u64) -> String {
        self.t("count-photos").with("count", count).to_string()
    }

    /// `3 values`
    pub(super) fn values(&self, count: usize) -> String {
        self.t("count-values").with("count", count).to_string()
    }

    /// `22 November 2026`
    pub(super) fn date(&self, at: &Moment) -> String {
        self.language.date(at.instant())
    }

    /// `22 November 2026, 08:15 UTC`
    pub(super) fn minute(&self, at: &Moment) -> String {
        self.language.minute(at.instant())
    }

    /// `14 July 2024, 21:30 (UTC+2)`, or as much of it as is known.
    pub(super) fn taken(&self, taken: &Taken) -> String {
        let local = Moment(taken.local());
        match taken.precision() {
            Precision::Year => taken.to_string(),
            Precision::Month => self.month(&local),
            Precision::Day => self.date(&local),
            Precision::Minute | Precision::Second => {
                self.language.clock(local.instant(), taken.offset_minutes())
            }
        }
    }

    /// `Sunday, 22 November`
    pub(super) fn day(&self, at: &Moment) -> String {
        self.language.day(at.instant())
    }

    /// `November 2026`
    pub(super) fn month(&self, at: &Moment) -> String {
        self.language.month(at.instant())
    }

    /// What a new password has to be.
    pub(super) fn password_hint(&self, min_chars: &usize) -> Localized {
        self.t("field-password-hint").with("characters", min_chars)
    }

    /// What a client is called.
    pub(super) fn client(&self, client: &ClientName) -> String {
        match client {
            ClientName::Browser { browser, system } => {
                self.t("account-client").with("browser", *browser).with("system", *system).to_string()
            }
            ClientName::Unnamed => self.t("account-client-unnamed").to_string(),
            ClientName::Verbatim(name) => name.clone(),
        }
    }

    /// What the script says, as JSON: a text's variables stand in braces.
    pub(super) fn script_texts(&self) -> &'static str {
        static ENGLISH: LazyLock<String> = LazyLock::new(|| script_texts(Language::English));
        static GERMAN: LazyLock<String> = LazyLock::new(|| script_texts(Language::German));
        match self.language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }
}

fn script_texts(language: Language) -> String {
    let text = |(key, variables): &(&'static str, &[&'static str])| {
        let fill = |text: Text, variable: &&'static str| text.with(variable, format!("{{{variable}}}"));
        let text = variables.iter().fold(Text::new(key), fill);
        (key.trim_start_matches("script-").to_owned(), text.in_language(language).into())
    };
    let texts: serde_json::Map<_, _> = SCRIPT_TEXTS.iter().map(text).collect();
    serde_json::Value::from(texts).to_string()
}

/// The answer that shows this template.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let body = template.render().map_err(Problem::internal)?;
    Ok(Response::builder().status(status).content_type("text/html; charset=utf-8").body(body))
}

/// The gallery's name.
pub(super) fn site(web: &Web) -> &str {
    &web.gallery.rules().mail_settings.site_name
}
