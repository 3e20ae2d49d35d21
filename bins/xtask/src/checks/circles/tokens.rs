//! Looking at tokens of Rust: names, signs, attributes, where an item ends. Tests: those of
//! [`syntax`](super::syntax).

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Words that an item begins with which ends at a semicolon, whatever braces are in it.
const TO_SEMICOLON: &[&str] = &["use", "const", "static", "type", "let"];

/// Words that any other item begins with. Whatever begins with none is part of a list.
const TO_BRACE: &[&str] =
    &["fn", "impl", "struct", "enum", "union", "trait", "mod", "macro_rules", "unsafe", "async", "extern"];

/// The name at this place, without `r#`.
pub fn ident(tokens: &[TokenTree], at: usize) -> Option<String> {
    let Some(TokenTree::Ident(word)) = tokens.get(at) else { return None };
    Some(word.to_string().trim_start_matches("r#").to_owned())
}

/// Whether this sign is at this place.
pub fn punct(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(there)) if there.as_char() == sign)
}

/// The names from here on that `::` joins, and where they end.
pub fn path_at(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let mut path: Vec<_> = ident(tokens, at).into_iter().collect();
    let mut end = at + 1;
    while joined(tokens, end) {
        let Some(next) = ident(tokens, end + 2) else { break };
        path.push(next);
        end += 3;
    }
    (path, end)
}

fn joined(tokens: &[TokenTree], at: usize) -> bool {
    let first = tokens.get(at);
    matches!(first, Some(TokenTree::Punct(sign)) if sign.as_char() == ':' && sign.spacing() == Spacing::Joint)
        && punct(tokens, at + 1, ':')
}

/// Whether an attribute's content says that what follows is only there in tests.
pub fn is_test(attribute: &TokenStream) -> bool {
    let content: Vec<_> = attribute.clone().into_iter().collect();
    match &content[..] {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(condition)] if word == "cfg" => {
            needs_test(condition.stream())
        }
        _ => false,
    }
}

/// Whether a condition cannot hold outside of tests.
fn needs_test(condition: TokenStream) -> bool {
    let tokens: Vec<_> = condition.into_iter().collect();
    (0..tokens.len()).any(|at| match (ident(&tokens, at).as_deref(), tokens.get(at + 1)) {
        (Some("test"), _) => true,
        (Some("all"), Some(TokenTree::Group(all))) => needs_test(all.stream()),
        _ => false,
    })
}

/// Where the item ends, attributes and all, that begins here.
pub fn after_item(tokens: &[TokenTree], at: usize) -> usize {
    let mut words = (at..tokens.len()).filter_map(|index| ident(tokens, index)).filter(|word| word != "pub");
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let to_semicolon = TO_SEMICOLON.contains(&first.as_str()) && second != "fn";
    let listed = !to_semicolon && second != "fn" && !TO_BRACE.contains(&first.as_str());
    let ends = |index: &usize| match &tokens[*index] {
        TokenTree::Punct(sign) => sign.as_char() == ';' || listed && sign.as_char() == ',',
        TokenTree::Group(group) => !to_semicolon && group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    (at..tokens.len()).find(ends).map_or(tokens.len(), |end| end + 1)
}
