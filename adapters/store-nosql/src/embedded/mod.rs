//! The engine in one file of this machine.
