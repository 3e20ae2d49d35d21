//! Starting: what is printed, and when the gallery refuses with one clear line and touches nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use gallery_tests::Server;
use gallery_tests::server::Launch;

/// Panics unless the gallery refused to start: with one line that holds these words.
#[track_caller]
pub fn assert_refused(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "the gallery did not refuse: {said}");
    assert!(output.status.code().is_some_and(|code| code != 101), "a panic is no refusal: {said}");
    assert!(said.contains(words), "no {words:?} in: {said}");
    let lines = said.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 3, "a refusal is short: {said}");
}

#[tokio::test]
async fn the_gallery_says_where_it_is_and_where_mail_goes() {
    let server = Server::start().await;
    let printed = server.printed();
    assert!(printed.contains(&server.base_url()), "{printed}");
    let outbox = server.data_folder().join("outbox");
    assert!(printed.contains(&outbox.display().to_string()), "{printed}");
    let client = server.client();
    client.get("/healthz").await.ok(200);
    client.get("/readyz").await.ok(200);
    let secret = fs::metadata(server.data_folder().join("secret")).expect("the generated secret");
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    let folder = fs::metadata(server.data_folder()).expect("the data folder");
    assert_eq!(folder.permissions().mode() & 0o077, 0, "nobody else may look into the data folder");
}

#[tokio::test]
async fn a_data_folder_in_use_is_refused() {
    let server = Server::start().await;
    let output = Launch::new().data(&server.data_folder()).run_as_server();
    assert_refused(&output, &server.data_folder().display().to_string());
    server.client().get("/readyz").await.ok(200);
    server.member("ann").await;
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").expect("a file");
    for place in [file.clone(), file.join("below")] {
        let output = Launch::new().data(&place).run_as_server();
        assert_refused(&output, &file.display().to_string());
    }
    // The superuser may write anywhere but here.
    let output = Launch::new().data(Path::new("/proc/gallery")).run_as_server();
    assert_refused(&output, "/proc/gallery");
    assert_eq!(fs::read(&file).expect("the file"), b"not a folder");
}

#[tokio::test]
async fn an_address_in_use_is_refused() {
    let server = Server::start().await;
    let address = format!("127.0.0.1:{}", server.port());
    let output = Launch::new().setting("GALLERY__SERVER__LISTEN", &address).run(&[]);
    assert_refused(&output, &address);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_by_name() {
    for (name, value, said) in [
        ("GALLERY__SERVER__LISTEN", "nowhere", "server.listen"),
        ("GALLERY__SERVER__BASE_URL", "photos", "server.base_url"),
        ("GALLERY__SERVER__LISTENN", "127.0.0.1:0", "listenn"),
        ("GALLERY__AUTH__SECRET", "short", "auth.secret"),
        ("GALLERY__AUTH__PASSWORD_MIN_CHARS", "7", "auth.password_min_chars"),
    ] {
        let launch = Launch::new().setting(name, value);
        let output = launch.run(&[]);
        let complaint = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(!output.status.success() && complaint.contains(said), "{name}: {complaint}");
        assert!(!launch.data_folder().exists(), "{name}: something was made");
        let checked = launch.run(&["config", "check"]);
        assert!(!checked.status.success(), "config check does not see {name}");
    }
    assert!(Launch::new().run(&["config", "check"]).status.success());
}

#[tokio::test]
async fn the_default_configuration_is_printed_and_taken() {
    let printed = Launch::new().run(&["config", "default"]);
    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).expect("text");
    for name in ["data_dir", "[server]", "listen", "base_url"] {
        assert!(text.contains(name), "no {name} in {text}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("gallery.toml");
    fs::write(&file, &text).expect("a file");
    let checked = Launch::new().run(&["--config", &file.display().to_string(), "config", "check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[tokio::test]
async fn the_openapi_document_is_printed_as_it_is_served() {
    let server = Server::start().await;
    let online = server.client().get("/api/v1/openapi.json").await.expect(200).json();
    let printed = Launch::new().run(&["openapi"]);
    let printed: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    let paths = |document: &serde_json::Value| document["paths"].clone();
    assert_eq!(paths(&printed), paths(&online));
}

/// Programs with file capabilities lose `GLIBC_TUNABLES` at their start: what is left of the advice
/// then is the mark, and they must serve without it instead of starting anew for ever.
#[cfg(target_env = "gnu")]
#[tokio::test]
async fn the_gallery_starts_itself_anew_once_at_most() {
    let environment = |server: &Server| {
        let environment = fs::read(format!("/proc/{}/environ", server.id())).expect("the environment");
        String::from_utf8_lossy(&environment).into_owned()
    };
    let advised = Server::start().await;
    assert!(environment(&advised).contains("GLIBC_TUNABLES=glibc.malloc."));
    let marked = Launch::new().setting("GALLERY_STARTED_ANEW", "1").start().await;
    assert!(!environment(&marked).contains("GLIBC_TUNABLES"));
}
