//! What was done, how long it took, and what the tests counted.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Steps and counts of one run.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
    counts: Counts,
    summaries: Vec<String>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
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
    /// Does a step, times it, and goes on whatever becomes of it. Answers whether it succeeded.
    pub fn step(&mut self, name: &'static str, act: impl FnOnce(&mut Self) -> Result<()>) -> bool {
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = act(self);
        let failure = outcome.err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("{name} failed: {failure}");
        }
        let succeeded = failure.is_none();
        self.steps.push(Step { name, took: started.elapsed(), failure });
        succeeded
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
        println!("\n==> Summary");
        for step in &self.steps {
            let verdict = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{verdict:>6}  {:>7.1} s  {}", step.took.as_secs_f64(), step.name);
        }
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
