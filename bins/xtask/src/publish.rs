//! `cargo xtask publish --dry-run`: packages whatever is published as it would be uploaded, and
//! looks into the packages.
//!
//! Cargo packages the whole workspace at once, against an overlay of the registry that has the
//! packages themselves, so that nothing needs to be uploaded first. Its own verifying build
//! compiles each package with all it needs, for itself: `--verify` does that, and takes as long as
//! twenty builds. Without it, the packages are compared with what git has in their folders, and
//! with what their sources include. Uploading is left to `cargo publish --workspace`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::checks::manifests::{self, Packages, text};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

/// What cargo adds to a package, beside what is in its folder.
const ADDED: [&str; 3] = ["Cargo.lock", "Cargo.toml.orig", ".cargo_vcs_info.json"];

/// What names another file by a path from its own folder; the path is what is quoted next.
const INCLUDES: [&str; 4] = ["include_str!(\"", "include_bytes!(\"", "include!(\"", "#[path = \""];

/// Every step of publishing but the upload.
pub fn dry_run(workspace: &Workspace, verify: bool, report: &mut Report) {
    if !report.step("manifests", |_| manifests::check(workspace)) {
        return;
    }
    let mut archives = Vec::new();
    let packaged = report.step("package", |_| {
        archives = package(workspace, verify)?;
        Ok(())
    });
    if packaged {
        report.step("self-contained", |_| look_into(workspace, &archives));
    }
}

/// A package as it would be uploaded.
struct Archive {
    name: String,
    /// `name-version`, which is the one folder in it.
    stem: String,
    /// Where its manifest is, below the root.
    folder: PathBuf,
    file: PathBuf,
}

/// Packages everything that is published; returns the packages in an order in which each one
/// follows what it needs.
fn package(workspace: &Workspace, verify: bool) -> Result<Vec<Archive>> {
    let packages = Packages::of(workspace)?;
    let mut command = workspace.cargo(&["package", "--workspace", "--locked", "--allow-dirty"]);
    command.args(packages.unpublished().flat_map(|name| ["--exclude", name]));
    if !verify {
        command.arg("--no-verify");
    }
    process::run(&mut command)?;
    let archive = |package: &Value| {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let stem = format!("{name}-{version}");
        let manifest = Path::new(text(&package["manifest_path"]));
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(&workspace.root).ok());
        let folder = folder.with_context(|| format!("{name} lies outside of the workspace"))?.to_owned();
        let file = workspace.target.join("package").join(format!("{stem}.crate"));
        Ok(Archive { name: name.to_owned(), stem, folder, file })
    };
    in_order(packages.published().collect())?.into_iter().map(archive).collect()
}

/// The packages, each after those it depends on.
fn in_order(packages: Vec<&Value>) -> Result<Vec<&Value>> {
    let mut waiting = packages;
    let mut ordered: Vec<&Value> = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<&str> = waiting.iter().map(|package| text(&package["name"])).collect();
        let waits = |package: &&Value| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let mut needed = dependencies.filter(|dependency| dependency["kind"] != "dev");
            needed.any(|dependency| names.contains(text(&dependency["name"])))
        };
        let (still, ready): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(waits);
        ensure!(!ready.is_empty(), "these need each other: {names:?}");
        ordered.extend(ready);
        waiting = still;
    }
    Ok(ordered)
}

/// Unpacks the packages and checks that they have all they need; says how large they are.
fn look_into(workspace: &Workspace, archives: &[Archive]) -> Result<()> {
    let unpacked = workspace.target.join("package/unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    fs::create_dir_all(&unpacked)?;
    let (mut complaints, mut whole) = (Vec::new(), 0);
    println!("{:>12} {:>12} {:>6}  package, after all it needs", "bytes", "unpacked", "files");
    for archive in archives {
        process::read(workspace.command("tar").arg("-xzf").arg(&archive.file).arg("-C").arg(&unpacked))?;
        let root = unpacked.join(&archive.stem);
        let files = files_below(&root)?;
        let unpacked_bytes = files.iter().map(|file| Ok(fs::metadata(root.join(file))?.len()));
        let unpacked_bytes: u64 = unpacked_bytes.sum::<Result<_>>()?;
        let bytes = fs::metadata(&archive.file)?.len();
        whole += bytes;
        println!("{bytes:>12} {unpacked_bytes:>12} {:>6}  {}", files.len(), archive.stem);
        let found = missing(workspace, archive, &files)?.into_iter().chain(outside(&root, &files)?);
        complaints.extend(found.map(|found| format!("{}: {found}", archive.name)));
    }
    println!("{whole:>12} {:>12} {:>6}  {} packages", "", "", archives.len());
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Every file below a folder, by its path from there.
fn files_below(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let (mut files, mut open) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                files.insert(entry.path().strip_prefix(root)?.to_owned());
            }
        }
    }
    Ok(files)
}

/// What git has in the package's folder and the package has not, and the other way round. Packages
/// inside of the folder are for themselves.
fn missing(workspace: &Workspace, archive: &Archive, files: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let mut listing = workspace.command("git");
    listing.args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "."]);
    let listing = process::read(listing.current_dir(workspace.root.join(&archive.folder)))?;
    let known: BTreeSet<PathBuf> = listing.lines().map(PathBuf::from).collect();
    Ok(differences(&known, files))
}

fn differences(known: &BTreeSet<PathBuf>, files: &BTreeSet<PathBuf>) -> Vec<String> {
    let inner = known.iter().filter(|file| file.ends_with("Cargo.toml")).filter_map(|file| file.parent());
    let inner: Vec<_> = inner.filter(|folder| !folder.as_os_str().is_empty()).collect();
    let of_another = |file: &Path| inner.iter().any(|folder| file.starts_with(folder));
    let left_out = known.difference(files).filter(|file| !of_another(file));
    let left_out = left_out.map(|file| format!("{} is not in the package", file.display()));
    let added =
        files.difference(known).filter(|file| !ADDED.iter().any(|added| file.as_path() == Path::new(added)));
    let added = added.map(|file| format!("{} is in the package, and not in git", file.display()));
    left_out.chain(added).collect()
}

/// What the sources include that the package has not.
fn outside(root: &Path, files: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let source = fs::read_to_string(root.join(file))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for included in included(&source) {
            if !resolved(&folder.join(included)).is_some_and(|path| files.contains(&path)) {
                complaints
                    .push(format!("{} includes {included}, which is not in the package", file.display()));
            }
        }
    }
    Ok(complaints)
}

/// The paths that a source names.
fn included(source: &str) -> impl Iterator<Item = &str> {
    INCLUDES.iter().flat_map(|before| source.split(before).skip(1)).filter_map(|rest| {
        let (path, _) = rest.split_once('"')?;
        Some(path)
    })
}

/// The path without `..`; `None` when it leads out.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::ParentDir => resolved.pop().then_some(())?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(files: &[&str]) -> BTreeSet<PathBuf> {
        files.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn packages_follow_what_they_need() {
        let web = json!({"name": "web", "dependencies": [{"name": "core", "kind": null}, {"name": "bytes", "kind": null}]});
        let core = json!({"name": "core", "dependencies": [{"name": "web", "kind": "dev"}]});
        assert_eq!(in_order(vec![&web, &core]).unwrap(), [&core, &web]);
        let circle = json!({"name": "core", "dependencies": [{"name": "web", "kind": "build"}]});
        assert!(in_order(vec![&web, &circle]).is_err());
    }

    #[test]
    fn a_package_has_what_git_has() {
        let known = set(&["Cargo.toml", "src/lib.rs", "migrations/1.sql", "fuzz/Cargo.toml", "fuzz/fuzz.rs"]);
        let whole = ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", "src/lib.rs", "migrations/1.sql"];
        assert_eq!(differences(&known, &set(&whole)), Vec::<String>::new());
        assert_eq!(
            differences(&known, &set(&["Cargo.toml", "src/lib.rs", "src/secret.rs"])),
            ["migrations/1.sql is not in the package", "src/secret.rs is in the package, and not in git"]
        );
    }

    #[test]
    fn what_lies_outside_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src/a")).unwrap();
        let source =
            "const A: &str = include_str!(\"../../data/a.txt\");\n#[path = \"../../../other.rs\"]\nmod b;\n";
        fs::write(folder.path().join("src/a/mod.rs"), source).unwrap();
        let files = set(&["src/a/mod.rs", "data/a.txt"]);
        assert_eq!(
            outside(folder.path(), &files).unwrap(),
            ["src/a/mod.rs includes ../../../other.rs, which is not in the package"]
        );
    }
}
