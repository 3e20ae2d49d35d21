//! The engines that `cargo xtask engines up` starts: a database of its own for each test.

use std::fs::File;
use std::path::Path;
use std::process::Command;

/// The environment variable with the address of MariaDB: `mysql://root@127.0.0.1:port`.
const MYSQL: &str = "GALLERY_TEST_MYSQL_URL";

/// The environment variable with the address of DynamoDB Local: `http://127.0.0.1:port`.
const DYNAMODB: &str = "GALLERY_TEST_DYNAMODB_URL";

/// Creates tables in DynamoDB. Arguments: the endpoint, the prefix of their names, and a file with
/// a JSON object that has, for each table, its key schema, its attribute definitions and its items
/// as the API returns them.
const LOAD_TABLES: &str = r#"
import base64, boto3, json, sys
endpoint, prefix, dump = sys.argv[1:]
binary = lambda value: base64.b64decode(value["__b64"]) if "__b64" in value else value
dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, region_name="us-east-1")
for name, table in json.load(open(dump), object_hook=binary).items():
    keys = {key: table[key] for key in ("KeySchema", "AttributeDefinitions")}
    dynamodb.create_table(TableName=prefix + name, BillingMode="PAY_PER_REQUEST", **keys)
    for item in table["Items"]:
        dynamodb.put_item(TableName=prefix + name, Item=item)
"#;

/// An empty database on the MariaDB server; removed when dropped.
pub struct MySqlDatabase {
    server: String,
    name: String,
}

impl MySqlDatabase {
    /// Makes one; panics when there is no server.
    pub fn fresh() -> Self {
        let server = of_environment(MYSQL);
        let database = Self { server, name: unique_name("gallery_") };
        // No character set: the schema must name its own.
        database.run(&format!("CREATE DATABASE `{}`", database.name));
        database
    }

    /// What the gallery is told: `mysql://root@127.0.0.1:port/name`.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Where the server listens: `127.0.0.1:port`.
    pub fn address(&self) -> std::net::SocketAddr {
        let address = self.server.rsplit_once('@').map_or("", |(_, address)| address);
        address.parse().unwrap_or_else(|_| panic!("{MYSQL} names no address: {}", self.server))
    }

    /// Fills the database from a dump; panics when a statement fails.
    pub fn load(&self, dump: &Path) {
        let file = File::open(dump).unwrap_or_else(|error| panic!("{}: {error}", dump.display()));
        let mut client = self.client();
        complete(client.arg(&self.name).stdin(file), &dump.display().to_string());
    }

    /// Runs statements, in no database; panics when one fails.
    pub fn run(&self, statements: &str) {
        complete(self.client().arg(format!("--execute={statements}")), statements);
    }

    /// The server's own client.
    fn client(&self) -> Command {
        let address = self.address();
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "--protocol=tcp", "--user=root", "--batch"])
            .arg(format!("--host={}", address.ip()))
            .arg(format!("--port={}", address.port()));
        client
    }
}

/// Runs the client to its end; panics unless it succeeds.
fn complete(client: &mut Command, statements: &str) {
    let output = client
        .output()
        .unwrap_or_else(|error| panic!("cannot run mariadb: {error}; `cargo xtask engines up` installs it"));
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Drop for MySqlDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run(&format!("DROP DATABASE `{}`", self.name));
        }
    }
}

/// Tables that no other test has on the DynamoDB server: a prefix of their names. They go with the
/// server, which keeps everything in memory.
pub struct DynamoTables {
    prefix: String,
}

impl DynamoTables {
    /// A prefix; the gallery itself makes the tables.
    pub fn fresh() -> Self {
        Self { prefix: unique_name("") + "-" }
    }

    /// What every table's name begins with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Creates the tables that a dump describes, and puts its items into them.
    pub fn load(&self, dump: &Path) {
        let dump = dump.display().to_string();
        crate::python::run(LOAD_TABLES, &[&Self::endpoint(), &self.prefix, &dump]);
    }

    /// Where the server answers: `http://127.0.0.1:port`; panics when there is none.
    pub fn endpoint() -> String {
        of_environment(DYNAMODB)
    }
}

/// A name that no other test has, at this moment or later: a temporary folder's, and this process.
pub fn unique_name(prefix: &str) -> String {
    let folder = tempfile::Builder::new().prefix(prefix).tempdir().expect("a temporary folder");
    let chance = folder.path().file_name().expect("a name").to_string_lossy().replace('.', "");
    format!("{chance}_{}", std::process::id())
}

/// The address of an engine.
pub fn of_environment(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run `eval \"$(cargo xtask engines up)\"` first, or `cargo xtask test`, which \
             does it by itself"
        )
    })
}
