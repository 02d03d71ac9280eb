//! The workflows of docs/ci, and the one that `init` writes: parsed, pinned, and their commands run as a shell runs them.

use std::path::Path;

use serde_json::Value;

use crate::forge::{self, TOKEN};
use crate::standin::{ACCOUNT, REGION, Standin};
use crate::work::Work;

fn workflow(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci").join(name);
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A stack on a stand-in, and a server that keeps comments.
struct Ci {
    standin: Standin,
    work: Work,
    forge: forge::Server,
}

impl Ci {
    fn new() -> Self {
        let standin = Standin::start();
        let work = Work::new(&standin.url, ACCOUNT, REGION);
        work.write("trailarm.yaml", "stack: base\nlog_group: {name: trail}\npacks: [./alarms]\n");
        work.write(
            "alarms/iam/a.yaml",
            "description: A user was made.\nmetric_filter: {match: {source: iam.amazonaws.com, events: [CreateUser]}, default: 0}\n\
             alarm: {threshold: 1}\ntests:\n- {name: a, event: {eventSource: iam.amazonaws.com, eventName: CreateUser}, matches: true}\n\
             - {name: b, event: {eventSource: iam.amazonaws.com, eventName: DeleteUser}, matches: false}\n",
        );
        Self { standin, work, forge: forge::start() }
    }

    /// Runs a script as CI does; its exit code and what it said.
    fn sh(&self, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
        let binary = Path::new(env!("CARGO_BIN_EXE_trailarm")).parent().unwrap();
        let mut command = std::process::Command::new("sh");
        command.args(["-ec", script]).current_dir(self.work.path()).env_clear();
        // What the binary itself is given in tests.
        let inherited = self.work.command(&[]);
        command.envs(inherited.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", format!("{}:/usr/bin:/bin", binary.display())).envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), said)
    }

    /// Runs the steps of a job that have a script and install nothing.
    fn job(&self, workflow: &Value, job: &str, more: &[(&str, &str)]) -> i32 {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let mut ran = 0;
        for step in steps.iter().filter(|step| step["run"].is_string() && step["name"] != "install") {
            let github = [
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_STEP_SUMMARY", "summary.md"),
                ("GITHUB_OUTPUT", "output.txt"),
                ("GITHUB_REPOSITORY", "o/r"),
                ("GITHUB_REF", "refs/pull/5/merge"),
                ("GITHUB_API_URL", &self.forge.url),
            ];
            let token = step["env"].get("GITHUB_TOKEN").map(|_| ("GITHUB_TOKEN", TOKEN));
            let variables: Vec<(&str, &str)> = github.into_iter().chain(token).chain(more.iter().copied()).collect();
            let (code, said) = self.sh(step["run"].as_str().unwrap(), &variables);
            assert!(code == 0 || step["name"] == "drift" || step["name"] == "doctor", "{step}: {said}");
            ran += 1;
            if code != 0 {
                return code;
            }
        }
        assert!(ran > 0, "{job} runs nothing");
        0
    }
}

/// Every action is named by the commit it is at.
fn pinned(workflow: &Value) {
    for job in workflow["jobs"].as_object().unwrap().values() {
        for uses in job["steps"].as_array().unwrap().iter().filter_map(|step| step["uses"].as_str()) {
            let commit = uses.split_once('@').unwrap().1;
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{uses}");
        }
    }
}

#[test]
fn github_plans_on_a_pull_request_and_applies_on_main() {
    let (pull_request, apply, drift) = (workflow("github-pull-request.yml"), workflow("github-apply.yml"), workflow("github-drift.yml"));
    [&pull_request, &apply, &drift].into_iter().for_each(pinned);
    let ci = Ci::new();
    assert_eq!(ci.job(&pull_request, "plan", &[]), 0);
    let comments = ci.forge.comments();
    assert!(comments.len() == 1 && comments[0].contains("### Plan: 2 to add, 0 to change, 0 to destroy."), "{comments:?}");
    assert!(ci.standin.with(|state| state.alarms.is_empty()), "a pull request writes nothing");
    std::fs::remove_file(ci.work.path().join("output.txt")).unwrap();
    assert_eq!(ci.job(&apply, "plan", &[]), 0);
    let output = std::fs::read_to_string(ci.work.path().join("output.txt")).unwrap();
    let fingerprint = output.lines().find_map(|line| line.strip_prefix("fingerprint=")).unwrap();
    assert!(output.starts_with("changes=2\n"), "{output}");
    assert_eq!(ci.job(&apply, "apply", &[("FINGERPRINT", fingerprint)]), 0);
    assert_eq!(ci.standin.with(|state| state.alarms.len()), 1);
    let log = std::fs::read_to_string(ci.work.path().join("audit.log")).unwrap();
    assert!(log.lines().count() == 2 && log.contains("arn:aws:iam::111122223333:user/test created alarm/base/a"), "{log}");
    assert_eq!(ci.job(&drift, "drift", &[]), 0);
    ci.standin.with(|state| state.alarms.get_mut("base/a").unwrap()["Threshold"] = serde_json::json!(50.0));
    assert_eq!(ci.job(&drift, "drift", &[]), 2, "the job fails on drift");
    assert_eq!(ci.job(&drift, "doctor", &[]), 2, "the job fails on a broken chain");
    let chains = std::fs::read_to_string(ci.work.path().join("chains.md")).unwrap();
    assert!(chains.contains("the alarm does nothing on ALARM"), "{chains}");
}

#[test]
fn gitlab_does_the_same() {
    let pipeline = workflow("gitlab-ci.yml");
    let ci = Ci::new();
    let job = |name: &str, more: &[(&str, &str)]| {
        let script: Vec<&str> = pipeline[name]["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let aws = pipeline[".aws"]["variables"].as_object().unwrap().keys().map(String::as_str);
        let token = ci.work.path().join("token").display().to_string();
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_API_V4_URL", ci.forge.url.as_str()),
            ("CI_PROJECT_ID", "g/p"),
            ("GITLAB_TOKEN", TOKEN),
            ("AWS_TOKEN", "t"),
        ];
        let variables: Vec<(&str, &str)> =
            gitlab.into_iter().chain(aws.map(|name| (name, token.as_str()))).chain(more.iter().copied()).collect();
        ci.sh(&script.join("\n"), &variables)
    };
    let runs = |name: &str, more: &[(&str, &str)]| {
        let (code, said) = job(name, more);
        assert_eq!(code, 0, "{name}: {said}");
    };
    runs("check", &[]);
    runs("plan", &[("CI_MERGE_REQUEST_IID", "5")]);
    // What GitLab hands on from one job to the next.
    let handed_on = std::fs::read_to_string(ci.work.path().join("plan.env")).unwrap();
    let fingerprint = handed_on.trim().strip_prefix("FINGERPRINT=").unwrap();
    assert_ne!(job("apply", &[("FINGERPRINT", "sha256:0000000000000000")]).0, 0);
    runs("apply", &[("FINGERPRINT", fingerprint)]);
    runs("drift", &[]);
    assert_eq!(job("doctor", &[]).0, 2, "the stack has no trail and tells nobody");
    assert!(std::fs::read_to_string(ci.work.path().join("chains.xml")).unwrap().contains("<failure"));
    assert_eq!((ci.forge.comments().len(), ci.standin.with(|state| state.alarms.len())), (1, 1));
    assert!(!pipeline["default"]["image"].as_str().unwrap().ends_with("latest"));
}

#[test]
fn what_init_writes_runs() {
    let ci = Ci::new();
    ci.work.remove("trailarm.yaml");
    let run = ci.work.run(&["init", "--email", "a@example.com", "--packs", "post-activation", "--log-group", "trail"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(ci.work.path().join(".github/workflows/trailarm.yml")).unwrap();
    let workflow: Value = serde_yaml::from_str(&text).unwrap();
    pinned(&workflow);
    assert_eq!((ci.job(&workflow, "check", &[]), ci.job(&workflow, "plan", &[])), (0, 0));
    assert!(ci.forge.comments()[0].contains("to add, 0 to change, 0 to destroy."));
}
