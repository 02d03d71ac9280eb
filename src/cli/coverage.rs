//! `trailarm coverage`: which techniques and controls the detections serve, gaps first.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::Answer;
use super::args;
use super::failure::Failure;
use super::library::Which;
use crate::coverage::{Section, coverage};
use crate::finding::{Code, Finding};
use crate::report::{self, json};
use crate::techniques::{ATTACK_VERSION, RENUMBERED_IN, is_parent, suggestion};

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// Only these techniques or controls: AT1667.001, T1562, 5.1, CloudWatch.2
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    /// The version of ATT&CK whose ids the layer file has: 18 or 19
    #[arg(long, value_name = "N", env = "TRAILARM_ATTACK_VERSION", default_value_t = ATTACK_VERSION, value_parser = clap::value_parser!(u32).range(i64::from(ATTACK_VERSION)..=i64::from(RENUMBERED_IN)))]
    attack_version: u32,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, on a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For a comment or a wiki
    Markdown,
    /// One page, without network
    Html,
    /// A layer file for the ATT&CK Navigator
    Navigator,
}

pub(super) fn run(args: &CoverageArgs) -> Result<Answer, Failure> {
    let library = args.which.load()?;
    let sections = narrowed(coverage(&library.units), &args.ids)?;
    let mut out = anstream::stdout().lock();
    let document = |format: args::Format, out: &mut _| format.write("Coverage", &report::coverage(&sections), out);
    match args.format {
        Format::Text => document(args::Format::Text, &mut out)?,
        Format::Markdown => document(args::Format::Markdown, &mut out)?,
        Format::Html => document(args::Format::Html, &mut out)?,
        Format::Json => writeln!(out, "{}", json::pretty(&json::coverage::Coverage::from(sections.as_slice()))?)?,
        Format::Navigator => writeln!(out, "{}", json::pretty(&report::navigator(&sections, args.attack_version))?)?,
    }
    Ok(Answer::Yes)
}

/// Only the rows that are named, by themselves or by the technique they are part of.
fn narrowed(mut sections: Vec<Section>, ids: &[String]) -> Result<Vec<Section>, Finding> {
    let known: Vec<String> = sections.iter().flat_map(|section| &section.rows).map(|row| row.id.clone()).collect();
    let named = |id: &str, wanted: &str| id.eq_ignore_ascii_case(wanted) || is_parent(&wanted.to_uppercase(), id);
    if let Some(unknown) = ids.iter().find(|wanted| !known.iter().any(|id| named(id, wanted))) {
        let finding = Finding::error(Code::UnknownName, format!("no technique and no control is called `{unknown}`"));
        let help = suggestion(unknown, known.iter().map(String::as_str));
        return Err(finding.help(help.unwrap_or_else(|| "`trailarm coverage` lists those that are known".to_owned())));
    }
    if !ids.is_empty() {
        for section in &mut sections {
            section.rows.retain(|row| ids.iter().any(|wanted| named(&row.id, wanted)));
        }
        sections.retain(|section| !section.rows.is_empty());
    }
    Ok(sections)
}
