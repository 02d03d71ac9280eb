//! `--format` and `--output`: one report in several forms in one run.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::args::Format;
use super::failure::Failure;
use super::pager;
use crate::finding::{Code, Finding};
use crate::report::{self, Document};

/// A form of a report.
pub(super) trait Form: ValueEnum + Default + PartialEq + Copy + Send + Sync + 'static {
    /// Endings of files in this form, beside those that say text.
    const ENDINGS: &'static [(&'static str, Self)];
}

impl Form for Format {
    const ENDINGS: &'static [(&'static str, Self)] =
        &[("md", Self::Markdown), ("markdown", Self::Markdown), ("html", Self::Html), ("htm", Self::Html), ("json", Self::Json)];
}

/// What a report is written as, and where else it goes.
#[derive(Debug, Args)]
pub(super) struct Output<F: Form = Format> {
    #[arg(long, short, value_enum, default_value_t = F::default(), env = "TRAILARM_FORMAT")]
    pub format: F,
    /// Write it into a file as well, in the form that the end of its name says (.md, .html, .json, .txt, and what else
    /// --format knows); may be said several times
    #[arg(long, value_name = "FILE", value_delimiter = ',', env = "TRAILARM_OUTPUT")]
    output: Vec<Utf8PathBuf>,
}

impl<F: Form> Output<F> {
    /// Found to be possible before anything else is done.
    ///
    /// # Errors
    /// The name of a file says no form, or its folder is not there.
    pub(super) fn files(&self) -> Result<Vec<(F, &Utf8PathBuf)>, Failure> {
        self.output.iter().map(|file| Ok((form(file)?, in_a_folder(file)?))).collect()
    }

    /// Whether something is wanted that the terminal does not show.
    pub(super) fn is_more_than_text(&self) -> bool {
        self.format != F::default() || !self.output.is_empty()
    }

    /// Writes the report everywhere.
    pub(super) fn write(&self, render: impl Fn(F) -> Result<String, Failure>) -> Result<(), Failure> {
        self.write_files(&render)?;
        let text = render(self.format)?;
        if self.format == F::default() { Ok(pager::print(&text)?) } else { Ok(anstream::stdout().lock().write_all(text.as_bytes())?) }
    }

    /// Writes the files alone.
    pub(super) fn write_files(&self, render: impl Fn(F) -> Result<String, Failure>) -> Result<(), Failure> {
        for (format, file) in self.files()? {
            let plain = anstream::adapter::strip_str(&render(format)?).to_string();
            write_file(file, &plain)?;
        }
        Ok(())
    }
}

fn form<F: Form>(file: &Utf8PathBuf) -> Result<F, Failure> {
    let ending = file.extension().unwrap_or_default();
    if matches!(ending, "txt" | "text") {
        return Ok(F::default());
    }
    F::ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, form)| *form).ok_or_else(|| {
        let finding = Finding::error(Code::WrongValue, format!("the name `{file}` does not say what to write"));
        let known: Vec<String> = F::ENDINGS.iter().map(|(known, _)| format!(".{known}")).collect();
        finding.help(format!("end it with {} or .txt", known.join(", "))).into()
    })
}

/// A file whose folder is there.
fn in_a_folder(file: &Utf8PathBuf) -> Result<&Utf8PathBuf, Failure> {
    match file.parent().filter(|folder| !folder.as_str().is_empty() && !folder.is_dir()) {
        None => Ok(file),
        Some(folder) => {
            let finding = Finding::error(Code::Unreadable, format!("there is no folder {folder} for {file}"));
            Err(finding.help("nothing was done; make the folder, or name another file").into())
        }
    }
}

/// A document on a terminal, colours included.
pub(super) fn text(document: &Document) -> Result<String, Failure> {
    let mut out = Vec::new();
    report::write(document, &mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Writes a file, whole or not at all.
pub(super) fn write_file(file: &Utf8PathBuf, text: &str) -> Result<(), Failure> {
    let wrong = |e: std::io::Error| Finding::error(Code::Unreadable, e.to_string()).help("check the path and who may write there");
    // A device, a pipe or a link is written through.
    if file.is_symlink() || (file.exists() && !file.is_file()) {
        return Ok(fs_err::write(file, text).map_err(wrong)?);
    }
    // A name that nobody can have prepared, and that is made anew.
    let partial = Utf8PathBuf::from(format!("{file}.{:016x}.partial", fastrand::u64(..)));
    let mut new = fs_err::OpenOptions::new().write(true).create_new(true).open(&partial).map_err(wrong)?;
    new.write_all(text.as_bytes()).and_then(|()| fs_err::rename(&partial, file)).map_err(|error| {
        // What was begun is of no use; the error is what matters.
        let _ = fs_err::remove_file(&partial);
        wrong(error)
    })?;
    Ok(())
}
