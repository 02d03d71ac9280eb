//! Comments of a pull request at GitHub (<https://docs.github.com/rest/issues/comments>).

use serde_json::{Value, json};

use super::http::Http;
use super::{Found, MOST_PAGES, PAGE, Place, too_many};
use crate::finding::Finding;

fn base(place: &Place) -> (String, String) {
    match place {
        Place::GitHub { repository, number, .. } => (format!("/repos/{repository}"), format!("/issues/{number}/comments")),
        Place::GitLab { .. } => (String::new(), String::new()),
    }
}

/// Our own comment with that first line.
pub(super) async fn find(http: &Http, place: &Place, marker: &str) -> Result<Option<Found>, Finding> {
    // A token of Actions is no user: then its comments are those of a bot.
    let user = http.call("GET", "/user", None).await?;
    let me = user.body["login"].as_str().filter(|_| user.status == 200).map(str::to_owned);
    let is_ours = |comment: &Value| match &me {
        Some(me) => comment["user"]["login"] == me.as_str(),
        None => comment["user"]["type"] == "Bot",
    };
    let (repository, comments) = base(place);
    for page in 1..=MOST_PAGES {
        let path = format!("{repository}{comments}?per_page={PAGE}&page={page}");
        let list = http.ask("GET", &path, None).await?;
        let list = list.as_array().cloned().unwrap_or_default();
        let begins = |comment: &&Value| comment["body"].as_str().is_some_and(|body| body.lines().next() == Some(marker));
        if let Some(comment) = list.iter().filter(begins).find(|comment| is_ours(comment)) {
            let body = comment["body"].as_str().unwrap_or_default().to_owned();
            return Ok(comment["id"].as_u64().map(|id| Found { id, body }));
        }
        if list.len() < PAGE {
            return Ok(None);
        }
    }
    Err(too_many("the pull request"))
}

pub(super) async fn write(http: &Http, place: &Place, id: Option<u64>, body: &str) -> Result<(), Finding> {
    let (repository, comments) = base(place);
    let body = json!({ "body": body });
    match id {
        Some(id) => http.ask("PATCH", &format!("{repository}/issues/comments/{id}"), Some(&body)).await?,
        None => http.ask("POST", &format!("{repository}{comments}"), Some(&body)).await?,
    };
    Ok(())
}
