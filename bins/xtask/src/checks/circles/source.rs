//! A crate's modules, read from its root file downwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::syntax::Syntax;

/// The modules of a crate, without those that exist only in tests. The first one is the root.
#[derive(Default)]
pub struct Source {
    /// Its files, below the folder that reading began in.
    pub files: Vec<PathBuf>,
    /// Parents come before their children.
    pub modules: Vec<Module>,
}

/// A module: a file, or a part of one.
pub struct Module {
    /// Its file's number.
    pub file: usize,
    /// The module that declares it.
    pub parent: Option<usize>,
    /// Its place below the root.
    pub path: Vec<String>,
    /// The modules that it declares.
    pub children: BTreeMap<String, usize>,
    /// What is written in it.
    pub syntax: Syntax,
}

impl Source {
    /// Reads the crate with this root file, whose place is told below `base`.
    pub fn read(base: &Path, root: &Path) -> Result<Self> {
        let mut source = Self::default();
        let folder = root.parent().context("a file lies in a folder")?;
        source.file(base, root, folder, None, "")?;
        Ok(source)
    }

    /// Adds a file's module; those that it declares lie in `folder`.
    fn file(
        &mut self,
        base: &Path,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        name: &str,
    ) -> Result<usize> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let syntax = Syntax::of(&text).with_context(|| format!("cannot understand {}", file.display()))?;
        let file = file.canonicalize()?;
        let file = file.strip_prefix(base).unwrap_or(&file).to_owned();
        // One file can be several modules.
        let known = self.files.iter().position(|known| *known == file);
        let file = known.unwrap_or_else(|| {
            self.files.push(file);
            self.files.len() - 1
        });
        self.module(base, syntax, folder, (file, parent, name))
    }

    fn module(
        &mut self,
        base: &Path,
        mut syntax: Syntax,
        folder: &Path,
        (file, parent, name): (usize, Option<usize>, &str),
    ) -> Result<usize> {
        let mut path = parent.map_or_else(Vec::new, |parent| self.modules[parent].path.clone());
        path.extend(parent.map(|_| name.to_owned()));
        let (inline, outside) = (std::mem::take(&mut syntax.inline), std::mem::take(&mut syntax.outside));
        let own = self.modules.len();
        self.modules.push(Module { file, parent, path, children: BTreeMap::new(), syntax });
        for (name, syntax) in inline {
            let child = self.module(base, syntax, &folder.join(&name), (file, Some(own), &name))?;
            self.modules[own].children.insert(name, child);
        }
        for (name, file) in outside {
            let below = folder.join(&name);
            let places = match &file {
                // Beside the file that says so.
                Some(file) => vec![base.join(&self.files[self.modules[own].file]).with_file_name(file)],
                None => vec![folder.join(format!("{name}.rs")), below.join("mod.rs")],
            };
            let Some(place) = places.iter().find(|place| place.is_file()) else {
                bail!("{} does not exist", places[0].display());
            };
            let below = if file.is_some() { place.parent().unwrap_or(folder) } else { &below };
            let child = self.file(base, place, below, Some(own), &name)?;
            self.modules[own].children.insert(name, child);
        }
        Ok(own)
    }
}
