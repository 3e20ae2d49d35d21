//! The manifest of every package that is published says what crates.io and docs.rs show, and
//! depends on nothing that is not there.
//!
//! Reads what cargo makes of the manifests. What is inside the packages is checked by
//! [`publish`](crate::publish).

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// Categories of crates.io (<https://crates.io/category_slugs>) that are in use here: it refuses
/// what it does not know.
const CATEGORIES: &[&str] = &[
    "api-bindings",
    "authentication",
    "config",
    "data-structures",
    "database",
    "development-tools::testing",
    "email",
    "encoding",
    "filesystem",
    "internationalization",
    "localization",
    "multimedia::images",
    "network-programming",
    "os",
    "web-programming",
    "web-programming::http-server",
];

/// The most keywords, and the most categories, that crates.io takes.
const MOST: usize = 5;

/// The most characters of a keyword.
const LONGEST_KEYWORD: usize = 20;

/// What lies beside the manifest.
const FILES: [&str; 3] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// An error that names everything that is missing.
pub fn check(workspace: &Workspace) -> Result<()> {
    let complaints = Packages::of(workspace)?.complaints(&Path::is_file);
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// The packages of the workspace, as `cargo metadata` describes them.
pub struct Packages(Vec<Value>);

impl Packages {
    /// As the workspace stands now.
    pub fn of(workspace: &Workspace) -> Result<Self> {
        Ok(Self(list(&workspace.metadata()?["packages"]).to_vec()))
    }

    /// Those that are published.
    pub fn published(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(|package| is_published(package))
    }

    /// The names of those that are not.
    pub fn unpublished(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|package| !is_published(package)).map(|package| text(&package["name"]))
    }

    fn complaints(&self, is_file: &dyn Fn(&Path) -> bool) -> Vec<String> {
        let mut complaints = Vec::new();
        for package in self.published() {
            let found = described(package).into_iter().chain(files(package, is_file));
            let found = found.chain(self.dependencies(package));
            complaints.extend(found.map(|found| format!("{}: {found}", text(&package["name"]))));
        }
        complaints
    }

    /// What stands against publishing a package before, or without, others of the workspace.
    fn dependencies(&self, package: &Value) -> Vec<String> {
        let mut complaints = Vec::new();
        for dependency in list(&package["dependencies"]).iter().filter(|one| one["path"].is_string()) {
            let name = text(&dependency["name"]);
            let has_version = dependency["req"] != "*";
            if dependency["kind"] == "dev" {
                if has_version {
                    // It would have to be published first: a circle, or never.
                    complaints.push(format!("the development dependency {name} must be by path alone"));
                }
            } else if self.unpublished().any(|unpublished| unpublished == name) {
                complaints.push(format!("depends on {name}, which is not published"));
            } else if !has_version {
                complaints.push(format!("the dependency {name} needs a version"));
            }
        }
        complaints
    }
}

/// What a manifest does not say, or says wrong.
fn described(package: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for field in ["description", "license", "repository", "readme"] {
        if text(&package[field]).trim().is_empty() {
            complaints.push(format!("there is no {field}"));
        }
    }
    for field in ["keywords", "categories"] {
        let count = list(&package[field]).len();
        if !(1..=MOST).contains(&count) {
            complaints.push(format!("{count} {field}: 1 to {MOST} are taken"));
        }
    }
    let keywords = list(&package["keywords"]).iter().map(text).filter(|keyword| !is_keyword(keyword));
    complaints.extend(keywords.map(|keyword| format!("`{keyword}` is no keyword")));
    let categories = list(&package["categories"]).iter().map(text);
    let unknown = categories.filter(|category| !CATEGORIES.contains(category));
    complaints.extend(unknown.map(|category| format!("xtask's CATEGORIES does not have `{category}`")));
    complaints.extend(documented(package));
    complaints
}

/// What docs.rs is not told.
fn documented(package: &Value) -> Option<String> {
    let told = &package["metadata"]["docs"]["rs"];
    if list(&told["targets"]).is_empty() {
        return Some("[package.metadata.docs.rs] names no target".to_owned());
    }
    // Features that enable nothing are for tests.
    let features = package["features"].as_object().into_iter().flatten();
    let mut features = features.filter(|(name, enabled)| *name != "default" && !list(enabled).is_empty());
    let all = told["all-features"] == true || told["features"].is_array();
    features.next().filter(|_| !all).map(|(feature, _)| {
        format!(
            "[package.metadata.docs.rs] does not say which features it is documented with: {feature} is one"
        )
    })
}

fn files(package: &Value, is_file: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let manifest = Path::new(text(&package["manifest_path"]));
    let missing = FILES.iter().filter(|file| !is_file(&manifest.with_file_name(file)));
    missing.map(|file| format!("there is no {file} beside the manifest")).collect()
}

fn is_keyword(keyword: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_+".contains(letter);
    keyword.len() <= LONGEST_KEYWORD
        && keyword.starts_with(|first: char| first.is_ascii_alphanumeric())
        && keyword.chars().all(fits)
}

/// `publish = false` is an empty list of registries to cargo.
fn is_published(package: &Value) -> bool {
    package["publish"].as_array().is_none_or(|registries| !registries.is_empty())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The text; empty when it is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A package of which nothing can be said.
    fn complete(name: &str) -> Value {
        json!({
            "name": name,
            "manifest_path": format!("/house/{name}/Cargo.toml"),
            "publish": null,
            "description": "Photos",
            "license": "MIT OR Apache-2.0",
            "repository": "https://example.org/gallery",
            "readme": "README.md",
            "keywords": ["photos"],
            "categories": ["filesystem"],
            "metadata": {"docs": {"rs": {"targets": ["x86_64-unknown-linux-gnu"]}}},
            "features": {"engines": []},
            "dependencies": [],
        })
    }

    fn complaints(packages: Vec<Value>) -> Vec<String> {
        Packages(packages).complaints(&|path| path.ends_with("README.md") || !path.starts_with("/house/poor"))
    }

    fn with(mut package: Value, changes: &[(&str, Value)]) -> Value {
        for (field, value) in changes {
            package[*field] = value.clone();
        }
        package
    }

    #[test]
    fn what_is_complete_or_not_published_passes() {
        let private = json!({"name": "tests", "manifest_path": "/house/tests/Cargo.toml", "publish": []});
        let below = json!({"name": "whole-too", "path": "/house/whole-too", "req": "^0.1.0", "kind": null});
        let beside = json!({"name": "tests", "path": "/house/tests", "req": "*", "kind": "dev"});
        let foreign = json!({"name": "serde", "req": "^1", "kind": "dev"});
        let whole = with(complete("whole"), &[("dependencies", json!([below, beside, foreign]))]);
        assert_eq!(complaints(vec![whole, complete("whole-too"), private]), Vec::<String>::new());
    }

    #[test]
    fn what_a_manifest_lacks_is_named() {
        let poor = json!({"name": "poor", "manifest_path": "/house/poor/Cargo.toml", "publish": null});
        assert_eq!(
            complaints(vec![poor]),
            [
                "poor: there is no description",
                "poor: there is no license",
                "poor: there is no repository",
                "poor: there is no readme",
                "poor: 0 keywords: 1 to 5 are taken",
                "poor: 0 categories: 1 to 5 are taken",
                "poor: [package.metadata.docs.rs] names no target",
                "poor: there is no LICENSE-APACHE beside the manifest",
                "poor: there is no LICENSE-MIT beside the manifest",
            ]
        );
    }

    #[test]
    fn what_a_registry_refuses_is_named() {
        let changes = [
            ("keywords", json!(["a", "b", "c", "d", "two words", "more-than-twenty-letters"])),
            ("categories", json!(["photography"])),
            ("features", json!({"default": ["sdk"], "sdk": ["dep:aws"], "engines": []})),
        ];
        assert_eq!(
            complaints(vec![with(complete("whole"), &changes)]),
            [
                "whole: 6 keywords: 1 to 5 are taken",
                "whole: `two words` is no keyword",
                "whole: `more-than-twenty-letters` is no keyword",
                "whole: xtask's CATEGORIES does not have `photography`",
                "whole: [package.metadata.docs.rs] does not say which features it is documented with: sdk is one",
            ]
        );
    }

    #[test]
    fn dependencies_that_hold_publishing_up_are_named() {
        let private = json!({"name": "tests", "manifest_path": "/house/tests/Cargo.toml", "publish": []});
        let dependencies = json!([
            {"name": "tests", "path": "/house/tests", "req": "^0.1.0", "kind": null},
            {"name": "other", "path": "/house/whole-other", "req": "*", "kind": "build"},
            {"name": "other", "path": "/house/whole-other", "req": "^0.1.0", "kind": "dev"},
        ]);
        let whole = with(complete("whole"), &[("dependencies", dependencies)]);
        assert_eq!(
            complaints(vec![whole, private]),
            [
                "whole: depends on tests, which is not published",
                "whole: the dependency other needs a version",
                "whole: the development dependency other must be by path alone",
            ]
        );
    }
}
