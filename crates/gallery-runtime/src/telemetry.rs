//! The log: one event per line on standard error, for people or as JSON. Whatever an event holds,
//! it stays one line: control characters are escaped, so that nobody writes lines of his own, or
//! commands for a terminal, into it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer as _, Registry, fmt};

use crate::config::{Log, LogFormat, parse_filter};
use crate::failure::Failure;

/// Starts the log. To be called once, before anything is logged.
pub fn start(log: &Log) -> anyhow::Result<()> {
    subscriber(log, || io::stderr().lock())?.try_init()?;
    Ok(())
}

fn subscriber<W, M>(log: &Log, writer: M) -> anyhow::Result<impl tracing::Subscriber + Send + Sync>
where
    W: Write,
    M: Fn() -> W + Send + Sync + 'static,
{
    let filter = parse_filter(&log.filter).map_err(Failure::new)?;
    let lines = fmt::layer().with_ansi(false).with_writer(OneLine(writer));
    let lines = match log.format {
        LogFormat::Readable => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Ok(Registry::default().with(filter).with(lines))
}

/// Makes writers that keep every event on its line.
struct OneLine<M>(M);

impl<'a, W: Write, M: Fn() -> W + 'a> MakeWriter<'a> for OneLine<M> {
    type Writer = Escaping<W>;

    fn make_writer(&'a self) -> Self::Writer {
        Escaping(self.0())
    }
}

/// Escapes what `write` is given, which is a whole event with its line feed.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        match escaped(line) {
            Cow::Borrowed(_) => self.0.write_all(event)?,
            Cow::Owned(mut escaped) => {
                escaped.push('\n');
                self.0.write_all(escaped.as_bytes())?;
            }
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The text with control characters in the form of JSON, which is as good for people.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if is_control(char) {
            let _ = write!(escaped, "\\u{:04x}", u32::from(char));
        } else {
            escaped.push(char);
        }
    }
    Cow::Owned(escaped)
}

/// Characters that end a line, command a terminal, or turn the direction of what follows.
fn is_control(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let settings = Log { format, filter: filter.to_owned() };
        let subscriber = subscriber(&settings, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    const HOSTILE: &str = "a\r\n2026-01-01 ERROR forged\u{1b}[31m\u{85}\u{2028}\u{202e}z\t";

    #[test]
    fn rule_41_no_field_begins_a_line_or_commands_a_terminal() {
        for format in [LogFormat::Readable, LogFormat::Json] {
            let text = logged(format, "info", || {
                tracing::info!(text = HOSTILE, display = %HOSTILE, debug = ?HOSTILE, "{HOSTILE}");
                let span = tracing::info_span!("span", inside = %HOSTILE);
                span.in_scope(|| tracing::info!("in the span"));
            });
            assert_eq!(text.matches('\n').count(), 2, "{text:?}");
            let others = text.chars().filter(|char| *char != '\n' && is_control(*char)).count();
            assert_eq!(others, 0, "{text:?}");
        }
    }

    #[test]
    fn json_lines_are_json() {
        let text = logged(LogFormat::Json, "info", || tracing::info!(text = HOSTILE, answer = 42, "hello"));
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(event["message"], "hello");
        assert_eq!(event["answer"], 42);
        assert_eq!(event["level"], "INFO");
        assert_eq!(event["text"], HOSTILE);
    }

    #[test]
    fn the_filter_filters() {
        let text = logged(LogFormat::Readable, "warn", || {
            tracing::info!("quiet");
            tracing::warn!("loud");
        });
        assert!(text.contains("loud") && !text.contains("quiet"), "{text}");
    }
}
