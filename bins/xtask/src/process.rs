//! Running other programs: loudly, and failing when they fail.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Shows and runs a command; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    show(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_run(command))?;
    ensure!(status.success(), "`{}` failed: {status}", line_of(command));
    Ok(())
}

/// As [`run`], but all talk goes to standard error: for commands whose own output a shell
/// evaluates.
pub fn run_aside(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line_of(command));
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    let status = status.with_context(|| cannot_run(command))?;
    ensure!(status.success(), "`{}` failed: {status}", line_of(command));
    Ok(())
}

/// Runs a command quietly and returns what it printed; an error, with its complaints, unless it
/// succeeds.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_run(command))?;
    if !output.status.success() {
        // Some complain on the one stream, some on the other.
        let complaint = [output.stdout, output.stderr].concat();
        let complaint = String::from_utf8_lossy(&complaint);
        bail!("`{}` failed: {}\n{}", line_of(command), output.status, complaint.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no text", line_of(command)))
}

/// Which stream of a program to look at.
#[derive(Clone, Copy)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Shows and runs a command, passing on every line of `stream` to `see` and to our own stream.
/// Returns whether it succeeded.
pub fn watch(command: &mut Command, stream: Stream, mut see: impl FnMut(&str)) -> Result<bool> {
    show(command);
    command.stdin(Stdio::null());
    match stream {
        Stream::Out => command.stdout(Stdio::piped()),
        Stream::Err => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().with_context(|| cannot_run(command))?;
    let source: Box<dyn std::io::Read> = match stream {
        Stream::Out => Box::new(child.stdout.take().context("stdout is piped")?),
        Stream::Err => Box::new(child.stderr.take().context("stderr is piped")?),
    };
    for line in BufReader::new(source).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        match stream {
            Stream::Out => println!("{line}"),
            Stream::Err => eprintln!("{line}"),
        }
        see(&line);
    }
    Ok(child.wait()?.success())
}

fn show(command: &Command) {
    println!("$ {}", line_of(command));
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn cannot_run(command: &Command) -> String {
    format!("cannot run `{}`", line_of(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn failure_is_an_error_with_the_complaint() {
        assert!(run(&mut shell("exit 3")).is_err());
        let error = read(&mut shell("echo what; echo why >&2; exit 3")).unwrap_err().to_string();
        assert!(error.contains("what") && error.contains("why"), "{error}");
        assert!(run(&mut Command::new("no-such-program-here")).is_err());
    }

    #[test]
    fn output_is_read_and_watched() {
        assert_eq!(read(&mut shell("echo out; echo err >&2")).unwrap(), "out\n");
        let mut seen = Vec::new();
        let succeeded = watch(&mut shell("echo 1 >&2; echo 2 >&2; exit 1"), Stream::Err, |line| {
            seen.push(line.to_owned());
        });
        assert!(!succeeded.unwrap());
        assert_eq!(seen, ["1", "2"]);
    }
}
