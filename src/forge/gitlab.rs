//! Notes of a merge request at GitLab (<https://docs.gitlab.com/api/notes/>).

use serde_json::json;

use super::http::Http;
use super::{Found, MOST_PAGES, PAGE, too_many};
use crate::finding::Finding;

/// A merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitLab {
    /// `https://gitlab.com/api/v4`.
    pub api: String,
    /// Id or path.
    pub project: String,
    pub number: u64,
}

impl GitLab {
    fn notes(&self) -> String {
        // The path of a project is one part of the address.
        format!("/projects/{}/merge_requests/{}/notes", self.project.replace('/', "%2F"), self.number)
    }

    /// Our own note with that first line.
    pub(super) async fn find(&self, http: &Http, marker: &str) -> Result<Option<Found>, Finding> {
        let me = http.ask("GET", "/user", None).await?["id"].clone();
        for page in 1..=MOST_PAGES {
            let list = http.ask("GET", &format!("{}?per_page={PAGE}&page={page}", self.notes()), None).await?;
            let list = list.as_array().cloned().unwrap_or_default();
            if let Some(found) = list.iter().filter(|note| note["author"]["id"] == me).find_map(|note| Found::of(note, marker)) {
                return Ok(Some(found));
            }
            if list.len() < PAGE {
                return Ok(None);
            }
        }
        Err(too_many("the merge request"))
    }

    pub(super) async fn write(&self, http: &Http, id: Option<u64>, body: &str) -> Result<(), Finding> {
        let body = json!({ "body": body });
        match id {
            Some(id) => http.ask("PUT", &format!("{}/{id}", self.notes()), Some(&body)).await?,
            None => http.ask("POST", &self.notes(), Some(&body)).await?,
        };
        Ok(())
    }
}
