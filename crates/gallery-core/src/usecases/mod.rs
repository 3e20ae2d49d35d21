//! Placeholder.
/// Placeholder.
pub struct Gallery;
