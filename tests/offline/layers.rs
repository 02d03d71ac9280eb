//! Which module may use which (docs/architecture.md, invariants).

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Path below the root and text without tests and comments.
fn code() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src"), &mut found);
    sources(&root.join("crates"), &mut found);
    let strip = |text: String| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    found.into_iter().map(|p| (p.strip_prefix(root).unwrap().display().to_string(), strip(std::fs::read_to_string(&p).unwrap()))).collect()
}

#[track_caller]
fn only_in(words: &[&str], allowed: impl Fn(&str) -> bool) {
    let mut seen = false;
    for (path, text) in code() {
        for word in words.iter().filter(|w| text.contains(**w)) {
            assert!(allowed(&path), "{path} uses `{word}`");
            seen = true;
        }
    }
    assert!(seen, "nothing uses any of {words:?}: the rule is out of date");
}

#[test]
fn only_the_aws_sides_know_the_sdk() {
    let allowed = [
        "src/account/aws.rs",
        "src/account/error.rs",
        "src/account/history.rs",
        "src/account/log_events.rs",
        "src/audit/aws.rs",
        "src/chain/aws.rs",
        "src/permissions/aws.rs",
    ];
    only_in(&["aws_sdk_", "aws_config"], |path| allowed.contains(&path) || (path.starts_with("src/kinds/") && path.ends_with("/aws.rs")));
}

#[test]
fn only_reports_and_commands_write() {
    only_in(&["anstream::std", "std::io::stdout", "std::io::stderr"], |path| {
        path.starts_with("src/report/") || path.starts_with("src/cli/")
    });
    only_in(&["similar::", "annotate_snippets::", "indicatif::"], |path| path.starts_with("src/report/"));
}

const PURE: [&str; 4] = ["src/plan/", "src/checks/", "src/lints/", "src/simulate/"];

#[test]
fn plans_checks_lints_and_simulations_are_pure() {
    for (path, text) in code().into_iter().filter(|(path, _)| PURE.iter().any(|folder| path.starts_with(folder))) {
        for word in ["async ", "std::time", "std::env", "fs_err", "crate::account", "crate::cli", "crate::apply"] {
            assert!(!text.contains(word), "{path} uses `{word}`");
        }
    }
}

#[test]
fn evidence_is_handed_to_auditors() {
    let pure = |path: &str| {
        let of_audit = path.starts_with("src/audit/") && path != "src/audit/aws.rs";
        let of_chain = ["action", "judge", "plant", "receiver", "source"].iter().any(|file| path == format!("src/chain/{file}.rs"));
        let others = path.starts_with("src/techniques/") || path.starts_with("src/review/") || path == "src/coverage.rs";
        of_audit || of_chain || others || path == "src/resource_policy.rs"
    };
    let files: Vec<_> = code().into_iter().filter(|(path, _)| pure(path)).collect();
    assert!(files.len() > 5);
    for (path, text) in files {
        for word in ["async ", "std::time", "std::env", "fs_err", "crate::cli", "crate::apply"] {
            assert!(!text.contains(word), "{path} uses `{word}`");
        }
    }
}

#[test]
fn nothing_below_the_commands_uses_them() {
    only_in(&["crate::cli"], |path| path.starts_with("src/cli/") || path == "src/main.rs");
    only_in(&["std::env::var"], |path| path == "src/cli/environment.rs");
}

#[test]
fn the_pattern_crate_depends_on_nothing_of_ours() {
    for (path, text) in code().into_iter().filter(|(path, _)| path.starts_with("crates/")) {
        assert!(!text.contains("trailarm"), "{path}");
    }
}
