//! The workers: tasks that run due jobs until the process drains. What a job does is the core's
//! business; this must not know a kind of job. Tests run over the memory store.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use gallery_core::Gallery;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics::Metrics;

/// The longest wait after a failure of the queue itself.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Running workers.
pub struct Workers {
    tasks: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl Workers {
    /// Starts `count` workers. They look for jobs when they are notified, and every `poll` for
    /// those that were recorded by other instances or are due again.
    pub fn start(gallery: &Gallery, metrics: &Arc<Metrics>, count: u16, poll: Duration) -> Self {
        let workers =
            Self { tasks: TaskTracker::new(), stop: CancellationToken::new(), cut: CancellationToken::new() };
        if count > 0 {
            workers.tasks.spawn(schedule(gallery.clone()));
        }
        for _ in 0..count {
            let worker = Worker {
                gallery: gallery.clone(),
                metrics: Arc::clone(metrics),
                poll,
                stop: workers.stop.clone(),
            };
            let cut = workers.cut.clone();
            workers.tasks.spawn(async move { cut.run_until_cancelled(worker.run()).await });
        }
        workers.tasks.close();
        workers
    }

    /// Lets every worker finish the job it is at, for up to `grace`, and returns when all have
    /// stopped. A job that is cut short is taken up by another worker when its lease has ended.
    pub async fn stop(&self, grace: Duration) {
        self.stop.cancel();
        if timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!("jobs were cut off, because they took too long");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

/// The sweeper's jobs are there, and run now.
async fn schedule(gallery: Gallery) {
    if let Err(error) = gallery.schedule_upkeep().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the sweeper's jobs were not scheduled");
    }
}

struct Worker {
    gallery: Gallery,
    metrics: Arc<Metrics>,
    poll: Duration,
    stop: CancellationToken,
}

impl Worker {
    async fn run(self) {
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            // A panic is a defect of one handler; the job's lease ends by itself, and the worker
            // lives on.
            let pause = match AssertUnwindSafe(self.gallery.run_due_job()).catch_unwind().await {
                Ok(Ok(Some(ran))) => {
                    self.metrics.job(ran);
                    failures = 0;
                    continue;
                }
                Ok(Ok(None)) => {
                    failures = 0;
                    self.jittered(self.poll)
                }
                Ok(Err(error)) => {
                    failures += 1;
                    tracing::warn!(error = &error as &dyn std::error::Error, failures, "no job could be run");
                    self.pause_after(failures)
                }
                Err(_) => {
                    failures += 1;
                    tracing::error!(failures, "a job panicked; its lease will end");
                    self.pause_after(failures)
                }
            };
            let notified = async {
                match failures {
                    0 => self.gallery.job_notified().await,
                    // The queue fails: a notification changes nothing.
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                () = notified => {}
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Doubles from one second.
    fn pause_after(&self, failures: u32) -> Duration {
        self.jittered(Duration::from_secs(1 << failures.saturating_sub(1).min(5)).min(LONGEST_PAUSE))
    }

    /// Between three quarters and five quarters of it, so that workers and instances don't go in
    /// step.
    fn jittered(&self, duration: Duration) -> Duration {
        let [random] = self.gallery.random();
        duration.mul_f64(0.75 + f64::from(random) / 510.0)
    }
}
