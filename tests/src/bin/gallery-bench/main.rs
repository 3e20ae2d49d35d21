//! `cargo xtask bench`: measures the release build of `GALLERY_SQL_BIN` against the aims, and beside
//! `GALLERY_PEER_BIN`, and prints a table. Nothing here fails a build: figures depend on the machine.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

mod load;
mod start;

use std::path::PathBuf;
use std::time::Duration;

use gallery_tests::server::Launch;

/// Starts measured, fresh and again.
const STARTS: usize = 20;

/// One line of the table.
struct Line {
    what: &'static str,
    figure: String,
    aim: &'static str,
    verdict: &'static str,
}

fn line(what: &'static str, figure: String, aim: &'static str, met: Option<bool>) -> Line {
    let verdict = match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    };
    Line { what, figure, aim, verdict }
}

#[tokio::main]
async fn main() {
    let fresh = start::median((0..STARTS).map(|_| start::time(&Launch::new())));
    let used = Launch::new();
    start::time(&used);
    let again = start::median((0..STARTS).map(|_| start::time(&used)));
    let idle = start::resident_memory_after(&Launch::new(), Duration::from_secs(3)).await;
    let load = load::run().await;
    let size = std::fs::metadata(binary("GALLERY_SQL_BIN")).expect("the release build").len();

    let in_ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let in_mib = |kib: u64| format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024);
    let ready = Duration::from_millis(150);
    print_table(&[
        line("start to ready, fresh folder", in_ms(fresh), "150 ms", Some(fresh <= ready)),
        line("start to ready, used folder", in_ms(again), "150 ms", Some(again <= ready)),
        line("resident memory, 3 s after start", in_mib(idle), "30 MiB", Some(idle <= 30 * 1024)),
        line("resident memory, after the load", in_mib(load.resident_kib), "", None),
        line("a page of 50 photos, requests/s", format!("{:.0}", load.gallery), "", None),
        line("the bare handler, requests/s", format!("{:.0}", load.peer), "", None),
        line("ratio", format!("{:.2}", load.ratio()), "0.5", Some(load.ratio() >= 0.5)),
        line("binary, stripped", in_mib(size / 1024), "", None),
    ]);
}

fn print_table(lines: &[Line]) {
    println!("| measure | figure | aim | |\n| --- | ---: | ---: | --- |");
    for Line { what, figure, aim, verdict } in lines {
        println!("| {what} | {figure} | {aim} | {verdict} |");
    }
}

/// A release build, by the variable that names it.
fn binary(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set; run `cargo xtask bench`")).into()
}
