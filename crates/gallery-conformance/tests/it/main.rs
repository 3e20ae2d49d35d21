//! The tests of the suites themselves, as one binary.

mod mutants;
