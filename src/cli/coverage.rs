//! `trailarm coverage`: which techniques and controls the detections serve, gaps first.

use std::io::Write;

use clap::builder::{FalseyValueParser, PossibleValuesParser};
use clap::{Args, ValueEnum};

use super::Answer;
use super::args;
use super::failure::Failure;
use super::library::Which;
use crate::audit::CIS_VERSIONS;
use crate::coverage::{Section, Versions, coverage};
use crate::finding::{Code, Finding};
use crate::report::{self, Detail, json};
use crate::techniques::{ATTACK_VERSION, RENUMBERED_IN, is_parent, of_attack, suggestion};

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// Only these techniques or controls: AT1667.001, T1562, 5.1, CloudWatch.2
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_COVERAGE_FORMAT")]
    format: Format,
    /// The version of ATT&CK whose ids are shown: 18 or 19
    #[arg(long, value_name = "N", env = "TRAILARM_ATTACK_VERSION", default_value_t = ATTACK_VERSION, value_parser = clap::value_parser!(u32).range(i64::from(ATTACK_VERSION)..=i64::from(RENUMBERED_IN)))]
    attack_version: u32,
    /// The version of the CIS benchmark whose numbers are shown: 1.4 to 7.0
    #[arg(long, value_name = "VERSION", env = "TRAILARM_CIS_VERSION", default_value = "7.0", value_parser = PossibleValuesParser::new(CIS_VERSIONS))]
    cis_version: String,
    /// Name the detections of each row, and not only how many there are in each pack
    #[arg(long, env = "TRAILARM_COVERAGE_NAMES", value_parser = FalseyValueParser::new())]
    names: bool,
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
    let cis = CIS_VERSIONS.iter().copied().find(|version| *version == args.cis_version).unwrap_or("7.0");
    let sections = narrowed(coverage(&library.units, Versions { attack: args.attack_version, cis }), args)?;
    let mut out = anstream::stdout().lock();
    // A page wraps long lists, a terminal does not.
    let names = args.names || !args.ids.is_empty() || args.format != Format::Text;
    let detail = if names { Detail::Names } else { Detail::Counts };
    let document = |format: args::Format, out: &mut _| {
        format.write("Coverage", &report::coverage(&sections, detail, format != args::Format::Text), out)
    };
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
fn narrowed(mut sections: Vec<Section>, args: &CoverageArgs) -> Result<Vec<Section>, Finding> {
    // An id of another version of ATT&CK is the one that it has in this.
    let of_version = |id: &String| {
        let technique = [ATTACK_VERSION, RENUMBERED_IN].iter().find_map(|version| of_attack(&id.to_uppercase(), *version));
        technique.map_or_else(|| id.clone(), |technique| technique.id_in(args.attack_version).to_owned())
    };
    let ids: Vec<String> = args.ids.iter().map(of_version).collect();
    let known: Vec<String> = sections.iter().flat_map(|section| &section.rows).map(|row| row.id.clone()).collect();
    let named = |id: &str, wanted: &str| id.eq_ignore_ascii_case(wanted) || is_parent(&wanted.to_uppercase(), id);
    if let Some(unknown) = ids.iter().find(|wanted| !known.iter().any(|id| named(id, wanted))) {
        let finding = Finding::error(Code::UnknownName, format!("no technique and no control is called `{unknown}`"));
        let help = suggestion(unknown, known.iter().map(String::as_str));
        return Err(finding.help(
            help.unwrap_or_else(|| "`trailarm coverage` lists those that are known; numbers of CIS depend on `--cis-version`".to_owned()),
        ));
    }
    if !ids.is_empty() {
        for section in &mut sections {
            section.rows.retain(|row| ids.iter().any(|wanted| named(&row.id, wanted)));
        }
        sections.retain(|section| !section.rows.is_empty());
    }
    Ok(sections)
}
