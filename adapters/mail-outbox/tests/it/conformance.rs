//! The conformance suite for mail, on the outbox.

use std::any::Any;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use gallery_conformance::mail::{Arrivals, SharedMailbox, SharedMailer};
use gallery_mail_outbox::OutboxMailer;
use tokio::task::spawn_blocking;

struct Outbox(PathBuf);

#[async_trait]
impl Arrivals for Outbox {
    async fn arrived(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    }
}

async fn fresh() -> (SharedMailer, SharedMailbox, impl Any) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let mailer = spawn_blocking(move || OutboxMailer::open(&path, false)).await.unwrap().unwrap();
    let outbox = Outbox(folder.path().to_owned());
    (Arc::new(mailer), Arc::new(outbox), folder)
}

gallery_conformance::mail_suite!(fresh);
