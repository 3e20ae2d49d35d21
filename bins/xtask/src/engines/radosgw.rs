//! Ceph's RADOS gateway: an S3 server with versioning and encryption, which s3s-fs has not. It is
//! the front of a cluster of one monitor and one OSD, which are started with it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::daemon::Daemon;
use super::engine::{ACCESS_KEY, Engine, EngineSite, SECRET_KEY, free_port};
use super::http::{self, Request};
use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "Ceph RADOS gateway",
    folder: "radosgw",
    variable: "GALLERY_TEST_RADOSGW_URL",
    address: "http://127.0.0.1:",
    install,
    start,
};

/// The key that objects can be encrypted with, as SSE-KMS names it.
pub const KMS_KEY: &str = "gallery-test-key";

/// 32 bytes in base64.
const KMS_SECRET: &str = "Z2FsbGVyeSBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=";

/// The cluster's settings.
const CONFIGURATION: &str = include_str!("radosgw/ceph.conf");

/// The cluster's id; and the OSD's.
const CLUSTER: &str = "6a1f7f0e-5f0c-4d57-9a55-9f2f3a0c7b11";
const OSD: &str = "0d2b8f5c-3c39-4c1e-8c0b-6a2f7be4d1c2";

/// The programs and the Debian packages that have them.
const PROGRAMS: &[(&str, &str)] = &[
    ("ceph-mon", "ceph-mon"),
    ("ceph-osd", "ceph-osd"),
    ("radosgw", "radosgw"),
    ("radosgw-admin", "ceph-common"),
    ("ceph", "ceph-common"),
    ("ceph-authtool", "ceph-common"),
    ("monmaptool", "ceph-base"),
];

fn install(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, PROGRAMS)
}

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let cluster = Cluster { site };
    let monitor = free_port()?;
    cluster.lay_out(monitor)?;
    let (monitor, log) = cluster.daemon("Ceph monitor", "ceph-mon", &["-i", "a"])?;
    // The one command that waits for the monitor, and tells it which OSD will come.
    monitor.wait(&log, || cluster.tool("ceph", &["--connect-timeout=20", "osd", "new", OSD, "0"]))?;
    cluster.tool("ceph-osd", &["--mkfs", "-i", "0", "--osd-uuid", OSD])?;
    cluster.daemon("Ceph OSD", "ceph-osd", &["-i", "0"])?;
    let user =
        ["--uid=gallery", "--display-name=gallery", "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY];
    cluster.tool("radosgw-admin", &[&["user", "create"], &user[..]].concat())?;
    let gateway = |port: u16| {
        let mut command = cluster.command("radosgw");
        command.args(["-d", "-n", "client.admin", "--rgw-frontends"]);
        command.arg(format!("beast endpoint=127.0.0.1:{port}"));
        command
    };
    site.serve(ENGINE.name, gateway, ping)
}

/// An error unless it shows an anonymous visitor that he has no bucket.
fn ping(port: u16) -> Result<()> {
    http::expect(port, &Request::plain("GET /"), 200, "ListAllMyBucketsResult")
}

/// What lies behind the gateway.
struct Cluster<'a> {
    site: &'a EngineSite<'a>,
}

impl Cluster<'_> {
    /// Writes settings and keys, and makes the data folders.
    fn lay_out(&self, monitor: u16) -> Result<()> {
        let folder = &self.site.folder;
        let path =
            folder.to_str().context("Ceph's settings are text: the cache folder's path must be, too")?;
        let settings = CONFIGURATION
            .replace("{fsid}", CLUSTER)
            .replace("{monitor}", &monitor.to_string())
            .replace("{folder}", path)
            .replace("{kms_key}", KMS_KEY)
            .replace("{kms_secret}", KMS_SECRET);
        fs::write(folder.join("ceph.conf"), settings)?;
        for data in ["mon", "osd", "rgw"] {
            fs::create_dir_all(folder.join(data))?;
        }
        // One key for all: whoever reads this folder may do everything anyway.
        let key = process::read(self.command("ceph-authtool").arg("--gen-print-key"))?;
        fs::write(folder.join("keyring"), keyring(key.trim()))?;
        let address = format!("[v2:127.0.0.1:{monitor}]");
        self.tool("monmaptool", &["--create", "--fsid", CLUSTER, "--addv", "a", &address, "monmap"])?;
        self.tool("ceph-mon", &["--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring"])
    }

    /// Starts one of the cluster's servers; with its log.
    fn daemon(&self, name: &str, program: &str, arguments: &[&str]) -> Result<(Daemon, std::path::PathBuf)> {
        let log = format!("{program}.log");
        // In the foreground, its log on standard error.
        let daemon = self.site.launch(name, self.command(program).arg("-d").args(arguments), &log)?;
        Ok((daemon, self.site.folder.join(log)))
    }

    /// Runs a tool to its end, which must be a good one.
    fn tool(&self, program: &str, arguments: &[&str]) -> Result<()> {
        process::read(self.command(program).args(arguments)).map(|_| ())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.site.workspace.command(program);
        command.current_dir(&self.site.folder).args(["-c", "ceph.conf"]);
        // Somebody's own cluster is not meant.
        command.env_remove("CEPH_ARGS").env_remove("CEPH_CONF").env_remove("CEPH_KEYRING");
        command
    }
}

/// Who may do what, all with one key.
fn keyring(key: &str) -> String {
    format!(
        "[mon.]\n\tkey = {key}\n\tcaps mon = \"allow *\"\n\
         [osd.0]\n\tkey = {key}\n\tcaps mon = \"allow profile osd\"\n\tcaps osd = \"allow *\"\n\
         [client.admin]\n\tkey = {key}\n\tcaps mon = \"allow *\"\n\tcaps osd = \"allow *\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_in_the_settings_is_known() {
        let known = ["{fsid}", "{monitor}", "{folder}", "{kms_key}", "{kms_secret}"];
        let settings = known.iter().fold(CONFIGURATION.replace("{…}", ""), |text, name| {
            assert!(text.contains(name), "{name}");
            text.replace(name, "")
        });
        assert!(!settings.contains(['{', '}']), "{settings}");
    }
}
