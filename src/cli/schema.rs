//! `trailarm schema`: the JSON Schema of detections and stacks.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::Answer;
use super::failure::Failure;
use crate::schema::{Document, schema};

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which of the two kinds of file
    #[arg(value_enum, default_value_t)]
    document: Which,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Which {
    #[default]
    Detection,
    Stack,
}

pub(super) fn run(args: &SchemaArgs) -> Result<Answer, Failure> {
    let schema = schema(match args.document {
        Which::Detection => Document::Detection,
        Which::Stack => Document::Stack,
    });
    writeln!(anstream::stdout(), "{schema:#}")?;
    Ok(Answer::Yes)
}
