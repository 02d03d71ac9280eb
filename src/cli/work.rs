//! A plan being carried out, as people and programs watch it.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Format, can_draw};
use super::failure::Failure;
use super::output::{Output, text};
use crate::account::Account;
use crate::apply::{ApplyReport, Outcome, apply};
use crate::finding::{Code, Finding};
use crate::plan::saved::live_fingerprint;
use crate::plan::{Change, Plan};
use crate::report::json::apply::{Applied, Event, V1Result, V1Summary, action};
use crate::report::{self, Options, Progress, json};
use crate::standing::Standing;

/// How it is told.
#[derive(Debug, Args)]
pub(super) struct Told {
    #[command(flatten)]
    pub output: Output,
    /// Print an event a line as JSON while it goes on, and nothing else
    #[arg(long, env = "TRAILARM_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Append a line for each applied change: when, who, what, and the fingerprint of what is there now
    #[arg(long, value_name = "FILE", env = "TRAILARM_AUDIT_LOG")]
    audit_log: Option<Utf8PathBuf>,
}

/// What is carried out.
pub(super) struct Work<'a> {
    pub plan: &'a Plan,
    /// Of a saved plan; empty: all stand as planned.
    pub standing: &'a [Standing],
    pub fingerprint: &'a str,
    pub options: Options,
    pub told: &'a Told,
}

impl Work<'_> {
    /// Applies and reports. The first Ctrl-C ends the run after the call in flight, the second at once.
    pub(super) async fn carry_out<A: Account>(&self, account: &A) -> Result<Answer, Failure> {
        let plan = self.plan;
        if plan.changes.is_empty() && !self.told.json && !self.told.output.is_more_than_text() {
            account.flush()?;
            return Ok(Answer::Yes);
        }
        let log = self.log()?;
        self.event(&Event::Plan {
            format_version: "1.0",
            time: &now(),
            stack: &plan.scope.stack,
            account_id: &plan.scope.account_id,
            region: &plan.scope.region,
            summary: plan.counts(),
            fingerprint: self.fingerprint,
        })?;
        let stop = Cell::new(false);
        let progress = Progress::new(plan.changes.len(), can_draw() && !self.told.json, self.options);
        // What cannot be told does not stop what is being done; it is told in the end.
        let trouble = RefCell::new(None);
        let mut watch = |change: &Change, outcome: Option<&Outcome>| {
            if !self.told.json {
                progress.change(change, outcome);
            }
            let told = self.change(change, outcome).and_then(|()| self.record(log.as_ref(), change, outcome, &account.identity().caller));
            if let Err(error) = told {
                trouble.borrow_mut().get_or_insert(error);
            }
        };
        let report = {
            let mut work = std::pin::pin!(apply(account, plan, self.standing, &stop, &mut watch));
            loop {
                tokio::select! {
                    report = &mut work => break Some(report),
                    _ = tokio::signal::ctrl_c() => {
                        if stop.replace(true) {
                            break None;
                        }
                        writeln!(anstream::stderr(), "stopping after the call in flight; once more to stop at once")?;
                    }
                }
            }
        };
        progress.finish();
        account.flush()?;
        let Some(report) = report else {
            let finding = Finding::error(Code::Unusable, "stopped in the middle of a call: whether it was carried out is not known");
            return Err(finding.help("`trailarm plan` shows what is left to do").into());
        };
        self.report(&report)?;
        match trouble.into_inner() {
            Some(error) => Err(error),
            None if report.is_complete() => Ok(Answer::Yes),
            None => Err(Failure::Reported),
        }
    }

    fn report(&self, report: &ApplyReport) -> Result<(), Failure> {
        let document = report::apply_report(report, self.options);
        let render = |format| {
            Ok(match format {
                Format::Text => text(&document)?,
                Format::Markdown => report::markdown(&document),
                Format::Html => report::html("What was applied", &document),
                Format::Json => format!("{}\n", json::pretty(&Applied::new(report, self.fingerprint, self.options))?),
            })
        };
        if self.told.json {
            self.told.output.write_files(render)?;
            return self.event(&Event::Summary { time: &now(), summary: V1Summary::from(report) });
        }
        self.told.output.write(render)
    }

    fn event(&self, event: &Event<'_>) -> Result<(), Failure> {
        if self.told.json {
            let mut out = anstream::stdout().lock();
            writeln!(out, "{}", json::line(event)?)?;
            out.flush()?;
        }
        Ok(())
    }

    fn change(&self, change: &Change, outcome: Option<&Outcome>) -> Result<(), Failure> {
        let time = now();
        self.event(&match outcome {
            None => {
                Event::ChangeStarted { time: &time, address: report::shown_address(change.address(), self.options), action: action(change) }
            }
            Some(outcome) => Event::ChangeFinished { time: &time, result: V1Result::new(change, outcome, self.options) },
        })
    }

    /// Opened before anything is written.
    fn log(&self) -> Result<Option<RefCell<File>>, Failure> {
        let Some(path) = &self.told.audit_log else { return Ok(None) };
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        let wrong = |e| Finding::error(Code::Unreadable, format!("the audit log {path} cannot be written: {e}"));
        Ok(Some(RefCell::new(file.map_err(|e| wrong(e).help("nothing was applied; check the path and who may write there"))?)))
    }

    /// `2026-11-25T14:30:00Z <who> updated alarm/base/x in 111122223333 us-east-1, now sha256:…, plan sha256:…`
    fn record(&self, log: Option<&RefCell<File>>, change: &Change, outcome: Option<&Outcome>, who: &str) -> Result<(), Failure> {
        let (Some(log), Some(Outcome::Done(_))) = (log, outcome) else { return Ok(()) };
        let what = match change {
            Change::Create { .. } => "created",
            Change::Update { .. } => "updated",
            Change::Replace { .. } => "replaced",
            Change::Delete { .. } => "deleted",
        };
        let scope = &self.plan.scope;
        let after = live_fingerprint(change.after().as_ref().map(|after| &after.attributes));
        let line = format!(
            "{} {who} {what} {} in {} {}, now {after}, plan {}",
            now(),
            report::shown_address(change.address(), self.options),
            scope.account_id,
            scope.region,
            self.fingerprint
        );
        Ok(writeln!(log.borrow_mut(), "{}", report::escape(&line.replace('\n', " ")))?)
    }
}

/// The time in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%FT%TZ").to_string()
}
