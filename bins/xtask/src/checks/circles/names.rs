//! What a name means: the module in which the item is defined, whatever it is called through.

use super::source::{Module, Source};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A module.
    Module(usize),
    /// An item of a module.
    Item { module: usize, name: String },
    /// Something of another crate.
    Elsewhere,
}

/// An item of one file that another file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The module that names it.
    pub from: usize,
    /// The module that defines it.
    pub to: usize,
    /// Its name there.
    pub name: String,
}

/// The names under way, each with the module where it is looked for: a name may lead back to
/// itself.
type Open = Vec<(usize, String)>;

impl Source {
    /// Every use of another file's items.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (from, module) in self.modules.iter().enumerate() {
            let imports = self.imported(from, module);
            let named = module.syntax.paths.iter().map(|path| self.meaning(from, path));
            let called = module.syntax.calls.iter().filter_map(|name| self.textual(from, name));
            for meaning in imports.into_iter().chain(named).chain(called) {
                if let Meaning::Item { module: to, name } = meaning
                    && self.modules[to].file != module.file
                {
                    arrows.push(Arrow { from, to, name });
                }
            }
        }
        arrows.sort();
        arrows.dedup();
        arrows
    }

    /// What a module's imports use: not what it only hands on from below itself.
    fn imported(&self, from: usize, module: &Module) -> Vec<Meaning> {
        let mut used = Vec::new();
        for import in &module.syntax.imports {
            let meaning = match (self.meaning(from, &import.path), &import.name) {
                (Meaning::Module(module), None) => Meaning::Item { module, name: "*".to_owned() },
                (meaning, _) => meaning,
            };
            let Meaning::Item { module: to, .. } = meaning else { continue };
            let own_use = import.name.as_ref().is_some_and(|name| module.syntax.words.contains(name));
            if !import.public || !self.is_below(to, from) || own_use {
                used.push(meaning);
            }
        }
        used
    }

    /// What a path means in a module.
    pub fn meaning(&self, module: usize, path: &[String]) -> Meaning {
        self.follow(module, path, &mut Open::new())
    }

    fn follow(&self, module: usize, path: &[String], open: &mut Open) -> Meaning {
        let Some((first, rest)) = path.split_first() else { return Meaning::Elsewhere };
        let start = match first.as_str() {
            "crate" => Some(Meaning::Module(0)),
            "self" => Some(Meaning::Module(module)),
            "super" => self.modules[module].parent.map(Meaning::Module),
            name => self.find(module, name, rest.is_empty(), open),
        };
        let mut meaning = start.unwrap_or(Meaning::Elsewhere);
        for (index, name) in rest.iter().enumerate() {
            let Meaning::Module(within) = meaning else { break };
            let found = match name.as_str() {
                "super" => self.modules[within].parent.map(Meaning::Module),
                "self" => Some(Meaning::Module(within)),
                name => self.find(within, name, index + 1 == rest.len(), open),
            };
            // It must be there; a macro has defined it.
            meaning = found.unwrap_or_else(|| Meaning::Item { module: within, name: name.clone() });
        }
        meaning
    }

    /// What a module calls by this name; `last` when nothing of it is asked for, so that it may be
    /// a function that is called like a module.
    fn find(&self, within: usize, name: &str, last: bool, open: &mut Open) -> Option<Meaning> {
        if open.iter().any(|(module, known)| *module == within && known == name) {
            return None;
        }
        open.push((within, name.to_owned()));
        let found = self.look(within, name, last, open);
        open.pop();
        found
    }

    fn look(&self, within: usize, name: &str, last: bool, open: &mut Open) -> Option<Meaning> {
        let Module { children, syntax, .. } = &self.modules[within];
        let child = children.get(name).map(|child| Meaning::Module(*child));
        if child.is_some() && !last {
            return child;
        }
        if syntax.items.contains(name) {
            return Some(Meaning::Item { module: within, name: name.to_owned() });
        }
        let imports = || syntax.imports.iter();
        let mut named = imports().filter(|import| import.name.as_deref() == Some(name));
        if let Some(import) = named.next() {
            return Some(self.follow(within, &import.path, open));
        }
        if child.is_some() {
            return child;
        }
        let mut globs = imports().filter(|import| import.name.is_none());
        let through = globs.find_map(|glob| match self.follow(within, &glob.path, open) {
            Meaning::Module(target) => self.find(target, name, last, open),
            _ => None,
        });
        through.or_else(|| self.exported(within, name))
    }

    /// A macro that stands at the root for everybody, wherever it is defined.
    fn exported(&self, within: usize, name: &str) -> Option<Meaning> {
        let mut modules = self.modules.iter();
        let module = modules.position(|module| within == 0 && module.syntax.exported.contains(name))?;
        Some(Meaning::Item { module, name: name.to_owned() })
    }

    /// A macro that is called by its mere name and was defined before the module was declared.
    fn textual(&self, from: usize, name: &str) -> Option<Meaning> {
        let mut module = Some(from);
        while let Some(within) = module {
            if self.modules[within].syntax.macros.contains(name) {
                return Some(Meaning::Item { module: within, name: format!("{name}!") });
            }
            module = self.modules[within].parent;
        }
        None
    }

    fn is_below(&self, module: usize, top: usize) -> bool {
        self.modules[module].path.starts_with(&self.modules[top].path)
    }
}
