//! Performing a history on two sides, step by step, and comparing everything that can be seen.

use std::fmt::Write as _;
use std::time::Duration;

use gallery_core::ports::SharedStore;
use gallery_core::values::Timestamp;

use super::action::{Action, Answer};
use super::compare;
use super::faulty::Fault;
use super::operation::{Cookie, Deed, Disturbance, End, Operation, Step, StoreFault, Visitor};
use super::side::{Performed, Side, Task};
use super::world::World;

/// Steps that are added before one that would mean nothing without them, at most.
const MOST_PREREQUISITES: usize = 12;
/// Jobs that one step or the end may take, at most.
const MOST_JOBS: usize = 300;

/// The store under test differs from the model, or an invariant does not hold.
#[derive(Debug)]
pub struct Difference {
    /// What differs, in several lines.
    pub what: String,
    /// What was done until then, a line each.
    pub log: Vec<String>,
}

/// A history being performed.
pub struct History {
    store: Side,
    model: Side,
    world: World,
    log: Vec<String>,
}

impl History {
    /// Begins on two handles of an empty store, and on an empty model.
    pub fn new(stores: [SharedStore; 2], model: SharedStore, seed: u64) -> Self {
        let model = [SharedStore::clone(&model), model];
        Self {
            store: Side::new(stores, seed),
            model: Side::new(model, seed),
            world: World::default(),
            log: Vec::new(),
        }
    }

    /// Performs all steps, runs the workers dry, and compares what is left.
    pub async fn run(&mut self, steps: &[Step]) -> Result<(), Difference> {
        for step in steps {
            self.prepare(step).await?;
            self.step(step).await?;
        }
        self.end().await
    }

    /// What was done, a line each.
    pub fn into_log(self) -> Vec<String> {
        self.log
    }

    /// The difference that a panic shows.
    pub fn panicked(&mut self, message: &str) -> Difference {
        self.difference(format!("panicked: {message}"))
    }

    /// Does what the step requires, if anything is missing.
    async fn prepare(&mut self, step: &Step) -> Result<(), Difference> {
        for attempt in 0..MOST_PREREQUISITES {
            let now = self.model.now();
            let Some(operation) = self.world.prerequisite(&step.operation, now, attempt) else { break };
            self.step(&Step { instance: step.instance, operation, disturbance: None }).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), Difference> {
        match &step.operation {
            Operation::Tick(duration) => self.advance(*duration),
            Operation::JumpTo { end, offset, person } => {
                self.jump(step.instance, *end, *offset, *person).await?;
            }
            Operation::WorkAll => self.work_all(step.instance).await?,
            _ => self.perform(step).await?,
        }
        Ok(())
    }

    fn advance(&mut self, duration: Duration) {
        self.log.push(format!("{duration:?} pass"));
        self.store.advance(duration);
        self.model.advance(duration);
    }

    /// To the next such end that lies ahead, and to those who notice it.
    async fn jump(&mut self, instance: usize, end: End, offset: i64, person: u8) -> Result<(), Difference> {
        let now = self.model.now();
        let ends = self.world.ends.iter().filter(|(known, _)| *known == end);
        let moved = ends.map(|(_, at)| Timestamp::from_millis(at.millis() + offset));
        let Some(next) = moved.into_iter().find(|at| *at > now) else { return Ok(()) };
        if end == End::Session {
            self.stay_until(next, instance, person).await?;
        }
        self.advance(next.since(self.model.now()));
        for operation in end.noticed(person) {
            // A cookie is shown as it is: nobody logs in before.
            self.act(&Step { instance, operation, disturbance: None }).await?;
        }
        Ok(())
    }

    /// Somebody keeps their session alive, so that its own end is what ends it.
    async fn stay_until(&mut self, end: Timestamp, instance: usize, person: u8) -> Result<(), Difference> {
        const PAUSE: Duration = Duration::from_secs(290);
        let visitor = Visitor { person, cookie: Cookie::Newest };
        while self.model.now().plus(PAUSE) < end && self.world.person(person).is_logged_in(self.model.now()) {
            self.advance(PAUSE);
            let operation = Operation::Do(visitor, Deed::WhoAmI);
            self.act(&Step { instance, operation, disturbance: None }).await?;
        }
        Ok(())
    }

    async fn work_all(&mut self, instance: usize) -> Result<(), Difference> {
        for _ in 0..MOST_JOBS {
            let step = Step { instance, operation: Operation::Work, disturbance: None };
            if self.act(&step).await? == Worked::Idle {
                return Ok(());
            }
        }
        Err(self.difference("there are jobs without end".to_owned()))
    }

    async fn perform(&mut self, step: &Step) -> Result<(), Difference> {
        self.act(step).await.map(drop)
    }

    /// Performs one action on both sides, and compares.
    async fn act(&mut self, step: &Step) -> Result<Worked, Difference> {
        let Some(action) = self.world.resolve(&step.operation) else { return Ok(Worked::Something) };
        let task = self.task(step, action);
        let store = self.store.perform(&task).await;
        let model = self.model.perform(&task).await;
        self.note(step, &model);
        if store != model {
            return Err(self.difference(compare::describe(&store, &model)));
        }
        for mail in &model.mails {
            self.world.read(mail);
        }
        self.world.learn(&step.operation, &task.action, &model.outcome, model.now);
        if let (Some(action), Some(outcome)) = (&task.meanwhile, &model.meanwhile) {
            let operation = match &step.disturbance {
                Some(Disturbance::Meanwhile(_, operation)) => operation,
                _ => &step.operation,
            };
            self.world.learn(operation, action, outcome, model.now);
        }
        let idle = matches!(model.outcome.result, Ok(Answer::Worked(None)));
        Ok(if idle { Worked::Idle } else { Worked::Something })
    }

    fn task(&mut self, step: &Step, action: Action) -> Task {
        let mut task = Task { instance: step.instance, ..Task::plain(action) };
        match &step.disturbance {
            None => {}
            Some(Disturbance::Store(call, fault)) => task.fault = Some((*call, fault_of(*fault))),
            Some(Disturbance::CrashBefore(call)) => task.fault = Some((*call, Fault::StopBefore)),
            Some(Disturbance::CrashAfter(call)) => task.fault = Some((*call, Fault::StopAfter)),
            Some(Disturbance::Meanwhile(call, operation)) => {
                task.meanwhile = self.world.resolve(operation);
                task.fault = task.meanwhile.as_ref().map(|_| (*call, Fault::StopBefore));
            }
            Some(Disturbance::Twin(call)) => {
                task.meanwhile = Some(task.action.clone());
                task.fault = Some((*call, Fault::StopBefore));
            }
            Some(Disturbance::Mail(fault)) => task.mail = Some(*fault),
            Some(Disturbance::Blobs) => task.no_blobs = true,
        }
        task
    }

    /// Runs the workers until nothing is left to be done, then lets everything expire and does it
    /// again.
    async fn end(&mut self) -> Result<(), Difference> {
        self.settle().await?;
        self.same_content().await?;
        self.advance(Duration::from_hours(24) + Duration::from_millis(1));
        for _ in 0..2 {
            self.perform(&Step { instance: 0, operation: Operation::Sweep, disturbance: None }).await?;
            self.settle().await?;
        }
        self.perform(&Step { instance: 1, operation: Operation::Verify, disturbance: None }).await?;
        self.same_content().await?;
        let broken = compare::invariants(&self.store, &self.world).await;
        if broken.is_empty() { Ok(()) } else { Err(self.difference(broken.join("\n"))) }
    }

    /// Runs jobs, waiting for each that is due later, until only those are left that come back by
    /// themselves or wait for an operator.
    async fn settle(&mut self) -> Result<(), Difference> {
        for round in 0..MOST_JOBS {
            self.work_all(round % 2).await?;
            let jobs = self.model.stores[0].jobs(None, u32::MAX).await.expect("the model answers");
            let waiting = jobs.iter().filter(|job| !compare::is_standing(job));
            let Some(next) = waiting.map(|job| job.due_at.max(job.leased_until.unwrap_or(job.due_at))).min()
            else {
                return Ok(());
            };
            self.advance(next.since(self.model.now()));
        }
        Err(self.difference("there is always another job".to_owned()))
    }

    async fn same_content(&mut self) -> Result<(), Difference> {
        match compare::contents(&self.store, &self.model, &self.world).await {
            None => Ok(()),
            Some(what) => Err(self.difference(what)),
        }
    }

    fn note(&mut self, step: &Step, performed: &Performed) {
        let mut line = format!("[{}] {:?}", step.instance, step.operation);
        if let Some(disturbance) = &step.disturbance {
            let _ = write!(line, " while {disturbance:?}");
        }
        let _ = write!(line, " → {}", compare::shortly(&performed.outcome));
        if let Some(meanwhile) = &performed.meanwhile {
            let _ = write!(line, "; meanwhile → {}", compare::shortly(meanwhile));
        }
        self.log.push(line);
    }

    fn difference(&mut self, what: String) -> Difference {
        Difference { what, log: std::mem::take(&mut self.log) }
    }
}

/// Whether a worker found a job.
#[derive(Debug, PartialEq, Eq)]
enum Worked {
    Something,
    Idle,
}

fn fault_of(fault: StoreFault) -> Fault {
    match fault {
        StoreFault::Refuse => Fault::Refuse,
        StoreFault::Break => Fault::Break,
        StoreFault::LoseReply => Fault::LoseReply,
        StoreFault::Repeat => Fault::Repeat,
    }
}
