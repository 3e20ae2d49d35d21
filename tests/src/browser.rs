//! Chromium, driven through `ChromeDriver`: a fresh profile, with or without JavaScript, and a console that has
//! to stay empty.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{
    By, ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement,
};

use crate::{PATIENCE, eventually};

/// A browser window; ended with its driver when dropped.
pub struct Browser {
    driver: WebDriver,
    base: String,
    _processes: Processes,
}

/// The driver and everything that it started.
struct Processes {
    driver: Child,
    profile: TempDir,
}

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

impl Browser {
    /// A browser at the gallery's address.
    pub async fn open(base: &str, javascript: bool) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let log = profile.path().join("driver.log");
        let output = fs::File::create(&log).expect("a log file");
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a log file"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start chromedriver: {error}; `cargo xtask test` installs it")
            });
        let processes = Processes { driver, profile };
        let port = eventually("ChromeDriver's port", async || port_in(&log)).await;
        let capabilities = capabilities(processes.profile.path(), javascript);
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await;
        let driver = driver.unwrap_or_else(|error| panic!("no browser: {error}\n{}", read(&log)));
        Self { driver, base: base.to_owned(), _processes: processes }
    }

    /// The driver, for what the methods here do not cover.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Makes the page this wide and high, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let set = self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await;
        set.expect("the page's size can be set");
    }

    /// Goes to a path of the gallery, or a whole address.
    pub async fn goto(&self, path: &str) {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        self.driver.goto(url).await.expect("the page can be opened");
    }

    /// The path that is open.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.expect("an address").path().to_owned()
    }

    /// Waits until the path that is open fits.
    pub async fn wait_for_path(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let path = self.path().await;
            if fits(&path) {
                return path;
            }
            assert!(started.elapsed() < PATIENCE, "still at {path}, not at {what}: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the first element that a CSS selector finds.
    pub async fn find(&self, css: &str) -> WebElement {
        let started = Instant::now();
        loop {
            if let Ok(element) = self.driver.find(By::Css(css)).await {
                return element;
            }
            let text = || async { format!("{}\n{}", self.path().await, self.text().await) };
            assert!(started.elapsed() < PATIENCE, "no {css} at {}", text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many elements a CSS selector finds now.
    pub async fn count(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.expect("the page can be searched").len()
    }

    /// Waits until a CSS selector finds so many elements.
    pub async fn wait_for_elements(&self, css: &str, number: usize) {
        let started = Instant::now();
        loop {
            let count = self.driver.find_all(By::Css(css)).await.map_or(0, |found| found.len());
            if count == number {
                return;
            }
            let text = || async { format!("{}\n{}", self.path().await, self.text().await) };
            assert!(started.elapsed() < PATIENCE, "{count} of {number} {css} at {}", text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// An attribute of the first element that a CSS selector finds.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let value = self.find(css).await.attr(name).await.expect("an attribute can be read");
        value.unwrap_or_else(|| panic!("{css} has no {name}"))
    }

    /// The width in CSS pixels that the page's content takes.
    pub async fn width_of_content(&self) -> f64 {
        let metrics = self.driver.cdp().send_raw("Page.getLayoutMetrics", json!({})).await;
        let metrics = metrics.expect("the page can be measured");
        metrics["cssContentSize"]["width"].as_f64().expect("a width")
    }

    /// Gives the browser a cookie of the gallery, which must be open.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        let cookie = thirtyfour::Cookie::new(name, value);
        self.driver.add_cookie(cookie).await.expect("the cookie is taken");
    }

    /// Types into a field, in place of what it holds.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(text).await.expect("the field can be typed into");
    }

    /// Chooses files in a file field.
    pub async fn choose_files(&self, css: &str, files: &[PathBuf]) {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let field = self.find(css).await;
        field.send_keys(paths.join("\n")).await.expect("files can be chosen");
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        element.scroll_into_view().await.expect("the element can be scrolled to");
        element.click().await.unwrap_or_else(|error| panic!("cannot click {css}: {error}"));
    }

    /// The visible text of the page.
    pub async fn text(&self) -> String {
        match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page's text holds these words.
    pub async fn wait_for_text(&self, words: &str) {
        let started = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "no {words:?} at {} in: {text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until `number` pictures of a selector have really arrived: their natural width is not 0.
    pub async fn wait_for_pictures(&self, css: &str, number: usize) {
        let what = format!("{number} loaded pictures of {css}");
        eventually(&what, async || {
            let mut loaded = 0;
            for picture in self.driver.find_all(By::Css(css)).await.ok()? {
                let _ = picture.scroll_into_view().await;
                let width = picture.prop("naturalWidth").await.ok()??;
                loaded += usize::from(width.parse::<f64>().is_ok_and(|width| width > 0.0));
            }
            (loaded == number).then_some(())
        })
        .await;
    }

    /// Panics when the console holds an error or a violated policy.
    pub async fn assert_quiet(&self) {
        let entries = self.driver.browser_log().await.expect("the console can be read");
        let loud: Vec<String> = entries
            .iter()
            .filter(|entry| entry.level == "SEVERE" || entry.source.as_deref() == Some("security"))
            // A refused form comes back with this status, which the browser notes.
            .filter(|entry| !entry.message.contains("responded with a status of 422"))
            .map(|entry| entry.message.clone())
            .collect();
        assert!(loud.is_empty(), "the console is not empty at {}:\n{}", self.path().await, loud.join("\n"));
    }

    /// Puts a picture of the whole page into the folder `GALLERY_SCREENSHOTS`, when that is set.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("GALLERY_SCREENSHOTS").map(PathBuf::from) else { return };
        fs::create_dir_all(&folder).expect("the folder for screenshots");
        let file = folder.join(format!("{name}.png"));
        self.driver.screenshot(&file).await.expect("a screenshot");
    }

    /// Ends the browser properly.
    pub async fn close(self) {
        self.driver.clone().quit().await.expect("the browser ends");
    }
}

fn capabilities(profile: &Path, javascript: bool) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let folder = format!("--user-data-dir={}", profile.join("profile").display());
    for flag in FLAGS.iter().copied().chain([folder.as_str()]) {
        capabilities.add_arg(flag).expect("a flag");
    }
    if !javascript {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", preferences).expect("a preference");
    }
    let level = thirtyfour::LoggingPrefsLogLevel::All;
    capabilities.set_browser_log_level(level).expect("a log level");
    capabilities
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

impl Drop for Browser {
    fn drop(&mut self) {
        // The processes are about to be killed: the session needs no end of its own.
        let _ = self.driver.clone().leak();
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // A test that panics leaves Chromium without its driver. The profile's name is in its command line and
        // nobody else's.
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
