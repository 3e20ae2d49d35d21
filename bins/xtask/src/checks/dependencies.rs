//! Who may know whom (`docs/ARCHITECTURE.md`): the core knows nobody, web and runtime know the core
//! only, an adapter knows the core and its driver, and only binaries know adapters.
//!
//! cargo-deny's wrappers (`deny.toml`) say who may name a driver; this says which packages of the
//! workspace may lie below which, and what must not lie below the core at any depth. Development
//! dependencies are free.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// For each package of `crates/`, the packages of the workspace that it may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("gallery-texts", &[]),
    ("gallery-core", &["gallery-texts"]),
    ("gallery-conformance", &["gallery-core"]),
    ("gallery-aws", &["gallery-core"]),
    ("gallery-faults", &[]),
    ("gallery-mime", &["gallery-core"]),
    ("gallery-resize", &[]),
    ("gallery-web", &["gallery-core"]),
    ("gallery-runtime", &["gallery-core", "gallery-web"]),
];

/// What each package of `adapters/` may depend on: the core, what mailers and users of AWS have in
/// common, and what takes long to compile.
const ADAPTERS: &[&str] = &["gallery-aws", "gallery-core", "gallery-mime", "gallery-resize"];

/// Must not lie below the core, however deep; a name ending in `-` stands for all that begin with
/// it.
const NOT_BELOW_CORE: &[&str] =
    &["tokio", "poem", "poem-", "hyper", "reqwest", "sqlx", "sqlx-", "aws-", "redb", "fjall", "openssl"];

/// An error that names every dependency in a wrong direction.
pub fn check(workspace: &Workspace) -> Result<()> {
    let metadata = process::read(&mut workspace.cargo(&["metadata", "--format-version", "1", "--locked"]))?;
    let graph = Graph::read(&serde_json::from_str(&metadata)?).context("cargo metadata has another form")?;
    let complaints = graph.complaints();
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Packages by name, with what they need to run. Versions of one package are one here.
struct Graph {
    /// Name, and folder below the root, of the packages of the workspace.
    members: BTreeMap<String, String>,
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &Value) -> Option<Self> {
        let root = metadata["workspace_root"].as_str()?;
        let mut names = BTreeMap::new();
        let mut members = BTreeMap::new();
        for package in metadata["packages"].as_array()? {
            let name = package["name"].as_str()?;
            names.insert(package["id"].as_str()?, name);
            if package["source"].is_null() {
                let manifest = package["manifest_path"].as_str()?.strip_prefix(root)?;
                members.insert(name.to_owned(), manifest.trim_start_matches('/').to_owned());
            }
        }
        let mut needs = BTreeMap::<_, BTreeSet<_>>::new();
        for node in metadata["resolve"]["nodes"].as_array()? {
            let below = needs.entry((*names.get(node["id"].as_str()?)?).to_owned()).or_default();
            for dependency in node["deps"].as_array()? {
                // The kind of an ordinary dependency is null; others are "dev" and "build".
                if dependency["dep_kinds"].as_array()?.iter().any(|kind| kind["kind"].is_null()) {
                    below.insert((*names.get(dependency["pkg"].as_str()?)?).to_owned());
                }
            }
        }
        Some(Self { members, needs })
    }

    fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (member, manifest) in &self.members {
            let Some(allowed) = allowed_below(member, manifest) else {
                complaints.push(format!("{member}: say in xtask's CRATES what it may depend on"));
                continue;
            };
            for needed in self.needs[member].iter().filter(|needed| self.members.contains_key(*needed)) {
                if !allowed.is_none_or(|allowed| allowed.contains(&needed.as_str())) {
                    complaints.push(format!("{member} must not depend on {needed}"));
                }
            }
        }
        for name in self.below("gallery-core") {
            let forbidden =
                |rule: &&str| if rule.ends_with('-') { name.starts_with(*rule) } else { name == *rule };
            if NOT_BELOW_CORE.iter().any(forbidden) {
                complaints.push(format!("{name} lies below gallery-core"));
            }
        }
        complaints
    }

    /// Everything that a package needs, however deep.
    fn below(&self, package: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self.needs.get(package).into_iter().flatten().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if found.insert(name) {
                open.extend(self.needs.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        found
    }
}

/// The packages of the workspace that this one may depend on: `Some(None)` for any, `None` when no
/// rule says.
#[expect(clippy::option_option, reason = "no rule and no limit are two things")]
fn allowed_below(member: &str, manifest: &str) -> Option<Option<&'static [&'static str]>> {
    if manifest.starts_with("crates/") {
        let (_, allowed) = CRATES.iter().find(|(name, _)| *name == member)?;
        Some(Some(allowed))
    } else if manifest.starts_with("adapters/") {
        Some(Some(ADAPTERS))
    } else {
        Some(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(needs: &[(&str, &[&str])]) -> Graph {
        let folder = |name: &str| match name {
            "gallery-store-sql" => "adapters/store-sql/Cargo.toml".to_owned(),
            "gallery-sql" => "bins/gallery-sql/Cargo.toml".to_owned(),
            _ => format!("crates/{name}/Cargo.toml"),
        };
        let all = needs.iter().map(|(name, below)| {
            ((*name).to_owned(), below.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>())
        });
        let members = needs.iter().filter(|(name, _)| name.starts_with("gallery-"));
        Graph {
            members: members.map(|(name, _)| ((*name).to_owned(), folder(name))).collect(),
            needs: all.collect(),
        }
    }

    #[test]
    fn the_house_as_designed_passes() {
        let house = graph(&[
            ("gallery-core", &["bytes"]),
            ("gallery-web", &["gallery-core", "poem"]),
            ("gallery-runtime", &["gallery-core", "gallery-web"]),
            ("gallery-store-sql", &["gallery-core", "sqlx"]),
            ("gallery-sql", &["gallery-runtime", "gallery-store-sql"]),
        ]);
        assert_eq!(house.complaints(), Vec::<String>::new());
    }

    #[test]
    fn wrong_directions_are_named() {
        let house = graph(&[
            ("gallery-core", &["middle"]),
            ("middle", &["sqlx-core", "tokio"]),
            ("gallery-web", &["gallery-store-sql"]),
            ("gallery-store-sql", &["gallery-web"]),
            ("gallery-other", &[]),
        ]);
        assert_eq!(
            house.complaints(),
            [
                "gallery-other: say in xtask's CRATES what it may depend on",
                "gallery-store-sql must not depend on gallery-web",
                "gallery-web must not depend on gallery-store-sql",
                "sqlx-core lies below gallery-core",
                "tokio lies below gallery-core",
            ]
        );
    }

    #[test]
    fn only_ordinary_dependencies_count() {
        let metadata = serde_json::json!({
            "workspace_root": "/house",
            "packages": [
                {"id": "c", "name": "gallery-core", "source": null, "manifest_path": "/house/crates/gallery-core/Cargo.toml"},
                {"id": "t", "name": "tokio", "source": "registry", "manifest_path": "/elsewhere/Cargo.toml"},
            ],
            "resolve": {"nodes": [
                {"id": "c", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "t", "deps": []},
            ]},
        });
        assert_eq!(Graph::read(&metadata).unwrap().complaints(), Vec::<String>::new());
    }
}
