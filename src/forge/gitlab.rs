//! Notes of a merge request at GitLab (<https://docs.gitlab.com/api/notes/>).

use serde_json::{Value, json};

use super::http::Http;
use super::{Found, MOST_PAGES, PAGE, Place, too_many};
use crate::finding::Finding;

fn base(place: &Place) -> String {
    match place {
        // A path of a project is one part of the address.
        Place::GitLab { project, number, .. } => format!("/projects/{}/merge_requests/{number}/notes", project.replace('/', "%2F")),
        Place::GitHub { .. } => String::new(),
    }
}

/// Our own note with that first line.
pub(super) async fn find(http: &Http, place: &Place, marker: &str) -> Result<Option<Found>, Finding> {
    let me = http.ask("GET", "/user", None).await?["id"].clone();
    for page in 1..=MOST_PAGES {
        let list = http.ask("GET", &format!("{}?per_page={PAGE}&page={page}", base(place)), None).await?;
        let list = list.as_array().cloned().unwrap_or_default();
        let begins = |note: &&Value| note["body"].as_str().is_some_and(|body| body.lines().next() == Some(marker));
        if let Some(note) = list.iter().filter(begins).find(|note| note["author"]["id"] == me) {
            let body = note["body"].as_str().unwrap_or_default().to_owned();
            return Ok(note["id"].as_u64().map(|id| Found { id, body }));
        }
        if list.len() < PAGE {
            return Ok(None);
        }
    }
    Err(too_many("the merge request"))
}

pub(super) async fn write(http: &Http, place: &Place, id: Option<u64>, body: &str) -> Result<(), Finding> {
    let body = json!({ "body": body });
    match id {
        Some(id) => http.ask("PUT", &format!("{}/{id}", base(place)), Some(&body)).await?,
        None => http.ask("POST", &base(place), Some(&body)).await?,
    };
    Ok(())
}
