//! The detections that a command looks at: those of the stack, and where there is none, the shipped ones.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::{FalseyValueParser, ValueHint};

use super::failure::Failure;
use super::session::stack_file;
use crate::detection::{Detection, Unit, load_shipped};
use crate::finding::{Code, Finding, near};
use crate::stack::{Project, check, detections_alone};
use crate::state::Desired;

/// Which detections.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The detections in the binary, whatever the stack has
    #[arg(long, env = "TRAILARM_SHIPPED", value_parser = FalseyValueParser::new())]
    shipped: bool,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
}

impl Which {
    pub(super) fn config(&self) -> Option<&Utf8Path> {
        self.config.as_deref()
    }

    /// The stack, if there is one and it is wanted.
    pub(super) fn stack_file(&self) -> Option<Utf8PathBuf> {
        if self.shipped { None } else { stack_file(self.config.as_deref()).ok() }
    }

    pub(super) fn load(&self) -> Result<Library, Failure> {
        if self.shipped { Library::shipped() } else { Library::load(self.config.as_deref()) }
    }
}

/// Detections, compiled for no account.
pub(super) struct Library {
    pub(super) units: Vec<Unit>,
    /// Addresses of those that the stack switched off.
    pub(super) disabled: BTreeSet<String>,
    /// What the stack comes to; `None`: there is no stack.
    pub(super) stack: Option<Desired>,
}

impl Library {
    /// Of the stack, or shipped.
    ///
    /// # Errors
    /// What is wrong with the stack.
    pub(super) fn load(config: Option<&Utf8Path>) -> Result<Self, Failure> {
        match stack_file(config) {
            Ok(path) => {
                let project = Project::load(&path)?;
                let compiled = check(&project)?;
                Ok(Self { units: compiled.units, disabled: compiled.disabled, stack: Some(compiled.desired) })
            }
            Err(error) if config.is_some() => Err(error),
            Err(_) => Self::shipped(),
        }
    }

    /// These detections, in place of those of the stack with their addresses; without a stack by themselves.
    ///
    /// # Errors
    /// What is wrong with them or with the stack.
    pub(super) fn with(detections: Vec<Detection>, stack: Option<&Utf8Path>) -> Result<Vec<Unit>, Failure> {
        let Some(stack) = stack else { return Ok(detections_alone(&detections)?) };
        let mut project = Project::load(stack)?;
        for detection in detections {
            match project.detections.iter_mut().find(|known| known.address == detection.address) {
                Some(known) => *known = detection,
                None => project.detections.push(detection),
            }
        }
        Ok(check(&project)?.units)
    }

    /// All detections of the binary.
    ///
    /// # Errors
    /// None that a release has: a test compiles them.
    pub(super) fn shipped() -> Result<Self, Failure> {
        let shipped = load_shipped().into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Self { units: detections_alone(&shipped)?, disabled: BTreeSet::new(), stack: None })
    }

    /// The detection with an address, of the stack or shipped: what is looked for need not be deployed.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find_anywhere(self, text: &str) -> Result<Vec<Unit>, Failure> {
        let missing = match self.find(text) {
            Ok(_) => {
                return Ok(self.units.into_iter().filter(|unit| unit.ready.address == text || unit.ready.name == text).take(1).collect());
            }
            Err(missing) => missing,
        };
        let shipped = Self::shipped()?.units.into_iter().filter(|unit| unit.ready.address == text).collect::<Vec<_>>();
        if shipped.is_empty() { Err(missing.into()) } else { Ok(shipped) }
    }

    /// The detection with an address, or the first of that name.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find(&self, text: &str) -> Result<&Unit, Finding> {
        let named = |unit: &&Unit| unit.ready.address == text || unit.ready.name == text;
        self.units.iter().find(named).ok_or_else(|| self.unknown(text))
    }

    fn unknown(&self, text: &str) -> Finding {
        if self.disabled.contains(text) {
            let finding = Finding::error(Code::UnknownName, format!("the stack switched `{text}` off"));
            return finding.help("look at it with `--shipped`, or say `enabled: true`");
        }
        // An address, or the name alone.
        let known = self.units.iter().map(|unit| if text.contains('/') { &unit.ready.address } else { &unit.ready.name });
        let help = near(text, known.map(String::as_str))
            .unwrap_or_else(|| "`trailarm list` shows those of the stack, `trailarm list --shipped` all that are shipped".to_owned());
        Finding::error(Code::UnknownName, format!("no detection is called `{text}`")).help(help)
    }

    /// The subscriptions of the stack's topics as they are shown, by the topic's name.
    pub(super) fn subscriptions(&self) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let Some(stack) = &self.stack else { return found };
        for address in stack.state.0.keys().filter(|address| address.kind == "subscription") {
            let shown = crate::read::kind_of(address).shown_name(&address.name);
            if let Some((topic, rest)) = shown.split_once(':') {
                found.entry(topic.to_owned()).or_default().push(rest.replacen(':', " ", 1));
            }
        }
        found
    }
}
