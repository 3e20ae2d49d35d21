//! Failures that both engines have.

use std::error::Error;
use std::fmt;

use gallery_core::ports::StoreError;

/// An item holds what this code did not write.
#[derive(Debug)]
struct Unreadable {
    what: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stored {} cannot be read or written", self.what)
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// For `map_err` where a record is packed or unpacked.
pub(crate) fn unreadable<X: Into<Box<dyn Error + Send + Sync>>>(
    what: &'static str,
) -> impl Fn(X) -> StoreError {
    move |error| StoreError::Backend(Box::new(Unreadable { what, source: error.into() }))
}
