//! The texts of each language, parsed once, and how one is written.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::{Argument, Language, Text};

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
    // The only numbers are those of `Argument::Number`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made of a u64")]
    let number = number.value as u64;
    Some(Language::ALL[LANGUAGE].number(number))
}

/// A text in this language.
pub(crate) fn write(language: Language, text: &Text) -> String {
    let bundle: &Bundle = match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    };
    let Some(pattern) = bundle.get_message(text.key()).and_then(|message| message.value()) else {
        debug_assert!(false, "{language}: there is no text {}", text.key());
        return text.key().to_owned();
    };
    let mut arguments = FluentArgs::with_capacity(text.arguments().len());
    for (variable, argument) in text.arguments() {
        arguments.set(*variable, value(language, argument));
    }
    let mut errors = Vec::new();
    let written = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
    debug_assert!(errors.is_empty(), "{language}, {}: {errors:?}", text.key());
    written.into_owned()
}

fn value(language: Language, argument: &Argument) -> FluentValue<'_> {
    match argument {
        Argument::Verbatim(text) => FluentValue::String(Cow::Borrowed(text)),
        #[expect(clippy::cast_precision_loss, reason = "nobody counts photos beyond 2^53")]
        Argument::Number(number) => FluentValue::from(*number as f64),
        other => FluentValue::from(other.in_language(language)),
    }
}
