//! The documentation stays true: what it names is there, and rules and tests know each other.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use gallery_tests::checkout::{files_below, root};

/// First parts of paths in the checkout.
const PLACES: &[&str] = &["crates/", "adapters/", "bins/", "tests/", "docs/", ".ci/", ".config/", ".cargo/"];

/// Endings of the files in which somebody may refer to a document.
const READABLE: &[&str] = &["rs", "md", "toml", "sql", "html", "css", "js", "py", "sh"];

/// Documents that a reader of this repository does not have.
const ELSEWHERE: &[&str] = &[
    "SECURITY",
    "DESIGN",
    "RELIABILITY",
    "API.md",
    "STYLE.md",
    "FEATURES.md",
    "ENGINES.md",
    "security list",
];

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn ends_in(file: &Path, endings: &[&str]) -> bool {
    file.extension().and_then(OsStr::to_str).is_some_and(|ending| endings.contains(&ending))
}

fn sources() -> impl Iterator<Item = PathBuf> {
    files_below(&root()).into_iter().filter(|file| ends_in(file, &["rs"]))
}

/// Every `.md` file: `docs/`, and the README of the workspace and of each crate.
fn pages() -> impl Iterator<Item = PathBuf> {
    files_below(&root()).into_iter().filter(|file| ends_in(file, &["md"]))
}

/// Words in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether this stands for itself, and not for several or for something else.
fn is_literal(word: &str) -> bool {
    !word.is_empty() && !word.contains([' ', '*', '{', '<', '…', '\n'])
}

fn is_in_a_place(word: &str) -> bool {
    PLACES.iter().any(|place| word.starts_with(place))
}

/// Targets of links, and words in backquotes, that are paths of the checkout, as written.
fn named_paths(text: &str, folder: &Path) -> BTreeSet<(String, PathBuf)> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let links =
        links.filter(|link| !link.contains("://") && !link.starts_with(['#', '/']) && !link.is_empty());
    let links = links.map(|link| {
        let path = link.split('#').next().unwrap_or(link);
        (link.to_owned(), folder.join(path))
    });
    let words = quoted(text).filter(|word| is_in_a_place(word) && is_literal(word));
    let words = words.map(|word| {
        let path = word.split([':', '#']).next().unwrap_or(word);
        (word.to_owned(), root().join(path))
    });
    links.chain(words).collect()
}

/// The comments that describe a file of Rust as a whole.
fn module_docs(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("//!"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Paths that a module's comment names, from the file's folder or from any above it.
fn paths_in_comments(text: &str) -> Vec<String> {
    let docs = module_docs(text);
    let is_path = |word: &&str| is_in_a_place(word) || ends_in(Path::new(word), &["rs", "md"]);
    quoted(&docs).filter(|word| is_literal(word)).filter(is_path).map(str::to_owned).collect()
}

/// Names of functions.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (before, name) = line.split_once("fn ")?;
        let is_declared = before.chars().all(|c| c.is_ascii_lowercase() || " ()".contains(c));
        let end = name.find(['(', '<'])?;
        is_declared.then(|| &name[..end])
    })
}

/// Names of all functions of the checkout.
fn all_functions() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for file in sources() {
        all.extend(functions(&read(&file)).map(str::to_owned));
    }
    all
}

/// A line of a table: its number, and how it is tested.
struct Line {
    number: String,
    tested: String,
}

impl Line {
    fn is_open(&self) -> bool {
        self.tested.contains("**Open**")
    }

    /// Names of tests, or what several begin with and `…`.
    fn names(&self) -> impl Iterator<Item = &str> {
        quoted(&self.tested).filter(|word| !word.contains(['/', '.']))
    }

    fn names_function(&self, function: &str) -> bool {
        self.names().any(|name| is_named(function, name))
    }
}

/// Whether a name from a table stands for this function.
fn is_named(function: &str, name: &str) -> bool {
    match name.strip_suffix('…') {
        Some(start) => function.starts_with(start),
        None => function == name,
    }
}

/// The lines of a page's table whose first cell is a number behind this prefix.
fn table(text: &str, prefix: &str) -> Vec<Line> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = Vec::new();
    for row in text.lines().filter(|line| line.starts_with('|')).map(cells) {
        if let [number, _, tested] = &row[..]
            && number.strip_prefix(prefix).is_some_and(|digits| digits.parse::<u32>().is_ok())
        {
            lines.push(Line { number: number.clone(), tested: tested.clone() });
        }
    }
    lines
}

fn security_rules() -> Vec<Line> {
    table(&read(&root().join("docs/security.md")), "")
}

fn invariants() -> Vec<Line> {
    table(&read(&root().join("docs/invariants.md")), "I")
}

/// Whether a text has a name that is no part of a longer one.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn every_path_in_the_documentation_exists() {
    let mut missing = Vec::new();
    for page in pages() {
        for (written, path) in named_paths(&read(&page), page.parent().expect("a folder")) {
            if !path.exists() {
                missing.push(format!("{}: {written}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these are not there:\n{}", missing.join("\n"));
}

#[test]
fn every_path_in_the_comments_on_modules_exists() {
    let mut missing = Vec::new();
    for file in sources() {
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root()));
        let folders: Vec<&Path> = folders.collect();
        for path in paths_in_comments(&read(&file)) {
            if !folders.iter().any(|folder| folder.join(&path).exists()) {
                missing.push(format!("{}: {path}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these are not there:\n{}", missing.join("\n"));
}

#[test]
fn every_rule_and_invariant_names_its_tests_or_says_that_it_is_open() {
    let functions = all_functions();
    let mut wrong = Vec::new();
    for line in security_rules().iter().chain(&invariants()) {
        for name in line.names() {
            if !functions.iter().any(|function| is_named(function, name)) {
                wrong.push(format!("{}: there is no test {name}", line.number));
            }
        }
        if line.names().next().is_none() && !line.is_open() {
            wrong.push(format!("{}: no test is named", line.number));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_and_invariants_are_numbered_without_gaps() {
    for (lines, prefix, fewest) in [(security_rules(), "", 65), (invariants(), "I", 11)] {
        let numbers: Vec<String> = lines.into_iter().map(|line| line.number).collect();
        let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{prefix}{number}")).collect();
        assert_eq!(numbers, expected);
        assert!(numbers.len() >= fewest, "only {} are left", numbers.len());
    }
}

#[test]
fn every_numbered_test_is_on_the_line_of_its_rule() {
    let rules: BTreeMap<String, Line> =
        security_rules().into_iter().map(|line| (line.number.clone(), line)).collect();
    let mut wrong = Vec::new();
    for function in all_functions() {
        let Some((number, _)) = function.strip_prefix("rule_").and_then(|rest| rest.split_once('_')) else {
            continue;
        };
        if !rules.get(number).is_some_and(|rule| rule.names_function(&function)) {
            wrong.push(format!("{function} is not named by rule {number}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_refers_to_a_document_that_is_not_in_the_repository() {
    let mut found = Vec::new();
    let this = root().join("tests/tests/it/docs.rs");
    for file in files_below(&root()).into_iter().filter(|file| ends_in(file, READABLE) && *file != this) {
        for (line, number) in read(&file).lines().zip(1..) {
            for name in ELSEWHERE.iter().filter(|name| mentions(line, name)) {
                found.push(format!("{}:{number}: {name}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "readers do not have these:\n{}", found.join("\n"));
}

#[test]
fn paths_are_found_in_links_and_in_backquotes() {
    let text = "See [core](../crates/gallery-core/src/lib.rs#ports), [web](https://example.org), [here](#here), \
                `crates/gallery-core/src/token.rs`, `adapters/*/src` and `GET /albums`.";
    let found: Vec<PathBuf> =
        named_paths(text, &root().join("docs")).into_iter().map(|(_, path)| path).collect();
    let expected = ["docs/../crates/gallery-core/src/lib.rs", "crates/gallery-core/src/token.rs"];
    assert_eq!(found, expected.map(|path| root().join(path)));
}

#[test]
fn paths_are_found_in_the_comments_on_modules() {
    let text = [
        "//! Reads `/proc`. Tests are in `tests/it/a.rs`, beside it in",
        "//! `b.rs`, and in `tests/it/c*.rs`.",
        "    //! What `list.txt` is for, `docs/d.md` says.",
        "/// `tests/it/e.rs`",
    ];
    assert_eq!(paths_in_comments(&text.join("\n")), ["tests/it/a.rs", "b.rs", "docs/d.md"]);
}

#[test]
fn functions_are_found_and_words_in_comments_are_not() {
    let text = ["// the fn here(", "pub async fn one(store: Store) {}", "    fn two<T>() {}"].join("\n");
    assert_eq!(functions(&text).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn lines_of_a_table_say_how_they_are_tested() {
    let text = "| number | rule | how |\n| --- | --- | --- |\n| 1 | a | `one`, `rule_1_…`; `docs/a.md` |\n\
                | 2 | b | **Open** |\n| I1 | c | `two` |\n";
    let lines = table(text, "");
    let [first, second] = &lines[..] else { panic!("{} lines", lines.len()) };
    assert_eq!(first.names().collect::<Vec<_>>(), ["one", "rule_1_…"]);
    assert!(first.names_function("rule_1_holds") && !first.names_function("rule_10_holds"));
    assert!(second.is_open() && second.names().next().is_none() && !first.is_open());
    assert_eq!(table(text, "I").len(), 1);
}

#[test]
fn names_are_told_from_parts_of_longer_ones() {
    assert!(mentions("see SECURITY, rule 5", "SECURITY") && mentions("(API.md)", "API.md"));
    assert!(!mentions("GALLERY__SMTP__SECURITY", "SECURITY") && !mentions("OPENAPI.md", "API.md"));
}
