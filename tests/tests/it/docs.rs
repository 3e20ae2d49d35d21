//! The documentation stays true: what it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// First parts of paths in the checkout.
const PLACES: &[&str] = &["crates/", "adapters/", "bins/", "tests/", "docs/", ".ci/", ".config/", ".cargo/"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout").to_owned()
}

/// README.md and every `.md` file below `docs/`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("docs can be read") {
            let path = entry.expect("docs can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// Targets of links, and words in backticks, that are paths of the checkout, as written.
fn named_paths(text: &str, folder: &Path) -> BTreeSet<(String, PathBuf)> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let links =
        links.filter(|link| !link.contains("://") && !link.starts_with(['#', '/']) && !link.is_empty());
    let links = links.map(|link| {
        let path = link.split('#').next().unwrap_or(link);
        (link.to_owned(), folder.join(path))
    });
    let quoted = text.split('`').skip(1).step_by(2).filter(|word| {
        PLACES.iter().any(|place| word.starts_with(place)) && !word.contains([' ', '*', '{', '<', '…', '\n'])
    });
    let quoted = quoted.map(|word| {
        let path = word.split([':', '#']).next().unwrap_or(word);
        (word.to_owned(), root().join(path))
    });
    links.chain(quoted).collect()
}

#[test]
fn every_path_in_the_documentation_exists() {
    let mut missing = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for (written, path) in named_paths(&text, page.parent().expect("a folder")) {
            if !path.exists() {
                missing.push(format!("{}: {written}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these are not there:\n{}", missing.join("\n"));
}

#[test]
fn paths_are_found_in_links_and_in_backticks() {
    let text = "See [core](../crates/gallery-core/src/lib.rs#ports), [web](https://example.org), [here](#here), \
                `crates/gallery-core/src/token.rs`, `adapters/*/src` and `GET /albums`.";
    let found: Vec<PathBuf> =
        named_paths(text, &root().join("docs")).into_iter().map(|(_, path)| path).collect();
    let expected = ["docs/../crates/gallery-core/src/lib.rs", "crates/gallery-core/src/token.rs"];
    assert_eq!(found, expected.map(|path| root().join(path)));
}
