//! moto's server: refuses mails as Amazon SES does (an unverified sender), where the other SES
//! server takes all.

use anyhow::Result;

use super::daemon::Daemon;
use super::engine::{Engine, EngineSite};
use super::http::{self, Request};
use crate::machine;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "moto",
    folder: "moto",
    variable: "GALLERY_TEST_MOTO_URL",
    address: "http://127.0.0.1:",
    // It is one of the packages of the tests' Python.
    install: machine::make_python,
    start,
};

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let python = site.workspace.python();
    let command = |port: u16| {
        let mut command = site.workspace.command(&python);
        command.current_dir(&site.folder).args(["-m", "moto.server", "-H", "127.0.0.1", "-p"]);
        command.arg(port.to_string());
        command
    };
    site.serve(ENGINE.name, command, ping)
}

/// An error unless the second version of the service for mails answers.
fn ping(port: u16) -> Result<()> {
    let credential = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/ses/aws4_request, \
                      SignedHeaders=host, Signature=0";
    let headers = &[("Authorization", credential)];
    let request = Request { line: "GET /v2/email/contact-lists", headers, body: "" };
    http::expect(port, &request, 200, "ContactLists")
}
