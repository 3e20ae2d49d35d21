//! Stylesheet, script and icon: inside the binary, served under names that change with their
//! content. Tests are in `tests/it/pages/frame.rs`.

use std::sync::{Arc, LazyLock};

use gallery_core::values::ContentHash;
use poem::http::header;
use poem::{Request, Response};

use crate::http::{Code, Problem, Web};

/// The addresses of the assets, for the layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AssetLinks {
    /// The stylesheet.
    pub css: String,
    /// The script.
    pub js: String,
    /// The icon.
    pub icon: String,
}

struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static str,
}

static CSS: Asset = Asset {
    name: "site",
    extension: "css",
    media_type: "text/css; charset=utf-8",
    // One stylesheet, written in parts.
    content: concat!(
        include_str!("../../assets/css/ground.css"),
        include_str!("../../assets/css/frame.css"),
        include_str!("../../assets/css/forms.css"),
        include_str!("../../assets/css/photos.css"),
        include_str!("../../assets/css/account.css"),
        include_str!("../../assets/css/enhanced.css"),
    ),
};
static JS: Asset = Asset {
    name: "site",
    extension: "js",
    media_type: "text/javascript; charset=utf-8",
    content: include_str!("../../assets/site.js"),
};
static ICON: Asset = Asset {
    name: "icon",
    extension: "svg",
    media_type: "image/svg+xml",
    content: include_str!("../../assets/favicon.svg"),
};

static LINKS: LazyLock<AssetLinks> =
    LazyLock::new(|| AssetLinks { css: CSS.path(), js: JS.path(), icon: ICON.path() });

impl AssetLinks {
    /// The addresses of this build.
    pub(super) fn current() -> &'static Self {
        &LINKS
    }
}

/// `GET /assets/{name}`
pub(super) async fn asset(_web: Arc<Web>, request: Request) -> Result<Response, Problem> {
    let wanted = format!("/assets/{}", request.raw_path_param("name").unwrap_or_default());
    let known = [(&LINKS.css, &CSS), (&LINKS.js, &JS), (&LINKS.icon, &ICON)];
    let found = known.into_iter().find(|(path, _)| **path == wanted);
    found.map(|(_, asset)| asset.response()).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Asset {
    fn path(&self) -> String {
        let hash = ContentHash::of(self.content.as_bytes()).hex();
        format!("/assets/{}-{}.{}", self.name, &hash[..12], self.extension)
    }

    fn response(&self) -> Response {
        Response::builder()
            .content_type(self.media_type)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .body(self.content)
    }
}
