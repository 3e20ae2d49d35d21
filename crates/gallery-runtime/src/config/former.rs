//! Names that settings had in an earlier release. They go on for one release, with a warning. Knows
//! no values. Tested in `layers`.

/// The names of release 0.1, and the settings' names now.
pub const FORMER_NAMES: &[(&str, &str)] = &[("server.patience_seconds", "server.slow_client_grace_seconds")];

/// The name that a setting has now, if this one is its former name.
pub fn current_name(full_name: &str) -> Option<&'static str> {
    FORMER_NAMES.iter().find(|(former, _)| *former == full_name).map(|(_, now)| *now)
}
