//! What each command of `admin` does. Everything goes through the gallery's use cases and ports, so
//! that it works beside running servers, and in them.
//!
//! A new command is an arm of [`perform`] and a function below it. It writes to the [`Output`] it
//! is given, and must not know where that leads. It may be dropped at any point, when the person
//! who asked goes away. Tests are in `tests/mod.rs` beside it, and in the black-box tests.

use anyhow::{Context, Result};
use gallery_core::Gallery;
use gallery_core::model::Job;
use gallery_core::ports::{AuditedUser, Suppression};
use gallery_core::usecases::{Error, JobOutcome, Report};
use gallery_core::values::{Email, JobId};
use serde_json::json;

use super::args::{Admin, JobsCommand, Reprocess, SuppressionsCommand};
use super::output::Output;
use crate::telemetry::escaped;

/// Exit codes: all is well; or something is not, and the command has said what.
const GOOD: u8 = 0;
const BAD: u8 = 1;

/// Records read in one step.
const BATCH_SIZE: u32 = 500;

/// Runs a command on an open gallery, and returns the exit code.
pub async fn perform(gallery: &Gallery, command: Admin, out: &mut dyn Output) -> Result<u8> {
    match command {
        // Whoever opened the gallery to serve or to migrate has done it.
        Admin::Migrate => out.print("The store is up to date.").await?,
        Admin::Verify { json } => return verify(gallery, json, out).await,
        Admin::Sweep => return sweep(gallery, out).await,
        Admin::Jobs { json, command: None } => jobs(gallery, json, out).await?,
        Admin::Jobs { command: Some(JobsCommand::Resume { id }), .. } => resume(gallery, id, out).await?,
        Admin::Reprocess(wanted) => reprocess(gallery, &wanted, out).await?,
        Admin::Suppressions { command } => suppressions(gallery, command, out).await?,
        Admin::Users { json } => users(gallery, json, out).await?,
    }
    Ok(GOOD)
}

async fn verify(gallery: &Gallery, json: bool, out: &mut dyn Output) -> Result<u8> {
    let report = gallery.verify().await.context("the gallery could not be checked")?;
    out.print(&if json { verify_json(&report) } else { report.to_string() }).await?;
    Ok(if report.is_clean() { GOOD } else { BAD })
}

fn verify_json(report: &Report) -> String {
    let violations: Vec<_> = report
        .violations
        .iter()
        .map(|violation| json!({"invariant": violation.invariant, "detail": violation.detail}))
        .collect();
    json!({
        "clean": report.is_clean(),
        "users": report.users,
        "albums": report.albums,
        "photos": report.photos,
        "blobs": report.blobs,
        "bytes": report.bytes,
        "violations": violations,
    })
    .to_string()
}

async fn sweep(gallery: &Gallery, out: &mut dyn Output) -> Result<u8> {
    let swept = gallery.sweep().await.context("the sweep failed")?;
    let (mut ran, mut failed) = (0, 0);
    while let Some(outcome) = gallery.run_due_job().await.context("no job could be run")? {
        ran += 1;
        failed += u64::from(matches!(outcome, JobOutcome::Failed | JobOutcome::Parked));
    }
    out.print(&format!(
        "Swept {} uploads, {} expired records and {} blobs; ran {ran} jobs, of which {failed} failed.",
        swept.uploads, swept.expired, swept.blobs
    ))
    .await?;
    Ok(if failed == 0 { GOOD } else { BAD })
}

async fn jobs(gallery: &Gallery, json: bool, out: &mut dyn Output) -> Result<()> {
    let mut after = None;
    loop {
        let page = gallery.jobs(after, BATCH_SIZE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for job in &page {
            out.print(&if json { job_json(job) } else { job_line(job) }).await?;
        }
    }
}

fn job_line(job: &Job) -> String {
    let state = match (job.parked, job.leased_until) {
        (true, _) => "parked".to_owned(),
        (false, Some(until)) => format!("leased until {until}"),
        (false, None) => format!("due {}", job.due_at),
    };
    let error =
        job.last_error.as_deref().map(|error| format!(", last: {}", escaped(error))).unwrap_or_default();
    format!("{}  {:<14}  {state}, {} failures{error}", job.id, job.kind.name(), job.failures)
}

fn job_json(job: &Job) -> String {
    json!({
        "id": job.id.to_string(),
        "kind": job.kind.name(),
        "due_at": job.due_at.to_string(),
        "leased_until": job.leased_until.map(|until| until.to_string()),
        "parked": job.parked,
        "failures": job.failures,
        "last_error": job.last_error,
    })
    .to_string()
}

async fn resume(gallery: &Gallery, id: JobId, out: &mut dyn Output) -> Result<()> {
    match gallery.resume_job(id).await {
        Ok(()) => out.print(&format!("Job {id} is due now.")).await,
        Err(Error::NotFound) => anyhow::bail!("there is no job {id}; perhaps it is done"),
        Err(other) => Err(other.into()),
    }
}

async fn reprocess(gallery: &Gallery, wanted: &Reprocess, out: &mut dyn Output) -> Result<()> {
    let scope = wanted.scope().context("name an account, a photo, or all")?;
    let recorded = match gallery.reprocess(scope).await {
        Err(Error::NotFound) => anyhow::bail!("there is no such photo or account"),
        Err(Error::Invalid(fields)) => {
            let details = fields.iter().map(|field| format!("{}: {}", field.field, field.invalid.detail));
            anyhow::bail!(details.collect::<Vec<_>>().join(" "))
        }
        other => other.context("the jobs could not all be recorded")?,
    };
    out.print(&format!(
        "Recorded jobs: {recorded}. The workers of running servers do them; `admin jobs` shows what is left."
    ))
    .await
}

async fn suppressions(gallery: &Gallery, command: SuppressionsCommand, out: &mut dyn Output) -> Result<()> {
    let said = match command {
        SuppressionsCommand::Check { address } => {
            let shown = escaped(address.typed());
            match gallery.suppression(&address).await? {
                Some(why) => {
                    format!("{shown} is not written to until {}: it {}.", why.ends_at, reported(&why))
                }
                None => format!("{shown} is written to."),
            }
        }
        SuppressionsCommand::Lift { address } => {
            let shown = escaped(address.typed());
            match gallery.lift_suppression(&address).await? {
                Some(why) => format!("{shown} is written to again; it {}.", reported(&why)),
                None => format!("{shown} was written to all the time."),
            }
        }
    };
    out.print(&said).await
}

fn reported(why: &Suppression) -> String {
    format!("{} on {}", why.reason.name(), why.reported_at)
}

async fn users(gallery: &Gallery, json: bool, out: &mut dyn Output) -> Result<()> {
    let mut after = None;
    loop {
        let page = gallery.accounts(after, BATCH_SIZE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for user in &page {
            out.print(&if json { user_json(user) } else { user_line(user) }).await?;
        }
    }
}

fn user_state(user: &AuditedUser) -> &'static str {
    if user.deleting { "deleting" } else { "confirmed" }
}

fn user_line(user: &AuditedUser) -> String {
    let email = user.email.as_ref().map_or("-", Email::typed);
    let usage = &user.usage;
    format!(
        "{}  {:<9}  {}  {} albums, {} photos, {} of {} bytes",
        user.id,
        user_state(user),
        escaped(email),
        usage.albums,
        usage.photos,
        usage.bytes,
        usage.quota_bytes
    )
}

fn user_json(user: &AuditedUser) -> String {
    json!({
        "id": user.id.to_string(),
        "email": user.email.as_ref().map(Email::typed),
        "state": user_state(user),
        "created_at": user.created_at.to_string(),
        "confirmed_at": user.confirmed_at.map(|at| at.to_string()),
        "albums": user.usage.albums,
        "photos": user.usage.photos,
        "bytes": user.usage.bytes,
        "quota_bytes": user.usage.quota_bytes,
    })
    .to_string()
}
