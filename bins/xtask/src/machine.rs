//! Installs what the tests need and the machine lacks: Debian packages, a Python with itsdangerous, cargo's
//! companions. Does nothing, and asks nothing of the network, when everything is there.

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
    ("exiftool", "libimage-exiftool-perl"),
    ("faketime", "faketime"),
];

/// Cargo's companions: the program and the crate's version.
const COMPANIONS: &[(&str, &str)] = &[("cargo-nextest", "0.9.143"), ("cargo-deny", "0.20.2")];

/// What Python needs, pinned.
const PYTHON_PACKAGES: &[&str] = &["itsdangerous==2.2.0"];

/// Makes the machine ready for [`suite`](crate::suite) and [`ci`](crate::ci).
pub fn prepare(workspace: &Workspace) -> Result<()> {
    install_packages(workspace, PROGRAMS)?;
    make_python(workspace)?;
    for (name, version) in COMPANIONS {
        if !workspace.has(name) {
            let root = workspace.cache.join("tools");
            let mut command = workspace.cargo(&["install", "--locked", name, "--version", version, "--root"]);
            process::run(command.arg(root))?;
        }
    }
    Ok(())
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
        "missing: {}. Only Debian and Ubuntu are installed to by themselves; install these by hand",
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

/// A virtual environment with itsdangerous, made once.
fn make_python(workspace: &Workspace) -> Result<()> {
    let python = workspace.python();
    if has_itsdangerous(&python) {
        return Ok(());
    }
    let environment = workspace.cache.join("python");
    let make =
        || process::run(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    if make().is_err() {
        apt_get(workspace, &["python3-venv"])?;
        // The system's own Python, in case another one without venv comes first on the path.
        let mut command = workspace.command("/usr/bin/python3");
        process::run(command.args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    process::run(Command::new(&python).args(pip).args(PYTHON_PACKAGES))
}

fn has_itsdangerous(python: &Path) -> bool {
    Command::new(python)
        .args(["-c", "import itsdangerous"])
        .output()
        .is_ok_and(|output| output.status.success())
}
