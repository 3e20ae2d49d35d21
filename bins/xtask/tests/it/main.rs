//! The tool from outside.

mod guard;
