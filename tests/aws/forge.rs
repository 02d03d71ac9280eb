//! `trailarm comment` against a local server that keeps comments as GitHub and GitLab do.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::{Request, Response, serve};
use crate::work::{Run, Work};

/// A pull request with its comments.
#[derive(Default)]
struct Thread {
    /// `{id, body, user: {login, type}, author: {id}}`
    comments: Vec<Value>,
    calls: Vec<String>,
    /// Status, body and headers of the next answers to writes.
    refusals: Vec<(u16, Value, Vec<String>)>,
    /// Whether `GET /user` is let through.
    is_user: bool,
}

pub(crate) struct Server {
    pub url: String,
    thread: Arc<Mutex<Thread>>,
}

pub(crate) const TOKEN: &str = "secret-token";

pub(crate) fn start() -> Server {
    let thread = Arc::new(Mutex::new(Thread { is_user: true, ..Thread::default() }));
    let shared = Arc::clone(&thread);
    let url = serve(move |request| answer(&mut shared.lock().unwrap(), &request));
    Server { url, thread }
}

impl Server {
    /// The comments as they are now.
    pub(crate) fn comments(&self) -> Vec<String> {
        let bodies = |comment: &Value| comment["body"].as_str().unwrap().to_owned();
        self.thread.lock().unwrap().comments.iter().map(bodies).collect()
    }
}

fn answer(thread: &mut Thread, request: &Request) -> Response {
    let json = |status, body: &Value| Response::new(status, "application/json", body.to_string().into_bytes());
    thread.calls.push(format!("{} {}", request.method, request.path));
    if ![format!("Bearer {TOKEN}"), TOKEN.to_owned()].contains(&request.token) {
        return json(401, &json!({ "message": "Bad credentials" }));
    }
    if request.path == "/user" {
        let me = json!({ "login": "ci", "id": 7 });
        if let Some((500, body, _)) = thread.refusals.first() {
            return json(500, body);
        }
        return if thread.is_user { json(200, &me) } else { json(403, &json!({ "message": "Resource not accessible by integration" })) };
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    if !["/repos/o/r/issues/", "/projects/g%2Fp/merge_requests/5/notes"].iter().any(|start| path.starts_with(start)) {
        return json(404, &json!({ "message": "Not Found" }));
    }
    if request.method == "GET" {
        let page: usize = query.rsplit("page=").next().unwrap().parse().unwrap();
        let list: Vec<Value> = thread.comments.iter().skip((page - 1) * 100).take(100).cloned().collect();
        return json(200, &json!(list));
    }
    if !thread.refusals.is_empty() {
        let (status, body, headers) = thread.refusals.remove(0);
        return Response { headers, ..json(status, &body) };
    }
    let body = serde_json::from_slice::<Value>(&request.body).unwrap()["body"].clone();
    let id: Option<u64> = path.rsplit('/').next().unwrap().parse().ok();
    match thread.comments.iter_mut().find(|comment| Some(comment["id"].as_u64().unwrap()) == id) {
        Some(comment) => comment["body"] = body,
        None => {
            let id = 1000 + thread.comments.len();
            thread.comments.push(json!({ "id": id, "body": body, "user": { "login": if thread.is_user { "ci" } else { "github-actions[bot]" } }, "author": { "id": 7 } }));
        }
    }
    json(201, &json!({}))
}

/// A stack with plans on a snapshot account: `plan.json`, and `none.json` in which nothing changes.
fn work() -> Work {
    let work = Work::new("http://127.0.0.1:9", "111122223333", "us-east-1");
    work.write("trailarm.yaml", "stack: base\nlog_group: {name: aws-cloudtrail-logs}\npacks: [./alarms]\n");
    work.write("alarms/iam/a.yaml", "metric_filter: {pattern: '{ $.eventName = \"CreateUser\" }', default: 0}\nalarm: {threshold: 1}\n");
    let plan = |out: &str| work.run(&["plan", "--account", "account.json", "--out", out]);
    assert_eq!(plan("plan.json").code, 0);
    assert_eq!(work.run(&["apply", "plan.json", "--account", "account.json"]).code, 0);
    assert_eq!(plan("none.json").code, 0);
    work.write("alarms/iam/a.yaml", "metric_filter: {pattern: '{ $.eventName = \"CreateUser\" }', default: 0}\nalarm: {threshold: 2}\n");
    assert_eq!(plan("other.json").code, 0);
    work
}

fn comment(work: &Work, server: &Server, plan: &str, forge: &str) -> Run {
    let mut command = work.command(&["comment", plan, "--forge", forge, "--api", &server.url]);
    if forge == "github" {
        command.env("GITHUB_TOKEN", TOKEN).env("GITHUB_REPOSITORY", "o/r").env("GITHUB_REF", "refs/pull/5/merge");
    } else {
        command.env("GITLAB_TOKEN", TOKEN).env("CI_PROJECT_ID", "g/p").env("CI_MERGE_REQUEST_IID", "5");
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_comment_is_posted_once_and_updated_in_place() {
    for forge in ["github", "gitlab"] {
        let (work, server) = (work(), start());
        // Others wrote a lot, and one of them begins as we do.
        let marker = "<!-- trailarm:base/111122223333/us-east-1 -->";
        let foreign =
            |id: u64| json!({ "id": id, "body": format!("{marker}\nmine"), "user": { "login": "other-app[bot]" }, "author": { "id": 9 } });
        server.thread.lock().unwrap().comments = (1..=150).map(foreign).collect();
        for (plan, said, count) in [
            ("none.json", "Nothing changes, so nothing was posted.\n", 150),
            ("plan.json", "The comment was posted.\n", 151),
            ("plan.json", "The comment says just that already.\n", 151),
            ("other.json", "The comment was updated.\n", 151),
            ("none.json", "The comment was updated.\n", 151),
        ] {
            let run = comment(&work, &server, plan, forge);
            assert_eq!((run.code, run.stdout.as_str()), (0, said), "{forge} {plan}: {}", run.stderr);
            let thread = server.thread.lock().unwrap();
            assert_eq!(thread.comments.len(), count, "{forge} {plan}");
            assert!(thread.comments[..150].iter().all(|comment| comment["body"] == format!("{marker}\nmine")), "others are left alone");
        }
        let thread = server.thread.lock().unwrap();
        let body = thread.comments[150]["body"].as_str().unwrap();
        assert!(body.starts_with(&format!("{marker}\n### No changes.\n")), "{body}");
    }
}

/// The token of GitHub Actions is no user; its comments are those of a bot.
#[test]
fn a_token_of_actions_finds_its_comment() {
    let (work, server) = (work(), start());
    server.thread.lock().unwrap().is_user = false;
    assert_eq!(comment(&work, &server, "plan.json", "github").stdout, "The comment was posted.\n");
    assert_eq!(comment(&work, &server, "other.json", "github").stdout, "The comment was updated.\n");
    let foreign = json!({ "id": 1, "body": server.comments()[0].clone(), "user": { "login": "other-app[bot]" }, "author": { "id": 9 } });
    server.thread.lock().unwrap().comments.insert(0, foreign);
    assert_eq!(comment(&work, &server, "plan.json", "github").stdout, "The comment was updated.\n");
    let bodies = server.comments();
    assert!(bodies.len() == 2 && bodies[0] != bodies[1], "that of another app is left alone");
}

#[test]
fn refusals_say_what_to_do_and_nothing_is_posted() {
    let (work, server) = (work(), start());
    for (status, body, headers, message) in [
        (403, json!({ "message": "Resource not accessible by integration" }), vec![], "the token may not do this"),
        (422, json!({ "message": "Validation Failed" }), vec![], "the comment is not taken (Validation Failed)"),
        (403, json!({ "message": "API rate limit exceeded" }), vec!["x-ratelimit-remaining: 0".to_owned()], "too many calls"),
        (429, json!({ "message": "slow down" }), vec!["retry-after: 30".to_owned()], "run it again in 30 seconds"),
        (502, json!("<html>"), vec![], "whether it was posted is not known"),
        // Who we are is not known, so neither is which comment is ours.
        (500, json!({ "message": "oops" }), vec![], "GET /user: 500: the service has trouble"),
    ] {
        server.thread.lock().unwrap().refusals = vec![(status, body, headers)];
        let run = comment(&work, &server, "plan.json", "github");
        assert!(run.code == 1 && run.stderr.contains(message), "{status}: {}", run.stderr);
        assert!(!run.stderr.contains(TOKEN), "the token is told to nobody");
        assert!(server.thread.lock().unwrap().comments.is_empty());
    }
    server.thread.lock().unwrap().refusals.clear();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = work.command(&[&["comment", "plan.json"], arguments].concat()).envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let api = ["--api", server.url.as_str()];
    let on_github = [&["--forge", "github", "--number", "5", "--repository", "o/r"] as &[&str], &api].concat();
    for (arguments, variables, message) in [
        (&[] as &[&str], &[] as &[(&str, &str)], "say `--forge github` or `--forge gitlab`"),
        (&on_github, &[], "there is no token: GITHUB_TOKEN is not set"),
        (&["--forge", "gitlab", "--number", "5", "--repository", "g/p"], &[], "there is no token: GITLAB_TOKEN is not set"),
        (&on_github, &[("GITHUB_TOKEN", "wrong")], "401: the token is not taken (Bad credentials)"),
        (&["--forge", "github", "--repository", "o/r"], &[("GITHUB_TOKEN", TOKEN)], "the number of the pull request is not known"),
        (
            &[&["--forge", "github", "--number", "5", "--repository", "o/x"] as &[&str], &api].concat(),
            &[("GITHUB_TOKEN", TOKEN)],
            "404: there is no such thing",
        ),
        (
            &["--forge", "github", "--number", "5", "--repository", "o/r", "--api", "http://ghe.example.com"],
            &[("GITHUB_TOKEN", TOKEN)],
            "is not https",
        ),
        (
            &["--forge", "github", "--number", "5", "--repository", "o/r", "--api", "http://127.0.0.1:9"],
            &[("GITHUB_TOKEN", TOKEN)],
            "cannot be reached",
        ),
    ] {
        let told = run(arguments, variables);
        assert!(told.contains(message), "{arguments:?}: {told}");
    }
    assert!(server.thread.lock().unwrap().comments.is_empty());
}
