//! `admin`: on a store that this process opens, or by way of the server that has it. Must not know
//! what commands do.
//!
//! Where a store belongs to one process, who has it is decided by its lock, not by the socket: the
//! server is asked first; if there is none, the store is opened; if another process has it after
//! all, that is a server which is about to listen or has just stopped to, or another `admin`, and
//! everything is tried again for a while. Tests: the workspace's
//! `tests/tests/gallery_nosql/admin.rs`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use gallery_core::texts::{Language, Text};
use tokio::time::sleep;

use super::terminal::Terminal;
use crate::admin::{self, Admin, Reply, Store};
use crate::config::{Config, Derived};
use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::variant::{self, Opened, Purpose, StoreInUse, Variant};

/// How long a server may take from opening its store to listening, and another `admin` to its end.
const OPENING_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs a command, and closes the store whatever became of it.
pub async fn run<V: Variant>(
    variant: &V,
    config: &Config,
    derived: &Derived,
    command: Admin,
    language: Language,
) -> Result<ExitCode> {
    let purpose = if matches!(command, Admin::Migrate) { Purpose::Migrate } else { Purpose::Administer };
    let mut terminal = Terminal { name: V::NAME, language };
    let started = Instant::now();
    loop {
        let absent = match by_server(variant, config, derived, &command, &mut terminal).await? {
            Reply::Done(code) => return Ok(code.into()),
            Reply::Absent(why) => why,
        };
        match variant::open(variant, config, derived, purpose).await {
            Ok(Opened { gallery, close, .. }) => {
                let outcome = admin::perform(&gallery, command, language, &mut terminal).await;
                close.await;
                return outcome.map(ExitCode::from);
            }
            Err(error) if !error.is::<StoreInUse>() => return Err(error),
            Err(_) if started.elapsed() < OPENING_TIMEOUT => sleep(PAUSE).await,
            Err(error) => {
                let text = Text::new("cli-no-server").with("reason", absent);
                return Err(Failure::because(text, error).into());
            }
        }
    }
}

/// Asks the server of the data folder, where a store belongs to one process.
async fn by_server<V: Variant>(
    variant: &V,
    config: &Config,
    derived: &Derived,
    command: &Admin,
    terminal: &mut Terminal,
) -> Result<Reply> {
    let Ok(folder) = DataFolder::existing(&config.general.data_dir) else {
        return Ok(Reply::Absent(Text::new("cli-no-data-folder")));
    };
    match variant.exclusive_store(derived, &folder) {
        Some(file) => {
            let (store, language) = (Store::new(&folder, &file), terminal.language);
            admin::ask(&folder, &store, command, language, terminal).await
        }
        None => Ok(Reply::Absent(Text::new("cli-store-shared"))),
    }
}
