//! What every page shows around its content, bundled, and how a page becomes an answer. It knows no
//! particular page. Tests are in the pages' snapshots.

use askama::Template;
use poem::Response;
use poem::http::StatusCode;

use super::assets::AssetLinks;
use super::flash::Flash;
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
}

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
    pub(super) fn new(site: &str, viewer: Viewer) -> Self {
        Self {
            site: site.to_owned(),
            viewer,
            flash: None,
            section: Section::Elsewhere,
            query: String::new(),
            assets: AssetLinks::current(),
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

/// The answer that shows this template.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let body = template.render().map_err(Problem::internal)?;
    Ok(Response::builder().status(status).content_type("text/html; charset=utf-8").body(body))
}

/// The gallery's name.
pub(super) fn site(web: &Web) -> &str {
    &web.gallery.rules().mail_settings.site_name
}
