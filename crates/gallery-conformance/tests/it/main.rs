//! The tests of the suites themselves, as one binary.

mod listed;
mod mutants;
mod shrink;
