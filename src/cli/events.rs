//! `trailarm events`: event sources and names as CloudTrail writes them.

use std::io::Write;

use clap::Args;
use clap_complete::{ArgValueCandidates, ArgValueCompleter};
use globset::GlobBuilder;

use super::Answer;
use super::args::Format;
use super::completions;
use super::failure::Failure;
use crate::cloudtrail::{self, Event};
use crate::finding::{Code, Finding, near};
use crate::report::{self, json};

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when there is such an event, 1 when there is none.")]
pub(super) struct EventsArgs {
    /// A name, with `*` for anything and in any case: 'Create*' [default: the sources, and how many names each has]
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completions::event_names))]
    name: Option<String>,
    /// Only of this source: lambda, or lambda.amazonaws.com
    #[arg(long, short, value_name = "SOURCE", env = "TRAILARM_EVENTS_SOURCE", add = ArgValueCandidates::new(completions::sources))]
    source: Option<String>,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
}

pub(super) fn run(args: &EventsArgs) -> Result<Answer, Failure> {
    let source =
        args.source.as_deref().map(|text| cloudtrail::find_source(text, "leave `--source` out to look in all of them")).transpose()?;
    let pattern = args.name.as_deref().unwrap_or("*");
    let glob = GlobBuilder::new(pattern).case_insensitive(true).build();
    let glob =
        glob.map_err(|e| Finding::error(Code::WrongValue, e.to_string()).help("write a name, with `*` for anything"))?.compile_matcher();
    let events: Vec<Event> = cloudtrail::events().filter(|event| source.as_ref().is_none_or(|s| *s == event.source)).collect();
    let found = |event: &&Event| glob.is_match(event.name) || cloudtrail::is_dated(event.name, pattern);
    let found: Vec<&Event> = events.iter().filter(found).collect();
    if found.is_empty() {
        return Err(none(pattern, &events).into());
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", json::pretty(&json::events::Events::new(&found))?)?,
        format if args.name.is_none() && source.is_none() => format.write("Event sources", &report::event_sources(&found), &mut out)?,
        format => format.write("Events", &report::event_names(&found), &mut out)?,
    }
    Ok(Answer::Yes)
}

fn none(pattern: &str, events: &[Event]) -> Finding {
    let finding = Finding::error(Code::UnknownName, format!("no event is called `{pattern}`"));
    let longer = events.iter().find(|event| event.name.to_lowercase().starts_with(&pattern.to_lowercase()));
    let longer = longer.map(|event| format!("CloudTrail writes `{}`; `{pattern}*` finds all that begin so", event.name));
    let help = longer.or_else(|| near(pattern, events.iter().map(|event| event.name)));
    finding.help(help.unwrap_or_else(|| format!("search for a part of it: '*{}*'", pattern.trim_matches('*'))))
}
