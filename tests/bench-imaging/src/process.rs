//! The pipeline by itself: what an upload does with a file between its last byte and the database.
//! The file is hashed, then goes through the port; as many at once as there are workers.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use gallery_core::ports::Imaging;
use gallery_imaging::{Limits, RustImaging};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

/// As much as the gallery's spool hashes at a time.
const BUFFER: usize = 256 * 1024;

/// Works through the files; an error as soon as one of them is no photo.
#[tokio::main]
pub async fn all(workers: usize, files: Vec<PathBuf>) -> Result<()> {
    let imaging = Arc::new(RustImaging::new(Limits { workers, ..Limits::default() }));
    let work = stream::iter(files).map(|file| Ok(tokio::spawn(one(Arc::clone(&imaging), file))));
    work.try_for_each_concurrent(workers, async |task| task.await?).await
}

async fn one(imaging: Arc<RustImaging>, file: PathBuf) -> Result<()> {
    let hashed = file.clone();
    black_box(spawn_blocking(move || hash(&hashed)).await??);
    black_box(imaging.process(&file).await.with_context(|| file.display().to_string())?);
    Ok(())
}

fn hash(file: &Path) -> Result<[u8; 32]> {
    let (mut file, mut hasher, mut buffer) = (File::open(file)?, Sha256::new(), vec![0; BUFFER]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
    }
}
