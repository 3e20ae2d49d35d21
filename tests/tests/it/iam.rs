//! The policies in `docs/iam` allow what the adapters call, and nothing else.
//!
//! An adapter calls a service through the SDK's client: `client.get_object()`. Those calls are read
//! from the source, translated into IAM's actions by a table, and compared with the policies, in
//! both directions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An operation that an adapter calls, and what it must be allowed to do.
struct Use {
    adapter: &'static str,
    /// The client's method.
    method: &'static str,
    policy: Policy,
    /// The operation's actions in IAM. Some have none of their own name.
    actions: &'static [&'static str],
    /// What it needs besides when objects are encrypted with a key of KMS.
    kms: &'static [&'static str],
}

/// Which policies allow an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    /// Every program that uses the adapter.
    Server,
    /// An additional one.
    Additional(&'static str),
    /// None: only those call it who embed the adapter.
    Embedders,
}

use Policy::{Additional, Embedders, Server};

const S3: &str = "adapters/blobs-s3";
const SES: &str = "adapters/mail-ses";
const DYNAMODB: &str = "adapters/store-nosql";

const USES: &[Use] = &[
    object("get_object", &["s3:GetObject"], &["kms:Decrypt"]),
    object("head_object", &["s3:GetObject"], &[]),
    object("put_object", &["s3:PutObject"], &["kms:GenerateDataKey"]),
    object("create_multipart_upload", &["s3:PutObject"], &["kms:GenerateDataKey"]),
    object("upload_part", &["s3:PutObject"], &["kms:GenerateDataKey", "kms:Decrypt"]),
    object("complete_multipart_upload", &["s3:PutObject"], &["kms:Decrypt"]),
    object("abort_multipart_upload", &["s3:AbortMultipartUpload"], &[]),
    object("delete_objects", &["s3:DeleteObject", "s3:DeleteObjectVersion"], &[]),
    object("list_objects_v2", &["s3:ListBucket"], &[]),
    object("list_object_versions", &["s3:ListBucketVersions"], &[]),
    object("get_bucket_versioning", &["s3:GetBucketVersioning"], &[]),
    Use {
        adapter: SES,
        method: "send_email",
        policy: Server,
        // A raw message is the second to IAM.
        actions: &["ses:SendEmail", "ses:SendRawEmail"],
        kms: &[],
    },
    item("get_item", Server, &["dynamodb:GetItem"]),
    item("batch_get_item", Server, &["dynamodb:BatchGetItem"]),
    item("query", Server, &["dynamodb:Query"]),
    item("put_item", Server, &["dynamodb:PutItem"]),
    item("delete_item", Server, &["dynamodb:DeleteItem"]),
    item("batch_write_item", Server, &["dynamodb:BatchWriteItem"]),
    item("transact_write_items", Server, &[]),
    item("Put::builder", Server, &["dynamodb:PutItem"]),
    item("Delete::builder", Server, &["dynamodb:DeleteItem"]),
    item("ConditionCheck::builder", Server, &["dynamodb:ConditionCheckItem"]),
    item("describe_table", Server, &["dynamodb:DescribeTable"]),
    item("describe_time_to_live", Server, &["dynamodb:DescribeTimeToLive"]),
    item("create_table", Additional("create-tables"), &["dynamodb:CreateTable"]),
    item("update_time_to_live", Additional("create-tables"), &["dynamodb:UpdateTimeToLive"]),
    item("update_continuous_backups", Embedders, &["dynamodb:UpdateContinuousBackups"]),
    item("scan", Additional("scan"), &["dynamodb:Scan"]),
];

/// The parts of a DynamoDB transaction. It has no action of its own: each part is allowed by
/// itself.
const PARTS: &[&str] = &["Put::builder", "Update::builder", "Delete::builder", "ConditionCheck::builder"];

/// The programs, and the adapters with which they reach AWS.
const PROGRAMS: &[(&str, &[&str])] = &[("gallery-sql", &[S3, SES]), ("gallery-nosql", &[DYNAMODB, S3, SES])];

const fn object(method: &'static str, actions: &'static [&'static str], kms: &'static [&'static str]) -> Use {
    Use { adapter: S3, method, policy: Server, actions, kms }
}

const fn item(method: &'static str, policy: Policy, actions: &'static [&'static str]) -> Use {
    Use { adapter: DYNAMODB, method, policy, actions, kms: &[] }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The methods that are called on something named `client`, and the parts of transactions.
fn methods(source: &str) -> BTreeSet<String> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or(line)).collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, name) in code.match_indices("client") {
        let rest = code[at + name.len()..].trim_start_matches("()").trim_start();
        let alone = !code[..at].ends_with(is_word);
        if let Some(call) = rest.strip_prefix('.').filter(|_| alone) {
            let call = call.trim_start();
            found.insert(call[..call.find(|letter| !is_word(letter)).unwrap_or(call.len())].to_owned());
        }
    }
    for part in PARTS {
        if code.match_indices(part).any(|(at, _)| !code[..at].ends_with(is_word)) {
            found.insert((*part).to_owned());
        }
    }
    found
}

/// What an adapter calls, its tests aside.
fn called(adapter: &str) -> BTreeSet<String> {
    let sources = files(&root().join(adapter).join("src"), ".rs");
    let sources = sources.iter().filter(|path| !path.iter().any(|part| part == "tests"));
    let mut found: BTreeSet<String> = sources.flat_map(|path| methods(&read(path))).collect();
    if adapter != DYNAMODB {
        found.retain(|method| !PARTS.contains(&method.as_str()));
    }
    found
}

fn policy(name: &str) -> Value {
    let text = read(&root().join("docs/iam").join(name).with_extension("json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn statements(policy: &Value) -> &[Value] {
    policy["Statement"].as_array().expect("a list of statements")
}

/// A string, or a list of strings.
fn strings(value: &Value) -> Vec<&str> {
    let list = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
    list.into_iter().map(|value| value.as_str().expect("a string")).collect()
}

fn allowed(name: &str) -> BTreeSet<String> {
    let policy = policy(name);
    let actions = statements(&policy).iter().flat_map(|statement| strings(&statement["Action"]));
    actions.map(str::to_owned).collect()
}

/// The actions of the uses that fit.
fn needed(fits: impl Fn(&Use) -> bool, of: fn(&Use) -> &'static [&'static str]) -> BTreeSet<String> {
    let uses = USES.iter().filter(|used| fits(used));
    uses.flat_map(|used| of(used).iter().map(|&action| action.to_owned())).collect()
}

#[test]
fn the_table_names_every_call_and_no_other() {
    for adapter in [S3, SES, DYNAMODB] {
        let listed = USES.iter().filter(|used| used.adapter == adapter);
        let listed: BTreeSet<String> = listed.map(|used| used.method.to_owned()).collect();
        assert_eq!(listed, called(adapter), "left: the table of this test; right: {adapter}");
    }
}

#[test]
fn policies_allow_what_is_called_and_nothing_else() {
    for (program, adapters) in PROGRAMS {
        let uses = |used: &Use| used.policy == Server && adapters.contains(&used.adapter);
        assert_eq!(allowed(program), needed(uses, |used| used.actions), "{program}");
    }
    for name in ["create-tables", "scan"] {
        let uses = |used: &Use| used.policy == Additional(name);
        assert_eq!(allowed(name), needed(uses, |used| used.actions), "{name}");
    }
    assert_eq!(allowed("sse-kms"), needed(|_| true, |used| used.kms), "sse-kms");
}

/// Where an action is allowed: IAM ignores one that stands beside the wrong kind of resource.
fn fits(action: &str, resource: &str) -> bool {
    match action.split_once(':').expect("a service before the colon") {
        ("s3", "ListBucket" | "ListBucketVersions" | "GetBucketVersioning") => {
            resource.starts_with("arn:aws:s3:::") && !resource.contains('/')
        }
        ("s3", _) => resource.starts_with("arn:aws:s3:::") && resource.ends_with("/gallery/photos/*"),
        ("ses", _) => resource.contains(":identity/") || resource.contains(":configuration-set/"),
        ("dynamodb", _) => ["PhotoGallery", "PhotoGalleryUser"]
            .iter()
            .any(|table| resource.ends_with(&format!(":table/{table}"))),
        ("kms", _) => resource.contains(":key/"),
        _ => false,
    }
}

#[test]
fn statements_name_single_actions_and_the_right_kind_of_resource() {
    for path in files(&root().join("docs/iam"), ".json") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let policy = policy(&name);
        assert_eq!(policy["Version"], "2012-10-17", "{name}");
        for statement in statements(&policy) {
            assert_eq!(statement["Effect"], "Allow", "{name}");
            for action in strings(&statement["Action"]) {
                assert!(!action.contains('*'), "{name}: {action}");
                for resource in strings(&statement["Resource"]) {
                    assert!(fits(action, resource), "{name}: {action} on {resource}");
                }
            }
            let mails = strings(&statement["Action"])[0].starts_with("ses:");
            assert_eq!(
                mails,
                statement["Condition"]["StringEquals"]["ses:FromAddress"].is_string(),
                "{name}"
            );
        }
    }
}

#[test]
fn the_page_shows_every_policy_as_it_is() {
    let page = read(&root().join("docs/iam.md"));
    let policies = files(&root().join("docs/iam"), ".json");
    assert_eq!(policies.len(), PROGRAMS.len() + 3, "one that no test looks at");
    for path in policies {
        let shown = format!("```json\n{}```\n", read(&path));
        assert!(page.contains(&shown), "docs/iam.md shows another {}", path.display());
    }
}

/// Whoever else calls AWS must come into the table.
#[test]
fn only_these_adapters_use_the_sdk() {
    let mut users = BTreeSet::new();
    for folder in ["crates", "adapters", "bins"] {
        for manifest in files(&root().join(folder), "Cargo.toml") {
            let text = read(&manifest);
            // Tests may look into a service by themselves.
            let ordinary = text.split("[dev-dependencies]").next().unwrap_or_default();
            if ordinary.lines().any(|line| line.starts_with("aws-sdk-")) {
                let folder = manifest.parent().expect("a folder");
                users.insert(folder.strip_prefix(root()).expect("in the checkout").display().to_string());
            }
        }
    }
    assert_eq!(users, BTreeSet::from([S3, SES, DYNAMODB].map(str::to_owned)));
}

#[test]
fn calls_are_found_however_they_are_written() {
    let source = "
        // client.in_a_comment()
        let head = || self.calls.client.head_object().bucket(name).send();
        let get = calls
            .client()
            .get_object();
        clients.not_one(); client_of(x).nor_this(); let client = connect();
        let other = client.clone();
        TransactWriteItem::builder().put(Put::builder().build()); Output::builder();
    ";
    let expected = ["Put::builder", "clone", "get_object", "head_object"];
    assert_eq!(methods(source), BTreeSet::from(expected.map(str::to_owned)));
}
