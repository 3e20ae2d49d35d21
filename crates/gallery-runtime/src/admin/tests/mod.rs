//! Both ends of the socket, over a gallery in memory.

mod house;

use std::time::Duration;

use anyhow::Result;
use gallery_core::texts::Language;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use self::house::{Heard, House};
use super::protocol::{self, PROTOCOL, Request, VERSION};
use super::server::{Limits, Server};
use super::{Admin, Reply, Store, perform, socket};
use crate::failure;

/// Far more than anything here takes.
const LONG: Duration = Duration::from_mins(1);
const USERS: Admin = Admin::Users { json: true };

fn code(reply: &Result<Reply>) -> u8 {
    match reply {
        Ok(Reply::Done(code)) => *code,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn error(reply: Result<Reply>) -> String {
    format!("{:#}", reply.expect_err("an error"))
}

/// Sends these bytes to the socket, and returns everything that comes.
async fn raw(house: &House, bytes: &[u8]) -> String {
    let mut stream = socket::connect(house.folder.path()).await.unwrap();
    // The server may hang up before it has read everything.
    let _ = stream.write_all(bytes).await;
    said(&mut stream).await
}

async fn said(stream: &mut UnixStream) -> String {
    let mut said = Vec::new();
    // A reset tells that something was not read; what was said before it is here.
    let _ = timeout(LONG, stream.read_to_end(&mut said)).await.expect("the server hangs up");
    String::from_utf8(said).unwrap()
}

fn request(version: &str, command: &str) -> Vec<u8> {
    let command = serde_json::from_str(command).unwrap();
    let [version, store, language] = [version, "gallery.redb", "en"].map(str::to_owned);
    protocol::line(&Request { protocol: PROTOCOL, version, store, language, command }).unwrap()
}

#[tokio::test]
async fn a_command_says_over_the_socket_what_it_says_here() {
    let mut house = House::new();
    let _server = house.serve().await;
    for email in ["ann@example.org", "bob@example.org"] {
        house.member(email).await;
    }
    let resume = |id: &str| {
        let command = format!(r#"{{"jobs":{{"json":false,"command":{{"resume":{{"id":"{id}"}}}}}}}}"#);
        serde_json::from_str::<Admin>(&command).unwrap()
    };
    let commands = [
        Admin::Migrate,
        Admin::Verify { json: false },
        Admin::Verify { json: true },
        Admin::Jobs { json: false, command: None },
        Admin::Jobs { json: true, command: None },
        Admin::Users { json: false },
        USERS,
        resume("019ac3f2-0000-7000-8000-000000000000"),
    ];
    for (command, language) in commands.iter().flat_map(|one| Language::ALL.map(|language| (one, language))) {
        house.language = language;
        let mut here = Heard::default();
        let expected = perform(&house.gallery, command.clone(), language, &mut here).await;
        let (reply, there) = house.ask(command).await;
        assert_eq!((there.out, there.notes), (here.out, here.notes), "{command:?}");
        match expected {
            Ok(expected) => assert_eq!(code(&reply), expected, "{command:?}"),
            Err(expected) => assert_eq!(error(reply), failure::in_language(&expected, language)),
        }
    }
    assert_eq!(house.ask(&USERS).await.1.out.lines().count(), 2);
}

#[tokio::test]
async fn a_second_command_is_told_to_wait_and_gets_its_turn() {
    let mut house = House::new();
    let _server = house.serve().await;
    house.sign_up("ann@example.org").await;
    let first = house.asking(Admin::Sweep);
    house.begun().await;
    let second = house.asking(USERS);
    let third = house.asking(USERS);
    house.waiting(2).await;
    assert!(!second.is_finished() && !third.is_finished());

    house.leave.add_permits(1);
    let (swept, heard) = timeout(LONG, first).await.unwrap().unwrap();
    assert_eq!(code(&swept), 0);
    assert!(heard.out.contains("Jobs run: 1, failed: 0."), "{heard:?}");
    for waiting in [second, third] {
        let (listed, heard) = timeout(LONG, waiting).await.unwrap().unwrap();
        assert_eq!((code(&listed), heard.out.as_str()), (0, ""), "a sign-up is no account");
        assert_eq!(heard.notes, ["waiting for another `admin sweep` to end"]);
    }
}

#[tokio::test]
async fn who_goes_away_ends_the_command_and_gives_up_the_turn() {
    let mut house = House::new();
    let _server = house.serve().await;
    house.sign_up("ann@example.org").await;
    let running = house.asking(Admin::Sweep);
    house.begun().await;
    let waiting = house.asking(USERS);
    house.waiting(1).await;
    waiting.abort();
    running.abort();
    // No leave was given.
    assert_eq!(code(&house.ask(&USERS).await.0), 0);
    let jobs = house.gallery.jobs(None, 10).await.unwrap();
    assert_eq!(jobs.iter().filter(|job| job.kind.name() == "send_mail").count(), 1, "it is tried again");
}

#[tokio::test]
async fn a_stop_drops_the_command_and_removes_the_socket() {
    let mut house = House::new();
    let server = house.serve().await;
    house.sign_up("ann@example.org").await;
    let running = house.asking(Admin::Sweep);
    house.begun().await;
    let waiting = house.asking(USERS);
    house.waiting(1).await;
    timeout(LONG, server.stop()).await.unwrap();
    for command in [running, waiting] {
        let (reply, _) = timeout(LONG, command).await.unwrap().unwrap();
        assert_eq!(error(reply), "the server ended before the command was done");
    }
    assert!(!socket::path(house.folder.path()).exists());
    assert!(house.absent().await.ends_with("/data/admin.sock: no server is listening there"));
}

#[tokio::test]
async fn a_command_that_panics_says_so_and_the_server_goes_on() {
    let mut house = House::new();
    let _server = house.serve().await;
    house.sign_up("panic@example.org").await;
    house.leave.add_permits(1);
    let (reply, _) = house.ask(&Admin::Sweep).await;
    assert!(error(reply).starts_with("the command panicked"));
    house.begun().await;
    assert_eq!(code(&house.ask(&USERS).await.0), 0);
}

#[tokio::test]
async fn a_server_of_another_store_is_none() {
    let house = House::new();
    let other = Store::new(&house.folder, &house.parent.path().join("other.redb"));
    let _server = Server::start(house.folder.path(), other.clone(), house.gallery.clone()).await.unwrap();
    let why = house.absent().await;
    assert!(why.ends_with(&format!("the server there has another store, {}", other.name())), "{why}");
}

#[tokio::test]
async fn another_version_is_refused_with_both() {
    let house = House::new();
    let _server = house.serve().await;
    let refusal = raw(&house, &request("0.0.7", r#"{"users":{"json":true}}"#)).await;
    assert!(refusal.contains("0.0.7") && refusal.contains(VERSION), "{refusal}");
    assert!(refusal.contains("Restart the server"), "{refusal}");
    assert_eq!(refusal.matches('\n').count(), 1);
}

#[tokio::test]
async fn whoever_asks_is_answered_in_the_own_language_or_in_english() {
    let house = House::new();
    let _server = house.serve().await;
    let asking = |language: &str, version: &str| {
        let rest = r#""store":"gallery.redb","command":{"migrate":null}}"#;
        format!("{{\"protocol\":{PROTOCOL},\"version\":\"{version}\",{language}{rest}\n")
    };
    for (language, done, refused) in [
        (r#""language":"de","#, "Der Datenspeicher ist auf dem neuesten Stand.", "Starte den Server"),
        (r#""language":"en","#, "The store is up to date.", "Restart the server"),
        (r#""language":"fr","#, "The store is up to date.", "Restart the server"),
        ("", "The store is up to date.", "Restart the server"),
    ] {
        let said = raw(&house, asking(language, VERSION).as_bytes()).await;
        assert!(said.contains(done) && said.contains("{\"exit\":0}"), "{language}{said}");
        let said = raw(&house, asking(language, "0.0.7").as_bytes()).await;
        assert!(said.starts_with("{\"refused\":") && said.contains(refused), "{language}{said}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_the_server_goes_on() {
    let house = House::new();
    let _server = house.serve().await;
    let unknown = request(VERSION, r#"{"explode":{}}"#);
    for bytes in [b"GET / HTTP/1.1\r\n\r\n".to_vec(), b"\n".to_vec(), vec![b'x'; 1 << 20], unknown] {
        let refusal = raw(&house, &bytes).await;
        assert!(refusal.starts_with("{\"refused\":"), "{refusal}");
        assert_eq!(code(&house.ask(&USERS).await.0), 0);
    }
    // Whoever says more than a request has no use for the answer.
    let twice = [request(VERSION, r#"{"sweep":null}"#), b"more".to_vec()].concat();
    house.sign_up("ann@example.org").await;
    assert!(!raw(&house, &twice).await.contains("exit"));
    assert_eq!(code(&house.ask(&USERS).await.0), 0);
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_sent_away() {
    let house = House::new();
    let _server = house.serve().await;
    let refusal = raw(&house, b"").await;
    assert!(refusal.contains("did not come in time"), "{refusal}");
    let refusal = raw(&house, b"{\"protocol\":").await;
    assert!(refusal.contains("did not come in time"), "{refusal}");
}

#[tokio::test]
async fn too_many_clients_are_refused_and_their_places_come_free() {
    let house = House::new();
    let _server = house.serve_within(Limits { connections: 1, ..Limits::default() }).await;
    let idle = socket::connect(house.folder.path()).await.unwrap();
    let (reply, _) = house.ask(&USERS).await;
    assert_eq!(error(reply), "the running server refuses: too many admin commands wait already");
    drop(idle);
    let again = async { while house.ask(&USERS).await.0.is_err() {} };
    timeout(LONG, again).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_no_server_is_none() {
    let house = House::new();
    let path = socket::path(house.folder.path());
    let listener = UnixListener::bind(&path).unwrap();
    let answering = |answer: &'static [u8]| async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(answer).await.unwrap();
        stream
    };
    for (answer, expected) in [
        (&b"220 ready\r\n"[..], "the process there is not a server of this program"),
        (b"{\"out\":\"x\"}\n", "the process there is not a server of this program"),
        (b"", "the process there does not answer"),
    ] {
        let (why, _stream) = tokio::join!(house.absent(), answering(answer));
        assert_eq!(why, format!("{}: {expected}", path.display()));
    }
    let hung_up = async { drop(answering(b"").await) };
    let (why, ()) = tokio::join!(house.absent(), hung_up);
    assert_eq!(why, format!("{}: the process there hung up", path.display()));
}

#[tokio::test]
async fn a_server_that_vanishes_or_loses_the_thread_is_an_error() {
    let house = House::new();
    let listener = UnixListener::bind(socket::path(house.folder.path())).unwrap();
    for answer in [&b"\"accepted\"\n"[..], b"\"accepted\"\n{\"out\":\"a", b"\"accepted\"\n\"accepted\"\n"] {
        let vanishing = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
        };
        let ((reply, _), ()) = tokio::join!(house.ask(&USERS), vanishing);
        let error = error(reply);
        assert!(error.starts_with("the server ended before the command was done"), "{error}");
    }
}
