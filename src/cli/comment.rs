//! `trailarm comment PLAN…`: saved plans as a comment on the pull request.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::Answer;
use super::environment::{is_on, variable};
use super::failure::Failure;
use super::session::{block_on, read_plan};
use crate::finding::{Code, Finding};
use crate::forge::{Done, GitHub, GitLab, Place, comment};
use crate::plan::Plan;
use crate::report::{self, GITHUB_LIMIT, Options, Review};

#[derive(Debug, Args)]
#[command(after_help = "The token is taken from GITHUB_TOKEN, or GITLAB_TOKEN. The comment is found again by its first line and updated.")]
pub(super) struct CommentArgs {
    /// Plans that `plan --out` saved, one for each account, Region or stack
    #[arg(value_name = "PLAN", required = true)]
    plans: Vec<Utf8PathBuf>,
    /// Where it is to be written [default: as the CI we run in says]
    #[arg(long, value_enum, env = "TRAILARM_FORGE")]
    forge: Option<Forge>,
    /// owner/name, or the project at GitLab [also: GITHUB_REPOSITORY, CI_PROJECT_ID]
    #[arg(long, value_name = "NAME", env = "TRAILARM_REPOSITORY")]
    repository: Option<String>,
    /// Number of the pull or merge request [also: the event of GitHub Actions, CI_MERGE_REQUEST_IID]
    #[arg(long, value_name = "N", env = "TRAILARM_NUMBER")]
    number: Option<u64>,
    /// Who writes with this token at GitHub, such as my-app[bot] [default: its user, or github-actions[bot]]
    #[arg(long, value_name = "LOGIN", env = "TRAILARM_AUTHOR")]
    author: Option<String>,
    /// Address of the API [also: GITHUB_API_URL, CI_API_V4_URL]
    #[arg(long, value_name = "URL", env = "TRAILARM_API")]
    api: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Forge {
    Github,
    Gitlab,
}

pub(super) fn run(args: &CommentArgs) -> Result<Answer, Failure> {
    let saved = args.plans.iter().map(|file| read_plan(file)).collect::<Result<Vec<_>, Failure>>()?;
    let plans = saved.iter().map(|saved| Ok(saved.plan()?)).collect::<Result<Vec<Plan>, Failure>>()?;
    let both = saved.iter().zip(&plans);
    let reviews: Vec<Review<'_>> =
        both.map(|(saved, plan)| Review { plan, fingerprint: &saved.fingerprint, audited: None, options: Options::default() }).collect();
    let (place, token) = args.place()?;
    let body = report::comment(&reviews, GITHUB_LIMIT);
    let quiet = plans.iter().all(|plan| plan.changes.is_empty());
    let done = block_on(async { Ok(comment(&place, &token, &report::marker(&reviews), &body, quiet).await?) })?;
    let said = match done {
        Done::Created => "The comment was posted.",
        Done::Updated => "The comment was updated.",
        Done::Unchanged => "The comment says just that already.",
        Done::NothingToSay => "Nothing changes, so nothing was posted.",
    };
    writeln!(anstream::stdout(), "{said}")?;
    Ok(Answer::Yes)
}

impl CommentArgs {
    fn place(&self) -> Result<(Place, String), Finding> {
        let forge =
            self.forge.or_else(|| if is_on("GITHUB_ACTIONS") { Some(Forge::Github) } else { is_on("GITLAB_CI").then_some(Forge::Gitlab) });
        match forge {
            Some(Forge::Github) => self.github(),
            Some(Forge::Gitlab) => self.gitlab(),
            None => {
                let finding = Finding::error(Code::Refused, "whether this is GitHub or GitLab is not known");
                Err(finding.help("say `--forge github` or `--forge gitlab`"))
            }
        }
    }

    fn github(&self) -> Result<(Place, String), Finding> {
        let repository = self.repository.clone().or_else(|| variable("GITHUB_REPOSITORY"));
        let repository = repository.ok_or_else(|| missing("repository", "--repository owner/name"))?;
        let number = self.number.or_else(pull_request).ok_or_else(|| missing("number of the pull request", "--number N"))?;
        let api = self.api.clone().or_else(|| variable("GITHUB_API_URL")).unwrap_or_else(|| "https://api.github.com".to_owned());
        Ok((Place::GitHub(GitHub { api, repository, number, author: self.author.clone() }), token("GITHUB_TOKEN")?))
    }

    fn gitlab(&self) -> Result<(Place, String), Finding> {
        let project = self.repository.clone().or_else(|| variable("CI_PROJECT_ID"));
        let project = project.ok_or_else(|| missing("project", "--repository group/name"))?;
        let number = self.number.or_else(|| variable("CI_MERGE_REQUEST_IID")?.parse().ok());
        let number = number.ok_or_else(|| missing("number of the merge request", "--number N"))?;
        let api = self.api.clone().or_else(|| variable("CI_API_V4_URL")).unwrap_or_else(|| "https://gitlab.com/api/v4".to_owned());
        Ok((Place::GitLab(GitLab { api, project, number }), token("GITLAB_TOKEN")?))
    }
}

fn missing(what: &str, flag: &str) -> Finding {
    Finding::error(Code::Refused, format!("the {what} is not known")).help(format!("say `{flag}`, or run it in CI for a pull request"))
}

/// From the environment, so that it stands in no list of processes.
fn token(name: &str) -> Result<String, Finding> {
    variable(name).map(|token| token.trim().to_owned()).ok_or_else(|| {
        let finding = Finding::error(Code::Refused, format!("there is no token: {name} is not set"));
        finding.help(match name {
            "GITHUB_TOKEN" => "give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`, and the job `permissions: {pull-requests: write}`",
            _ => "put a project access token with the scope `api` into the masked variable GITLAB_TOKEN",
        })
    })
}

/// The pull request that GitHub Actions runs for.
fn pull_request() -> Option<u64> {
    let event = variable("GITHUB_EVENT_PATH").and_then(|path| fs_err::read_to_string(path).ok());
    let event: Option<Value> = event.and_then(|text| serde_json::from_str(&text).ok());
    let named = event.and_then(|event| event["pull_request"]["number"].as_u64().or_else(|| event["issue"]["number"].as_u64()));
    named.or_else(|| variable("GITHUB_REF")?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok())
}
