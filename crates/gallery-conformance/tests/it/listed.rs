//! Scenarios that were written but not listed, which no adapter would run, are found.

use std::collections::BTreeSet;
use std::path::Path;

use gallery_conformance::{blobs_scenarios, mail_scenarios, store_scenarios};

/// The list's names, each as `topic::name`.
macro_rules! names {
    ($($topic:ident { $($scenario:ident)* })*) => {
        [$($(concat!(stringify!($topic), "::", stringify!($scenario))),*),*]
    };
}

/// Panics unless the functions `pub async fn name<arguments>` in a folder's files are those listed,
/// each as `topic::name`.
fn check(listed: &[&str], folder: &str, arguments: &str) {
    let listed: BTreeSet<String> = listed.iter().map(|&name| name.to_owned()).collect();
    let mut written = BTreeSet::new();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = file.unwrap().path();
        let topic = path.file_stem().unwrap().to_str().unwrap();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let rest = line.strip_prefix("pub async fn ");
            let name = rest.and_then(|rest| rest.split_once(arguments));
            written.extend(name.map(|(name, _)| format!("{topic}::{name}")));
        }
    }
    assert!(!written.is_empty(), "no scenario found in {folder}");
    assert_eq!(listed, written);
}

#[test]
fn every_scenario_of_the_store_is_in_the_list() {
    check(&store_scenarios!([names]), "src/store", "(store: SharedStore)");
}

#[test]
fn every_scenario_of_blobs_is_in_the_list() {
    check(&blobs_scenarios!([names]), "src/blobs", "(blobs: SharedBlobs)");
}

#[test]
fn every_scenario_of_mail_is_in_the_list() {
    check(&mail_scenarios!([names]), "src/mail", "(mailer: SharedMailer, mailbox: SharedMailbox)");
}
