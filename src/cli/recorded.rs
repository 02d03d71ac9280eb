//! Sources of recorded events: files, the event history, a log group.

use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use rayon::prelude::*;

use super::args::Aws;
use super::failure::Failure;
use super::interrupt;
use crate::backtest::{Bounds, Census, Scan, Subject};
use crate::events::{Unpacker, find};
use crate::finding::{Code, Finding};
use crate::report::Scanning;

/// Findings about files that are told; more are counted.
const MOST_TOLD: usize = 20;

/// How a source is read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// For `event-history`: keep what was read in this file, and go on from there next time
    #[arg(long, value_name = "FILE", env = "TRAILARM_RESUME")]
    pub(super) resume: Option<Utf8PathBuf>,
}

/// Where events come from.
pub(super) struct Recorded {
    name: String,
    files: Vec<(Utf8PathBuf, u64)>,
    troubles: Vec<Finding>,
}

impl Recorded {
    /// Finds the files.
    pub(super) fn open(from: &[Utf8PathBuf], _aws: &Aws, _config: Option<&Utf8Path>) -> Result<Self, Failure> {
        let (files, troubles) = find(from);
        let size = |file: Utf8PathBuf| {
            let size = file.metadata().map_or(0, |metadata| metadata.len());
            (file, size)
        };
        let files = files.into_iter().map(size).collect();
        let names: Vec<&str> = from.iter().map(|path| path.as_str()).collect();
        Ok(Self { name: names.join(", "), files, troubles })
    }

    /// As the user named it.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    /// Whose events they are, if that is known.
    pub(super) fn account_id(&self) -> Option<String> {
        None
    }

    /// How much there is to read, if that is known.
    pub(super) fn bytes(&self) -> Option<u64> {
        Some(self.files.iter().map(|(_, size)| size).sum())
    }

    /// Whether it is no error that there is no event.
    pub(super) fn may_be_empty(&self) -> bool {
        false
    }

    /// Reads all of it into the census. Returns whether only some of the events were asked for.
    ///
    /// # Errors
    /// A call fails. What is wrong with single files is told.
    pub(super) fn read(
        &mut self,
        subject: &Subject,
        bounds: Bounds,
        (census, progress): (&Mutex<Census>, &Scanning),
        _reading: &Reading,
        tell: &mut dyn FnMut(Finding),
    ) -> Result<bool, Failure> {
        std::mem::take(&mut self.troubles).into_iter().for_each(&mut *tell);
        // The largest first, so that nobody waits for it at the end.
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(self.files[*index].1));
        let on_read = |bytes| {
            progress.read(bytes);
            !interrupt::is_asked()
        };
        let told: Mutex<Vec<(usize, Vec<Finding>)>> = Mutex::new(Vec::new());
        order.par_iter().for_each_init(
            || (Unpacker::telling(&on_read), Scan::new(subject, bounds, census)),
            |(unpacker, scan), index| {
                if interrupt::is_asked() {
                    return;
                }
                let (mut troubles, file) = (Vec::new(), &self.files[*index].0);
                scan.begin();
                let damage = unpacker.file(file, |part| troubles.extend(scan.part(part)));
                scan.end(damage.len());
                // What was broken off on request is not damaged.
                if !interrupt::is_asked() {
                    troubles.extend(damage);
                }
                if !troubles.is_empty() {
                    lock(&told).push((*index, troubles));
                }
                progress.say(|| {
                    let totals = &lock(census).totals;
                    format!("{} events, {} match", totals.events, totals.matched)
                });
            },
        );
        let mut told = told.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        told.sort_by_key(|(index, _)| *index);
        let all: Vec<Finding> = told.into_iter().flat_map(|(_, troubles)| troubles).collect();
        let more = all.len().saturating_sub(MOST_TOLD);
        all.into_iter().take(MOST_TOLD).map(Finding::as_warning).for_each(&mut *tell);
        if more > 0 {
            tell(
                Finding::warning(Code::BadEvents, format!("{more} more places in these files could not be read"))
                    .help("the result is without them"),
            );
        }
        Ok(false)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
