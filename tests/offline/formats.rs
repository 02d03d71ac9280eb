//! The forms of a plan: what is hostile is harmless in each, and a thousand changes fit.

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};
use trailarm::plan::Plan;
use trailarm::plan::saved::{Made, SavedPlan};
use trailarm::report::{self, GITHUB_LIMIT, Options, Review, SUMMARY_LIMIT, comment, page};

use crate::world::{World, project};

/// What somebody may have put into a name, a description or a pattern.
pub(crate) const HOSTILE: [&str; 12] = [
    "<script>document.title='pwned'</script>",
    "</pre></details><img src=x onerror=\"document.title='pwned'\">",
    "a|b|c `code` ``` ~~~",
    "@everyone #1 GH-1 https://evil.example.com/x",
    "[link](https://evil.example.com) ![i](https://evil.example.com/i.png)",
    "\u{1b}[31mred \u{202e}desrever\u{7}",
    "--> <!-- x",
    "&lt;b&gt; &#60;i&#62;",
    "line one\n\n# heading\n\n- list\n\n<b>bold",
    "$(rm -rf /) ${x} {{x}}",
    "\\@team \\#2",
    "::error::x %0A::set-output name=a::b",
];

/// A plan with hostile text everywhere: created, changed and deleted.
fn hostile() -> (Plan, String) {
    let world = World::new(&json!({}));
    let detection = |text: &str, threshold: u32| {
        // What would be a parameter is written so that it is none.
        let text = text.replace("${", "$${");
        json!({"description": text, "metric_filter": {"pattern": format!("{{ $.a = {} }}", json!(text.replace(['\n', '\u{7}', '\u{1b}'], " "))), "default": 0},
            "alarm": {"threshold": threshold, "tags": {"note": "a"}}})
    };
    let name = |i: usize| format!("d{i}");
    let all: serde_json::Map<String, Value> = HOSTILE.iter().enumerate().map(|(i, text)| (name(i), detection(text, 1))).collect();
    let first: serde_json::Map<String, Value> = all.iter().filter(|(name, _)| *name != "d3").map(|(n, d)| (n.clone(), d.clone())).collect();
    world.apply(&world.plan(&project(&json!({}), &Value::Object(first))));
    let mut after = all;
    after.remove("d1");
    for (i, text) in HOSTILE.iter().enumerate().filter(|(i, _)| *i != 1) {
        let other = HOSTILE[(i + 5) % HOSTILE.len()];
        after.insert(name(i), detection(&format!("{text} {other}"), 2));
    }
    let planned = world.plan(&project(&json!({}), &Value::Object(after)));
    let saved = SavedPlan::new(&planned.plan, &planned.live, Made::default());
    (planned.plan, saved.fingerprint)
}

/// What a reader of Markdown sees: the tags of HTML, and everything that Markdown itself would make of the text.
fn read(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (mut tags, mut made) = (Vec::new(), Vec::new());
    for event in Parser::new_ext(markdown, Extensions::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => tags.push(html.to_string()),
            Event::Start(
                tag @ (Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)),
            ) => {
                made.push(format!("{tag:?}"));
            }
            Event::Code(code) => made.push(format!("code {code}")),
            _ => {}
        }
    }
    (tags, made)
}

#[test]
fn hostile_text_is_text_in_a_comment() {
    let (plan, fingerprint) = hostile();
    let review = [Review { plan: &plan, fingerprint: &fingerprint, audited: None, options: Options::default() }];
    let text = comment(&review, GITHUB_LIMIT);
    assert_eq!(text.lines().next(), Some("<!-- trailarm:case/111122223333/eu-west-1 -->"));
    assert!(!text.chars().any(|c| c.is_control() && c != '\n') && !text.contains('\u{202e}'), "nothing drives a terminal");
    let (tags, made) = read(&text);
    assert_eq!(made, [""; 0], "Markdown makes nothing of what is in the plan");
    let html = tags.concat();
    let known = [
        "<!--",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<code>",
        "</code>",
        "<pre>",
        "</pre>",
        "<del>",
        "</del>",
        "<ins>",
        "</ins>",
    ];
    for (at, _) in html.match_indices('<') {
        assert!(known.iter().any(|tag| html[at..].starts_with(tag)), "{}", &html[at..html.len().min(at + 60)]);
    }
    for tag in ["details", "summary", "code", "pre", "del", "ins"] {
        assert_eq!(html.matches(&format!("<{tag}>")).count(), html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(html.matches("<!--").count(), 1);
}

#[test]
fn hostile_text_is_text_on_a_page_and_on_a_terminal() {
    let (plan, fingerprint) = hostile();
    let review = [Review { plan: &plan, fingerprint: &fingerprint, audited: None, options: Options::default() }];
    let html = page(&review);
    assert_eq!((html.matches("<script>").count(), html.matches("<img").count(), html.matches("onerror=\"").count()), (1, 0, 0));
    assert!(![" src=\"", " href=", "<link", "@import", "url("].iter().any(|way| html.contains(way)), "no network");
    let mut out = Vec::new();
    report::write(&report::plan(&plan, None, Options::default()), &mut anstream::StripStream::new(&mut out)).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n') && !text.contains('\u{202e}'));
    let saved = SavedPlan::new(&plan, &trailarm::state::Live::default(), Made::default());
    let json = report::json::pretty(&saved).unwrap();
    assert!(!json.chars().any(|c| c.is_control() && c != '\n') && !json.contains('\u{202e}'));
    assert_eq!(SavedPlan::read("x", &json).unwrap(), saved, "and it is read as it was");
}

/// A pattern that loses its source, a threshold, and a composite alarm that goes.
fn small() -> (Plan, trailarm::state::Live) {
    let world = World::new(&json!({}));
    let stack = json!({"topics": {"t": {"subscriptions": [{"email": "secops@example.com"}]}}});
    let detection = |pattern: &str, threshold: &str| json!({"metric_filter": {"pattern": pattern, "default": 0}, "alarm": {"threshold": threshold, "notify": ["t"]}});
    let before = json!({"d": detection("{ ($.eventSource = \"iam.amazonaws.com\") && ($.eventName = \"CreateUser\") }", ">= 1"), "e": {"alarm": {"composite": "ALARM(d)"}}});
    world.apply(&world.plan(&project(&stack, &before)));
    let planned = world.plan(&project(&stack, &json!({"d": detection("{ $.eventName = \"CreateUser\" }", ">= 3")})));
    (planned.plan, planned.live)
}

/// The same plan as a file, and as the part of the page that is about it.
#[test]
fn a_saved_plan_and_a_page_in_full() {
    let (plan, live) = small();
    let saved = SavedPlan::new(&plan, &live, Made::default());
    assert_data_eq!(
        format!("{}\n", report::json::pretty(&saved).unwrap()),
        str![[r#"
{
  "format_version": "1.0",
  "trailarm_version": "0.1.0",
  "scope": {
    "partition": "aws",
    "account_id": "111122223333",
    "region": "eu-west-1",
    "stack": "case"
  },
  "summary": {
    "add": 0,
    "change": 2,
    "destroy": 1
  },
  "changes": [
    {
      "address": "metric_filter/trail:case/d",
      "actions": [
        "update"
      ],
      "before": {
        "default_value": 0.0,
        "log_group": "trail",
        "metric_name": "d",
        "metric_namespace": "Trailarm/case",
        "metric_value": "1",
        "name": "case/d",
        "pattern": "{ ($.eventSource = /"iam.amazonaws.com/") && ($.eventName = /"CreateUser/") }"
      },
      "after": {
        "default_value": 0.0,
        "log_group": "trail",
        "metric_name": "d",
        "metric_namespace": "Trailarm/case",
        "metric_value": "1",
        "name": "case/d",
        "pattern": "{ $.eventName = /"CreateUser/" }"
      },
      "live_fingerprint": "sha256:d4b801c2dfe79686af26fe39569d8bc8606ecf437bf8d0a4ccfb35a93eec7885",
      "meaning": {
        "any_source": true,
        "events_gained": [
          "CreateUser of any source"
        ],
        "sources_lost": [
          "iam"
        ]
      }
    },
    {
      "address": "alarm/case/d",
      "actions": [
        "update"
      ],
      "before": {
        "actions_enabled": true,
        "alarm_actions": [
          "arn:aws:sns:eu-west-1:111122223333:case-t"
        ],
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "evaluation_periods": 1,
        "managed_by": "case · pack/d.yaml",
        "metric_name": "d",
        "name": "case/d",
        "namespace": "Trailarm/case",
        "period": 300,
        "statistic": "Sum",
        "threshold": 1.0,
        "treat_missing_data": "notBreaching"
      },
      "after": {
        "actions_enabled": true,
        "alarm_actions": [
          "arn:aws:sns:eu-west-1:111122223333:case-t"
        ],
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "evaluation_periods": 1,
        "managed_by": "case · pack/d.yaml",
        "metric_name": "d",
        "name": "case/d",
        "namespace": "Trailarm/case",
        "period": 300,
        "statistic": "Sum",
        "threshold": 3.0,
        "treat_missing_data": "notBreaching"
      },
      "live_fingerprint": "sha256:af101e87f3727ec93840e3b7da60a93ce6ddcfdabf64906a6f6b958e5b535c1e"
    },
    {
      "address": "composite_alarm/case/e",
      "actions": [
        "delete"
      ],
      "action_reason": "not_defined",
      "before": {
        "actions_enabled": true,
        "managed_by": "case · pack/e.yaml",
        "name": "case/e",
        "rule": "ALARM(/"case/d/")"
      },
      "after": null,
      "live_fingerprint": "sha256:7164ec04908dfc34c9dcb1d475e3045c27a6c3bd48f322c98bc2fa41cbc550f1"
    }
  ],
  "unchanged": 2,
  "pending": [],
  "live": {
    "alarm/case/d": "sha256:af101e87f3727ec93840e3b7da60a93ce6ddcfdabf64906a6f6b958e5b535c1e",
    "composite_alarm/case/e": "sha256:7164ec04908dfc34c9dcb1d475e3045c27a6c3bd48f322c98bc2fa41cbc550f1",
    "metric_filter/trail:case/d": "sha256:d4b801c2dfe79686af26fe39569d8bc8606ecf437bf8d0a4ccfb35a93eec7885",
    "subscription/case-t:email:secops@example.com": "sha256:07f3fdddbc78857b16d8cbd93954f1ed385b5ac58fdff675dd8cf5f7f14697b6",
    "topic/case-t": "sha256:e0389716cb31f8c2511323f9dbc6a552504cd8c062bb5dc48d522b481d1e4396"
  },
  "refresh_tags": false,
  "is_partial": false,
  "over_delete_limit": false,
  "fingerprint": "sha256:3a39675d88b18444730a59baa78398531b394340993269f57d5285220986a335"
}

"#]]
    );
    let review = [Review { plan: &plan, fingerprint: &saved.fingerprint, audited: None, options: Options::default() }];
    let html = page(&review);
    let section = html.split("<section>").nth(1).unwrap().split("</section>").next().unwrap();
    assert_data_eq!(
        section.to_owned(),
        str![[r#"

<h2>Stack case in account 111122223333, eu-west-1</h2>
<p class="strong">Plan: 0 to add, 2 to change, 1 to destroy.</p>
<details class="change" data-action="delete" data-kind="composite_alarm" open>
<summary><span class="removed">- delete</span> <code>composite_alarm/case/e</code> <span class="faint">no definition asks for it</span></summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Property</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
<tr><th scope="row">actions_enabled</th><td><del>true</del></td><td></td></tr>
<tr><th scope="row">managed_by</th><td><del>&quot;case · pack/e.yaml&quot;</del></td><td></td></tr>
<tr><th scope="row">name</th><td><del>&quot;case/e&quot;</del></td><td></td></tr>
<tr><th scope="row">rule</th><td><del>ALARM(&quot;case/d&quot;)</del></td><td></td></tr>
</tbody></table></div>
</details>
<details class="change" data-action="update" data-kind="metric_filter" open>
<summary><span class="changed">~ update</span> <code>metric_filter/trail:case/d</code></summary>
<p class="alarming">the source is not asked for any more: events of these names count from every service</p>
<p class="alarming">sources lost: iam</p>
<p class="alarming">events gained: CreateUser of any source</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Property</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
<tr><th scope="row">pattern</th><td>{ <del>($.eventSource</del> = <del>&quot;iam.amazonaws.com&quot;) &amp;&amp; ($.eventName = &quot;CreateUser&quot;)</del> }</td><td>{ <ins>$.eventName</ins> = <ins>&quot;CreateUser&quot;</ins> }</td></tr>
</tbody></table></div>
</details>
<details class="change" data-action="update" data-kind="alarm" open>
<summary><span class="changed">~ update</span> <code>alarm/case/d</code></summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Property</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
<tr><th scope="row">threshold</th><td><del>1</del></td><td><ins>3</ins></td></tr>
</tbody></table></div>
</details>

"#]]
    );
}

/// What a small plan looks like on the pull request.
#[test]
fn a_comment_in_full() {
    let (plan, _) = small();
    let review = [Review { plan: &plan, fingerprint: "sha256:0123456789abcdef", audited: None, options: Options::default() }];
    assert_data_eq!(
        comment(&review, GITHUB_LIMIT),
        str![[r#"
<!-- trailarm:case/111122223333/eu-west-1 -->
### Plan: 0 to add, 2 to change, 1 to destroy.

| stack | account | Region | add | change | destroy | fingerprint |
|---|---|---|--:|--:|--:|---|
| <code>case</code> | <code>111122223333</code> | <code>eu-west-1</code> | 0 | 2 | 1 | <code>0123456789abcdef</code> |

#### Stack <code>case</code> in account <code>111122223333</code>, <code>eu-west-1</code>

**Look at these first:**

- <code>-</code> <code>composite&#95;alarm/case/e</code>: <code>no definition asks for it</code>
- <code>&#126;</code> <code>metric&#95;filter/trail&#58;case/d</code>: <code>the source is not asked for any more&#58; events of these names count from every service</code>

1 to destroy:

<details><summary><code>- composite&#95;alarm/case/e</code> <code>no definition asks for it</code></summary>

<pre>
- actions_enabled = true
- managed_by      = &quot;case · pack/e.yaml&quot;
- name            = &quot;case/e&quot;
- rule            = ALARM(&quot;case/d&quot;)
</pre>

</details>

2 to change:

<details><summary><code>&#126; metric&#95;filter/trail&#58;case/d</code></summary>

- <code>the source is not asked for any more&#58; events of these names count from every service</code>
- <code>sources lost&#58; iam</code>
- <code>events gained&#58; CreateUser of any source</code>

<pre>
~ pattern = { <del>($.eventSource</del><ins>$.eventName</ins> = <del>&quot;iam.amazonaws.com&quot;) &amp;&amp; ($.eventName = &quot;CreateUser&quot;)</del><ins>&quot;CreateUser&quot;</ins> }
</pre>

</details>

<details><summary><code>&#126; alarm/case/d</code></summary>

<pre>
~ threshold = <del>1</del> <ins>3</ins>
</pre>

</details>

"#]]
    );
    // A second target has a section of its own, and the heading counts them.
    let none = Plan { changes: Vec::new(), ..plan.clone() };
    let both = [Review { plan: &plan, ..review[0] }, Review { plan: &none, fingerprint: "sha256:00", ..review[0] }];
    let text = comment(&both, GITHUB_LIMIT);
    assert!(text.contains("### Plans: changes in 1 of 2 targets\n"), "{text}");
    assert_eq!(text.matches("#### Stack").count(), 1);
}

/// A thousand changes, with long descriptions and patterns.
pub(crate) fn thousand() -> (Plan, String) {
    let world = World::new(&json!({}));
    let detection = |i: usize| {
        json!({"description": format!("Detection {i}. {}", "What it means. ".repeat(10)),
            "alarm": {"metric": {"namespace": "N", "name": format!("m{i}")}, "threshold": 1, "tags": {"pattern": "x".repeat(200)}}})
    };
    let all: serde_json::Map<String, Value> = (0..1000).map(|i| (format!("detection-{i:04}"), detection(i))).collect();
    let planned = world.plan(&project(&json!({}), &Value::Object(all)));
    (planned.plan, "sha256:0123456789abcdef".to_owned())
}

#[test]
fn a_thousand_changes_fit_into_a_comment() {
    let (plan, fingerprint) = thousand();
    assert_eq!(plan.changes.len(), 1000);
    let review = [Review { plan: &plan, fingerprint: &fingerprint, audited: None, options: Options::default() }];
    for (limit, said) in [
        (SUMMARY_LIMIT, ""),
        (GITHUB_LIMIT, "the properties of what is added are left out"),
        (20_000, "only the first changes are named"),
        (600, "only the first changes are named"),
    ] {
        let text = comment(&review, limit);
        assert!(text.len() <= limit.max(700), "{} for {limit}", text.len());
        assert_eq!(text.contains("> Shortened to fit"), !said.is_empty(), "{limit}");
        assert!(text.contains(said), "{limit}: {}", &text[..600]);
        // Whatever is left out, nothing is cut inside.
        let (tags, made) = read(&text);
        let html = tags.concat();
        assert_eq!(html.matches("<pre>").count(), html.matches("</pre>").count());
        assert_eq!(html.matches("<details>").count(), html.matches("</details>").count());
        assert_eq!(made.len(), usize::from(!said.is_empty()), "the note is the one quotation");
    }
    let text = comment(&review, 20_000);
    let named = text.matches("detection-").count();
    assert!(named > 100 && text.contains(&format!("… and {} more", 1000 - named)), "{named}");
}

/// The parser reads what it should: a plan whose text is not escaped would be seen.
#[test]
fn the_reader_of_markdown_sees_what_markdown_makes() {
    let (tags, made) = read("> q\n\n[a](b) `c` <b>\n");
    assert_eq!((tags.len(), made.len()), (1, 3));
    let ends = Parser::new_ext("```\nx", Extensions::all()).filter(|event| matches!(event, Event::End(TagEnd::CodeBlock))).count();
    assert_eq!(ends, 1);
}
