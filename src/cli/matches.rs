//! `trailarm match`: the events that a pattern matches.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use camino::Utf8PathBuf;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use filter_pattern::{PatternSet, Rule, prepare};
use rayon::prelude::*;

use super::Answer;
use super::failure::Failure;
use super::patterns::{named, read_pattern};
use crate::events::{find, standard_input, unpack, visit};
use crate::finding::{Code, Finding};
use crate::report;
use crate::search::{Found, Keep, Search};

/// Files that are looked at before the next output.
const BATCH: usize = 64;

#[derive(Debug, Args)]
pub(super) struct MatchArgs {
    /// A filter pattern, or the address of a detection: '{ $.errorCode = "*" }', api-gateway-abuse/rest-api-built
    #[arg(value_name = "PATTERN")]
    pattern: String,
    /// Files, folders and globs of events: .json, .jsonl, .gz, .tar; `-` is standard input [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<Utf8PathBuf>,
    /// Print only how many events match
    #[arg(long, short, env = "TRAILARM_COUNT", value_parser = FalseyValueParser::new())]
    count: bool,
    /// Say of each event why it matches or does not
    #[arg(long, env = "TRAILARM_EXPLAIN", value_parser = FalseyValueParser::new(), conflicts_with = "count")]
    explain: bool,
    /// How events are printed
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_OUTPUT")]
    output: Output,
    /// The stack file for the address of a detection [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG")]
    config: Option<Utf8PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// One event a line, as it is written
    #[default]
    Jsonl,
    /// Time, event, principal, address and error
    Table,
}

/// Exit code 0 when an event matches, 1 when none does or something could not be read.
pub(super) fn run(args: &MatchArgs) -> Result<Answer, Failure> {
    let texts = texts(args)?;
    let patterns = texts.iter().map(|text| read_pattern("pattern", text)).collect::<Result<Vec<_>, _>>()?;
    let set = PatternSet::new(patterns);
    let (files, mut troubles) = if args.files.is_empty() { (vec![Utf8PathBuf::from("-")], Vec::new()) } else { find(&args.files) };
    if files.iter().any(|file| file == "-") && std::io::stdin().is_terminal() {
        let finding = Finding::error(Code::Unusable, "events are read from standard input, and that is a terminal");
        return Err(finding.help("name files or folders, or pipe events in").into());
    }
    let mut printer = Printer { args, texts: &texts, set: &set, events: 0, table: Vec::new() };
    let mut total = Found::default();
    for batch in files.chunks(BATCH) {
        let results: Vec<_> = batch.par_iter().map(|file| search(file, &set, printer.keep())).collect();
        for (found, more) in results {
            troubles.extend(more);
            printer.print(&found)?;
            total.matched += found.matched;
            total.events += found.events;
            found.uncertain.into_iter().for_each(|(rule, n)| *total.uncertain.entry(rule).or_default() += n);
        }
    }
    printer.finish(&total)?;
    tell_uncertain(&total.uncertain)?;
    if !troubles.is_empty() {
        return Err(troubles.into());
    }
    if total.matched > 0 { Ok(Answer::Yes) } else { Err(Failure::Reported) }
}

/// The patterns of a detection, or the pattern itself.
fn texts(args: &MatchArgs) -> Result<Vec<String>, Failure> {
    match named(&args.pattern, args.config.as_deref())? {
        Some(patterns) => Ok(patterns),
        None => Ok(vec![prepare(&args.pattern)]),
    }
}

fn search(file: &camino::Utf8Path, set: &PatternSet, keep: Keep) -> (Found, Vec<Finding>) {
    let is_input = file == "-";
    let name = if is_input { "standard input" } else { file.as_str() };
    let bytes = if is_input { standard_input() } else { std::fs::read(file) };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let finding = Finding::error(Code::BadEvents, format!("{name}: {error}"));
            return (Found::default(), vec![finding.help("check the path and who may read it")]);
        }
    };
    let (parts, mut troubles) = unpack(name, bytes);
    let mut search = Search::new(set, keep);
    for part in parts {
        troubles.extend(visit(part, &mut search));
    }
    (search.found, troubles)
}

struct Printer<'a> {
    args: &'a MatchArgs,
    texts: &'a [String],
    set: &'a PatternSet,
    events: usize,
    table: Vec<String>,
}

impl Printer<'_> {
    fn keep(&self) -> Keep {
        match self.args {
            MatchArgs { count: true, .. } => Keep::Counts,
            MatchArgs { explain: true, .. } => Keep::Everything,
            _ => Keep::Matches,
        }
    }

    fn print(&mut self, found: &Found) -> Result<(), Failure> {
        if self.args.explain {
            return self.explain(&found.kept);
        }
        if self.args.output == Output::Table {
            self.table.extend(found.kept.iter().cloned());
            return Ok(());
        }
        let stdout = std::io::stdout();
        let is_terminal = stdout.is_terminal();
        let mut out = std::io::BufWriter::new(stdout.lock());
        for event in &found.kept {
            // A pipe gets the event as it is; a terminal does not obey what stands in it.
            let shown = if is_terminal { report::escape(event) } else { event.into() };
            writeln!(out, "{shown}")?;
        }
        Ok(out.flush()?)
    }

    fn explain(&mut self, events: &[String]) -> Result<(), Failure> {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for event in events {
            self.events += 1;
            for (pattern, text) in self.set.patterns().iter().zip(self.texts) {
                write!(out, "{}", report::explanation(self.events, event, text, pattern))?;
            }
        }
        Ok(out.flush()?)
    }

    fn finish(&self, total: &Found) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        if self.args.count {
            writeln!(out, "{}", total.matched)?;
        } else if !self.table.is_empty() {
            writeln!(out, "{}", report::table(&self.table, None))?;
        }
        Ok(())
    }
}

/// Events that may match are not printed, and never passed over in silence.
fn tell_uncertain(uncertain: &BTreeMap<Rule, usize>) -> Result<(), Failure> {
    for (rule, count) in uncertain {
        let are = if *count == 1 { "event is" } else { "events are" };
        let message = format!("{count} {are} uncertain: AWS does not say how it reads {}", rule.question());
        let finding = Finding::warning(Code::Uncertain, message).help(rule.rewrite());
        report::findings(&[finding], &mut anstream::stderr())?;
    }
    Ok(())
}
