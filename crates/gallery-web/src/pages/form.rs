//! What was typed into a form, and what is wrong with it. It knows no page and no field by name,
//! except that passwords are not for showing again. Tests are below.

use std::fmt;

use gallery_core::texts::Language;
use gallery_core::usecases::FieldError;

use crate::http::Problem;

/// What was typed into a form, and what is wrong with it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(&'static str, String)>,
    problem: Option<String>,
}

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self { values: url::form_urlencoded::parse(body).into_owned().collect(), ..Self::default() }
    }

    /// The same form with this field filled in, unless it was sent.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if self.sent(name).is_none() {
            self.values.push((name.to_owned(), value.into()));
        }
        self
    }

    /// The field as sent; `None` when the form had no such field.
    pub(super) fn sent(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The field's text; empty when it was not sent.
    pub(super) fn value(&self, name: &str) -> &str {
        self.sent(name).unwrap_or_default()
    }

    /// What is wrong with this field.
    pub(super) fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|(known, _)| *known == name).map(|(_, error)| error.as_str())
    }

    /// What is wrong with the form as a whole.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The form as it is shown again: with what is wrong with its fields or, when that is said of
    /// none of them, with what is wrong as a whole; and without passwords.
    #[must_use]
    pub(super) fn refused(mut self, problem: &Problem, language: Language) -> Self {
        self.values.retain(|(name, _)| !name.contains("password"));
        let error = |error: &FieldError| (error.field, error.invalid.detail.in_language(language));
        self.errors = problem.errors().iter().map(error).collect();
        self.problem = self.errors.is_empty().then(|| problem.sentence().in_language(language));
        self
    }
}

/// Names only: a form may hold passwords.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use gallery_core::texts::Text;
    use gallery_core::values::Invalid;

    use super::*;
    use crate::http::Code;

    #[test]
    fn keeps_what_was_typed_except_passwords() {
        let form = Form::parse(b"name=Ann+Lee&new_password=blue%20heron&password=x");
        assert_eq!(form.value("new_password"), "blue heron");
        assert!(!format!("{form:?}").contains("heron"));
        let problem = Problem::field("name", Invalid::new("required", Text::new("password-choose")));
        let form = form.refused(&problem, Language::English);
        assert_eq!(form.value("name"), "Ann Lee");
        assert_eq!((form.sent("new_password"), form.sent("password")), (None, None));
        assert_eq!((form.error("name"), form.problem()), (Some("Choose a password."), None));
    }

    #[test]
    fn a_problem_that_concerns_no_field_concerns_the_form() {
        let form = Form::default().refused(&Problem::new(Code::QuotaExceeded), Language::German);
        assert!(form.problem().unwrap().starts_with("Der Speicher reicht nicht mehr."));
    }

    #[test]
    fn prefilled_fields_yield_to_what_was_sent() {
        let form = Form::parse(b"title=&tags=a").with("title", "Old").with("album_id", "7");
        assert_eq!((form.value("title"), form.value("album_id"), form.sent("x")), ("", "7", None));
    }
}
