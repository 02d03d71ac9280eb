//! Each lint on what it is for, and silent on what looks like it: code and the text it points at.

use camino::Utf8Path;
use trailarm::detection::{load_file, load_shipped};
use trailarm::finding::{CODES, Finding, Severity};
use trailarm::lints::{LINTS, check};
use trailarm::stack::{Project, detections_alone};

/// The findings on detections that belong together, as `CODE severity: text`.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let base = Utf8Path::from_path(folder.path()).unwrap();
    let detections = files.iter().map(|(name, text)| {
        let path = base.join(name);
        std::fs::write(&path, text).unwrap();
        load_file(&path).unwrap()
    });
    let detections: Vec<_> = detections.collect();
    let units = detections_alone(&detections).unwrap_or_else(|findings| panic!("{}", crate::world::messages(&findings)));
    show(&check(&units, true))
}

fn show(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        assert!(finding.help.as_ref().is_some_and(|help| !help.is_empty()), "{finding:?}");
        let at = finding.at.as_ref().unwrap();
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        format!("{} {severity}: {}", finding.code.text(), &at.source.text[at.range.clone()])
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn of_pattern(pattern: &str, expected: &[&str]) {
    let quoted = pattern.replace('\'', "''");
    let said = said(&[("d.yaml", &format!("metric_filter: {{pattern: '{quoted}', default: 0}}\nalarm: {{}}\n"))]);
    assert_eq!(said, expected, "{pattern}");
}

#[test]
fn references() {
    for (references, expected) in [
        ("{catalog: [AT1667.001, T1562.008]}", &[][..]),
        ("{catalog: [AT1667.01]}", &["TA603 warning: AT1667.01"]),
        ("{attack: {version: 18, techniques: [T1562.008, T1648]}}", &[]),
        ("{attack: {version: 19, techniques: [T1685.002, T1648]}}", &[]),
        ("{attack: {version: 19, techniques: [T1562.008]}}", &["TA603 warning: T1562.008"]),
        ("{attack: {version: 18, techniques: [T1562.8]}}", &["TA603 warning: T1562.8"]),
        ("{attack: {version: 20, techniques: [T1648]}}", &["TA603 warning: 20"]),
        ("{cis: {'7.0': '5.1', '1.2': '3.1'}}", &[]),
        ("{cis: {'8.0': '5.1'}}", &["TA603 warning: '8.0'"]),
        ("{cis: {'7.0': five}}", &["TA603 warning: '7.0'"]),
    ] {
        let text = format!("references: {references}\nmetric_filter: {{pattern: '{{ $.a = 1 }}', default: 0}}\nalarm: {{}}\n");
        assert_eq!(said(&[("d.yaml", &text)]), expected, "{references}");
    }
}

#[test]
fn patterns() {
    for (pattern, expected) in [
        ("[ERROR]", &["TA301 error: '[ERROR]'"][..]),
        ("\"[ERROR]\"", &[]),
        ("?a ?b", &[]),
        ("?a ?b c", &["TA302 error: ?a"]),
        ("{ $.roleName = \"ci*deploy\" }", &["TA303 warning: \"ci*deploy\""]),
        ("{ $.roleName = \"*deploy*\" }", &[]),
        ("[a = x*y, b]", &["TA303 warning: a = x*y"]),
        ("{ $.requestParameters.x != \"y\" }", &["TA304 warning: $.requestParameters.x != \"y\""]),
        ("{ ($.requestParameters.x NOT EXISTS) || ($.requestParameters.x != \"y\") }", &[]),
        ("{ ($.requestParameters.x = \"*\") && ($.requestParameters.x != \"y\") }", &[]),
        ("{ $.awsRegion != \"us-east-1\" }", &[]),
        ("{ $.readOnly = true }", &["TA305 error: $.readOnly = true"]),
        ("{ $.readOnly = \"true\" }", &["TA305 error: $.readOnly = \"true\""]),
        ("{ $.requestParameters.x = false }", &["TA305 error: $.requestParameters.x = false"]),
        ("{ $.requestParameters.x = \"false\" }", &[]),
        ("{ $.recipientAccountId = 111122223333 }", &["TA306 error: $.recipientAccountId = 111122223333"]),
        ("{ $.eventTime > 2026 }", &["TA306 error: $.eventTime > 2026"]),
        ("{ $.requestParameters.durationSeconds > 3600 }", &[]),
        ("{ $.errorCode != \"*\" }", &["TA307 error: $.errorCode != \"*\""]),
        ("{ $.errorCode = \"\" }", &["TA308 warning: '{ $.errorCode = \"\" }'"]),
        ("{ ($.awsRegion != \"a\") || ($.awsRegion != \"b\") }", &["TA309 error: '{ ($.awsRegion != \"a\") || ($.awsRegion != \"b\") }'"]),
        ("{ ($.awsRegion != \"a\") && ($.awsRegion != \"b\") }", &[]),
        ("[a, b, c]", &["TA309 warning: '[a, b, c]'"]),
        ("{ ($.awsRegion = \"a\") && ($.awsRegion = \"b\") }", &["TA310 error: '{ ($.awsRegion = \"a\") && ($.awsRegion = \"b\") }'"]),
        (
            "{ ($.awsRegion = \"a\") || ($.readOnly IS TRUE && $.readOnly IS FALSE) }",
            &["TA310 error: $.readOnly IS TRUE && $.readOnly IS FALSE"],
        ),
        (
            "{ $.awsRegion = \"a\" || $.readOnly IS TRUE && $.managementEvent IS TRUE }",
            &["TA311 warning: $.readOnly IS TRUE && $.managementEvent IS TRUE"],
        ),
        (
            "{ $.userIdentity.sessionContext.attributes.mfaAuthenticated IS FALSE }",
            &["TA312 error: $.userIdentity.sessionContext.attributes.mfaAuthenticated IS FALSE"],
        ),
        ("{ $.resources[*].ARN NOT EXISTS }", &["TA313 warning: $.resources[*].ARN NOT EXISTS"]),
        ("{ $.resources[*].ARN = \"arn:*\" }", &[]),
        ("", &["TA309 warning: ''"]),
        ("[]", &["TA309 warning: '[]'"]),
        ("%.*%", &["TA309 warning: '%.*%'"]),
        ("%^.*x%", &[]),
        ("{ $.errorCode = \"*\" }", &[]),
        ("{ $.eventName = \"*\" }", &["TA309 warning: '{ $.eventName = \"*\" }'"]),
        ("{ ($.requestParameters.a = \"*\") || ($.readOnly IS FALSE) }", &[]),
        (
            "{ $.readOnly IS FALSE && ($.awsRegion != \"a\" || $.awsRegion != \"b\") }",
            &["TA309 error: $.awsRegion != \"a\" || $.awsRegion != \"b\""],
        ),
        (
            "{ ($.errorCode = \"x\") || ($.sourceIPAddress != \"a\") || ($.eventName != \"HeadBucket\") }",
            &["TA309 warning: ($.errorCode = \"x\") || ($.sourceIPAddress != \"a\") || ($.eventName != \"HeadBucket\")"],
        ),
        ("ERROR -ERR", &["TA310 error: -ERR"]),
        ("[a = x && a = y, b]", &["TA310 error: a = x && a = y"]),
        ("[a = x || a = y, b]", &[]),
        ("{ ($.requestParameters.score > 0.7) && ($.requestParameters.score < 0.9) }", &[]),
        ("{ $.requestParameters.bytes > 10000000000000000 }", &[]),
        ("{ $.responseElements = \"*\" }", &["TA315 error: $.responseElements = \"*\""]),
        ("{ ($.responseElements IS NULL) && ($.userIdentity.type = \"Root\") }", &[]),
        ("{ $.awsRegion = us-east-1 }", &["TA314 warning: us-east-1"]),
    ] {
        of_pattern(pattern, expected);
    }
}

#[test]
fn the_vocabulary_of_cloudtrail() {
    let source = |source: &str, rest: &str| format!("{{ ($.eventSource = \"{source}.amazonaws.com\") && {rest} }}");
    for (pattern, expected) in [
        (source("lambda", "($.eventName = \"CreateFunction\")"), &["TA401 error: $.eventName = \"CreateFunction\""][..]),
        (source("lambda", "($.eventName = \"CreateFunction20150331\")"), &[]),
        (source("lambda", "($.eventName = \"CreateFunction2*\")"), &[]),
        (
            source("iam", "(($.eventName = \"CreateUser\") || ($.eventName = \"CreateUsr\"))"),
            &["TA401 warning: $.eventName = \"CreateUsr\""],
        ),
        ("{ $.eventName = \"NoSuchEvent\" }".to_owned(), &["TA401 warning: $.eventName = \"NoSuchEvent\""]),
        ("{ $.eventName = \"CreateRoute\" }".to_owned(), &["TA402 warning: $.eventName = \"CreateRoute\""]),
        (source("ec2", "($.eventName = \"CreateRoute\")"), &[]),
        ("{ $.eventName = \"StopLogging\" }".to_owned(), &[]),
        (source("cloudwatch", "($.eventName = \"DeleteAlarms\")"), &["TA403 error: $.eventSource = \"cloudwatch.amazonaws.com\""]),
        (source("lamda", "($.readOnly IS FALSE)"), &["TA403 warning: $.eventSource = \"lamda.amazonaws.com\""]),
        (
            source("apigateway", "($.eventName = \"PutIntegration\") && ($.requestParameters.integrationUri = \"*lambda*\")"),
            &["TA404 error: $.requestParameters.integrationUri = \"*lambda*\""],
        ),
        (source("apigateway", "($.eventName = \"PutIntegration\") && ($.requestParameters.putIntegrationInput.uri = \"*lambda*\")"), &[]),
        (
            source(
                "apigateway",
                "(($.eventName = \"CreateApi\") || ($.eventName = \"CreateRoute\")) && ($.requestParameters.restApiId = \"*\")",
            ),
            &["TA404 error: $.requestParameters.restApiId = \"*\""],
        ),
        ("{ $.userIdentity.type = \"root\" }".to_owned(), &["TA405 error: $.userIdentity.type = \"root\""]),
        ("{ $.userIdentity.type = \"Visitor\" }".to_owned(), &["TA405 warning: $.userIdentity.type = \"Visitor\""]),
        ("{ $.sourceIPAddress = \"10.0.0.0/8\" }".to_owned(), &["TA405 error: $.sourceIPAddress = \"10.0.0.0/8\""]),
        ("{ $.sourceIPAddress = \"10.*\" }".to_owned(), &[]),
        ("{ $.EventName = \"StopLogging\" }".to_owned(), &["TA406 error: $.EventName = \"StopLogging\""]),
        ("{ $.detail.eventName = \"StopLogging\" }".to_owned(), &["TA406 error: $.detail.eventName = \"StopLogging\""]),
        ("{ $.userIdentity.accountid = \"x\" }".to_owned(), &["TA406 error: $.userIdentity.accountid = \"x\""]),
        ("{ $.requestParameter.x = \"y\" }".to_owned(), &["TA406 error: $.requestParameter.x = \"y\""]),
        ("{ $.additionalEventData.MFAUsed = \"false\" }".to_owned(), &["TA405 warning: $.additionalEventData.MFAUsed = \"false\""]),
        ("{ ($.eventSource = \"StopLogging\") && ($.eventName = \"*\") }".to_owned(), &["TA403 error: $.eventSource = \"StopLogging\""]),
        (source("iam", "($.eventName = \"createUser\")"), &["TA401 error: $.eventName = \"createUser\""]),
        ("{ $.detail.severity = \"high\" }".to_owned(), &[]),
        (source("apigateway", "($.eventName = \"CreateStage\") && ($.requestParameters.apiId = \"*\")"), &[]),
    ] {
        of_pattern(&pattern, expected);
    }
}

#[test]
fn the_keys_of_test_events() {
    let text = "metric_filter: {pattern: '{ $.eventName = \"StopLogging\" }', default: 0}
alarm: {}
tests:
  - {name: a, event: {eventname: StopLogging, \"userIdentity.type\": Root, requestParameters: {eventname: x}}, matches: false}
";
    assert_eq!(said(&[("d.yaml", text)]), ["TA406 error: eventname", "TA406 warning: \"userIdentity.type\""]);
}

#[test]
fn a_typed_match_is_pointed_at_where_it_is_written() {
    let text = "metric_filter:\n  match: {source: lambda.amazonaws.com, events: [AddPermission2*, CreateFunction], where: $.requestParameters.x != y}\n  default: 0\nalarm: {}\n";
    assert_eq!(said(&[("d.yaml", text)]), ["TA401 error: CreateFunction", "TA304 warning: $.requestParameters.x != y"]);
    let excused = "metric_filter:\n  pattern: '{ $.eventName = \"CreateRoute\" }'\n  except: {actors: ['arn:aws:iam::*:role/ci']}\n  default: 0\nalarm: {}\n";
    assert_eq!(said(&[("d.yaml", excused)]), ["TA402 warning: $.eventName = \"CreateRoute\""]);
}

#[test]
fn metrics_and_alarms() {
    let filter = "pattern: '{ $.eventName = \"StopLogging\" }'";
    for (text, expected) in [
        (
            format!("metric_filter: {{{filter}, dimensions: {{Who: $.userIdentity.arn}}}}\nalarm: {{dimensions: {{Who: x}}}}\n"),
            &["TA501 warning: $.userIdentity.arn"][..],
        ),
        (format!("metric_filter: {{{filter}}}\nalarm: {{treat_missing_data: missing}}\n"), &["TA502 warning: missing"]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{statistic: Maximum}}\n"), &["TA503 warning: Maximum"]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{treat_missing_data: breaching}}\n"), &["TA504 warning: breaching"]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{treat_missing_data: breaching, threshold: '< 1'}}\n"), &[]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{unit: Count}}\n"), &["TA505 error: Count"]),
        (
            format!("metric_filter: {{{filter}, unit: Bytes, value: $.requestParameters.n}}\nalarm: {{unit: Count}}\n"),
            &["TA505 error: Count"],
        ),
        (format!("metric_filter: {{{filter}, default: 0, unit: Count}}\nalarm: {{unit: Count}}\n"), &[]),
        (format!("metric_filter: {{{filter}}}\nalarm: {{statistic: Average, threshold: '>= 5'}}\n"), &["TA506 error: '>= 5'"]),
        (format!("metric_filter: {{{filter}, value: 7}}\nalarm: {{statistic: Average, threshold: '>= 5'}}\n"), &["TA503 warning: Average"]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{threshold: '>= 0'}}\n"), &["TA507 error: '>= 0'"]),
        (format!("metric_filter: {{{filter}}}\nalarm: {{threshold: '>= 0'}}\n"), &[]),
        (format!("metric_filter: {{{filter}, default: 0}}\n"), &["TA508 warning: '{ $.eventName = \"StopLogging\" }'"]),
        (format!("metric_filter: {{{filter}, default: 1}}\nalarm: {{threshold: '> 5'}}\n"), &["TA510 warning: 1"]),
        (format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{period: 30s}}\n"), &["TA511 warning: 30s"]),
        (format!("metric_filter: {{{filter}, value: $.requestParameters.n}}\nalarm: {{statistic: Average, threshold: '>= 5'}}\n"), &[]),
    ] {
        assert_eq!(said(&[("d.yaml", &text)]), expected, "{text}");
    }
    let other = "alarm: {metric: {namespace: Elsewhere, name: made}}\n";
    let made = format!("metric_filter: {{{filter}, default: 0}}\nalarm: {{}}\n");
    assert_eq!(said(&[("made.yaml", &made), ("other.yaml", other)]), ["TA509 warning: metric"]);
}

#[test]
fn in_a_stack_an_alarm_on_the_stacks_own_namespace_needs_a_filter() {
    let folder = tempfile::TempDir::new().unwrap();
    let base = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::create_dir(base.join("alarms")).unwrap();
    std::fs::write(base.join("trailarm.yaml"), "stack: base\npacks: [./alarms]\n").unwrap();
    std::fs::write(base.join("alarms/made.yaml"), "metric_filter: {pattern: x, default: 0}\nalarm: {}\n").unwrap();
    std::fs::write(base.join("alarms/lost.yaml"), "alarm: {metric: {namespace: Trailarm/base, name: mde}}\n").unwrap();
    let project = Project::load(&base.join("trailarm.yaml")).unwrap();
    let compiled = trailarm::stack::check(&project).unwrap();
    let findings = check(&compiled.units, true);
    assert_eq!(show(&findings), ["TA509 error: metric"]);
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `made`?"));
}

#[test]
fn comments_allow_what_is_known() {
    let text = |head: &str, above: &str, behind: &str| {
        format!(
            "{head}description: x\n{above}metric_filter:\n  pattern: '{{ $.eventName = \"CreateRoute\" }}'{behind}\n  default: 0\nalarm: {{}}\n"
        )
    };
    for (text, expected) in [
        (text("", "", ""), &["TA402 warning: $.eventName = \"CreateRoute\""][..]),
        (text("", "", " # trailarm: allow TA402 the text of CIS 3.13"), &[]),
        (text("", "# trailarm: allow TA402 the text of CIS 3.13\n", ""), &[]),
        (text("# trailarm: allow TA402, TA304 the text of CIS 3.13\n", "", ""), &[]),
        (
            text("", "", " # trailarm: allow TA402"),
            &["TA402 warning: $.eventName = \"CreateRoute\"", "TA601 error: # trailarm: allow TA402"],
        ),
        (
            text("", "", " # trailarm: allow TA302 nothing of the kind"),
            &["TA402 warning: $.eventName = \"CreateRoute\"", "TA601 warning: # trailarm: allow TA302 nothing of the kind"],
        ),
        (
            text("", "", " # trailarm: allow TA999 what"),
            &["TA402 warning: $.eventName = \"CreateRoute\"", "TA601 error: # trailarm: allow TA999 what"],
        ),
        (
            text("", "# trailarm allow TA402 nearly\n", ""),
            &["TA601 warning: # trailarm allow TA402 nearly", "TA402 warning: $.eventName = \"CreateRoute\""],
        ),
        (text("---\n# trailarm: allow ta402 the text of CIS 3.13\n", "", ""), &[]),
        (
            "# trailarm: allow TA508 drawn on a dashboard\nmetric_filter: {pattern: '{ $.errorMessage = \"a # trailarm: allow TA508 x\" }', default: 0}\n".to_owned(),
            &[],
        ),
    ] {
        assert_eq!(said(&[("d.yaml", &text)]), expected, "{text}");
    }
}

#[test]
fn every_lint_has_its_page_and_its_row() {
    let table = include_str!("../../docs/codes.md");
    for lint in LINTS {
        assert!(lint.doc.starts_with(&format!("# {}: ", lint.code)), "{}", lint.code);
        assert!(lint.doc.lines().count() > 3 && lint.doc.lines().all(|line| line.chars().count() <= 140), "{}", lint.code);
        assert!(table.contains(&format!("| [{}](", lint.code)), "docs/codes.md has no row for {}", lint.code);
    }
    for (_, code) in CODES {
        assert!(table.contains(&format!("| {code} |")), "docs/codes.md has no row for {code}");
    }
    let mut codes: Vec<&str> = LINTS.iter().map(|lint| lint.code).chain(CODES.iter().map(|(_, code)| *code)).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "codes are told apart");
}

#[test]
fn the_lints_have_nothing_to_say_of_the_shipped_detections() {
    let detections: Vec<_> = load_shipped().into_iter().map(Result::unwrap).collect();
    let units = detections_alone(&detections).unwrap();
    assert_eq!(show(&check(&units, false)), [""; 0]);
}
