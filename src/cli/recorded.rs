//! Sources of recorded events: files, the event history, a log group.

use std::io::IsTerminal;
use std::sync::Mutex;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::ValueHint;
use rayon::prelude::*;

use super::args::Aws;
use super::failure::Failure;
use super::interrupt;
use super::library::Which;
use super::session::{block_on, open_project};
use crate::account::aws::AwsAccount;
use crate::account::{Account, Lookup};
use crate::backtest::{Bounds, Census, Journal, Scan, Subject, shown};
use crate::events::{Unpacker, find};
use crate::finding::{Code, Finding};
use crate::planning::{log_groups, scope_of};
use crate::report::Scanning;

/// Findings about files that are told; more are counted.
const MOST_TOLD: usize = 20;
/// Of AWS sources, so many seconds are looked at where nobody says since when: two weeks.
const USUAL_SPAN: i64 = 14 * 86_400;
/// More names of events than this are looked for by source, or all together.
const MOST_NAMES: usize = 40;
/// Events of which AWS and the engine disagree that are told.
const MOST_DISAGREEMENTS: usize = 5;

pub(super) const HISTORY: &str = "event-history";
const LOG_GROUP: &str = "log-group";

/// How a source is read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// For `event-history`: keep what was read in this file, and go on from there next time
    #[arg(long, value_name = "FILE", env = "TRAILARM_RESUME", value_hint = ValueHint::FilePath)]
    resume: Option<Utf8PathBuf>,
}

/// Where events come from.
pub(super) struct Recorded {
    name: String,
    source: Source,
}

enum Source {
    /// With their sizes.
    Files(Vec<(Utf8PathBuf, u64)>, Vec<Finding>),
    StandardInput,
    History(Box<AwsAccount>),
    LogGroup(Box<AwsAccount>, String),
}

/// Where what is read goes, and what is wrong with it.
pub(super) struct Sink<'a> {
    pub(super) subject: &'a Subject,
    pub(super) bounds: Bounds,
    pub(super) census: &'a Mutex<Census>,
    pub(super) progress: &'a Scanning,
    pub(super) troubles: Vec<Finding>,
}

impl Recorded {
    /// Finds the files, or opens the account.
    ///
    /// # Errors
    /// Sources that exclude each other; no credentials; no such log group.
    pub(super) fn open(from: &[Utf8PathBuf], aws: &Aws, which: &Which, reading: &Reading) -> Result<Self, Failure> {
        let is_group = |path: &&Utf8PathBuf| *path == LOG_GROUP || path.as_str().starts_with("log-group:");
        let special = from.iter().find(|path| *path == HISTORY || *path == "-" || is_group(path));
        if let Some(special) = special.filter(|_| from.len() > 1) {
            let finding = Finding::error(Code::Combination, format!("`--from {special}` stands beside other sources"));
            return Err(finding.help("read it by itself").into());
        }
        if reading.resume.is_some() && special.is_none_or(|special| special != HISTORY) {
            let finding =
                Finding::error(Code::Combination, "`--resume` keeps what was read of the event history, and that is not the source");
            return Err(finding.help("leave it out, or say `--from event-history`").into());
        }
        let names: Vec<&str> = from.iter().map(|path| path.as_str()).collect();
        let (name, source) = match special.map(|special| special.as_str()) {
            None => {
                let (files, troubles) = archives(from)?;
                let size = |file: Utf8PathBuf| (file.metadata().map_or(0, |metadata| metadata.len()), file);
                (names.join(", "), Source::Files(files.into_iter().map(size).map(|(size, file)| (file, size)).collect(), troubles))
            }
            Some("-") => ("standard input".to_owned(), Source::StandardInput),
            Some(special) => block_on(async {
                let account = Box::new(aws.connect().await?);
                let identity = account.identity();
                let place = format!("account {}, {}", identity.account_id, identity.region);
                if special == HISTORY {
                    return Ok((format!("the event history of {place}"), Source::History(account)));
                }
                let group = match special.split_once(':') {
                    Some((_, group)) => group.to_owned(),
                    None => group_of(&account, which).await?,
                };
                Ok((format!("the log group {group} of {place}"), Source::LogGroup(account, group)))
            })?,
        };
        Ok(Self { name, source })
    }

    /// In words.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whose events they are, if that is known.
    pub(super) fn account_id(&self) -> Option<String> {
        match &self.source {
            Source::History(account) | Source::LogGroup(account, _) => Some(account.identity().account_id.clone()),
            Source::Files(..) | Source::StandardInput => None,
        }
    }

    /// Since when events are looked at where nobody says it.
    pub(super) fn since(&self, now: i64) -> Option<i64> {
        self.is_aws().then_some(now - USUAL_SPAN)
    }

    /// AWS answers what is asked: that nothing matches is no error then.
    pub(super) fn is_aws(&self) -> bool {
        matches!(self.source, Source::History(_) | Source::LogGroup(..))
    }

    /// How much there is to read, if that is known.
    pub(super) fn bytes(&self) -> Option<u64> {
        match &self.source {
            Source::Files(files, _) => Some(files.iter().map(|(_, size)| size).sum()),
            _ => None,
        }
    }

    /// Reads all of it. Returns whether only some of the events were asked for.
    ///
    /// # Errors
    /// A call fails. What is wrong with single files is told.
    pub(super) fn read(&self, reading: &Reading, sink: &mut Sink<'_>) -> Result<bool, Failure> {
        let span = (sink.bounds.since.unwrap_or(0), sink.bounds.until.unwrap_or(sink.bounds.now));
        match &self.source {
            Source::Files(found, troubles) => {
                sink.troubles.extend(troubles.iter().cloned());
                files(found, sink);
                Ok(false)
            }
            Source::StandardInput => input(sink).map(|()| false),
            Source::History(account) => history(account, reading, span, sink),
            Source::LogGroup(account, group) => block_on(log_group(account, group, span, sink)).map(|()| true),
        }
    }
}

/// The log group of the stack.
async fn group_of(account: &AwsAccount, which: &Which) -> Result<String, Failure> {
    let project = open_project(which.config())?;
    let scope = scope_of(&project, account.identity())?;
    Ok(log_groups(account, &project, &scope).await?.main)
}

fn files(files: &[(Utf8PathBuf, u64)], sink: &mut Sink<'_>) {
    // The largest first, so that nobody waits for it at the end.
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(files[*index].1));
    let Sink { subject, bounds, census, progress, .. } = *sink;
    let on_read = |bytes| {
        progress.read(bytes);
        !interrupt::is_asked()
    };
    let told: Mutex<Vec<(usize, Vec<Finding>)>> = Mutex::new(Vec::new());
    let one = |(unpacker, scan): &mut (Unpacker<'_>, Scan<'_>), index: &usize| {
        if interrupt::is_asked() {
            return;
        }
        let mut troubles = Vec::new();
        scan.begin();
        let damage = unpacker.file(&files[*index].0, |part| troubles.extend(scan.part(part)));
        // What was broken off on request is not damaged.
        let damage = if interrupt::is_asked() { Vec::new() } else { damage };
        scan.end(damage.len());
        troubles.extend(damage);
        if !troubles.is_empty() {
            lock(&told).push((*index, troubles));
        }
        progress.say(|| so_far(census));
    };
    order.par_iter().for_each_init(|| (Unpacker::telling(&on_read), Scan::new(subject, bounds, census)), one);
    let mut told = told.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    told.sort_by_key(|(index, _)| *index);
    tell_some(told.into_iter().flat_map(|(_, troubles)| troubles).collect(), sink);
}

fn input(sink: &mut Sink<'_>) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() {
        let finding = Finding::error(Code::Unusable, "events are read from standard input, and that is a terminal");
        return Err(finding.help("name files or folders, or pipe events in").into());
    }
    let mut scan = Scan::new(sink.subject, sink.bounds, sink.census);
    let (census, progress) = (sink.census, sink.progress);
    let mut troubles = Vec::new();
    let on_read = |bytes| {
        progress.read(bytes);
        progress.say(|| so_far(census));
        !interrupt::is_asked()
    };
    scan.begin();
    let damage = Unpacker::telling(&on_read).reader("standard input", std::io::stdin().lock(), |part| troubles.extend(scan.part(part)));
    let damage = if interrupt::is_asked() { Vec::new() } else { damage };
    scan.end(damage.len());
    troubles.extend(damage);
    tell_some(troubles, sink);
    Ok(())
}

/// One file has many places that are broken in the same way.
fn tell_some(all: Vec<Finding>, sink: &mut Sink<'_>) {
    let more = all.len().saturating_sub(MOST_TOLD);
    sink.troubles.extend(all.into_iter().take(MOST_TOLD).map(Finding::as_warning));
    if more > 0 {
        let finding = Finding::warning(Code::BadEvents, format!("{more} more places could not be read"));
        sink.troubles.push(finding.help("the result is without them"));
    }
}

/// What is asked for: by name where all patterns name their events, else by source, else all.
fn lookups(subject: &Subject) -> Vec<Lookup> {
    let names = subject.demanded("eventName").filter(|names| names.len() <= MOST_NAMES);
    let sources = subject.demanded("eventSource").filter(|sources| sources.len() <= MOST_NAMES);
    match (names, sources) {
        (Some(names), _) => names.into_iter().map(Lookup::Name).collect(),
        (None, Some(sources)) => sources.into_iter().map(Lookup::Source).collect(),
        (None, None) => vec![Lookup::All],
    }
}

fn history(account: &AwsAccount, reading: &Reading, span: (i64, i64), sink: &mut Sink<'_>) -> Result<bool, Failure> {
    let identity = account.identity();
    let lookups = lookups(sink.subject);
    let is_filtered = lookups != [Lookup::All];
    let mut scan = Scan::new(sink.subject, sink.bounds, sink.census);
    let Some(path) = &reading.resume else {
        block_on(async {
            for what in &lookups {
                let mut take = |records: Vec<String>, oldest: Option<i64>| {
                    records.iter().for_each(|record| scan.event(record));
                    scan.hand_over(0, 0);
                    sink.progress.say(|| reached(what, oldest, sink.census));
                    !interrupt::is_asked()
                };
                account.lookup(what, span, &mut take).await?;
            }
            Ok(())
        })?;
        return Ok(is_filtered);
    };
    let wrong = |error: &dyn std::fmt::Display| {
        let finding = Finding::error(Code::Unreadable, format!("{path}: {error}"));
        Failure::from(finding.help("name another file, which is made, or the one that was written for this account and Region"))
    };
    let mut journal = Journal::open(path, &identity.account_id, &identity.region).map_err(|error| wrong(&error))?;
    let mut failed = None;
    block_on(async {
        for what in &lookups {
            for (from, to) in journal.gaps(&what.text(), span) {
                let mut newest = to;
                let mut keep = |records: Vec<String>, oldest: Option<i64>| {
                    // More events of the oldest second may stand on the next page.
                    let known = oldest.map_or(from, |oldest| (oldest + 1).min(newest));
                    failed = journal.keep(&what.text(), records, (known, newest)).err();
                    newest = known;
                    sink.progress.say(|| reached(what, oldest, sink.census));
                    failed.is_none() && !interrupt::is_asked()
                };
                account.lookup(what, (from, to), &mut keep).await?;
                if failed.is_some() || interrupt::is_asked() {
                    return Ok(());
                }
            }
        }
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(wrong(&error));
    }
    journal.records(|record| scan.event(record)).map_err(|error| wrong(&error))?;
    scan.hand_over(0, 0);
    Ok(is_filtered)
}

fn reached(what: &Lookup, oldest: Option<i64>, census: &Mutex<Census>) -> String {
    let back = oldest.map_or_else(|| "done".to_owned(), |oldest| format!("back to {}", shown(oldest)));
    format!("{}, {} {back}", so_far(census), what.text())
}

/// Each filter's pattern is asked by itself, since AWS then says which events it matches.
async fn log_group(account: &AwsAccount, group: &str, span: (i64, i64), sink: &mut Sink<'_>) -> Result<(), Failure> {
    let mut scan = Scan::new(sink.subject, sink.bounds, sink.census);
    let patterns: Vec<String> = sink.subject.patterns().map(str::to_owned).collect();
    let (mut disagreements, mut foreign) = (Vec::new(), 0_usize);
    for (filter, pattern) in patterns.iter().enumerate() {
        let mut take = |events: Vec<crate::account::LogEvent>| {
            for event in &events {
                match scan.told(&event.message, filter, event.ingested.map(|at| at.div_euclid(1000))) {
                    Ok(Some(false)) => disagreements.push((filter, event.message.clone())),
                    Ok(_) => {}
                    Err(_) => foreign += 1,
                }
            }
            disagreements.truncate(10_000);
            scan.hand_over(0, 0);
            sink.progress.say(|| format!("{}, {} of {} patterns", so_far(sink.census), filter + 1, patterns.len()));
            !interrupt::is_asked()
        };
        account.log_events(group, pattern, span, &mut take).await?;
        if interrupt::is_asked() {
            break;
        }
    }
    for (filter, message) in disagreements.iter().take(MOST_DISAGREEMENTS) {
        let text = format!("{}: AWS says match, trailarm says no match", sink.subject.detection_of(*filter));
        let finding =
            Finding::warning(Code::Uncertain, text).note(format!("pattern: {}", patterns[*filter])).note(format!("event: {message}"));
        sink.troubles.push(finding.help("AWS's word counts here; please report it, with pattern and event"));
    }
    if disagreements.len() > MOST_DISAGREEMENTS {
        let more = disagreements.len() - MOST_DISAGREEMENTS;
        sink.troubles.push(Finding::warning(Code::Uncertain, format!("{more} more events on which AWS and trailarm disagree")));
    }
    if foreign > 0 {
        let finding = Finding::warning(Code::BadEvents, format!("{foreign} events of the log group are no JSON, so they were left out"));
        sink.troubles.push(finding.help("name the log group that the trail delivers to"));
    }
    Ok(())
}

fn so_far(census: &Mutex<Census>) -> String {
    let totals = &lock(census).totals;
    format!("{} events, {} match", totals.events, totals.matched)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The files that are named or lie below, with what of them cannot be read.
pub(super) fn archives(from: &[Utf8PathBuf]) -> Result<(Vec<Utf8PathBuf>, Vec<Finding>), Failure> {
    if let Some(missing) = from.iter().find(|path| !path.exists() && !path.as_str().contains(['*', '?', '[', '{'])) {
        return Err(Finding::error(Code::BadEvents, format!("there is no {missing}")).help("check the path; nothing was read").into());
    }
    Ok(find(from))
}
