//! `admin` beside a running server on the embedded store, which belongs to one process: the server
//! carries it out.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use gallery_tests::client::Upload;
use gallery_tests::{Launch, Sample, Server, Variant, eventually};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

fn launch() -> Launch {
    Launch::of(Variant::NoSql)
}

fn socket(server: &Server) -> PathBuf {
    server.data_folder().join("admin.sock")
}

/// Runs a command to its end, while everything else goes on.
async fn admin(launch: &Launch, words: &'static [&'static str]) -> Output {
    let launch = launch.clone();
    let running = tokio::task::spawn_blocking(move || launch.run(&[&["admin"], words].concat()));
    running.await.expect("the command ends")
}

/// What a command prints; panics unless it ends with 0 and makes no remark (what it logs is none).
async fn good(launch: &Launch, words: &'static [&'static str]) -> String {
    let output = admin(launch, words).await;
    let complaints = stderr(&output);
    assert!(output.status.success(), "{words:?}: {}\n{complaints}", output.status);
    assert!(!complaints.contains("gallery-nosql: "), "{words:?}: {complaints}");
    String::from_utf8(output.stdout).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The files of photos.
fn blobs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { blobs(&path) } else { vec![path] }).collect()
}

fn a_blob(server: &Server) -> PathBuf {
    let mut blobs = blobs(&server.data_folder().join("blobs"));
    blobs.retain(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(&[0xFF, 0xD8])));
    blobs.pop().expect("a photo's file")
}

/// A server with an account, an album and a photo.
async fn server_with_a_photo() -> Server {
    let server = launch().start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    ann.photo(&album, &Upload::small(1), &[]).await;
    server
}

/// Begins a check of a file that has no end, and returns when the server works on it.
async fn endless_verify(server: &Server) -> Child {
    let file = OpenOptions::new().write(true).open(a_blob(server)).expect("a photo's file");
    file.set_len(1 << 42).expect("a file with a hole");
    let mut command = server.launch().command(&["admin", "verify"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let begun = async || server.log().contains("admin command").then_some(());
    eventually("the command's line in the log", begun).await;
    child
}

/// Panics unless the command failed like a check that could not be made, with one line that says
/// why.
fn assert_cut_off(child: Child) {
    let output = child.wait_with_output().expect("the output");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(stderr(&output), "gallery-nosql: the server ended before the command was done\n");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn every_command_works_beside_the_server_and_says_the_same_without_it() {
    let server = server_with_a_photo().await;
    let launch = server.launch();
    let users = good(&launch, &["users"]).await;
    assert!(users.contains("confirmed  ann@example.org  1 album, 1 photo, "), "{users}");
    let user: Value = serde_json::from_str(&good(&launch, &["users", "--json"]).await).expect("JSON");
    assert_eq!(user["photos"], 1);
    let jobs = good(&launch, &["jobs"]).await;
    assert!(jobs.lines().any(|line| line.contains("sweep")), "{jobs}");
    for job in good(&launch, &["jobs", "--json"]).await.lines() {
        let job: Value = serde_json::from_str(job).expect("JSON");
        assert!(job["kind"].is_string(), "{job}");
        assert_eq!(job["class"], "upkeep", "{job}");
    }
    let unknown = admin(&launch, &["jobs", "resume", "019ac3f2-0000-7000-8000-000000000000"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).starts_with("gallery-nosql: there is no job "), "{}", stderr(&unknown));
    assert!(good(&launch, &["sweep"]).await.starts_with("Deleted: unfinished uploads 0, "));
    assert_eq!(
        good(&launch, &["suppressions", "check", "bob@example.org"]).await,
        "bob@example.org gets mails.\n"
    );
    let lifted = good(&launch, &["suppressions", "lift", "bob@example.org"]).await;
    assert_eq!(lifted, "bob@example.org was not suppressed and gets mails.\n");
    for name in [&["migrate"], &["create-tables"]] {
        assert_eq!(good(&launch, name).await, "The store is up to date.\n");
    }
    let verified = good(&launch, &["verify"]).await;
    let report: Value = serde_json::from_str(&good(&launch, &["verify", "--json"]).await).expect("JSON");
    assert!(report["clean"] == true && report["photos"] == 1, "{report}");

    let (socket, log) = (socket(&server), server.log());
    let asked = log.lines().filter(|line| line.contains("admin command")).count();
    assert_eq!(asked, 12, "one line for each command: {log}");
    assert!(!log.contains("bob@example.org"), "{log}");
    server.stop().await;
    assert!(!socket.exists(), "a server that has stopped leaves no socket");
    assert_eq!(good(&launch, &["users"]).await, users);
    assert_eq!(good(&launch, &["verify"]).await, verified);
}

#[tokio::test]
async fn what_is_wrong_is_found_beside_the_server() {
    let server = server_with_a_photo().await;
    fs::remove_file(a_blob(&server)).expect("a photo's file");
    let found = admin(&server.launch(), &["verify"]).await;
    assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    assert!(String::from_utf8_lossy(&found.stdout).contains("is missing"), "{found:?}");
    let found = admin(&server.launch(), &["verify", "--json"]).await;
    assert_eq!(found.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!(report["violations"][0]["invariant"], "I1", "{report}");
}

#[tokio::test]
async fn commands_run_amid_uploads() {
    let server = launch().start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Busy").await;
    let uploads: Vec<_> = (0..16)
        .map(|seed| {
            let (client, album) = (ann.copy(), album.clone());
            let bytes = Sample::new(900, 600).seed(seed).jpeg();
            tokio::spawn(async move {
                client.upload(&album, &Upload::new("a.jpg", "image/jpeg", bytes), &[]).await.status
            })
        })
        .collect();
    let mut rounds = 0;
    while rounds == 0 || !uploads.iter().all(tokio::task::JoinHandle::is_finished) {
        good(&server.launch(), &["verify"]).await;
        good(&server.launch(), &["users"]).await;
        good(&server.launch(), &["sweep"]).await;
        rounds += 1;
    }
    for upload in uploads {
        assert_eq!(upload.await.expect("the upload ends"), 201);
    }
    assert!(good(&server.launch(), &["users"]).await.contains("16 photos"));
    server.stop().await.verify();
}

#[tokio::test]
async fn after_a_crash_commands_work_without_the_server_and_beside_the_next() {
    let server = server_with_a_photo().await;
    let socket = socket(&server);
    let launch = server.kill();
    assert!(socket.exists(), "nobody removed it");
    let users = good(&launch, &["users"]).await;
    let server = launch.start().await;
    assert_eq!(good(&server.launch(), &["users"]).await, users);
    good(&server.launch(), &["verify"]).await;
}

#[tokio::test]
async fn the_socket_is_its_owners_alone() {
    let server = launch().start().await;
    let metadata = fs::metadata(socket(&server)).expect("the socket");
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(server.data_folder()).expect("the folder").collect();
    let sockets = names.iter().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("admin"))
    });
    assert_eq!(sockets.count(), 1, "{names:?}");
}

#[tokio::test]
async fn a_long_path_of_the_data_folder_is_no_obstacle() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("x".repeat(150)).join("y".repeat(150));
    fs::create_dir_all(folder.parent().expect("a folder")).expect("a folder");
    let server = launch().data(&folder).start().await;
    server.member("ann").await;
    assert!(good(&server.launch(), &["users"]).await.contains("ann@example.org"));
    good(&server.stop().await, &["users"]).await;
}

#[tokio::test]
async fn commands_at_the_same_time_wait_for_each_other() {
    let server = server_with_a_photo().await;
    let launch = server.launch();
    let (first, second, users) = tokio::join!(
        admin(&launch, &["verify"]),
        admin(&launch, &["verify", "--json"]),
        admin(&launch, &["users"])
    );
    for output in [&first, &second, &users] {
        assert!(output.status.success(), "{}", stderr(output));
        assert!(!output.stdout.is_empty());
    }
}

#[tokio::test]
async fn who_waits_for_a_long_command_is_told_and_gets_its_turn_when_it_is_broken_off() {
    let server = server_with_a_photo().await;
    let mut endless = endless_verify(&server).await;
    let mut command = server.launch().command(&["admin", "users"]);
    let mut waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let mut remarks = BufReader::new(waiting.stderr.take().expect("its standard error"));
    let remark = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        remarks.read_line(&mut line).map(|_| line)
    });
    let remark = remark.await.expect("a remark").expect("a remark");
    assert_eq!(remark, "gallery-nosql: waiting for another `admin verify` to end\n");
    server.client().get("/readyz").await.ok(200);
    assert!(waiting.try_wait().expect("the process").is_none());

    break_off(endless.id());
    assert!(!endless.wait().expect("the command that was broken off").success());
    let waited = tokio::task::spawn_blocking(|| waiting.wait_with_output()).await.expect("it ends");
    let waited = waited.expect("the output");
    assert!(waited.status.success(), "{waited:?}");
    assert!(String::from_utf8_lossy(&waited.stdout).contains("ann@example.org"));
}

#[tokio::test]
async fn a_long_command_delays_no_stop_and_is_told() {
    let mut server = server_with_a_photo().await;
    let verify = endless_verify(&server).await;
    let asked = Instant::now();
    server.terminate();
    let status = server.ended().await;
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(10), "took {:?}", asked.elapsed());
    assert_cut_off(verify);
}

#[tokio::test]
async fn a_command_whose_server_dies_is_told() {
    let server = server_with_a_photo().await;
    let verify = endless_verify(&server).await;
    server.kill();
    assert_cut_off(verify);
}

#[tokio::test]
async fn whatever_comes_over_the_socket_harms_nobody() {
    let server = server_with_a_photo().await;
    let http = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
    for bytes in [http, vec![0xFF; 1 << 20], b"{}\n".to_vec(), b"\n\n\n".to_vec()] {
        let mut stream = UnixStream::connect(socket(&server)).await.expect("the socket");
        let _ = stream.write_all(&bytes).await;
        let mut said = Vec::new();
        // A reset tells that something was not read; what was said before it is here.
        let _ = stream.read_to_end(&mut said).await;
        let said = String::from_utf8(said).expect("text");
        assert!(said.starts_with("{\"refused\":") && said.ends_with('\n'), "{said}");
    }
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(UnixStream::connect(socket(&server)).await.expect("the socket"));
    }
    let refused = admin(&server.launch(), &["users"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("too many"), "{}", stderr(&refused));
    drop(idle);
    let launch = server.launch();
    let again = async || admin(&launch, &["users"]).await.status.success().then_some(());
    eventually("places that came free", again).await;
    server.client().get("/readyz").await.ok(200);
    server.stop().await;
}

#[tokio::test]
async fn the_sockets_name_taken_by_something_else_is_left_alone_and_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("admin.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    let server = launch().data(folder.path()).start().await;
    assert!(server.log().contains("another process listens at"), "{}", server.log());
    let launch = server.stop().await;
    drop(listener);
    fs::remove_file(&path).expect("the socket");

    fs::write(&path, "text").expect("a file");
    let server = launch.start().await;
    assert!(server.log().contains("is no socket"), "{}", server.log());
    let refused = admin(&server.launch(), &["users"]).await;
    assert_refused_as_in_use(&refused, &path);
    assert_eq!(fs::read_to_string(&path).expect("the file"), "text");
}

/// Panics unless there was one line: no server takes the command, why, that the store is in use,
/// and what to do.
#[track_caller]
fn assert_refused_as_in_use(output: &Output, socket: &Path) {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let begin =
        format!("gallery-nosql: no server of this data folder takes the command ({}: ", socket.display());
    assert!(said.starts_with(&begin) && said.contains("in use by another process"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test]
async fn the_server_is_found_by_its_data_folder_and_only_for_its_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("redb:{}", folder.path().join("other.redb").display());
    let secret = "0f4c8a7be21d93650f4c8a7be21d9365";
    let with_url = |launch: Launch| {
        launch.setting("GALLERY__DATABASE__URL", &url).setting("GALLERY__AUTH__SECRET", secret)
    };
    let server = with_url(launch()).start().await;
    server.member("ann").await;
    assert!(good(&server.launch(), &["users"]).await.contains("ann@example.org"));

    // The same data folder, and the store in it, which is another one.
    let own = launch().data(&server.data_folder()).setting("GALLERY__AUTH__SECRET", secret);
    assert_eq!(good(&own, &["users"]).await, "");

    // The same store, and another data folder, whose server does not have it.
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let refused = admin(&with_url(launch().data(elsewhere.path())), &["users"]).await;
    assert_refused_as_in_use(&refused, &elsewhere.path().canonicalize().expect("a path").join("admin.sock"));
}

/// Like Ctrl-C, which a test runner in the background may have told its children to ignore.
fn break_off(process: u32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -TERM {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()), "cannot send SIGTERM");
}
