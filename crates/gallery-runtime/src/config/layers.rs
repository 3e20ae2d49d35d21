//! From a file and the environment to values: defaults, then the file, then
//! `GALLERY__SECTION__KEY`. Every problem is collected and named, so that an operator sees all of
//! them at once. What values mean is checked in `check`.

use std::path::{Path, PathBuf};

use gallery_core::texts::Text;

use super::setting::full_name;
use super::{Config, Problem, former};

/// What every variable begins with.
pub const PREFIX: &str = "GALLERY__";
/// The file that is read when none is named and it exists.
pub const DEFAULT_FILE: &str = "gallery.toml";

/// Where a value came from.
#[derive(Debug, Clone)]
enum Origin {
    File(PathBuf),
    Variable(String),
}

impl Origin {
    fn problem(&self, name: &str, what: Text) -> Problem {
        let what = match self {
            Self::File(path) => Text::new("config-in-file").with("file", path.display().to_string()),
            Self::Variable(variable) => Text::new("config-in-variable").with("variable", variable),
        }
        .with("what", what);
        Problem::new(name, what)
    }
}

/// A value on its way into a setting.
struct Given {
    section: String,
    key: String,
    value: Value,
    origin: Origin,
}

impl Given {
    /// Takes a former name for the setting's name now, and returns what to say about it.
    fn rename(&mut self) -> Option<Problem> {
        let former = full_name(&self.section, &self.key);
        let now = former::current_name(&former)?;
        let (section, key) = now.split_once('.').unwrap_or(("", now));
        (self.section, self.key) = (section.to_owned(), key.to_owned());
        Some(self.origin.problem(&former, Text::new("config-renamed").with("name", now)))
    }
}

enum Value {
    /// As the file has it.
    Typed(toml::Value),
    /// As a variable has it: the setting's type decides what it means.
    Text(String),
}

/// What was read.
pub struct Layers {
    pub config: Config,
    pub problems: Vec<Problem>,
    /// Settings under a former name.
    pub warnings: Vec<Problem>,
}

/// Reads the file, if any, and applies the variables over it.
pub fn read(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Layers {
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    let mut given = Vec::new();
    let chosen =
        file.map(Path::to_owned).or_else(|| Some(DEFAULT_FILE.into()).filter(|path: &PathBuf| path.exists()));
    if let Some(path) = chosen {
        match read_file(&path) {
            Ok(values) => given.extend(former_first(values)),
            Err(problem) => problems.push(problem),
        }
    }
    given.extend(former_first(variables.into_iter().filter_map(from_variable).collect()));
    let mut config = Config::default();
    for mut one in given {
        warnings.extend(one.rename());
        if let Err(problem) = apply(&mut config, one) {
            problems.push(problem);
        }
    }
    Layers { config, problems, warnings }
}

/// In this order a name wins over the former one beside it, whichever was met first.
fn former_first(mut layer: Vec<Given>) -> Vec<Given> {
    layer.sort_by_key(|one| former::current_name(&full_name(&one.section, &one.key)).is_none());
    layer
}

fn read_file(path: &Path) -> Result<Vec<Given>, Problem> {
    let name = path.display().to_string();
    let problem = |what: Text, error: String| Problem::new(&name, what.with("error", error.trim()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| problem(Text::new("config-file-unreadable"), error.to_string()))?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| problem(Text::new("config-not-toml"), error.to_string()))?;
    let origin = Origin::File(path.to_owned());
    let mut given = Vec::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(section) => given.extend(section.into_iter().map(|(key, value)| Given {
                section: name.clone(),
                key,
                value: Value::Typed(value),
                origin: origin.clone(),
            })),
            value => given.push(Given {
                section: String::new(),
                key: name,
                value: Value::Typed(value),
                origin: origin.clone(),
            }),
        }
    }
    Ok(given)
}

fn from_variable((variable, text): (String, String)) -> Option<Given> {
    let path = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let (section, key) = path.split_once("__").unwrap_or(("", &path));
    Some(Given {
        section: section.to_owned(),
        key: key.to_owned(),
        value: Value::Text(text),
        origin: Origin::Variable(variable),
    })
}

fn apply(config: &mut Config, given: Given) -> Result<(), Problem> {
    let Given { section: name, key, value, origin } = given;
    let full = full_name(&name, &key);
    for section in config.sections() {
        let settings = section.settings();
        let setting = settings.iter().find(|setting| section.name() == name && setting.key == key);
        if let Some(setting) = setting {
            let value = match value {
                Value::Typed(value) => Ok(value),
                Value::Text(text) => typed(&text, setting.default.as_ref()),
            };
            let set = value.and_then(|value| {
                let unfit = |error| Text::new("config-invalid-value").with("error", error);
                section.set(&key, value).map_err(unfit)
            });
            return set.map_err(|what| origin.problem(&full, with_default(what, setting.default.as_ref())));
        }
    }
    Err(origin.problem(&full, unknown(&full)))
}

/// What a variable's text means for a setting with this default; one without a default is a text.
fn typed(text: &str, default: Option<&toml::Value>) -> Result<toml::Value, Text> {
    let trimmed = text.trim();
    let refused = |text: Text| text.with("text", trimmed);
    match default {
        Some(toml::Value::Integer(_)) => {
            trimmed.parse().map(toml::Value::Integer).map_err(|_| refused(Text::new("config-not-a-number")))
        }
        Some(toml::Value::Boolean(_)) => {
            trimmed.parse().map(toml::Value::Boolean).map_err(|_| refused(Text::new("config-not-a-bool")))
        }
        Some(toml::Value::Array(_)) => {
            let items = trimmed.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(toml::Value::Array(items.map(|item| item.to_owned().into()).collect()))
        }
        _ => Ok(toml::Value::String(text.to_owned())),
    }
}

/// What is wrong with a value, and what would be right.
fn with_default(what: Text, default: Option<&toml::Value>) -> Text {
    match default {
        Some(default) => {
            Text::new("config-default-is").with("what", what).with("default", default.to_string())
        }
        None => what,
    }
}

/// That there is no setting of this name, and which ones of a similar name there are, in whatever
/// section.
fn unknown(name: &str) -> Text {
    let mut names = Vec::new();
    for section in Config::default().sections() {
        names.extend(section.settings().iter().map(|setting| full_name(section.name(), setting.key)));
    }
    let key = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |other: &str| strsim::jaro_winkler(&key(name), &key(other));
    names.retain(|other| likeness(other) > 0.85);
    names.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    names.truncate(3);
    let verbatim = |name: String| Text::new("cli-error-similar-name").with("name", name);
    let either = |first, second| Text::new("cli-or").with("first", first).with("second", second);
    match names.into_iter().map(verbatim).reduce(either) {
        Some(names) => Text::new("config-unknown-similar").with("names", names),
        None => Text::new("config-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    fn from(file: &str, variables: &[(&str, &str)]) -> (Config, Vec<String>) {
        let (layers, problems) = read_both(file, variables);
        assert_eq!(layers.warnings, Vec::new());
        (layers.config, problems)
    }

    fn read_both(file: &str, variables: &[(&str, &str)]) -> (Layers, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.toml");
        std::fs::write(&path, file).unwrap();
        let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let layers = read(Some(&path), variables);
        let shown = path.display().to_string();
        let told =
            layers.problems.iter().map(|problem| problem.to_string().replace(&shown, "FILE")).collect();
        (layers, told)
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_defaults() {
        let file = "data_dir = '/file'\n[server]\nlisten = '127.0.0.1:1'\ndrain_seconds = 7\n";
        let (config, problems) = from(file, &[("GALLERY__SERVER__LISTEN", "127.0.0.1:2"), ("OTHER", "x")]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.server.listen.port(), 2);
        assert_eq!(config.server.drain_seconds, 7);
        assert_eq!(config.general.data_dir, Path::new("/file"));
        assert_eq!(config.server.header_seconds, 10);
    }

    #[test]
    fn variables_get_the_type_of_their_setting() {
        let (config, problems) = from(
            "",
            &[
                ("GALLERY__DATA_DIR", "/d"),
                ("GALLERY__SITE__NAME", "2024"),
                ("GALLERY__AUTH__SECRET", "12345678901234567890123456789012"),
                ("GALLERY__AUTH__SESSION_RENEWAL", "false"),
                ("GALLERY__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
                ("GALLERY__LOG__FORMAT", "json"),
                ("GALLERY__LIMITS__QUOTA_BYTES", "12"),
            ],
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.general.data_dir, Path::new("/d"));
        assert_eq!(config.site.name, "2024");
        assert_eq!(config.auth.secret.unwrap().expose(), "12345678901234567890123456789012");
        assert!(!config.auth.session_renewal);
        assert_eq!(config.server.trusted_proxies, ["10.0.0.0/8", "::1"]);
        assert_eq!(config.log.format, LogFormat::Json);
        assert_eq!(config.limits.quota_bytes, 12);
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let file = "[server]\nlisten = 'here'\ndrain_seconds = 'x'\nlissten = 1\n[nothing]\nlike_this = 1\n";
        let variables = [("GALLERY__LISTEN", "1"), ("GALLERY__WORKERS__COUNT", "many")];
        let (_, problems) = from(file, &variables);
        insta::assert_snapshot!(problems.join("\n"));
    }

    #[test]
    fn former_names_go_on_with_a_warning() {
        let (layers, problems) = read_both(
            "[server]\npatience_seconds = 7\ndrain_seconds = 8\n",
            &[("GALLERY__SERVER__PATIENCE_SECONDS", "9")],
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(layers.config.server.slow_client_grace_seconds, 9);
        assert_eq!(layers.config.server.drain_seconds, 8);
        let [file, variable] = layers.warnings.try_into().unwrap();
        assert_eq!(file.name, "server.patience_seconds");
        assert_eq!(
            variable.what.to_string(),
            "this setting is now called `server.slow_client_grace_seconds`; the old name works until the next release \
             (in the variable GALLERY__SERVER__PATIENCE_SECONDS)"
        );
    }

    #[test]
    fn a_name_wins_over_the_former_one_beside_it() {
        let mut both =
            [("GALLERY__SERVER__PATIENCE_SECONDS", "1"), ("GALLERY__SERVER__SLOW_CLIENT_GRACE_SECONDS", "2")];
        for _ in 0..2 {
            both.reverse();
            let (layers, problems) = read_both("", &both);
            assert_eq!((layers.config.server.slow_client_grace_seconds, problems), (2, Vec::new()));
        }
    }

    #[test]
    fn what_is_no_toml_or_no_file_is_named() {
        let (_, problems) = from("[server\n", &[]);
        assert!(problems[0].starts_with("FILE: this is not TOML: "), "{problems:?}");
        let problems = read(Some(Path::new("/does/not/exist.toml")), []).problems;
        assert!(problems[0].to_string().contains("cannot be read"), "{problems:?}");
    }
}
