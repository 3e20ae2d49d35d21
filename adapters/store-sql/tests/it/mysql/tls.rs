//! Encryption: what is on, what is verified, and what is refused when it is not as it should be.

use std::fs;
use std::path::{Path, PathBuf};

use gallery_core::ports::Store;
use gallery_store_sql::{MySqlOpenError, MySqlSettings, MySqlStore, Tls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::fresh::Database;
use super::server::Server;

/// An authority that signs for `localhost` and nobody else, and its certificate in a file.
fn certify(folder: &Path, name: &str) -> PathBuf {
    let (ca_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(rcgen::DnType::CommonName, name);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let mut server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    server.distinguished_name.push(rcgen::DnType::CommonName, "the server");
    let certificate = server.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let ca_file = folder.join(format!("{name}.pem"));
    fs::write(&ca_file, ca_certificate.pem()).unwrap();
    fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    ca_file
}

/// A server that lets `ann` in over an encrypted connection only.
async fn encrypting_server() -> (Server, Database) {
    let arguments = ["--ssl-cert={folder}/server.pem", "--ssl-key={folder}/server.key"];
    let server = Server::start(&arguments, |folder| drop(certify(folder, "ca"))).await;
    let database = Database::on(&server.url()).await;
    database
        .execute(&format!(
            "CREATE USER ann IDENTIFIED BY 'hunter2' REQUIRE SSL; GRANT ALL ON {}.* TO ann",
            database.name
        ))
        .await;
    (server, database)
}

fn settings(server: &Server, database: &Database, host: &str) -> MySqlSettings {
    let url = format!("mysql://ann:hunter2@{host}:{}/{}", server.port(), database.name);
    let settings = MySqlSettings::parse(&url).unwrap();
    settings.with_tls(Tls::Auto, Some(server.folder().join("ca.pem"))).unwrap()
}

/// Why a database is not opened; the password is not repeated.
async fn refusal(settings: &MySqlSettings) -> MySqlOpenError {
    let refusal = MySqlStore::open(settings).await.unwrap_err();
    assert!(
        !refusal.to_string().contains("hunter2") && !format!("{refusal:?}").contains("hunter2"),
        "{refusal:?}"
    );
    assert!(!refusal.to_string().contains('\n'), "{refusal}");
    refusal
}

#[tokio::test]
async fn certificate_and_name_are_verified_when_certificates_are_given() {
    let (server, database) = encrypting_server().await;
    let good = settings(&server, &database, "localhost");
    let store = MySqlStore::open(&good).await.unwrap();
    store.ready().await.unwrap();
    store.close().await;

    let elsewhere = refusal(&settings(&server, &database, "127.0.0.1")).await;
    assert!(matches!(elsewhere, MySqlOpenError::Tls { .. }), "another name: {elsewhere:?}");

    let other = tempfile::tempdir().unwrap();
    let other = good.clone().with_tls(Tls::Auto, Some(certify(other.path(), "other")));
    let stranger = refusal(&other.unwrap()).await;
    assert!(matches!(stranger, MySqlOpenError::Tls { .. }), "another authority: {stranger:?}");

    let unnamed = refusal(&good.with_tls(Tls::Verify, None).unwrap()).await;
    assert!(matches!(unnamed, MySqlOpenError::Tls { .. }), "no authority that is known: {unnamed:?}");
}

#[tokio::test]
async fn on_this_machine_encryption_is_used_as_it_is_offered() {
    let (server, database) = encrypting_server().await;
    let near = settings(&server, &database, "127.0.0.1").with_tls(Tls::Auto, None).unwrap();
    // The user is let in only when the connection is encrypted, and nobody could have verified this
    // certificate.
    MySqlStore::open(&near).await.unwrap().ready().await.unwrap();
    let plain = refusal(&near.with_tls(Tls::Off, None).unwrap()).await;
    assert!(matches!(plain, MySqlOpenError::Refused { .. }), "{plain:?}");
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_is_refused_where_it_must() {
    let database = Database::create().await;
    MySqlStore::open(&database.settings()).await.unwrap().close().await;
    let plain = refusal(&database.settings().with_tls(Tls::Verify, None).unwrap()).await;
    assert!(matches!(plain, MySqlOpenError::Tls { .. }), "{plain:?}");
}

#[tokio::test]
async fn a_file_without_certificates_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("bundle.pem");
    fs::write(&empty, "not a certificate").unwrap();
    for path in [empty, folder.path().join("absent.pem")] {
        let settings = MySqlSettings::parse("mysql://ann:hunter2@localhost/photos").unwrap();
        let refusal = refusal(&settings.with_tls(Tls::Auto, Some(path.clone())).unwrap()).await;
        assert!(matches!(refusal, MySqlOpenError::Certificates { .. }), "{refusal:?}");
        assert!(refusal.to_string().contains(path.to_str().unwrap()), "{refusal}");
    }
}
