//! The binary is there and says what it is. That it serves is tested from outside, in `tests/`:
//! those tests find it beside them in the target folder because cargo builds it for this one.

use std::process::Command;

#[test]
fn help_names_the_binary_and_its_commands() {
    let output = Command::new(env!("CARGO_BIN_EXE_gallery-sql")).arg("--help").output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    for word in ["gallery-sql", "config", "admin"] {
        assert!(said.contains(word), "no {word} in: {said}");
    }
}
