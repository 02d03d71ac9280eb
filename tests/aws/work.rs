//! A folder with a stack, and the binary run in it.

use std::process::Command;

use tempfile::TempDir;

/// What a run said.
#[derive(Debug)]
pub(crate) struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The last line that says something: the summary.
    pub(crate) fn summary(&self) -> &str {
        self.stdout.lines().rfind(|l| !l.is_empty()).unwrap_or_default()
    }
}

/// A stack in a folder of its own, for an endpoint.
pub(crate) struct Work {
    folder: TempDir,
    url: String,
    account: String,
    pub region: &'static str,
}

impl Work {
    pub(crate) fn new(url: &str, account: &str, region: &'static str) -> Self {
        Self { folder: TempDir::new().expect("a folder"), url: url.to_owned(), account: account.to_owned(), region }
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).expect("a file to remove");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailarm"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", self.region)
            // The emulator takes twelve digits for an account of its own.
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("CI", "true");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Applies, and proves that a second plan is empty.
    #[track_caller]
    pub(crate) fn apply(&self) -> Run {
        let applied = self.run(&["apply", "--auto-approve"]);
        assert_eq!(applied.code, 0, "{}\n{}", applied.stdout, applied.stderr);
        let again = self.run(&["plan", "--detailed-exitcode", "--refresh-tags"]);
        assert_eq!((again.code, again.summary()), (0, "No changes."), "{}\n{}", again.stdout, again.stderr);
        applied
    }
}
