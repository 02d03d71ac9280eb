//! `--format` and `--output`: one report in several forms in one run.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;

use super::args::Format;
use super::failure::Failure;
use super::pager;
use crate::finding::{Code, Finding};
use crate::report::{self, Document};

/// What a report is written as, and where else it goes.
#[derive(Debug, Args)]
pub(super) struct Output {
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    pub format: Format,
    /// Write it into a file as well, in the form that its name says (.md, .html, .json, .txt); may be said several times
    #[arg(long, value_name = "FILE", value_delimiter = ',', env = "TRAILARM_OUTPUT")]
    output: Vec<Utf8PathBuf>,
}

impl Output {
    /// Found to be possible before anything else is done.
    ///
    /// # Errors
    /// The name of a file says no form, or its folder is not there.
    pub(super) fn files(&self) -> Result<Vec<(Format, &Utf8PathBuf)>, Failure> {
        self.output.iter().map(|file| Ok((form(file)?, in_a_folder(file)?))).collect()
    }

    /// Whether something is wanted that the terminal does not show.
    pub(super) fn is_more_than_text(&self) -> bool {
        self.format != Format::Text || !self.output.is_empty()
    }

    /// Writes the report everywhere.
    pub(super) fn write(&self, render: impl Fn(Format) -> Result<String, Failure>) -> Result<(), Failure> {
        self.write_files(&render)?;
        let text = render(self.format)?;
        if self.format == Format::Text { Ok(pager::print(&text)?) } else { Ok(anstream::stdout().lock().write_all(text.as_bytes())?) }
    }

    /// Writes the files alone.
    pub(super) fn write_files(&self, render: impl Fn(Format) -> Result<String, Failure>) -> Result<(), Failure> {
        for (format, file) in self.files()? {
            let plain = anstream::adapter::strip_str(&render(format)?).to_string();
            write_file(file, &plain)?;
        }
        Ok(())
    }
}

fn form(file: &Utf8PathBuf) -> Result<Format, Failure> {
    match file.extension() {
        Some("md" | "markdown") => Ok(Format::Markdown),
        Some("html" | "htm") => Ok(Format::Html),
        Some("json") => Ok(Format::Json),
        Some("txt" | "text") => Ok(Format::Text),
        _ => {
            let finding = Finding::error(Code::WrongValue, format!("the name `{file}` does not say what to write"));
            Err(finding.help("end it with .md, .html, .json or .txt").into())
        }
    }
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
