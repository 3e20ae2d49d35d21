//! The whole way of a person, from sign-up to cancelling the account, on a phone and on a desktop.

use std::path::PathBuf;

use gallery_tests::{Browser, Person, Sample, Server};

/// A person's way through the gallery in one browser.
struct Journey<'a> {
    server: &'a Server,
    browser: Browser,
    ann: Person,
    javascript: bool,
}

const WIDTHS: [(u32, u32); 2] = [(390, 844), (1280, 900)];

impl Journey<'_> {
    /// Looks at the open page: no complaint in the console, no scrolling sideways, a picture of
    /// each width.
    async fn look(&self, page: &str) {
        let script = if self.javascript { "with" } else { "without" };
        for (width, height) in WIDTHS {
            self.browser.resize(width, height).await;
            let inner = self.browser.width_of_content().await;
            assert!(inner <= f64::from(width), "{page} is {inner} wide on a screen of {width}");
            self.browser.screenshot(&format!("{page}-{width}-{script}-javascript")).await;
        }
        self.browser.assert_quiet().await;
    }

    async fn sign_up_and_log_in(&self) {
        let (browser, ann) = (&self.browser, &self.ann);
        browser.goto("/").await;
        browser.goto("/signup").await;
        self.look("signup").await;
        browser.fill("form[action='/signup'] [name=name]", &ann.name).await;
        browser.fill("form[action='/signup'] [name=email]", &ann.email).await;
        browser.fill("form[action='/signup'] [name=password]", "short").await;
        browser.click("form[action='/signup'] button").await;
        browser.find("#password-error").await;
        self.look("signup-refused").await;
        browser.fill("form[action='/signup'] [name=password]", &ann.password).await;
        browser.click("form[action='/signup'] button").await;
        browser.wait_for_text("Check your e-mail").await;
        self.look("signed-up").await;

        let mail = self.server.outbox().nth_to(&ann.email, 1).await;
        browser.goto(&mail.link("/confirm/")).await;
        browser.wait_for_path("the log-in page", |path| path == "/login").await;
        self.look("login").await;
        browser.fill("form[action='/login'] [name=email]", &ann.email).await;
        browser.fill("form[action='/login'] [name=password]", &ann.password).await;
        browser.click("form[action='/login'] button").await;
        browser.wait_for_path("the albums", |path| path == "/").await;
        self.look("albums-empty").await;
    }

    /// Makes an album; returns its path.
    async fn make_album(&self) -> String {
        let browser = &self.browser;
        browser.click("a[href='/albums/new']").await;
        browser.wait_for_path("the form", |path| path == "/albums/new").await;
        self.look("album-new").await;
        browser.fill("form[action='/albums/new'] [name=name]", "Summer at the sea").await;
        browser.fill("form[action='/albums/new'] [name=description]", "Two weeks of wind.").await;
        browser.click("form[action='/albums/new'] button").await;
        let is_album = |path: &str| path.starts_with("/albums/") && !path.ends_with("/new");
        let album = browser.wait_for_path("the album", is_album).await;
        browser.wait_for_text("Two weeks of wind.").await;
        self.look("album-empty").await;
        album
    }

    async fn upload(&self, album: &str, files: &[PathBuf]) {
        let browser = &self.browser;
        let form = format!("form[action='{album}/photos']");
        browser.choose_files(&format!("{form} input[type=file]"), files).await;
        // With JavaScript, choosing may be enough; the form is there for everybody.
        if !self.javascript {
            browser.click(&format!("{form} button")).await;
        }
        browser.wait_for_elements("ul.photos li", files.len()).await;
        browser.goto(album).await;
        browser.wait_for_pictures("ul.photos img", files.len()).await;
        self.look("album").await;
        browser.goto("/").await;
        browser.wait_for_pictures("ul.albums img", 1).await;
        self.look("albums").await;
        browser.goto("/photos").await;
        browser.wait_for_pictures("ul.photos img", files.len()).await;
        self.look("timeline").await;
    }

    /// Edits the newest photo; returns its path.
    async fn edit_photo(&self, album: &str) -> String {
        let browser = &self.browser;
        browser.goto(album).await;
        let photo = browser.attribute("ul.photos li a", "href").await;
        browser.goto(&photo).await;
        browser.wait_for_pictures(".stage img", 1).await;
        browser.wait_for_text("NIKON D70").await;
        self.look("photo").await;
        let photo = browser.path().await;
        browser.click(&format!("a[href='{photo}/edit']")).await;
        browser.wait_for_path("the form", |path| path.ends_with("/edit")).await;
        self.look("photo-edit").await;
        let form = format!("form[action='{photo}/edit']");
        browser.fill(&format!("{form} [name=title]"), "Lighthouse at dusk").await;
        browser.fill(&format!("{form} [name=tags]"), "sea, lighthouse").await;
        browser.click(&format!("{form} button")).await;
        browser.wait_for_path("the photo", |path| path == photo).await;
        browser.wait_for_text("Lighthouse at dusk").await;
        photo
    }

    async fn search(&self, photo: &str) {
        let browser = &self.browser;
        browser.goto("/search").await;
        browser.fill("form[role=search] [name=q]", "lighth dusk").await;
        browser.press_enter("form[role=search] [name=q]").await;
        browser.wait_for_pictures("main ul.photos img", 1).await;
        self.look("search").await;
        let found = browser.attribute("main ul.photos li a", "href").await;
        assert!(found.starts_with(photo), "{found} is not {photo}");
        browser.goto("/search?q=nowhere").await;
        browser.wait_for_text("Nothing found").await;
        self.look("search-empty").await;
    }

    async fn delete(&self, album: &str, photo: &str, left: usize) {
        let browser = &self.browser;
        browser.goto(photo).await;
        browser.click(&format!("a[href='{photo}/delete']")).await;
        browser.wait_for_path("the question", |path| path.ends_with("/delete")).await;
        self.look("photo-delete").await;
        browser.click(&format!("form[action='{photo}/delete'] button")).await;
        browser.wait_for_path("the album", |path| path == album).await;
        browser.wait_for_elements("ul.photos li", left).await;

        browser.click(&format!("a[href='{album}/delete']")).await;
        browser.wait_for_path("the question", |path| path.ends_with("/delete")).await;
        self.look("album-delete").await;
        browser.click(&format!("form[action='{album}/delete'] button")).await;
        browser.wait_for_path("the albums", |path| path == "/").await;
        assert_eq!(browser.count("ul.albums li").await, 0);
    }

    async fn cancel(&self) {
        let browser = &self.browser;
        browser.goto("/account").await;
        self.look("account").await;
        browser.goto("/account/cancel").await;
        self.look("account-cancel").await;
        let form = "form[action='/account/cancel']";
        browser.fill(&format!("{form} [name=password]"), &self.ann.password).await;
        browser.click(&format!("{form} button")).await;
        browser.wait_for_text("is cancelled").await;
        self.look("account-cancelled").await;
        self.server.outbox().latest_to(&self.ann.email, "cancelled").await;
        browser.goto("/account").await;
        browser.wait_for_path("the log-in page", |path| path == "/login").await;
    }
}

async fn whole_way(javascript: bool) {
    let server = Server::start().await;
    let browser = Browser::open(&server.base_url(), javascript).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = [(1, (900, 600)), (2, (600, 900))].map(|(seed, (width, height))| {
        let file = folder.path().join(format!("IMG_{seed}.jpg"));
        let sample = Sample::new(width, height).seed(seed).camera("NIKON CORPORATION", "NIKON D70");
        std::fs::write(&file, sample.taken("2024:05:17 10:20:30").jpeg()).expect("a file");
        file
    });
    let journey = Journey { server: &server, browser, ann: Person::named("Ann"), javascript };
    journey.sign_up_and_log_in().await;
    let album = journey.make_album().await;
    journey.upload(&album, &files).await;
    let photo = journey.edit_photo(&album).await;
    journey.search(&photo).await;
    journey.delete(&album, &photo, files.len() - 1).await;
    journey.cancel().await;
    journey.browser.close().await;
    server.stop().await.verify();
}

#[tokio::test]
async fn with_javascript() {
    whole_way(true).await;
}

#[tokio::test]
async fn without_javascript() {
    whole_way(false).await;
}
