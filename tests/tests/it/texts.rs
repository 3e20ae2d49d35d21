//! What people read: every language has the same texts, all of them are used, and none stands
//! anywhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use gallery_tests::checkout::{files_below, root};
use gallery_tests::rust_source::{literals, without_tests_and_comments};

/// What is read by nobody, or is documentation in English by nature.
const EXEMPT: [&str; 8] = [
    // What snapshots of pages show.
    "crates/gallery-web/src/pages/snapshots",
    // The API's documentation, in one language like every description in it.
    "crates/gallery-web/src/api/docs",
    "crates/gallery-web/src/api/hooks.rs",
    "crates/gallery-web/src/api/login.rs",
    "crates/gallery-web/src/api/mod.rs",
    "crates/gallery-web/src/api/renditions.rs",
    "crates/gallery-web/src/api/upload.rs",
    "crates/gallery-web/templates/api_docs.html",
];

/// Where everything that is said is said to people.
const SPOKEN: [&str; 3] =
    ["crates/gallery-web/src", "crates/gallery-core/src/mail", "crates/gallery-core/src/values"];

/// Where everything is said to people at a terminal, or logged.
const SPOKEN_AT_THE_TERMINAL: [&str; 4] = [
    "crates/gallery-runtime/src",
    "bins/gallery-assembly/src",
    "bins/gallery-nosql/src",
    "bins/gallery-sql/src",
];

/// Files among them that say nothing to people at a terminal, or only in English.
const NOT_AT_THE_TERMINAL: [&str; 5] = [
    // The configuration's reference and the commented file, in one language like the documentation.
    "crates/gallery-runtime/src/config/print.rs",
    // What figures mean, for Prometheus.
    "crates/gallery-runtime/src/metrics.rs",
    // Why no socket could be bound, for the log.
    "crates/gallery-runtime/src/admin/socket.rs",
    // Tests.
    "crates/gallery-runtime/src/admin/tests",
    "crates/gallery-runtime/src/serve/tests.rs",
];

/// What is in English whoever reads it.
const ENGLISH: [&str; 10] = [
    // To whom it is said is not known: the language comes with the request.
    "too many admin commands wait already",
    "it belongs to another user",
    "the request makes no sense: {error}",
    "the request did not come in time",
    // Causes, told behind what failed.
    "a line that is too long",
    "a line without an end",
    // Why a connection ended, for the log.
    "the client is too slow",
    "the header takes too long",
    // A setting, which is what the operator makes it.
    "Photo gallery",
    // Defects.
    "a secret is not printed",
];

/// Names, and what has the form of a sentence and is none.
const NAMES: [&str; 3] = ["Samsung Internet", "Mac OS X", "When to try again, in seconds from now."];

/// Files below a folder with one of these endings, with their paths from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let named = |path: PathBuf| (path.strip_prefix(root()).unwrap().display().to_string(), path);
    let found = files_below(&root().join(folder)).into_iter().map(named);
    let wanted = found.filter(|(name, _)| {
        endings.iter().any(|ending| name.ends_with(ending))
            && !EXEMPT.iter().any(|exempt| name.starts_with(exempt))
    });
    wanted.map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

/// The variables of a pattern.
fn variables<'a>(pattern: &Pattern<&'a str>, found: &mut BTreeSet<&'a str>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let selector = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    variables(&variant.value, found);
                }
                selector
            }
        };
        match selector {
            InlineExpression::VariableReference { id } => found.insert(id.name),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => true,
            other => panic!("texts have variables and no {other:?}"),
        };
    }
}

/// The keys of a language's file with their variables.
fn keys(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut keys = BTreeMap::new();
    for entry in fluent_syntax::parser::parse(text).expect("the file can be read").body {
        match entry {
            Entry::Message(message) => {
                let mut found = BTreeSet::new();
                variables(&message.value.expect("every text says something"), &mut found);
                assert!(keys.insert(message.id.name, found).is_none(), "{} stands twice", message.id.name);
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("neither a text nor a comment: {other:?}"),
        }
    }
    keys
}

fn locales() -> BTreeMap<String, String> {
    files("crates/gallery-texts/locales", &[".ftl"]).into_iter().collect()
}

#[test]
fn every_language_has_every_text_with_its_variables() {
    let locales = locales();
    let english = keys(&locales["crates/gallery-texts/locales/en.ftl"]);
    assert!(english.len() > 400);
    assert!(locales.len() > 1);
    for (name, text) in &locales {
        for (key, variables) in keys(text) {
            assert_eq!(english.get(key), Some(&variables), "{name}: {key}");
        }
        assert_eq!(keys(text).len(), english.len(), "{name} lacks a text");
    }
}

#[test]
fn every_text_is_used_and_every_text_in_use_is_there() {
    let locales = locales();
    let english = keys(&locales["crates/gallery-texts/locales/en.ftl"]);
    let mut quoted = BTreeSet::new();
    for folder in ["crates", "adapters", "bins"] {
        for (name, text) in files(folder, &[".rs", ".html"]) {
            let calls = [".t(\"", "Text::new(\"", "Refusal::Undecodable(\""];
            for (at, call) in calls.iter().flat_map(|call| text.match_indices(call)) {
                let key = text[at + call.len()..].split('"').next().unwrap();
                assert!(english.contains_key(key), "{name}: there is no text {key}");
            }
            quoted.extend(text.split('"').filter(|key| english.contains_key(key)).map(str::to_owned));
        }
    }
    let unused: Vec<_> = english.keys().filter(|key| !quoted.contains(**key)).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

/// What of a template is shown as it stands: text, and attributes that are read out.
fn shown(template: &str) -> Vec<String> {
    let mut plain = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<style", "</style>")] {
        while let Some(start) = plain.find(open) {
            let end = plain[start..].find(close).expect("it is closed") + start + close.len();
            plain.replace_range(start..end, "");
        }
    }
    let mut found = Vec::new();
    for attribute in ["aria-label=\"", "placeholder=\"", "alt=\"", " title=\""] {
        for (at, _) in plain.match_indices(attribute) {
            found.push(plain[at + attribute.len()..].split('"').next().unwrap().to_owned());
        }
    }
    for piece in plain.split('<').skip(1) {
        found.push(piece.split_once('>').map_or(piece, |(_, text)| text).to_owned());
    }
    found
}

#[test]
fn templates_hold_no_text() {
    for folder in ["crates/gallery-web/templates", "crates/gallery-core/templates"] {
        for (name, template) in files(folder, &[".html"]) {
            for text in shown(&template) {
                assert!(!text.contains(char::is_alphabetic), "{name}: “{}”", text.trim());
            }
        }
    }
}

#[test]
fn a_text_in_a_template_is_noticed() {
    let planted = |template| shown(template).iter().any(|text| text.contains(char::is_alphabetic));
    assert!(planted("<p>{{ x }} Save</p>"));
    assert!(planted("<nav aria-label=\"Gallery\"></nav>"));
    assert!(!planted("{# why #}<p class=\"soft\">{{ page.t(\"button-save\") }} ·</p>{% if x %}{% endif %}"));
}

/// Whether a literal looks like something that is said to people.
fn is_sentence(literal: &str) -> bool {
    let mut words = literal.split([' ', '\n']);
    let first = words.next().unwrap_or_default();
    let begins = first.chars().next().is_some_and(char::is_uppercase);
    begins && first.chars().skip(1).all(|c| c.is_lowercase() || c == '’') && words.next().is_some()
}

/// Whether a literal looks like words in a row, as an error has them that begins in the middle of a
/// sentence.
fn is_phrase(literal: &str) -> bool {
    let is_word = |word: &&str| {
        let word = word.trim_end_matches([',', ';', ':', '.']);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase())
    };
    literal.split([' ', '\n']).filter(is_word).count() >= 3
}

/// The source without what goes to the log and what says that there is a defect.
fn without_log(source: &str) -> String {
    const MACROS: [&str; 6] = [
        "tracing::debug!(",
        "tracing::info!(",
        "tracing::warn!(",
        "tracing::error!(",
        "panic!(",
        "unreachable!(",
    ];
    let mut kept = source.to_owned();
    for begin in MACROS {
        while let Some(start) = kept.find(begin) {
            let mut depth = 0;
            let mut quoted = false;
            let end = kept[start..].char_indices().find_map(|(at, char)| {
                match char {
                    // No message has a quote inside.
                    '"' => quoted = !quoted,
                    '(' if !quoted => depth += 1,
                    ')' if !quoted => depth -= 1,
                    _ => return None,
                }
                (depth == 0 && char == ')').then_some(at + 1)
            });
            kept.replace_range(start..start + end.expect("it is closed"), "");
        }
    }
    kept
}

#[test]
fn the_command_line_holds_no_text() {
    for (name, source) in SPOKEN_AT_THE_TERMINAL.iter().flat_map(|folder| files(folder, &[".rs"])) {
        if NOT_AT_THE_TERMINAL.iter().any(|file| name.starts_with(file)) {
            continue;
        }
        for literal in literals(&without_log(&without_tests_and_comments(&source))) {
            let text = is_sentence(&literal) || is_phrase(&literal);
            assert!(ENGLISH.contains(&literal.as_str()) || !text, "{name}: “{literal}”");
        }
    }
}

#[test]
fn a_phrase_in_the_command_line_is_noticed() {
    let source =
        "bail!(\"cannot open {}: it is locked\");\ntracing::warn!(%error, \"it is (not) locked\");\n";
    assert_eq!(literals(&without_log(source)), ["cannot open {}: it is locked"]);
    assert!(is_phrase("cannot open {}: it is locked") && is_phrase("there is no job"));
    assert!(!is_phrase("{}  {:<14}  {text}") && !is_phrase("cli-place-mail") && !is_phrase("smtp.host"));
}

#[test]
fn the_code_holds_no_text() {
    for (name, source) in SPOKEN.iter().flat_map(|folder| files(folder, &[".rs"])) {
        for literal in literals(&without_tests_and_comments(&source)) {
            assert!(NAMES.contains(&literal.as_str()) || !is_sentence(&literal), "{name}: “{literal}”");
        }
    }
    for (name, script) in files("crates/gallery-web/assets", &[".js"]) {
        for literal in literals(&without_tests_and_comments(&script)) {
            assert!(!is_sentence(&literal), "{name}: “{literal}”");
        }
    }
}

#[test]
fn a_sentence_in_the_code_is_noticed() {
    let source = "fn f() -> &'static str { \"The album is saved.\" } // \"It’s a comment\"\n";
    assert_eq!(literals(&without_tests_and_comments(source)), ["The album is saved."]);
    assert!(is_sentence("The album is saved."));
    assert!(!is_sentence("album-saved") && !is_sentence("SELECT id FROM User") && !is_sentence("Origin"));
}
