//! What `cargo xtask bench imaging` does with photos, in programs built for speed, each run a
//! process of its own so that its memory is its own.
//!
//! * `bench-imaging make FOLDER` writes photos of 5–24 megapixels, the same ones every time.
//! * `bench-imaging process WORKERS FILE…` does with each file what an upload does before it is
//!   stored.
//! * `bench-imaging upload WORKERS HOST ALBUM COOKIE FILE…` uploads each file through the JSON API.
//!
//! The second knows the port `Imaging` and its adapter; the third knows the gallery as its users
//! do. Who measures is `gallery-bench`, in `tests/bench`.

mod exif;
mod process;
mod scene;
mod upload;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::upload::Target;

const USAGE: &str = "usage: bench-imaging make FOLDER\n       bench-imaging process WORKERS FILE…\n       \
                     bench-imaging upload WORKERS HOST ALBUM COOKIE FILE…";

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let mut next = || arguments.next().context(USAGE);
    match next()?.to_str() {
        Some("make") => scene::make(Path::new(&next()?)),
        Some("process") => {
            let workers = number(&next()?)?;
            process::all(workers, arguments.map(PathBuf::from).collect())
        }
        Some("upload") => {
            let workers = number(&next()?)?;
            let mut text = || next()?.into_string().ok().context(USAGE);
            let target = Target { host: text()?, album: text()?, cookie: text()? };
            upload::all(workers, &target, &arguments.map(PathBuf::from).collect::<Vec<_>>())
        }
        _ => bail!(USAGE),
    }
}

fn number(text: &OsString) -> Result<usize> {
    text.to_str().and_then(|text| text.parse().ok()).context(USAGE)
}
