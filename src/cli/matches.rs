//! `trailarm match`: the events that a pattern matches.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use camino::{Utf8Path, Utf8PathBuf};
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use filter_pattern::{PatternSet, Rule, prepare};
use rayon::prelude::*;

use super::Answer;
use super::failure::Failure;
use super::patterns::{named, read_pattern};
use crate::arn::is_account_id;
use crate::events::{Gate, Part, Unpacker, find, standard_input, visit};
use crate::finding::{Code, Finding};
use crate::report;
use crate::search::{Found, Keep, Search};
use crate::state::NO_ACCOUNT;
use crate::wording;

/// Files that are looked at before the next output.
const BATCH: usize = 64;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when an event matches, 1 when none does or something could not be read.")]
pub(super) struct MatchArgs {
    /// A filter pattern, or the address of a detection: '{ $.errorCode = "*" }', api-gateway-abuse/rest-api-built
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pattern: String,
    /// Files, folders and globs of events: .json, .jsonl, .gz, .tar; `-` is standard input [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<Utf8PathBuf>,
    /// Print only how many events match
    #[arg(long, short, env = "TRAILARM_COUNT", value_parser = FalseyValueParser::new())]
    count: bool,
    /// Say of each event why it matches or does not
    #[arg(long, env = "TRAILARM_EXPLAIN", value_parser = FalseyValueParser::new(), conflicts_with_all = ["count", "output"])]
    explain: bool,
    /// How events are printed
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_OUTPUT")]
    output: Output,
    /// The account that `${account_id}` stands for in a detection
    #[arg(long, value_name = "ID", env = "TRAILARM_ACCOUNT_ID", value_parser = account_id)]
    account_id: Option<String>,
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

pub(super) fn account_id(text: &str) -> Result<String, &'static str> {
    if is_account_id(text) { Ok(text.to_owned()) } else { Err("an account id has 12 digits") }
}

/// Exit code 0 when an event matches, 1 when none does or something could not be read.
pub(super) fn run(args: &MatchArgs) -> Result<Answer, Failure> {
    let texts = texts(args)?;
    let patterns = texts.iter().map(|text| read_pattern("pattern", text)).collect::<Result<Vec<_>, _>>()?;
    let set = PatternSet::new(patterns);
    let mut run = Run { args, texts: &texts, set: &set, total: Found::default(), troubles: Vec::new(), table: Vec::new() };
    let is_input = args.files.is_empty() || args.files == ["-"];
    if is_input {
        run.standard_input()?
    } else {
        run.files()?
    }
    run.finish()
}

/// The patterns of a detection, or the pattern itself.
fn texts(args: &MatchArgs) -> Result<Vec<String>, Failure> {
    let Some(patterns) = named(&args.pattern, args.config.as_deref())? else { return Ok(vec![prepare(&args.pattern)]) };
    if let Some(id) = &args.account_id {
        return Ok(patterns.iter().map(|pattern| pattern.replace(NO_ACCOUNT, id)).collect());
    }
    if patterns.iter().any(|pattern| pattern.contains(NO_ACCOUNT)) {
        report::findings(&[no_account()], &mut anstream::stderr())?;
    }
    Ok(patterns)
}

/// A detection names the account, and nobody said which it is.
pub(super) fn no_account() -> Finding {
    let message = format!("the detection names `${{account_id}}`, which is {NO_ACCOUNT} without an account");
    Finding::warning(Code::Variable, message).help("say whose events these are: `--account-id 111122223333`")
}

/// What is found in a file, and what is wrong with it.
fn search_file(
    unpacker: &mut Unpacker<'_>,
    file: &Utf8Path,
    (set, gate): (&PatternSet, Option<&Gate>),
    keep: Keep,
) -> (Found, Vec<Finding>) {
    let (mut search, mut troubles) = (Search::new(set, gate, keep), Vec::new());
    let damage = unpacker.file(file, |part| troubles.extend(visit(part, &mut search)));
    troubles.extend(damage);
    (search.found, troubles)
}

fn search(name: &str, bytes: &[u8], first_line: usize, set: &PatternSet, keep: Keep) -> (Found, Vec<Finding>) {
    let (mut search, mut troubles) = (Search::new(set, None, keep), Vec::new());
    let damage = Unpacker::default().bytes(name, bytes, |part| troubles.extend(visit(Part { first_line, ..part }, &mut search)));
    troubles.extend(damage);
    (search.found, troubles)
}

struct Run<'a> {
    args: &'a MatchArgs,
    texts: &'a [String],
    set: &'a PatternSet,
    total: Found,
    troubles: Vec<Finding>,
    /// Rows, since the width of a table is known at its end.
    table: Vec<String>,
}

impl Run<'_> {
    fn keep(&self) -> Keep {
        match self.args {
            MatchArgs { count: true, .. } => Keep::Counts,
            MatchArgs { explain: true, .. } => Keep::Everything,
            _ => Keep::Matches,
        }
    }

    fn files(&mut self) -> Result<(), Failure> {
        if self.args.files.iter().any(|file| file == "-") {
            let finding = Finding::error(Code::Unusable, "`-` stands beside other files");
            return Err(finding.help("read standard input by itself, or save it into a file").into());
        }
        let (files, troubles) = find(&self.args.files);
        self.troubles.extend(troubles);
        let (set, keep) = (self.set, self.keep());
        let gate = Gate::new(set);
        for batch in files.chunks(BATCH) {
            let results: Vec<_> = batch
                .par_iter()
                .map_init(Unpacker::default, |unpacker, file| search_file(unpacker, file, (set, gate.as_ref()), keep))
                .collect();
            results.into_iter().try_for_each(|(found, troubles)| self.take(found, troubles))?;
        }
        Ok(())
    }

    fn standard_input(&mut self) -> Result<(), Failure> {
        if std::io::stdin().is_terminal() {
            let finding = Finding::error(Code::Unusable, "events are read from standard input, and that is a terminal");
            return Err(finding.help("name files or folders, or pipe events in").into());
        }
        standard_input(|bytes, first_line| {
            let (found, troubles) = search("standard input", &bytes, first_line, self.set, self.keep());
            self.take(found, troubles)
        })
    }

    /// Counts and prints what was found in one file.
    fn take(&mut self, found: Found, troubles: Vec<Finding>) -> Result<(), Failure> {
        self.troubles.extend(troubles);
        self.print(&found.kept)?;
        self.total.matched += found.matched;
        self.total.events += found.events;
        found.uncertain.into_iter().for_each(|(rule, n)| *self.total.uncertain.entry(rule).or_default() += n);
        Ok(())
    }

    fn print(&mut self, events: &[String]) -> Result<(), Failure> {
        if self.args.output == Output::Table && !self.args.explain {
            self.table.extend(events.iter().cloned());
            return Ok(());
        }
        let stdout = std::io::stdout();
        let is_terminal = stdout.is_terminal();
        let mut out = std::io::BufWriter::new(stdout.lock());
        for (i, event) in events.iter().enumerate() {
            if self.args.explain {
                self.explain(self.total.events + i + 1, event, &mut out)?;
            } else {
                // A pipe gets the event as it is; a terminal does not obey what stands in it.
                let shown = if is_terminal { report::escape(event) } else { event.into() };
                writeln!(out, "{shown}")?;
            }
        }
        Ok(out.flush()?)
    }

    fn explain(&self, number: usize, event: &str, out: &mut impl Write) -> Result<(), Failure> {
        for (pattern, text) in self.set.patterns().iter().zip(self.texts) {
            write!(out, "{}", report::explanation(number, event, text, pattern))?;
        }
        Ok(())
    }

    /// The last words, and the exit code.
    fn finish(self) -> Result<Answer, Failure> {
        let mut out = std::io::stdout().lock();
        if self.args.count {
            writeln!(out, "{}", self.total.matched)?;
        } else if !self.table.is_empty() {
            writeln!(out, "{}", report::table(&self.table))?;
        }
        tell_uncertain(&self.total.uncertain)?;
        if !self.troubles.is_empty() {
            return Err(self.troubles.into());
        }
        if self.total.matched > 0 { Ok(Answer::Yes) } else { Err(Failure::Reported) }
    }
}

/// Events that may match are not printed, and never passed over in silence.
fn tell_uncertain(uncertain: &BTreeMap<Rule, usize>) -> Result<(), Failure> {
    for (rule, count) in uncertain {
        let are = if *count == 1 { "event is" } else { "events are" };
        let message = format!("{count} {are} uncertain: {}", wording::open_question(*rule));
        let finding = Finding::warning(Code::Uncertain, message).help(rule.rewrite());
        report::findings(&[finding], &mut anstream::stderr())?;
    }
    Ok(())
}
