//! The terminal's language: help, complaints and answers are in that of the locale.

use std::process::Output;

use gallery_tests::Server;
use gallery_tests::server::Launch;

const GERMAN: &str = "de_DE.UTF-8";
const ENGLISH: &str = "C";

/// Runs the binary in this locale, while everything else goes on.
async fn run(launch: &Launch, locale: &str, words: &'static [&'static str]) -> Output {
    let launch = launch.clone().setting("LC_ALL", locale);
    tokio::task::spawn_blocking(move || launch.run(words)).await.expect("it ends")
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Panics unless the command says these words in these languages, and ends with this code.
#[track_caller]
fn assert_says(output: &Output, code: i32, words: &[&str]) {
    let all = said(&output.stdout) + &said(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{all}");
    for word in words {
        assert!(all.contains(word), "no {word:?} in: {all}");
    }
}

#[tokio::test]
async fn the_help_is_in_the_language_of_the_locale() {
    let launch = Launch::new();
    for (words, german, english) in [
        (
            &["--help"][..],
            &["Eine Fotogalerie", "Aufruf: ", "Befehle:", "Die Konfiguration ausgeben", "Hilfe ausgeben"][..],
            &["photo gallery", "Usage: ", "Commands:", "Print or check the configuration"][..],
        ),
        (
            &["admin", "verify", "--help"],
            &["Alle Datensätze", "Optionen:", "Die Konfigurationsdatei", "JSON ausgeben"],
            &["Check every record", "Options:", "The configuration file", "Print JSON"],
        ),
        (
            &["help", "admin"],
            &["Eine Galerie untersuchen", "Die Konten mit ihrem Zustand"],
            &["Inspect and repair", "List the accounts"],
        ),
    ] {
        let in_german = run(&launch, GERMAN, words).await;
        assert_says(&in_german, 0, german);
        for word in ["Usage", "Print", "Options", "Commands"] {
            assert!(!said(&in_german.stdout).contains(word), "{word} in {}", said(&in_german.stdout));
        }
        assert_says(&run(&launch, ENGLISH, words).await, 0, english);
    }
    let wrong = run(&launch, GERMAN, &["admin", "verifi"]).await;
    assert_says(&wrong, 2, &["Fehler: ", "Meintest du `verify`?", "Aufruf: "]);
    let wrong = run(&launch, ENGLISH, &["admin", "verifi"]).await;
    assert_says(&wrong, 2, &["error: ", "Did you mean `verify`?", "Usage: "]);
}

#[tokio::test]
async fn a_wrong_configuration_is_told_in_the_language_of_the_locale() {
    let launch = Launch::new()
        .setting("GALLERY__SERVER__LISTENN", "127.0.0.1:0")
        .setting("GALLERY__SERVER__BASE_URL", "photos")
        .setting("GALLERY__AUTH__SECRET", "short")
        .setting("GALLERY__WORKERS__COUNT", "many");
    let german = [
        "die Konfiguration ist falsch:\n",
        "\n  server.listenn: diese Einstellung gibt es nicht; meintest du `server.listen` oder ",
        "(in der Variablen GALLERY__SERVER__LISTENN)",
        "\n  server.base_url: `photos` ist keine URL: ",
        "\n  auth.secret: Das Geheimnis braucht ",
        "\n  workers.count: `many` ist keine ganze Zahl; der Standardwert ist `2`",
    ];
    assert_says(&run(&launch, GERMAN, &["config", "check"]).await, 1, &german);
    // To serve is refused alike.
    assert_says(&run(&launch, GERMAN, &[]).await, 1, &german);
    let english = [
        "the configuration is wrong:\n",
        "\n  server.listenn: there is no such setting; did you mean `server.listen` or ",
        "\n  workers.count: `many` is not a whole number; the default is `2`",
    ];
    assert_says(&run(&launch, ENGLISH, &["config", "check"]).await, 1, &english);
    let good = Launch::new().setting("GALLERY__SERVER__PATIENCE_SECONDS", "7");
    let checked = run(&good, GERMAN, &["config", "check"]).await;
    assert_says(&checked, 0, &["Die Konfiguration ist in Ordnung: ", "diese Einstellung heißt jetzt"]);
}

#[tokio::test]
async fn commands_answer_in_the_language_of_the_locale_whatever_the_servers_is() {
    // Where the store belongs to one process, the server carries the commands out.
    let server = Server::start().await;
    assert!(server.printed().contains("Ctrl-C stops it."), "{}", server.printed());
    server.member("ann").await;
    answers_in_both_languages(&server.launch()).await;
    answers_in_both_languages(&server.stop().await).await;
}

async fn answers_in_both_languages(launch: &Launch) {
    let cases: [(&'static [&'static str], i32, &str, &str); 5] = [
        (&["admin", "verify"], 0, "Alle Invarianten gelten.\n", "All invariants hold.\n"),
        (
            &["admin", "users"],
            0,
            "  bestätigt      ann@example.org  0 Alben, ",
            "  confirmed  ann@example.org  ",
        ),
        (&["admin", "jobs"], 0, ", 0 Fehlversuche", ", 0 failures"),
        (&["admin", "suppressions", "check", "bob@example.org"], 0, "bekommt Mails.", "gets mails."),
        (&["admin", "reprocess", "--photo", "x"], 1, "photo: Das ist keine ID", "photo: This isn’t an ID"),
    ];
    for (words, code, german, english) in cases {
        assert_says(&run(launch, GERMAN, words).await, code, &[german]);
        assert_says(&run(launch, ENGLISH, words).await, code, &[english]);
    }
}

#[tokio::test]
async fn the_start_is_told_in_the_language_of_the_locale() {
    let server = Launch::new().setting("LC_ALL", GERMAN).start().await;
    let printed = server.printed();
    for words in
        [" ist bereit: http://", "\n  lauscht auf  127.0.0.1:", "\n  Datensätze   /", "Strg-C beendet"]
    {
        assert!(printed.contains(words), "no {words:?} in {printed}");
    }
    let address = format!("127.0.0.1:{}", server.port());
    let taken = Launch::new().setting("GALLERY__SERVER__LISTEN", &address);
    let refused = run(&taken, GERMAN, &[]).await;
    let told = format!("auf {address} kann der Server nicht lauschen (`server.listen` legt ");
    assert_says(&refused, 1, &[&told]);
    let refused = run(&Launch::new(), GERMAN, &["admin", "users"]).await;
    assert_says(&refused, 1, &[": der Datenordner "]);
}
