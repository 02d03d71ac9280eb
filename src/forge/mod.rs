//! The comment on a pull request, at GitHub and GitLab: found by its first line, updated in place, never posted twice.
//!
//! A comment of somebody else that begins with that line is left alone.

mod github;
mod gitlab;
mod http;

pub use self::github::GitHub;
pub use self::gitlab::GitLab;
use self::http::Http;
use serde_json::Value;

use crate::finding::{Code, Finding};

/// Where the comment is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    GitHub(GitHub),
    GitLab(GitLab),
}

/// A comment that is there.
struct Found {
    id: u64,
    body: String,
}

impl Found {
    /// `None`: it does not begin with that line.
    fn of(comment: &Value, marker: &str) -> Option<Self> {
        let body = comment["body"].as_str().filter(|body| body.lines().next() == Some(marker))?.to_owned();
        Some(Self { id: comment["id"].as_u64()?, body })
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Created,
    Updated,
    /// It said just that already.
    Unchanged,
    /// There is nothing to say, and nothing was said before.
    NothingToSay,
}

/// Writes the comment. `marker` is its first line; with `quiet`, a new one is not begun.
///
/// # Errors
/// The service refuses, or cannot be reached; then nothing was written, or the error says so.
pub async fn comment(place: &Place, token: &str, marker: &str, body: &str, quiet: bool) -> Result<Done, Finding> {
    let http = match place {
        Place::GitHub(place) => Http::new(&place.api, ("authorization", format!("Bearer {token}")))?,
        Place::GitLab(place) => Http::new(&place.api, ("private-token", token.to_owned()))?,
    };
    let found = match place {
        Place::GitHub(place) => place.find(&http, marker).await?,
        Place::GitLab(place) => place.find(&http, marker).await?,
    };
    // Services trim what they are given.
    match found {
        Some(found) if found.body.replace("\r\n", "\n").trim_end() == body.trim_end() => Ok(Done::Unchanged),
        None if quiet => Ok(Done::NothingToSay),
        found => {
            let id = found.map(|found| found.id);
            match place {
                Place::GitHub(place) => place.write(&http, id, body).await?,
                Place::GitLab(place) => place.write(&http, id, body).await?,
            }
            Ok(if id.is_some() { Done::Updated } else { Done::Created })
        }
    }
}

/// More pages of comments than these are not looked through.
const MOST_PAGES: usize = 30;
/// Comments a page, the most that both services give.
const PAGE: usize = 100;

fn too_many(place: &str) -> Finding {
    let finding = Finding::error(Code::Refused, format!("{place} has more than {} comments", MOST_PAGES * PAGE));
    finding.help("nothing was posted, since our own could be among the rest; write to another place")
}
