//! Installs what the tests need and the machine lacks: Debian packages, a Python with packages of
//! its own, cargo's companions. Does nothing, and asks nothing of the network, when everything is
//! there.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::workspace::Workspace;

/// A program and the Debian packages that have it.
const PROGRAMS: &[(&str, &str)] = &[
    ("cc", "gcc libc6-dev"),
    ("git", "git"),
    ("pkg-config", "pkg-config"),
    ("python3", "python3"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("firefox-esr", "firefox-esr"),
    ("exiftool", "libimage-exiftool-perl"),
    ("faketime", "faketime"),
    ("djpeg", "libjpeg-turbo-progs"),
];

/// Cargo's companions: the program and the crate's version.
const COMPANIONS: &[(&str, &str)] = &[("cargo-nextest", "0.9.143"), ("cargo-deny", "0.20.2")];

/// What the tests' Python has, by version and hash: itsdangerous, which reads our tokens; aiosmtpd,
/// which takes mails; moto with what its server needs for mails (`moto[server]` would bring twice
/// as much); Node.
///
/// To renew it: change `python.in`, then
///
/// ```text
/// uv pip compile --universal --python-version 3.11 --generate-hashes \
///     --no-annotate --no-header python.in -o python.txt
/// ```
const PYTHON_PACKAGES: &str = include_str!("python.txt");

/// Makes the machine ready for [`suite`](crate::suite) and [`ci`](crate::ci).
pub fn prepare(workspace: &Workspace) -> Result<()> {
    install_packages(workspace, PROGRAMS)?;
    make_python(workspace)?;
    for (name, version) in COMPANIONS {
        if !workspace.has(name) {
            install_crate(workspace, name, version, &[])?;
        }
    }
    Ok(())
}

/// Compiles a crate's program into the cached tools, unless that version of it is there.
pub fn install_crate(workspace: &Workspace, name: &str, version: &str, options: &[&str]) -> Result<()> {
    let root = workspace.cache.join("tools");
    let installed = fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"{name} {version} ")) && root.join("bin").join(name).is_file() {
        return Ok(());
    }
    // Not among our own: it is never needed again.
    let target = workspace.cache.join("partial-target");
    let mut command = workspace.cargo(&["install", "--locked", name, "--version", version, "--root"]);
    command.arg(root).args(options).env("CARGO_TARGET_DIR", &target);
    let outcome = process::run_aside(&mut command);
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    outcome
}

/// Installs the packages of those programs that are not there.
pub fn install_packages(workspace: &Workspace, programs: &[(&str, &str)]) -> Result<()> {
    let missing = programs.iter().filter(|(program, _)| !workspace.has(program));
    let mut packages: Vec<&str> = missing.flat_map(|(_, packages)| packages.split(' ')).collect();
    packages.dedup();
    if packages.is_empty() { Ok(()) } else { apt_get(workspace, &packages) }
}

fn apt_get(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    ensure!(
        workspace.has("apt-get"),
        "missing: {}. Packages are installed on Debian only; install these by hand",
        packages.join(", ")
    );
    let is_root = process::read(Command::new("id").arg("-u"))?.trim() == "0";
    let privileged = |arguments: &[&str]| {
        let mut command = workspace.command(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.arg("apt-get");
        }
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::run_aside(&mut privileged(&["update", "-q"]))?;
    process::run_aside(privileged(&["install", "-qy", "--no-install-recommends"]).args(packages))
        .with_context(|| format!("cannot install {}", packages.join(", ")))
}

/// A virtual environment with the packages, made once.
pub fn make_python(workspace: &Workspace) -> Result<()> {
    let environment = workspace.cache.join("python");
    // Written last: an interrupted attempt is made again.
    let installed = environment.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|packages| packages == PYTHON_PACKAGES) {
        return Ok(());
    }
    let wanted = environment.join("wanted.txt");
    let install = || {
        fs::write(&wanted, PYTHON_PACKAGES)?;
        let mut pip = workspace.command(workspace.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        process::run_aside(pip.args(["--require-hashes", "--requirement"]).arg(&wanted))
    };
    // In place where there is one, which a running server may be using.
    if !workspace.python().is_file() || install().is_err() {
        make_environment(workspace, &environment)?;
        install()?;
    }
    fs::rename(&wanted, installed)?;
    Ok(())
}

/// An empty virtual environment.
fn make_environment(workspace: &Workspace, environment: &Path) -> Result<()> {
    let make = |python: &str| {
        process::run_aside(workspace.command(python).args(["-m", "venv", "--clear"]).arg(environment))
    };
    make("python3").or_else(|_| {
        apt_get(workspace, &["python3-venv"])?;
        // The system's own Python, in case another one without venv comes first on the path.
        make("/usr/bin/python3")
    })
}
