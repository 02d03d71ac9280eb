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
    /// Who writes with this token; `None`: its user, or GitHub Actions.
    pub author: Option<String>,
}

/// Who writes with the token of a workflow.
const ACTIONS: &str = "github-actions[bot]";

impl GitHub {
    fn comments(&self) -> String {
        format!("/repos/{}/issues/{}/comments", self.repository, self.number)
    }

    /// Whose comments are ours. A token of an app is no user, and may not ask who it is.
    async fn author(&self, http: &Http) -> Result<String, Finding> {
        if let Some(author) = &self.author {
            return Ok(author.clone());
        }
        let user = http.call("GET", "/user", None).await?;
        match (user.status, user.body["login"].as_str()) {
            (200, Some(login)) => Ok(login.to_owned()),
            (403 | 404, _) if !user.is_limited() => Ok(ACTIONS.to_owned()),
            _ => Err(user.refusal("GET", "/user")),
        }
    }

    /// Our own comment with that first line.
    pub(super) async fn find(&self, http: &Http, marker: &str) -> Result<Option<Found>, Finding> {
        let me = self.author(http).await?;
        let is_ours = |comment: &Value| comment["user"]["login"] == me.as_str();
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
