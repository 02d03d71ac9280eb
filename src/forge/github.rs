//! Comments of a pull request at GitHub (<https://docs.github.com/rest/issues/comments>).

use serde_json::{Value, json};

use super::http::Http;
use super::{Found, MOST_PAGES, PAGE, too_many};
use crate::finding::Finding;

/// A pull request, or an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHub {
    /// `https://api.github.com`.
    pub api: String,
    /// `owner/name`.
    pub repository: String,
    pub number: u64,
}

impl GitHub {
    fn comments(&self) -> String {
        format!("/repos/{}/issues/{}/comments", self.repository, self.number)
    }

    /// Our own comment with that first line.
    pub(super) async fn find(&self, http: &Http, marker: &str) -> Result<Option<Found>, Finding> {
        // A token of Actions is no user: then its comments are those of a bot.
        let user = http.call("GET", "/user", None).await?;
        let me = user.body["login"].as_str().filter(|_| user.status == 200).map(str::to_owned);
        let is_ours = |comment: &Value| match &me {
            Some(me) => comment["user"]["login"] == me.as_str(),
            None => comment["user"]["type"] == "Bot",
        };
        for page in 1..=MOST_PAGES {
            let list = http.ask("GET", &format!("{}?per_page={PAGE}&page={page}", self.comments()), None).await?;
            let list = list.as_array().cloned().unwrap_or_default();
            if let Some(found) = list.iter().filter(|comment| is_ours(comment)).find_map(|comment| Found::of(comment, marker)) {
                return Ok(Some(found));
            }
            if list.len() < PAGE {
                return Ok(None);
            }
        }
        Err(too_many("the pull request"))
    }

    pub(super) async fn write(&self, http: &Http, id: Option<u64>, body: &str) -> Result<(), Finding> {
        let body = json!({ "body": body });
        match id {
            Some(id) => http.ask("PATCH", &format!("/repos/{}/issues/comments/{id}", self.repository), Some(&body)).await?,
            None => http.ask("POST", &self.comments(), Some(&body)).await?,
        };
        Ok(())
    }
}
