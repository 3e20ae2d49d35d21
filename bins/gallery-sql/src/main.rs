//! The photo gallery with its records in SQL: plugs the adapters into the runtime, which does the rest.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_imaging::RustImaging;
use gallery_mail_outbox::OutboxMailer;
use gallery_runtime::config::{Derived, Problem};
use gallery_runtime::{Adapters, Opening, Purpose, System, Variant};
use gallery_store_sql::SqliteStore;

mod settings;

struct Sql;

#[async_trait]
impl Variant for Sql {
    const NAME: &'static str = "gallery-sql";
    const ABOUT: &'static str = "Records are kept in SQLite, photos in files.";

    fn check(&self, derived: &Derived) -> Option<Problem> {
        settings::sqlite_file(derived).err()
    }

    fn system(&self) -> System {
        gallery_assembly::system()
    }

    async fn open(&self, Opening { config, derived, folder, purpose }: Opening<'_>) -> Result<Adapters> {
        let database = settings::sqlite_file(derived)?.unwrap_or_else(|| folder.join("gallery.db"));
        let store = Arc::new(match purpose {
            Purpose::Serve | Purpose::Migrate => SqliteStore::open(&database).await?,
            Purpose::Administer => SqliteStore::open_shared(&database).await?,
        });
        let (blobs, outbox) = (folder.join("blobs"), folder.join("outbox"));
        let spool = DiskSpool::open(&folder.join("spool"))?;
        let echo = config.mail.print_links;
        let places = vec![
            ("records", database.display().to_string()),
            ("photos", blobs.display().to_string()),
            ("mail", settings::mail_place(&outbox, echo)),
        ];
        Ok(Adapters {
            blobs: Arc::new(DiskBlobs::open(&blobs)?.linking_from(&spool)),
            mailer: Arc::new(OutboxMailer::open(&outbox, echo)?),
            imaging: Arc::new(RustImaging::new(settings::imaging(config))),
            spool: Arc::new(spool),
            image_origins: Vec::new(),
            places,
            close: Box::pin({
                let store = Arc::clone(&store);
                async move { store.close().await }
            }),
            store,
        })
    }
}

fn main() -> ExitCode {
    gallery_runtime::main(&Sql)
}
