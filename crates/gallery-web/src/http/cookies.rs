//! The cookies that a request shows.

use poem::http::{HeaderMap, header};

/// The values of the cookies of this name, in the order in which they were sent. What is no cookie
/// is passed over.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(candidate, _)| *candidate == name)
        .map(|(_, value)| value)
}
