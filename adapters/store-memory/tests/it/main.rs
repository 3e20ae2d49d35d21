//! The tests of the reference store, as one binary.

mod conformance;
mod model;
