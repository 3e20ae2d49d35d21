//! Descriptions as the page shows them: paragraphs, in which text between backquotes is code.

/// Paragraphs of spans.
pub(super) struct Prose(pub Vec<Vec<Span>>);

/// A run of text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub text: String,
    pub code: bool,
}

impl Prose {
    pub(super) fn of(text: &str) -> Self {
        Self(text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).map(spans).collect())
    }
}

fn spans(paragraph: &str) -> Vec<Span> {
    let runs = paragraph.split('`').enumerate();
    let spans = runs.map(|(position, text)| Span { text: text.to_owned(), code: position % 2 == 1 });
    spans.filter(|span| !span.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_between_backquotes_is_code() {
        let span = |text: &str, code| Span { text: text.to_owned(), code };
        let prose = Prose::of("With `q`, less.\n\nMore.");
        assert_eq!(prose.0[0], [span("With ", false), span("q", true), span(", less.", false)]);
        assert_eq!(prose.0[1], [span("More.", false)]);
        assert!(Prose::of("").0.is_empty());
    }
}
