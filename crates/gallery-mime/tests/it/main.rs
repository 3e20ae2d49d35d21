//! Messages as bytes, from outside.

mod eml;
