//! Why a command could not do its work.

use std::io::{self, Write};

use crate::account::error::AccountError;
use crate::finding::{Code, Finding};
use crate::planning::Refusal;
use crate::report;

/// All of these end with exit code 1.
#[derive(Debug)]
pub(super) enum Failure {
    Findings(Vec<Finding>),
    /// It was said already.
    Reported,
    Output(io::Error),
}

impl Failure {
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(super) fn report(&self) {
        let mut stderr = anstream::stderr();
        // When stderr is closed nothing is left to complain to.
        let _ = match self {
            Self::Findings(findings) => report::findings(findings, &mut stderr),
            Self::Reported => Ok(()),
            Self::Output(error) => writeln!(stderr, "error: the output cannot be written: {error}"),
        };
    }
}

impl From<Vec<Finding>> for Failure {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self::Findings(vec![finding])
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Findings(findings) => Self::Findings(findings),
            Refusal::Account(error) => error.into(),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let help = error.help();
        Finding::error(Code::Unusable, error.to_string()).help(help).into()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
