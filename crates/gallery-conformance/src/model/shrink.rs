//! Making a history smaller while it keeps showing a difference: first steps are left out, in ever
//! smaller pieces, then what is left becomes simpler, each step as `proptest` knows how.

use std::ops::Range;

use super::generate::StepTree;
use super::operation::Step;

/// The search for a smaller history. Ask for the [`current`](Self::current) one, run it, and say
/// what came of it.
pub struct Shrinking {
    steps: Vec<StepTree>,
    phase: Phase,
}

enum Phase {
    /// The whole history.
    Whole,
    /// Without the steps from `at` on that are kept here; pieces of this size are left out.
    Without {
        at: usize,
        taken: Vec<StepTree>,
        size: usize,
    },
    /// With this step simpler.
    Simpler {
        at: usize,
    },
    Over,
}

impl Shrinking {
    /// Begins with the whole history.
    pub fn of(steps: Vec<StepTree>) -> Self {
        Self { steps, phase: Phase::Whole }
    }

    /// The history to be tried.
    pub fn current(&self) -> Vec<Step> {
        self.steps.iter().map(|step| step.current()).collect()
    }

    /// False when nothing smaller is left to be tried.
    pub fn goes_on(&self) -> bool {
        !matches!(self.phase, Phase::Over)
    }

    /// The current history shows a difference: it goes on from there.
    pub fn failed(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Whole => self.leave_out_last(self.steps.len().div_ceil(2)),
            // What comes before is tried next: later steps depend on earlier ones.
            Phase::Without { at, size, .. } => self.before(at, size),
            Phase::Simpler { at } => self.simplify(at),
            Phase::Over => {}
        }
    }

    /// The current history shows none: what was left out was needed.
    pub fn passed(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Without { at, taken, size } => {
                self.steps.splice(at..at, taken);
                self.before(at, size);
            }
            Phase::Simpler { at } => {
                if self.steps[at].complicate() {
                    self.phase = Phase::Simpler { at };
                } else {
                    self.simplify(at + 1);
                }
            }
            Phase::Whole | Phase::Over => {}
        }
    }

    fn before(&mut self, at: usize, size: usize) {
        if at > 0 {
            self.leave_out(at.saturating_sub(size)..at, size);
        } else if size > 1 {
            self.leave_out_last(size.div_ceil(2));
        } else {
            self.simplify(0);
        }
    }

    fn leave_out_last(&mut self, size: usize) {
        let end = self.steps.len();
        self.leave_out(end.saturating_sub(size)..end, size);
    }

    fn leave_out(&mut self, piece: Range<usize>, size: usize) {
        let at = piece.start;
        let taken: Vec<StepTree> = self.steps.drain(piece).collect();
        if taken.is_empty() {
            self.simplify(0);
        } else {
            self.phase = Phase::Without { at, taken, size };
        }
    }

    fn simplify(&mut self, from: usize) {
        let simpler = (from..self.steps.len()).find(|at| self.steps[*at].simplify());
        self.phase = simpler.map_or(Phase::Over, |at| Phase::Simpler { at });
    }
}
