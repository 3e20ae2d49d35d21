//! Where things are: the checkout, the cache folder, the target folder, built binaries.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The folders that every command works with.
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// `$HOME/.cache/gallery`: tools that take long to make, shared by all checkouts.
    pub cache: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    /// The workspace that this tool was built from.
    pub fn find() -> Result<Self> {
        // As cargo says now, not when this was built: two checkouts may share a target folder.
        let manifest = from_env("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = manifest.ancestors().nth(2).context("xtask lies two folders below the root")?.to_owned();
        let home = std::env::home_dir().context("there is no home folder: set HOME")?;
        let cache = home.join(".cache/gallery");
        let target = from_env("CARGO_TARGET_DIR")
            .or_else(|| from_env("GALLERY_TARGET_DIR"))
            .unwrap_or_else(|| cache.join("target"));
        Ok(Self { target: root.join(target), root, cache })
    }

    /// The Python that has the packages of tests.
    pub fn python(&self) -> PathBuf {
        self.cache.join("python/bin/python3")
    }

    /// A binary of this workspace, as built in the profile's folder (`debug`, `quick`, `release`).
    pub fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(name)
    }

    /// A command that runs in the checkout and finds the cached tools and the target folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", self.search_path())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("GALLERY_TEST_PYTHON", self.python());
        command
    }

    /// `cargo` with these arguments.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }

    /// What cargo says of the packages of the workspace, without what they depend on.
    pub fn metadata(&self) -> Result<Value> {
        let metadata = ["metadata", "--format-version", "1", "--no-deps"];
        Ok(serde_json::from_str(&process::read(&mut self.cargo(&metadata))?)?)
    }

    /// Whether `program` is on the path or among the cached tools.
    pub fn has(&self, program: &str) -> bool {
        std::env::split_paths(&self.search_path()).any(|folder| folder.join(program).is_file())
    }

    fn search_path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Servers are in `sbin`, which is not on everybody's path.
        let more = [self.cache.join("tools/bin"), PathBuf::from("/usr/sbin")];
        let folders = std::env::split_paths(&path).chain(more);
        std::env::join_paths(folders).unwrap_or(path)
    }
}

fn from_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
