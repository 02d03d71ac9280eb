//! How far an apply is: a bar on a terminal, a line a change elsewhere. On stderr, both.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::escape::escape_line;
use super::plan::{Options, shown_address};
use crate::apply::Outcome;
use crate::plan::Change;

/// Shows progress.
pub struct Progress {
    bar: Option<ProgressBar>,
    options: Options,
}

impl Progress {
    /// `on_terminal`: draw a bar.
    pub fn new(changes: usize, on_terminal: bool, options: Options) -> Self {
        let bar = on_terminal.then(|| {
            let bar = ProgressBar::new(changes as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} (about {eta} left) {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, options }
    }

    /// Called before a change, and after it with what became of it.
    pub fn change(&self, change: &Change, outcome: Option<&Outcome>) {
        let address = escape_line(&shown_address(change.address(), self.options)).into_owned();
        let Some(outcome) = outcome else {
            if let Some(bar) = &self.bar {
                bar.set_message(address);
            }
            return;
        };
        let line = match (change, outcome) {
            (Change::Create { .. }, Outcome::Done(t)) => format!("created {address}{}", took(*t)),
            (Change::Update { .. }, Outcome::Done(t)) => format!("changed {address}{}", took(*t)),
            (Change::Replace { .. }, Outcome::Done(t)) => format!("replaced {address}{}", took(*t)),
            (Change::Delete { .. }, Outcome::Done(t)) => format!("destroyed {address}{}", took(*t)),
            (_, Outcome::AlreadySo) => format!("already so: {address}"),
            (_, Outcome::Moved(_)) => format!("refused {address}"),
            (_, Outcome::Failed(_)) => format!("failed {address}"),
            (_, Outcome::Skipped) => format!("skipped {address}"),
            (_, Outcome::NotReached) => return,
        };
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.inc(1);
            }
            // Progress that nobody can read is no reason to stop.
            None => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Said only when somebody could have noticed.
fn took(time: Duration) -> String {
    if time.as_millis() < 100 { String::new() } else { format!(" ({:.1}s)", time.as_secs_f64()) }
}

/// How far the reading of events is: bytes, events, rate and time left.
pub struct Scanning {
    bar: Option<ProgressBar>,
}

impl Scanning {
    /// `bytes`: of all files together; `None`: nobody knows how much there is.
    pub fn new(bytes: Option<u64>, on_terminal: bool) -> Self {
        let bar = on_terminal.then(|| {
            let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
            let template = if bytes.is_some() {
                "{bar:15} {bytes}/{total_bytes} {bytes_per_sec} {eta} left  {wide_msg}"
            } else {
                "{spinner} {elapsed} {wide_msg}"
            };
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar }
    }

    /// So many bytes more were read.
    pub fn read(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    /// What was found so far.
    pub fn say(&self, message: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_message(escape_line(&message()).into_owned());
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
