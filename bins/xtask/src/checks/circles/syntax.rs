//! What one source file says: what it defines, imports and names, without its tests.
//!
//! It reads tokens, not Rust: names in the bodies of macros count, too. It knows no other file;
//! what a name means is found by [`names`](super::names).

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::tokens::{after_item, ident, is_test, path_at, punct};

/// A module as it is written: a file, or a `mod` with a body.
#[derive(Debug, Default)]
pub struct Syntax {
    /// What it defines itself.
    pub items: BTreeSet<String>,
    /// Its `macro_rules!`, in scope of the modules declared after them.
    pub macros: BTreeSet<String>,
    /// Those of them that stand at the crate's root for everybody.
    pub exported: BTreeSet<String>,
    /// Its `use` declarations, those inside functions included.
    pub imports: Vec<Import>,
    /// Names with `::` in them.
    pub paths: BTreeSet<Vec<String>>,
    /// Names without, of types and of functions that are called.
    pub words: BTreeSet<String>,
    /// Names of macros that are called.
    pub calls: BTreeSet<String>,
    /// Modules with a body.
    pub inline: Vec<(String, Self)>,
    /// Modules in files of their own, and where a `path` attribute says that the file is.
    pub outside: Vec<(String, Option<String>)>,
}

/// One leaf of a `use` declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name that it brings into scope; none for `*`.
    pub name: Option<String>,
    /// What it names.
    pub path: Vec<String>,
    /// Whether others can reach it here.
    pub public: bool,
}

/// Where tokens stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Directly in a module.
    Module,
    /// In an item.
    Inside,
    /// In the rules of a macro: only what begins with `crate` means the same wherever it is
    /// expanded.
    Rules,
}

/// Words that are followed by the name of an item.
const DEFINE: &[&str] = &["struct", "enum", "union", "trait", "type", "const", "static", "fn"];

impl Syntax {
    /// Reads a file's text.
    pub fn of(text: &str) -> Result<Self> {
        let tokens: TokenStream = text.parse().map_err(|error| anyhow!("no Rust: {error}"))?;
        let mut syntax = Self::default();
        syntax.read(tokens, Level::Module);
        Ok(syntax)
    }

    fn read(&mut self, tokens: TokenStream, level: Level) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.step(&tokens, at, level);
        }
    }

    /// Reads what begins at this token, and returns where the next thing begins.
    fn step(&mut self, tokens: &[TokenTree], at: usize, level: Level) -> usize {
        match &tokens[at] {
            TokenTree::Punct(sign) if sign.as_char() == '#' => self.attribute(tokens, at, level),
            TokenTree::Group(group) => {
                let level = if level == Level::Rules { level } else { Level::Inside };
                self.read(group.stream(), level);
                at + 1
            }
            TokenTree::Ident(_) if !is_continued(tokens, at) => self.word(tokens, at, level),
            _ => at + 1,
        }
    }

    fn attribute(&mut self, tokens: &[TokenTree], at: usize, level: Level) -> usize {
        let inner = punct(tokens, at + 1, '!');
        let content = at + 1 + usize::from(inner);
        let Some(TokenTree::Group(group)) = tokens.get(content) else { return at + 1 };
        match (group.delimiter(), is_test(&group.stream())) {
            (Delimiter::Bracket, true) if inner => tokens.len(),
            (Delimiter::Bracket, true) => after_item(tokens, content + 1),
            (Delimiter::Bracket, false) => {
                let level = if level == Level::Rules { level } else { Level::Inside };
                self.read(group.stream(), level);
                content + 1
            }
            _ => at + 1,
        }
    }

    fn word(&mut self, tokens: &[TokenTree], at: usize, level: Level) -> usize {
        let word = ident(tokens, at).unwrap_or_default();
        let next = ident(tokens, at + 1);
        match (word.as_str(), next) {
            _ if level == Level::Rules => self.name(tokens, at, level),
            // `use<'a>` says what a type captures.
            ("use", _) if !punct(tokens, at + 1, '<') => self.declaration(tokens, at),
            ("mod", Some(name)) => self.module(tokens, at, name),
            ("macro_rules", _) if punct(tokens, at + 1, '!') => self.rules(tokens, at),
            (define, Some(name)) if DEFINE.contains(&define) && name != "fn" => {
                if level == Level::Module {
                    self.items.insert(name);
                }
                at + 2
            }
            _ => self.name(tokens, at, level),
        }
    }

    /// Reads `mod name;` or `mod name { … }`.
    fn module(&mut self, tokens: &[TokenTree], at: usize, name: String) -> usize {
        if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
            let mut module = Self::default();
            module.read(body.stream(), Level::Module);
            self.inline.push((name, module));
        } else {
            let file = attributes(&tokens[..at]).find_map(|attribute| file_in(&attribute));
            self.outside.push((name, file));
        }
        at + 3
    }

    /// Reads `macro_rules! name { … }`.
    fn rules(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if let Some(name) = ident(tokens, at + 2) {
            if attributes(&tokens[..at]).any(|attribute| attribute.to_string() == "macro_export") {
                self.exported.insert(name.clone());
            }
            self.items.insert(name.clone());
            self.macros.insert(name);
        }
        if let Some(TokenTree::Group(body)) = tokens.get(at + 3) {
            self.read(body.stream(), Level::Rules);
        }
        at + 4
    }

    /// Reads `use …;`.
    fn declaration(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let end = (at..tokens.len()).find(|end| punct(tokens, *end, ';')).unwrap_or(tokens.len());
        let public = before_visibility(&tokens[..at]).is_some();
        // What begins with `::` is another crate's.
        if !punct(tokens, at + 1, ':') {
            self.leaves(&tokens[at + 1..end], &[], public);
        }
        end + 1
    }

    /// Adds the leaves of a tree of imports below a path.
    fn leaves(&mut self, tree: &[TokenTree], below: &[String], public: bool) {
        let mut path = below.to_vec();
        let mut at = 0;
        while at < tree.len() {
            match &tree[at] {
                TokenTree::Group(group) => {
                    let branches: Vec<_> = group.stream().into_iter().collect();
                    for branch in branches.split(is_comma).filter(|branch| !branch.is_empty()) {
                        self.leaves(branch, &path, public);
                    }
                    return;
                }
                TokenTree::Punct(sign) if sign.as_char() == '*' => {
                    self.imports.push(Import { name: None, path, public });
                    return;
                }
                TokenTree::Ident(word) if word == "as" => {
                    self.imports.push(Import { name: ident(tree, at + 1), path, public });
                    return;
                }
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(_) => path.extend(ident(tree, at)),
                _ => {}
            }
            at += 1;
        }
        self.imports.push(Import { name: path.last().cloned(), path, public });
    }

    /// Notes a name that is used.
    fn name(&mut self, tokens: &[TokenTree], at: usize, level: Level) -> usize {
        let (path, end) = path_at(tokens, at);
        let called = |delimiter| matches!(tokens.get(end), Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
        if path.len() > 1 {
            if level != Level::Rules || path[0] == "crate" {
                self.paths.insert(path);
            }
        } else if level != Level::Rules {
            if punct(tokens, end, '!') && !punct(tokens, end + 1, '=') {
                self.calls.extend(path);
            } else if path[0].starts_with(char::is_uppercase) || called(Delimiter::Parenthesis) {
                self.words.extend(path);
            }
        }
        end
    }
}

/// Whether a name goes on from what stands before it: a field, a method, a path, a lifetime.
fn is_continued(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| match at.checked_sub(back).map(|index| &tokens[index]) {
        Some(TokenTree::Punct(sign)) => Some((sign.as_char(), sign.spacing())),
        _ => None,
    };
    match before(1) {
        Some(('.', _)) => !matches!(before(2), Some(('.', Spacing::Joint))),
        Some((':', _)) => matches!(before(2), Some((':', Spacing::Joint))),
        Some(('\'', _)) => true,
        _ => false,
    }
}

/// The contents of the attributes just before an item.
fn attributes(before: &[TokenTree]) -> impl Iterator<Item = TokenStream> {
    let mut before = before_visibility(before).unwrap_or(before);
    std::iter::from_fn(move || {
        let [rest @ .., TokenTree::Punct(sign), TokenTree::Group(content)] = before else { return None };
        before = rest;
        (sign.as_char() == '#').then(|| content.stream())
    })
}

/// The file that an attribute's content `path = "…"` names.
fn file_in(attribute: &TokenStream) -> Option<String> {
    let content: Vec<_> = attribute.clone().into_iter().collect();
    let [TokenTree::Ident(word), _, TokenTree::Literal(file)] = &content[..] else { return None };
    (word == "path").then(|| file.to_string().trim_matches('"').to_owned())
}

/// What stands before a declaration's visibility; none when it has none.
fn before_visibility(before: &[TokenTree]) -> Option<&[TokenTree]> {
    match before {
        [rest @ .., TokenTree::Ident(word), TokenTree::Group(_)] | [rest @ .., TokenTree::Ident(word)] => {
            (word == "pub").then_some(rest)
        }
        _ => None,
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(name: &str, path: &str, public: bool) -> Import {
        let path = path.split("::").map(str::to_owned).collect();
        Import { name: (name != "*").then(|| name.to_owned()), path, public }
    }

    #[test]
    fn imports_are_read_leaf_by_leaf() {
        let text = "use a::{self, b::c as d, e::*}; pub(crate) use super::F; fn g() { use h::I; }
            fn j() -> impl Sized + use<'static> {} pub use k as _; use ::other::L;";
        let read = Syntax::of(text).unwrap();
        assert_eq!(
            read.imports,
            [
                import("a", "a", false),
                import("d", "a::b::c", false),
                import("*", "a::e", false),
                import("F", "super::F", true),
                import("I", "h::I", false),
                import("_", "k", true),
            ]
        );
        assert_eq!(read.items, ["g", "j"].map(str::to_owned).into());
    }

    #[test]
    fn names_are_read_where_they_begin() {
        let text = "const A: b::C = d.e(0..f::G) + <H as i::J>::k::<'a, L>(m!(n::o));
            fn p(q: R) { s(); t.u::<V>(); w != x; }";
        let read = Syntax::of(text).unwrap();
        let paths: Vec<_> = read.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["b::C", "f::G", "i::J", "n::o"]);
        assert_eq!(read.words, ["H", "L", "R", "V", "s"].map(str::to_owned).into());
        assert_eq!(read.calls, ["m"].map(str::to_owned).into());
    }

    #[test]
    fn modules_name_their_files() {
        let text = "#[path = \"../a.rs\"] #[allow(x)] pub(crate) mod b; #[allow(y)] mod c; mod d { mod e; }";
        let read = Syntax::of(text).unwrap();
        let outside = [("b", Some("../a.rs")), ("c", None)];
        let outside = outside.map(|(name, file)| (name.to_owned(), file.map(str::to_owned)));
        assert_eq!(read.outside, outside);
        assert_eq!(read.inline[0].1.outside, [("e".to_owned(), None)]);
    }

    #[test]
    fn tests_are_left_out() {
        let text = "#[cfg(test)] use a::{B, C}; #[cfg(all(test, feature = \"x\"))] mod d;
            #[cfg(test)] #[allow(y)] pub fn e<F, G>() { h::i() } #[test] fn j() { k::l() }
            #[cfg(any(test, unix))] mod m; struct N { #[cfg(test)] o: p::Q, r: s::T }
            #[cfg(test)] const U: v::W = v::W { x: 1 }; fn y() {}";
        let read = Syntax::of(text).unwrap();
        assert_eq!((read.imports, read.outside), (vec![], vec![("m".to_owned(), None)]));
        assert_eq!(read.items, ["N", "y"].map(str::to_owned).into());
        let paths: Vec<_> = read.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["s::T"]);
        assert_eq!(Syntax::of("#![cfg(test)] fn a() {}").unwrap().items, BTreeSet::new());
    }

    #[test]
    fn of_a_macros_rules_only_absolute_names_count() {
        let text = "#[macro_export] #[doc(hidden)] macro_rules! a {
            ($b:ident) => { mod c { use super::D; } $crate::e::F::new(g::h, $b) } } mod i { macro_rules! j { () => {} } }";
        let read = Syntax::of(text).unwrap();
        let paths: Vec<_> = read.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["crate::e::F::new"]);
        assert!(read.exported.contains("a") && read.macros.contains("a") && read.imports.is_empty());
        let (name, inner) = &read.inline[0];
        assert!(name == "i" && inner.macros.contains("j") && inner.exported.is_empty());
    }
}
