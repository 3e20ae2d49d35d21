//! `cargo xtask bench`: measures the release builds of `GALLERY_SQL_BIN` and `GALLERY_NOSQL_BIN`
//! against the aims, on every store beside `GALLERY_PEER_BIN`, pages while S3 hangs, and imaging
//! beside vipsthumbnail, and prints tables. With the argument `imaging`, the last alone, which
//! needs no engine. Nothing here fails a build: figures depend on the machine.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

mod figure;
mod imaging;
mod load;
mod outage;
mod start;
mod stores;

use std::time::Duration;

use gallery_tests::{Launch, Variant};

use crate::figure::{Figure, binary, mebibytes};
use crate::load::Load;
use crate::outage::Outage;

/// Starts measured, fresh and again.
const STARTS: usize = 20;

/// The aims of a start, of an idle gallery's memory in KiB, and of the share of the bare query's
/// rate on SQLite.
const READY: Duration = Duration::from_millis(150);
const IDLE_KIB: u64 = 30 * 1024;
const SHARE: f64 = 0.5;

/// How much longer a page may take while S3 hangs.
const SLOWER: f64 = 2.0;

/// One binary at rest.
struct Rest {
    fresh: Duration,
    again: Duration,
    idle_kib: u64,
    bytes: u64,
}

#[tokio::main]
async fn main() {
    if std::env::args().nth(1).is_none_or(|part| part != "imaging") {
        measure_pages().await;
    }
    imaging::run().await;
}

/// Starts, pages on every store, and pages while S3 hangs.
async fn measure_pages() {
    let sql = rest(Variant::Sql, "GALLERY_SQL_BIN").await;
    let nosql = rest(Variant::NoSql, "GALLERY_NOSQL_BIN").await;
    print_rest(&[sql, nosql]);
    let mut loads = Vec::new();
    for store in stores::ALL {
        loads.push(load::on(&store()).await);
    }
    print_loads(&loads);
    print_outages(&[outage::of(Variant::Sql).await, outage::of(Variant::NoSql).await]);
}

/// Measures a binary on the store that needs no server.
async fn rest(variant: Variant, variable: &str) -> Rest {
    let fresh = start::median((0..STARTS).map(|_| start::time(&Launch::of(variant))));
    let used = Launch::of(variant);
    start::time(&used);
    let again = start::median((0..STARTS).map(|_| start::time(&used)));
    let idle_kib = start::resident_memory_after(&Launch::of(variant), Duration::from_secs(3)).await;
    let bytes = std::fs::metadata(binary(variable)).expect("the release build").len();
    Rest { fresh, again, idle_kib, bytes }
}

fn print_rest(binaries: &[Rest; 2]) {
    println!(
        "| measure | gallery-sql, SQLite | gallery-nosql, embedded | aim |\n| --- | ---: | ---: | ---: |"
    );
    let line = |what: &str, aim: &str, figure: &dyn Fn(&Rest) -> Figure| {
        let [sql, nosql] = binaries.each_ref().map(|binary| figure(binary).marked());
        println!("| {what} | {sql} | {nosql} | {aim} |");
    };
    line("start to ready, fresh folder", "150 ms", &|rest| Figure::milliseconds(rest.fresh, READY));
    line("start to ready, used folder", "150 ms", &|rest| Figure::milliseconds(rest.again, READY));
    line("resident memory, 3 s after start", "30 MiB", &|rest| Figure {
        text: mebibytes(rest.idle_kib),
        missed: rest.idle_kib > IDLE_KIB,
    });
    line("binary, stripped", "", &|rest| Figure { text: mebibytes(rest.bytes / 1024), missed: false });
}

fn print_loads(loads: &[Load]) {
    println!(
        "\nAlbum page of 50 photos, requests per second: median of the rounds (least–most). Aim on SQLite: {SHARE}.\n"
    );
    println!("| store | gallery | bare query | ratio | resident memory after it |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for load in loads {
        let missed = load.store == stores::SQLITE && load.ratio() < SHARE;
        let ratio = Figure { text: format!("{:.2}", load.ratio()), missed }.marked();
        let memory = mebibytes(load.resident_kib);
        println!("| {} | {} | {} | {ratio} | {memory} |", load.store, load.gallery, load.bare);
    }
}

fn print_outages(outages: &[Outage]) {
    println!(
        "\nAlbum page while S3 hangs and people upload, milliseconds at the 99th percentile. Aim: under {SLOWER}.\n"
    );
    println!("| binary | S3 is well | S3 hangs | ratio |");
    println!("| --- | ---: | ---: | ---: |");
    for outage in outages {
        let ratio = outage.ratio();
        let ratio = Figure { text: format!("{ratio:.2}"), missed: ratio >= SLOWER }.marked();
        println!("| {} | {} | {} | {ratio} |", outage.name, outage.well, outage.hanging);
    }
}
