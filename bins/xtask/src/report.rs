//! What was done, how long it took, and what the tests counted.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Steps and counts of one run.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
    /// Of the step under way.
    parts: Vec<Part>,
    counts: Counts,
    summaries: Vec<String>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
    parts: Vec<Part>,
}

/// Something that a step spent its time on.
struct Part {
    name: String,
    took: Duration,
}

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed, timed out, or could not be started.
    pub failed: u64,
}

impl Report {
    /// Does a step, times it, and goes on whatever becomes of it. Returns whether it succeeded.
    pub fn step(&mut self, name: &'static str, act: impl FnOnce(&mut Self) -> Result<()>) -> bool {
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = act(self);
        let failure = outcome.err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("{name} failed: {failure}");
        }
        let succeeded = failure.is_none();
        let parts = std::mem::take(&mut self.parts);
        self.steps.push(Step { name, took: started.elapsed(), failure, parts });
        succeeded
    }

    /// Says what the step under way spent time on. Parts may overlap, so that they add up to more
    /// than the step.
    pub fn part(&mut self, name: impl Into<String>, took: Duration) {
        self.parts.push(Part { name: name.into(), took });
    }

    /// Adds what a test runner counted, and its own closing line.
    pub fn count(&mut self, counts: Counts, summary: Option<String>) {
        self.counts.passed += counts.passed;
        self.counts.failed += counts.failed;
        self.summaries.extend(summary);
    }

    /// True when nothing failed.
    pub fn is_green(&self) -> bool {
        self.counts.failed == 0 && self.steps.iter().all(|step| step.failure.is_none())
    }

    /// Prints the steps and, at the very end, the counts; nothing when there was no step.
    pub fn print(&self) {
        if self.steps.is_empty() {
            return;
        }
        println!("\n==> Where the time went");
        for step in &self.steps {
            let verdict = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{verdict:>6}  {:>7.1} s  {}", step.took.as_secs_f64(), step.name);
            for Part { name, took } in &step.parts {
                println!("{:>18.1} s  {name}", took.as_secs_f64());
            }
        }
        let total: Duration = self.steps.iter().map(|step| step.took).sum();
        println!("        {:>7.1} s  all", total.as_secs_f64());
        for step in &self.steps {
            if let Some(failure) = &step.failure {
                println!("\n{}: {failure}", step.name);
            }
        }
        println!();
        for summary in &self.summaries {
            println!("{summary}");
        }
        println!("{} passed, {} failed", self.counts.passed, self.counts.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_or_test_spoils_the_run() {
        let mut report = Report::default();
        assert!(report.step("fine", |_| Ok(())));
        assert!(report.is_green());
        report.step("long", |report| {
            report.part("most of it", Duration::from_secs(1));
            Ok(())
        });
        let parts = |step: &Step| step.parts.len();
        assert_eq!(report.steps.iter().map(parts).collect::<Vec<_>>(), [0, 1]);
        assert!(!report.step("broken", |_| anyhow::bail!("no")));
        assert!(!report.is_green());

        let mut report = Report::default();
        report.count(Counts { passed: 3, failed: 0 }, None);
        assert!(report.is_green());
        report.count(Counts { passed: 0, failed: 1 }, None);
        assert!(!report.is_green());
        assert_eq!(report.counts, Counts { passed: 3, failed: 1 });
    }
}
