//! `trailarm backtest`: what detections would have done, over recorded events.

use std::sync::Mutex;

use camino::Utf8PathBuf;
use clap::builder::{FalseyValueParser, ValueHint};
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;
use globset::GlobMatcher;

use super::Answer;
use super::args::{Aws, can_draw};
use super::completions;
use super::failure::Failure;
use super::interrupt;
use super::library::{Library, Which};
use super::output::{Form, Output, text};
use super::recorded::{Reading, Recorded, Sink};
use super::revision::before;
use crate::backtest::{Bounds, Census, Results, Settings, Side, Subject, results, shown};
use crate::detection::{Unit, load_file};
use crate::finding::{Code, Finding};
use crate::planning::glob;
use crate::report::{self, Scanning, json};

#[derive(Debug, Args)]
#[command(
    after_help = "Sources: files, folders and globs of .json, .jsonl, .gz and .tar; `event-history` is CloudTrail's (LookupEvents,\n\
    90 days, two calls a second); `log-group` is the stack's, `log-group:NAME` another (FilterLogEvents: AWS says what matches).\n\
    Ctrl-C prints what was found until then. Exit code: 0, or 2 when a detection rings more often than --max-alarms."
)]
pub(super) struct BacktestArgs {
    /// Addresses or globs of detections, or files of them [default: all of the stack; without a stack, the shipped ones]
    #[arg(value_name = "DETECTION", add = ArgValueCandidates::new(completions::detections))]
    detections: Vec<String>,
    /// Where the events come from; may be said several times
    #[arg(long, value_name = "SOURCE", required = true, env = "TRAILARM_FROM", value_hint = ValueHint::AnyPath)]
    from: Vec<Utf8PathBuf>,
    /// Only events from then on: a time (2026-11-25T06:00:00Z), a day, or how long ago (14d, 6h)
    #[arg(long, value_name = "TIME", env = "TRAILARM_SINCE", value_parser = When::parse)]
    since: Option<When>,
    /// Only events before then
    #[arg(long, value_name = "TIME", env = "TRAILARM_UNTIL", value_parser = When::parse)]
    until: Option<When>,
    /// The definitions as they were: a revision of git, a stack file or a detection file
    #[arg(long, value_name = "REV|FILE", env = "TRAILARM_COMPARE")]
    compare: Option<String>,
    /// Count events with the same `eventID` once
    #[arg(long, env = "TRAILARM_UNIQUE", value_parser = FalseyValueParser::new())]
    unique: bool,
    /// How long after it happened an event comes in (5m); a log group says it itself
    #[arg(long, value_name = "TIME", env = "TRAILARM_DELAY", value_parser = span)]
    delay: Option<i64>,
    /// How many periods CloudWatch looks back, which AWS does not publish [default: two more than the alarm has]
    #[arg(long, value_name = "PERIODS", env = "TRAILARM_EVALUATION_RANGE", value_parser = clap::value_parser!(u16).range(1..=1000))]
    evaluation_range: Option<u16>,
    /// Exit code 2 when an alarm would have rung more often than this
    #[arg(long, value_name = "N", env = "TRAILARM_MAX_ALARMS")]
    max_alarms: Option<usize>,
    /// The account that `${account_id}` stands for [default: that of the credentials, for AWS sources]
    #[arg(long, value_name = "ID", env = "TRAILARM_ACCOUNT_ID", value_parser = super::matches::account_id)]
    account_id: Option<String>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    aws: Aws,
    #[command(flatten)]
    output: Output<BacktestFormat>,
}

/// What the result is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum BacktestFormat {
    /// For people, on a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For a spreadsheet: a row a period
    Csv,
    /// For a comment on the pull request
    Markdown,
    /// One page with timelines, without network
    Html,
}

impl Form for BacktestFormat {
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("md", Self::Markdown),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("htm", Self::Html),
        ("json", Self::Json),
        ("csv", Self::Csv),
    ];
}

/// A time, or how long before now; seconds.
#[derive(Debug, Clone, Copy)]
enum When {
    At(i64),
    Ago(i64),
}

impl When {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::At(time.as_second()));
        }
        let day = text.parse::<jiff::civil::Date>().ok().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
        match day {
            Some(day) => Ok(Self::At(day.timestamp().as_second())),
            None => span(text).map(Self::Ago).map_err(|_| "write 2026-11-25T06:00:00Z, 2026-11-25 (UTC), or 14d, 6h, 30m ago".to_owned()),
        }
    }

    fn seconds(self, now: i64) -> i64 {
        match self {
            Self::At(seconds) => seconds,
            Self::Ago(seconds) => now - seconds,
        }
    }
}

/// `14d`, `6h`, `5m`, `90s` in seconds.
fn span(text: &str) -> Result<i64, &'static str> {
    let wrong = "write a number and a unit: 14d, 6h, 5m, 90s";
    let unit = text.chars().last().ok_or(wrong)?;
    let factor = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return Err(wrong),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong)?;
    Ok(i64::from(number) * factor)
}

pub(super) fn run(args: &BacktestArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let (units, wanted) = chosen(args)?;
    let old = args.compare.as_deref().map(|rev| before(rev, &args.which, &args.detections)).transpose()?;
    let recorded = Recorded::open(&args.from, &args.aws, &args.which, &args.reading)?;
    let account_id = args.account_id.clone().or_else(|| recorded.account_id());
    let sides = [Some((Side::Now, units)), old.map(|units| (Side::Before, units))].into_iter().flatten().collect();
    let subject = Subject::new(sides, |address| wanted.is_empty() || wanted.iter().any(|one| one.is_match(address)), account_id.as_deref());
    if subject.names_no_account() {
        report::findings(&[super::matches::no_account()], &mut anstream::stderr())?;
    }
    let now = jiff::Timestamp::now().as_second();
    let bounds = Bounds {
        since: args.since.map(|since| since.seconds(now)).or_else(|| recorded.since(now)),
        until: args.until.map(|until| until.seconds(now)),
        now,
        delay: args.delay.unwrap_or(0),
    };
    if let (Some(since), Some(until)) = (bounds.since, bounds.until)
        && since >= until
    {
        let finding = Finding::error(Code::WrongValue, format!("`--since` {} is not before `--until` {}", shown(since), shown(until)));
        return Err(finding.help("nothing lies between them").into());
    }
    let (found, settings) = read(args, &recorded, &subject, bounds)?;
    write(args, &found.with(&subject, bounds, settings), recorded.name())
}

/// What a pass came to.
struct Found {
    census: Census,
    is_partial: bool,
}

impl Found {
    fn with(&self, subject: &Subject, bounds: Bounds, settings: Settings) -> Results {
        Results { is_partial: self.is_partial, ..results(subject, &self.census, bounds, settings) }
    }
}

fn read(args: &BacktestArgs, recorded: &Recorded, subject: &Subject, bounds: Bounds) -> Result<(Found, Settings), Failure> {
    interrupt::listen();
    let census = Mutex::new(Census::new(subject, args.unique));
    let progress = Scanning::new(recorded.bytes(), can_draw());
    let mut sink = Sink { subject, bounds, census: &census, progress: &progress, troubles: Vec::new() };
    let ended = recorded.read(&args.reading, &mut sink);
    progress.finish();
    report::findings(&sink.troubles, &mut anstream::stderr())?;
    let is_filtered = ended?;
    let is_partial = interrupt::is_asked();
    let census = census.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if census.totals.events == 0 && !is_partial && !recorded.is_aws() {
        let finding = Finding::error(Code::BadEvents, "there is no event in what was read");
        return Err(finding.help("name archives of CloudTrail: folders, .json.gz, .jsonl, .tar").into());
    }
    let settings = Settings { evaluation_range: args.evaluation_range.map(usize::from), is_filtered, delay: args.delay.unwrap_or(0) };
    Ok((Found { census, is_partial }, settings))
}

fn write(args: &BacktestArgs, results: &Results, source: &str) -> Result<Answer, Failure> {
    let document = report::backtest(results, source);
    args.output.write(|format| {
        Ok(match format {
            BacktestFormat::Text => text(&document)?,
            BacktestFormat::Json => format!("{}\n", json::pretty(&json::backtest::Backtest::new(results, source))?),
            BacktestFormat::Csv => report::csv(results),
            BacktestFormat::Markdown => report::backtest_comment(results, source),
            BacktestFormat::Html => report::backtest_page(results, source),
        })
    })?;
    if results.is_partial {
        return Err(Failure::Reported);
    }
    let most = results.detections.iter().filter_map(|outcome| outcome.alarm.as_ref()).map(|alarm| alarm.times).max().unwrap_or(0);
    Ok(if args.max_alarms.is_some_and(|allowed| most > allowed) { Answer::Difference } else { Answer::Yes })
}

/// The detections to choose from, and globs of those that are wanted; none: all.
fn chosen(args: &BacktestArgs) -> Result<(Vec<Unit>, Vec<GlobMatcher>), Failure> {
    let (files, names): (Vec<&String>, Vec<&String>) = args.detections.iter().partition(|text| is_file(text));
    if !files.is_empty() {
        if let Some(name) = names.first() {
            let finding = Finding::error(Code::Combination, format!("`{name}` stands beside files"));
            return Err(finding.help("name files of detections, or addresses").into());
        }
        let read: Vec<_> = files.iter().map(|file| load_file(&Utf8PathBuf::from(file.as_str()))).collect::<Result<_, _>>()?;
        let globs = read.iter().map(|detection| glob(&globset::escape(&detection.address))).collect::<Result<_, _>>()?;
        return Ok((Library::with(read, args.which.stack_file().as_deref())?, globs));
    }
    let library = args.which.load()?;
    let globs = globs(&library, &names)?;
    Ok((library.units, globs))
}

pub(super) fn is_file(text: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| text.ends_with(ending))
}

fn globs(library: &Library, names: &[&String]) -> Result<Vec<GlobMatcher>, Failure> {
    names.iter().map(|name| one_glob(library, name)).collect()
}

fn one_glob(library: &Library, name: &str) -> Result<GlobMatcher, Failure> {
    if !name.contains(['*', '?', '[', '{']) {
        // What the shell made of a glob is no detection.
        let is_path = Utf8PathBuf::from(name).exists();
        let shell = |finding: Finding| {
            if is_path { finding.help("a source stands behind `--from`; put a glob in quotes: --from 'logs/*.gz'") } else { finding }
        };
        let address = &library.find(name).map_err(shell)?.ready.address;
        return Ok(glob(&globset::escape(address))?);
    }
    let matcher = glob(name)?;
    if library.units.iter().any(|unit| matcher.is_match(&unit.ready.address)) {
        return Ok(matcher);
    }
    let finding = Finding::error(Code::UnknownName, format!("`{name}` names no detection"));
    Err(finding.help("`trailarm list` shows those of the stack, `trailarm list --shipped` all that are shipped").into())
}
