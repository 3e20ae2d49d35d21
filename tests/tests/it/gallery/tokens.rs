//! Links in mails are tokens of Python's itsdangerous: either side reads the other's.

use std::fs;

use gallery_tests::{Person, Server, python};
use serde_json::json;

/// Arguments: the file with the secret, the salt, then what to do.
const SERIALIZER: &str = "
import hashlib, sys, time
from itsdangerous import URLSafeTimedSerializer, TimestampSigner
secret = open(sys.argv[1]).read().strip()
def serializer(salt=sys.argv[2], signer=TimestampSigner):
    options = {'digest_method': hashlib.sha256, 'key_derivation': 'hmac'}
    return URLSafeTimedSerializer(secret, salt=salt, signer=signer, signer_kwargs=options)
class At(TimestampSigner):
    offset = 0
    def get_timestamp(self):
        return int(time.time()) + self.offset
";

const CONFIRM: &str = "gallery.confirm-address";

fn secret_file(server: &Server) -> String {
    let file = server.data_folder().join("secret");
    assert!(fs::metadata(&file).is_ok(), "the generated secret");
    file.display().to_string()
}

/// A token that Python signs for this payload, so many seconds from now.
fn signed_by_python(server: &Server, salt: &str, payload: &str, offset: i32) -> String {
    let script = format!(
        "{SERIALIZER}\nAt.offset = int(sys.argv[4])\nprint(serializer(signer=At).dumps(sys.argv[3]))"
    );
    python::run(&script, &[&secret_file(server), salt, payload, &offset.to_string()])
}

#[tokio::test]
async fn python_reads_our_links() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let id = ann.get("/api/v1/account").await.expect(200).json()["id"].clone();
    let token = server.outbox().nth_to(&ann.person.email, 1).await.token("/confirm/");
    let script = format!("{SERIALIZER}\nprint(serializer().loads(sys.argv[3], max_age=600))");
    assert_eq!(id, python::run(&script, &[&secret_file(&server), CONFIRM, &token]));

    let script = format!(
        "{SERIALIZER}\nfrom itsdangerous import BadSignature\ntry:\n    serializer().loads(sys.argv[3])\n\
         except BadSignature:\n    print('refused')"
    );
    for salt in ["gallery.reset-password", "itsdangerous"] {
        assert_eq!(python::run(&script, &[&secret_file(&server), salt, &token]), "refused");
    }
}

#[tokio::test]
async fn we_read_the_links_of_python() {
    let server = Server::start().await;
    let client = server.client();
    let ann = Person::named("ann");
    client.sign_up(&ann).await;
    let ours = server.outbox().nth_to(&ann.email, 1).await.token("/confirm/");
    let script = format!("{SERIALIZER}\nprint(serializer().loads(sys.argv[3]))");
    let id = python::run(&script, &[&secret_file(&server), CONFIRM, &ours]);

    let refused = [
        (signed_by_python(&server, CONFIRM, &id, -601), "token_expired"),
        (signed_by_python(&server, CONFIRM, &id, 120), "token_invalid"),
        (signed_by_python(&server, "gallery.reset-password", &id, 0), "token_invalid"),
        (signed_by_python(&server, CONFIRM, "somebody", 0), "token_invalid"),
        (signed_by_python(&server, CONFIRM, &"A".repeat(500), 0), "token_invalid"),
        (format!("{ours}A"), "token_invalid"),
        (ours[1..].to_owned(), "token_invalid"),
        (String::new(), "token_invalid"),
    ];
    for (token, code) in refused {
        client.post("/api/v1/accounts/confirm", json!({"token": token})).await.problem(422, code);
    }
    let body = json!({"email": ann.email, "password": ann.password});
    client.post("/api/v1/sessions", body).await.problem(401, "bad_credentials");

    // An expired link's page offers a new one.
    let expired = signed_by_python(&server, CONFIRM, &id, -601);
    let page = client.get(&format!("/confirm/{expired}")).await;
    assert!(page.status >= 400, "{}", page.status);
    assert!(page.text().contains("new link"), "{}", page.text());

    let theirs = signed_by_python(&server, CONFIRM, &id, -590);
    client.post("/api/v1/accounts/confirm", json!({"token": theirs})).await.ok(204);
    client.log_in(&ann).await;
}
