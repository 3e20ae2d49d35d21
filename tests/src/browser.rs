//! Chromium, driven through `ChromeDriver`, with or without JavaScript and with a console that has
//! to stay empty; and Firefox. Each has a fresh profile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::webdriver::{Element, Outcome, Session};
use crate::{TIMEOUT, eventually};

/// A browser window; ended with its driver when dropped.
pub struct Browser {
    session: Session,
    base: String,
    _processes: Processes,
}

/// The program that was started, and everything that it started.
struct Processes {
    program: Child,
    profile: TempDir,
}

/// A name in a local network, which leads to this machine.
pub const LOCAL_NAME: &str = "gallery.lan";

/// Flags under which Chromium starts anywhere and speaks to nobody but the gallery.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-prefers-reduced-motion",
];

/// Settings under which Firefox speaks to nobody but the gallery, at a port of its own choice.
const PREFERENCES: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("marionette.port", 0);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"#;

/// What the program writes, beside its profile.
const LOG: &str = "driver.log";

impl Browser {
    /// A Chromium at the gallery's address.
    pub async fn open(base: &str, javascript: bool) -> Self {
        let processes = Processes::start("chromedriver", |command, _| {
            command.arg("--port=0");
        });
        let log = processes.log();
        let port = eventually("ChromeDriver's port", async || port_in(&log)).await;
        let capabilities = capabilities(processes.profile.path(), javascript);
        let session = Session::open(&format!("http://127.0.0.1:{port}"), &capabilities).await;
        Self::on(session, base, processes)
    }

    /// A Firefox at the gallery's address.
    pub async fn open_firefox(base: &str) -> Self {
        let processes = Processes::start("firefox-esr", |command, profile| {
            let name = format!("user_pref(\"network.dns.localDomains\", \"{LOCAL_NAME}\");\n");
            let settings = [PREFERENCES, &name].concat();
            fs::write(profile.join("user.js"), settings).expect("the profile's settings");
            command.args(["--headless", "--no-remote", "--marionette", "--profile"]).arg(profile);
        });
        let port_file = processes.profile.path().join("MarionetteActivePort");
        let port =
            eventually("Firefox's port", async || fs::read_to_string(&port_file).ok()?.parse().ok()).await;
        let session = Session::open_in_firefox(port).await;
        Self::on(session, base, processes)
    }

    fn on(session: Outcome<Session>, base: &str, processes: Processes) -> Self {
        let session =
            session.unwrap_or_else(|error| panic!("no browser: {error}\n{}", read(&processes.log())));
        Self { session, base: base.to_owned(), _processes: processes }
    }

    /// Makes the page this wide and high, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let set = self.session.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        set.expect("the page's size can be set");
    }

    /// Goes to a path of the gallery, or a whole address.
    pub async fn goto(&self, path: &str) {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        self.session.goto(&url).await.expect("the page can be opened");
    }

    /// Goes back to the page before, as by the browser's button.
    pub async fn back(&self) {
        self.session.back().await.expect("there is a page before");
    }

    /// The path that is open.
    pub async fn path(&self) -> String {
        let url = self.session.url().await.expect("an address");
        let path = url.strip_prefix(&self.base).unwrap_or(&url);
        path.split(['?', '#']).next().unwrap_or_default().to_owned()
    }

    /// Waits until the path that is open fits.
    pub async fn wait_for_path(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let path = self.path().await;
            if fits(&path) {
                return path;
            }
            assert!(started.elapsed() < TIMEOUT, "still at {path}, not at {what}: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the first element that a CSS selector finds.
    pub async fn find(&self, css: &str) -> Element {
        let started = Instant::now();
        loop {
            if let Ok(Some(element)) = self.session.find(css).await.map(|found| found.into_iter().next()) {
                return element;
            }
            let text = || async { format!("{}\n{}", self.path().await, self.text().await) };
            assert!(started.elapsed() < TIMEOUT, "no {css} at {}", text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many elements a CSS selector finds now.
    pub async fn count(&self, css: &str) -> usize {
        self.session.find(css).await.expect("the page can be searched").len()
    }

    /// Waits until a CSS selector finds so many elements.
    pub async fn wait_for_elements(&self, css: &str, number: usize) {
        let started = Instant::now();
        loop {
            let count = self.session.find(css).await.map_or(0, |found| found.len());
            if count == number {
                return;
            }
            let text = || async { format!("{}\n{}", self.path().await, self.text().await) };
            assert!(started.elapsed() < TIMEOUT, "{count} of {number} {css} at {}", text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// An attribute of the first element that a CSS selector finds.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let value =
            self.session.attribute(&self.find(css).await, name).await.expect("an attribute can be read");
        value.unwrap_or_else(|| panic!("{css} has no {name}"))
    }

    /// The width in CSS pixels that the page's content takes.
    pub async fn width_of_content(&self) -> f64 {
        let metrics = self.session.devtools("Page.getLayoutMetrics", json!({})).await;
        let metrics = metrics.expect("the page can be measured");
        metrics["cssContentSize"]["width"].as_f64().expect("a width")
    }

    /// Gives the browser a cookie of the gallery, which must be open.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        self.session.add_cookie(name, value).await.expect("the cookie is taken");
    }

    /// Types into a field, in place of what it holds.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        self.session.clear(&field).await.expect("the field can be emptied");
        self.session.send_keys(&field, text).await.expect("the field can be typed into");
    }

    /// Presses Enter in a field, which submits its form.
    pub async fn press_enter(&self, css: &str) {
        let field = self.find(css).await;
        self.session.send_keys(&field, "\u{e007}").await.expect("the field takes keys");
    }

    /// Chooses files in a file field.
    pub async fn choose_files(&self, css: &str, files: &[PathBuf]) {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let field = self.find(css).await;
        self.session.send_keys(&field, &paths.join("\n")).await.expect("files can be chosen");
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.session.click(&element).await.unwrap_or_else(|error| panic!("cannot click {css}: {error}"));
    }

    /// The visible text of the page.
    pub async fn text(&self) -> String {
        let body = self.session.find("body").await.unwrap_or_default();
        match body.first() {
            Some(body) => self.session.text(body).await.unwrap_or_default(),
            None => String::new(),
        }
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.session.title().await.expect("a title")
    }

    /// Waits until the page's text holds these words.
    pub async fn wait_for_text(&self, words: &str) {
        let started = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(started.elapsed() < TIMEOUT, "no {words:?} at {} in: {text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until `number` pictures of a selector have really arrived: their natural width is not
    /// 0.
    pub async fn wait_for_pictures(&self, css: &str, number: usize) {
        let what = format!("{number} loaded pictures of {css}");
        eventually(&what, async || {
            let mut loaded = 0;
            for picture in self.session.find(css).await.ok()? {
                self.session.scroll_to(&picture).await.ok()?;
                let width = self.session.property(&picture, "naturalWidth").await.ok()?;
                loaded += usize::from(width.as_u64().is_some_and(|width| width > 0));
            }
            (loaded == number).then_some(())
        })
        .await;
    }

    /// Panics when the console holds an error or a violated policy.
    pub async fn assert_quiet(&self) {
        let entries = self.session.console().await.expect("the console can be read");
        let loud: Vec<String> = entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security")
            .map(|entry| entry["message"].to_string())
            // A refused form comes back with this status, which the browser notes.
            .filter(|message| !message.contains("responded with a status of 422"))
            .collect();
        assert!(loud.is_empty(), "the console is not empty at {}:\n{}", self.path().await, loud.join("\n"));
    }

    /// Puts a picture of the whole page into the folder `GALLERY_SCREENSHOTS`, when that is set.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("GALLERY_SCREENSHOTS").map(PathBuf::from) else { return };
        fs::create_dir_all(&folder).expect("the folder for screenshots");
        let file = folder.join(format!("{name}.png"));
        let picture = self.session.screenshot().await.expect("a screenshot");
        fs::write(file, picture).expect("the screenshot's file");
    }

    /// Ends the browser properly.
    pub async fn close(self) {
        self.session.close().await.expect("the browser ends");
    }
}

fn capabilities(profile: &Path, javascript: bool) -> Value {
    let folder = format!("--user-data-dir={}", profile.join("profile").display());
    let name = format!("--host-resolver-rules=MAP {LOCAL_NAME} 127.0.0.1");
    let flags: Vec<&str> = FLAGS.iter().copied().chain([folder.as_str(), name.as_str()]).collect();
    let setting = if javascript { 1 } else { 2 };
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "args": flags,
            "prefs": {"profile.managed_default_content_settings.javascript": setting},
        },
    })
}

/// Reads "`ChromeDriver` was started successfully on port 12345."
fn port_in(log: &Path) -> Option<u16> {
    let text = read(log);
    let (_, rest) = text.split_once("started successfully on port ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}

impl Processes {
    /// Starts a program with a profile of its own, whose folder it is told.
    fn start(program: &str, tell: impl FnOnce(&mut Command, &Path)) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let output = fs::File::create(profile.path().join(LOG)).expect("a log file");
        let mut command = Command::new(program);
        tell(&mut command, profile.path());
        let command =
            command.stdin(Stdio::null()).stdout(output.try_clone().expect("a log file")).stderr(output);
        let program = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {program}: {error}; `cargo xtask test` installs it")
        });
        Self { program, profile }
    }

    /// Where the program writes to.
    fn log(&self) -> PathBuf {
        self.profile.path().join(LOG)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        // A test that panics leaves Chromium without its driver. The profile's name is in its
        // command line and nobody else's.
        let profile = self.profile.path().display().to_string();
        let Ok(processes) = fs::read_dir("/proc") else { return };
        for process in processes.flatten() {
            let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let id = process.file_name().to_string_lossy().into_owned();
            if String::from_utf8_lossy(&command).contains(&profile) {
                let _ = Command::new("sh").args(["-c", &format!("kill -KILL {id}")]).output();
            }
        }
    }
}
