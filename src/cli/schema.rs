//! `trailarm schema`: the JSON Schema of detections and stacks.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::Answer;
use super::failure::Failure;
use crate::schema::{Document, schema};

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which kind of file; `any` tells a stack by its key `stack`
    #[arg(value_enum, default_value_t)]
    document: Which,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Which {
    #[default]
    Any,
    Detection,
    Stack,
}

pub(super) fn run(args: &SchemaArgs) -> Result<Answer, Failure> {
    let schema = schema(match args.document {
        Which::Any => Document::Any,
        Which::Detection => Document::Detection,
        Which::Stack => Document::Stack,
    });
    writeln!(anstream::stdout(), "{schema:#}")?;
    Ok(Answer::Yes)
}
