//! What each command of `admin` does. Everything goes through the gallery's use cases and ports, so
//! that it works beside running servers, and in them.
//!
//! A new command is an arm of [`perform`] and a function below it. It writes to the [`Output`] it
//! is given, in the language of whoever asked, and must not know where that leads. It may be
//! dropped at any point, when the person who asked goes away. Tests are in `tests/mod.rs` beside
//! it, and in the black-box tests.

use anyhow::Result;
use gallery_core::Gallery;
use gallery_core::model::Job;
use gallery_core::ports::{AuditedUser, Suppression, SuppressionReason};
use gallery_core::texts::{Language, Text};
use gallery_core::usecases::{Error, JobOutcome, Report};
use gallery_core::values::{Email, JobId};
use serde_json::json;

use super::args::{Admin, JobsCommand, Reprocess, SuppressionsCommand};
use super::output::Output;
use crate::failure::{Failure, OrSay as _};
use crate::telemetry::escaped;

/// Exit codes: all is well; or something is not, and the command has said what.
const GOOD: u8 = 0;
const BAD: u8 = 1;

/// Records read in one step.
const BATCH_SIZE: u32 = 500;

/// Runs a command on an open gallery for somebody who reads this language, and returns the exit
/// code.
pub async fn perform(
    gallery: &Gallery,
    command: Admin,
    language: Language,
    out: &mut dyn Output,
) -> Result<u8> {
    let said = match command {
        // Whoever opened the gallery to serve or to migrate has done it.
        Admin::Migrate => Text::new("admin-migrated"),
        Admin::Verify { json } => return verify(gallery, json, language, out).await,
        Admin::Sweep => return sweep(gallery, language, out).await,
        Admin::Jobs { json, command: None } => return jobs(gallery, json, language, out).await,
        Admin::Jobs { command: Some(JobsCommand::Resume { id }), .. } => resume(gallery, id).await?,
        Admin::Reprocess(wanted) => reprocess(gallery, &wanted).await?,
        Admin::Suppressions { command } => suppressions(gallery, command).await?,
        Admin::Users { json } => return users(gallery, json, language, out).await,
    };
    out.print(&said.in_language(language)).await?;
    Ok(GOOD)
}

async fn verify(gallery: &Gallery, json: bool, language: Language, out: &mut dyn Output) -> Result<u8> {
    let report = gallery.verify().await.or_say(|| Text::new("admin-verify-failed"))?;
    let upgraded = gallery.is_upgraded().await.or_say(|| Text::new("admin-verify-failed"))?;
    let text = if json { verify_json(&report, upgraded) } else { verify_text(&report, upgraded, language) };
    out.print(&text).await?;
    Ok(if report.is_clean() { GOOD } else { BAD })
}

/// The report for people. What is wrong in particular is named after the invariants, which are
/// documented in English.
fn verify_text(report: &Report, upgraded: bool, language: Language) -> String {
    let mut text = Text::new("admin-verified")
        .with("accounts", counted("admin-accounts", report.users))
        .with("albums", counted("admin-albums", report.albums))
        .with("photos", counted("admin-photos", report.photos))
        .with("blobs", counted("admin-blobs", report.blobs))
        .with("bytes", counted("admin-bytes", report.bytes))
        .in_language(language);
    for violation in &report.violations {
        text.extend(["\n", violation.invariant, ": ", &violation.detail]);
    }
    let end = match report.violations.len() {
        0 => Text::new("admin-verified-clean"),
        violations => Text::new("admin-verified-violations").with("count", violations),
    };
    if !upgraded {
        text.extend(["\n", &Text::new("admin-verified-upgrading").in_language(language)]);
    }
    text + "\n" + &end.in_language(language)
}

fn counted(key: &'static str, count: u64) -> Text {
    Text::new(key).with("count", count)
}

fn verify_json(report: &Report, upgraded: bool) -> String {
    let violations: Vec<_> = report
        .violations
        .iter()
        .map(|violation| json!({"invariant": violation.invariant, "detail": violation.detail}))
        .collect();
    json!({
        "clean": report.is_clean(),
        "upgraded": upgraded,
        "users": report.users,
        "albums": report.albums,
        "photos": report.photos,
        "blobs": report.blobs,
        "bytes": report.bytes,
        "violations": violations,
    })
    .to_string()
}

async fn sweep(gallery: &Gallery, language: Language, out: &mut dyn Output) -> Result<u8> {
    let swept = gallery.sweep().await.or_say(|| Text::new("admin-sweep-failed"))?;
    let (mut ran, mut failed) = (0_u64, 0_u64);
    let next = async || gallery.run_due_job().await.or_say(|| Text::new("admin-no-job-run"));
    while let Some(outcome) = next().await? {
        ran += 1;
        failed += u64::from(matches!(outcome, JobOutcome::Failed | JobOutcome::Parked));
    }
    let said = Text::new("admin-swept")
        .with("uploads", swept.uploads)
        .with("records", swept.expired)
        .with("blobs", swept.blobs)
        .with("ran", ran)
        .with("failed", failed);
    out.print(&said.in_language(language)).await?;
    Ok(if failed == 0 { GOOD } else { BAD })
}

async fn jobs(gallery: &Gallery, json: bool, language: Language, out: &mut dyn Output) -> Result<u8> {
    let mut after = None;
    loop {
        let page = gallery.jobs(after, BATCH_SIZE).await?;
        let Some(last) = page.last() else { return Ok(GOOD) };
        after = Some(last.id);
        for job in &page {
            out.print(&if json { job_json(job) } else { job_line(job, language) }).await?;
        }
    }
}

fn job_line(job: &Job, language: Language) -> String {
    let state = match (job.parked, job.leased_until) {
        (true, _) => Text::new("admin-job-parked"),
        (false, Some(until)) => Text::new("admin-job-leased").with("until", until.to_string()),
        (false, None) => Text::new("admin-job-due").with("at", job.due_at.to_string()),
    };
    let text = match job.last_error.as_deref() {
        Some(error) => Text::new("admin-job-error").with("error", escaped(error).into_owned()),
        None => Text::new("admin-job"),
    };
    let failures = counted("admin-job-failures", job.failures.into());
    let text = text.with("state", state).with("failures", failures).in_language(language);
    format!("{}  {:<8}  {:<14}  {text}", job.id, job.kind.class().name(), job.kind.name())
}

fn job_json(job: &Job) -> String {
    json!({
        "id": job.id.to_string(),
        "class": job.kind.class().name(),
        "kind": job.kind.name(),
        "due_at": job.due_at.to_string(),
        "leased_until": job.leased_until.map(|until| until.to_string()),
        "parked": job.parked,
        "failures": job.failures,
        "last_error": job.last_error,
    })
    .to_string()
}

async fn resume(gallery: &Gallery, id: JobId) -> Result<Text> {
    match gallery.resume_job(id).await {
        Ok(()) => Ok(Text::new("admin-job-resumed").with("id", id.to_string())),
        Err(Error::NotFound) => {
            Err(Failure::new(Text::new("admin-job-unknown").with("id", id.to_string())).into())
        }
        Err(other) => Err(other.into()),
    }
}

async fn reprocess(gallery: &Gallery, wanted: &Reprocess) -> Result<Text> {
    let scope = wanted.scope().or_say(|| Text::new("admin-scope-required"))?;
    let recorded = match gallery.reprocess(scope).await {
        Err(Error::NotFound) => return Err(Failure::new(Text::new("admin-scope-unknown")).into()),
        Err(Error::Invalid(fields)) => {
            // The scope is one field, so that there is one thing to say.
            let field = fields.first().or_say(|| Text::new("admin-scope-required"))?;
            let said = Text::new("admin-field").with("field", field.field);
            return Err(Failure::new(said.with("detail", &field.invalid.detail)).into());
        }
        other => other.or_say(|| Text::new("admin-not-all-recorded"))?,
    };
    Ok(Text::new("admin-recorded").with("count", recorded))
}

async fn suppressions(gallery: &Gallery, command: SuppressionsCommand) -> Result<Text> {
    let (said, address) = match command {
        SuppressionsCommand::Check { address } => {
            let said = match gallery.suppression(&address).await? {
                Some(why) => Text::new("admin-suppressed")
                    .with("until", why.ends_at.to_string())
                    .with("reason", reported(&why)),
                None => Text::new("admin-not-suppressed"),
            };
            (said, address)
        }
        SuppressionsCommand::Lift { address } => {
            let said = match gallery.lift_suppression(&address).await? {
                Some(why) => Text::new("admin-lifted").with("reason", reported(&why)),
                None => Text::new("admin-nothing-to-lift"),
            };
            (said, address)
        }
    };
    Ok(said.with("address", escaped(address.typed()).into_owned()))
}

fn reported(why: &Suppression) -> Text {
    let key = match why.reason {
        SuppressionReason::Bounced => "admin-bounced",
        SuppressionReason::Complained => "admin-complained",
    };
    Text::new(key).with("at", why.reported_at.to_string())
}

async fn users(gallery: &Gallery, json: bool, language: Language, out: &mut dyn Output) -> Result<u8> {
    let mut after = None;
    loop {
        let page = gallery.accounts(after, BATCH_SIZE).await?;
        let Some(last) = page.last() else { return Ok(GOOD) };
        after = Some(last.id);
        for user in &page {
            out.print(&if json { user_json(user) } else { user_line(user, language) }).await?;
        }
    }
}

fn user_line(user: &AuditedUser, language: Language) -> String {
    let states = ["admin-user-confirmed", "admin-user-deleting"];
    let states = states.map(|key| Text::new(key).in_language(language));
    let width = states.iter().map(|state| state.chars().count()).max().unwrap_or_default();
    let state = &states[usize::from(user.deleting)];
    let email = user.email.as_ref().map_or("-", Email::typed);
    let usage = &user.usage;
    let usage = Text::new("admin-user-usage")
        .with("albums", counted("admin-albums", usage.albums))
        .with("photos", counted("admin-photos", usage.photos))
        .with("bytes", usage.bytes)
        .with("quota", usage.quota_bytes)
        .in_language(language);
    format!("{}  {state:<width$}  {}  {usage}", user.id, escaped(email))
}

fn user_json(user: &AuditedUser) -> String {
    json!({
        "id": user.id.to_string(),
        "email": user.email.as_ref().map(Email::typed),
        "state": if user.deleting { "deleting" } else { "confirmed" },
        "created_at": user.created_at.to_string(),
        "confirmed_at": user.confirmed_at.map(|at| at.to_string()),
        "albums": user.usage.albums,
        "photos": user.usage.photos,
        "bytes": user.usage.bytes,
        "quota_bytes": user.usage.quota_bytes,
    })
    .to_string()
}
