//! The texts of each language, parsed once, and how one is written.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::Language;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::German));

/// The file of a language.
const fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../locales/en.ftl"),
        Language::German => include_str!("../locales/de.ftl"),
    }
}

fn bundle(language: Language) -> Bundle {
    // What cannot be read is left out here; the tests read every file and find it.
    let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(rest, errors)| {
        debug_assert!(errors.is_empty(), "{language}: {errors:?}");
        rest
    });
    let tag = match language {
        Language::English => unic_langid::langid!("en"),
        Language::German => unic_langid::langid!("de"),
    };
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Marks around what is filled in would travel with copied text and into mails and terminals.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => grouped::<_, { Language::English as usize }>,
        Language::German => grouped::<_, { Language::German as usize }>,
    }));
    let added = bundle.add_resource(resource);
    debug_assert!(added.is_ok(), "{language}: {added:?}");
    bundle
}

/// Writes numbers as the language groups their digits.
fn grouped<M: MemoizerKind, const LANGUAGE: usize>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // The only numbers are those that `number` makes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made of a u64")]
    let number = number.value as u64;
    Some(Language::ALL[LANGUAGE].number(number))
}

/// What fills a variable.
pub(crate) type Value<'a> = FluentValue<'a>;

/// A number, which may decide between singular and plural.
#[expect(clippy::cast_precision_loss, reason = "nobody counts photos beyond 2^53")]
pub(crate) fn number(number: u64) -> Value<'static> {
    FluentValue::from(number as f64)
}

/// The text with this key in this language. A key or a variable that is not there is a defect,
/// which tests find; then the key is returned, or the variable's name in braces.
pub(crate) fn write<'a>(
    language: Language,
    key: &str,
    values: impl IntoIterator<Item = (&'static str, Value<'a>)>,
) -> String {
    let bundle: &Bundle = match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        debug_assert!(false, "{language}: there is no text {key}");
        return key.to_owned();
    };
    let mut arguments = FluentArgs::new();
    for (variable, value) in values {
        arguments.set(variable, value);
    }
    let mut errors = Vec::new();
    let written = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
    debug_assert!(errors.is_empty(), "{language}, {key}: {errors:?}");
    written.into_owned()
}
