//! Arguments that several commands share. Each has its `TRAILARM_…` variable.

use std::io::{IsTerminal, Write};

use camino::Utf8PathBuf;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::environment::is_on;
use crate::account::aws::{AwsAccount, Connection};
use crate::account::error::AccountError;
use crate::planning::Choice;
use crate::report::{self, Document, Options};

/// How output looks.
#[derive(Debug, Args)]
pub(super) struct Look {
    /// When to colour output
    #[arg(long, global = true, value_enum, default_value_t, env = "TRAILARM_COLOR")]
    color: Color,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

impl Look {
    pub(super) fn set_up(&self) {
        match self.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Which stack, in which account.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG")]
    pub config: Option<Utf8PathBuf>,

    /// A snapshot account in place of AWS: no credentials, no network
    #[arg(long, value_name = "FILE", env = "TRAILARM_ACCOUNT")]
    pub account: Option<Utf8PathBuf>,

    #[command(flatten)]
    pub aws: Aws,
}

/// How to reach AWS.
#[derive(Debug, Args)]
pub(super) struct Aws {
    /// Profile of the AWS configuration [also: AWS_PROFILE]
    #[arg(long, value_name = "NAME", env = "TRAILARM_PROFILE")]
    pub profile: Option<String>,

    /// AWS Region [also: AWS_REGION]
    #[arg(long, value_name = "REGION", env = "TRAILARM_REGION")]
    pub region: Option<String>,

    /// Endpoint in place of AWS's own [also: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", env = "TRAILARM_ENDPOINT_URL")]
    pub endpoint_url: Option<String>,
}

impl Aws {
    /// The account that these lead to.
    pub(super) async fn connect(&self) -> Result<AwsAccount, AccountError> {
        let Self { profile, region, endpoint_url } = self;
        AwsAccount::connect(&Connection { profile: profile.clone(), region: region.clone(), endpoint_url: endpoint_url.clone() }).await
    }
}

/// What part of the plan, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct View {
    /// Only detections, topics or addresses that this glob names: 'api-gateway-abuse/*'
    #[arg(long, value_name = "GLOB", env = "TRAILARM_ONLY")]
    only: Option<String>,

    /// Show e-mail addresses and URLs of subscriptions in full
    #[arg(long, env = "TRAILARM_SHOW_ENDPOINTS", value_parser = FalseyValueParser::new())]
    show_endpoints: bool,

    /// Read the tags of all alarms (a call each), to see tags changed by hand
    #[arg(long, env = "TRAILARM_REFRESH_TAGS", value_parser = FalseyValueParser::new())]
    refresh_tags: bool,
}

impl View {
    pub(super) fn choice(&self, destroy: bool) -> Choice {
        Choice { only: self.only.clone(), refresh_tags: self.refresh_tags, destroy, look_only: false }
    }

    pub(super) fn options(&self) -> Options {
        Options { endpoints: self.show_endpoints }
    }
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, on a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For a comment or a wiki
    Markdown,
    /// One page, without network
    Html,
}

impl Format {
    /// Writes a document; JSON has types of its own and is written by the command.
    pub(super) fn write(self, title: &str, document: &Document, out: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Text | Self::Json => report::write(document, out),
            Self::Markdown => out.write_all(report::markdown(document).as_bytes()),
            Self::Html => out.write_all(report::html(title, document).as_bytes()),
        }
    }
}

/// Consent to write.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Do not ask (needed where nobody can answer)
    #[arg(long, env = "TRAILARM_AUTO_APPROVE", value_parser = FalseyValueParser::new())]
    pub auto_approve: bool,
}

/// Whether somebody can be asked: a terminal on both sides, and not CI.
pub(super) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !is_on("CI")
}

/// Whether a progress bar can be drawn.
pub(super) fn can_draw() -> bool {
    std::io::stderr().is_terminal() && !is_on("CI")
}
