//! The local AWS emulator (and a JSON Schema validator): installed under `target/` with pinned versions, one for the whole run.
//!
//! A small Python keeper holds it and ends it when this process goes away, however it goes.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Ends the emulator when the pipe to the test closes.
const KEEPER: &str = "import subprocess, sys\nchild = subprocess.Popen(sys.argv[1:])\nsys.stdin.read()\nchild.terminate()\nchild.wait(10)";

/// URL of the running emulator.
pub(crate) fn url() -> &'static str {
    static URL: OnceLock<(String, Child)> = OnceLock::new();
    &URL.get_or_init(start).0
}

fn start() -> (String, Child) {
    let folder = install();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free loopback port").port();
    let log = std::fs::File::create(folder.join("emulator.log")).expect("a log file");
    let child = python()
        .args(["-c", KEEPER])
        .arg(folder.join("bin/ministack"))
        .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1"), ("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0")])
        .env("GATEWAY_PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("the log file"))
        .stderr(log)
        .spawn()
        .expect("the emulator starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "the emulator does not answer; see {}", folder.join("emulator.log").display());
        std::thread::sleep(Duration::from_millis(50));
    }
    (format!("http://127.0.0.1:{port}"), child)
}

/// A virtual environment that is complete, or a clear failure. Made once for each set of versions.
fn install() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(make).clone()
}

fn make() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let folder = target.join(format!("emulator-{:016x}", checksum(REQUIREMENTS)));
    if folder.join("complete").exists() {
        return folder;
    }
    let python = ["python3", "python"].into_iter().find(|p| runs(p, "import venv, sys; sys.exit(sys.version_info < (3, 11))"));
    let python = python.expect("the tests need Python 3.11 or later with venv for the AWS emulator: install python3 and python3-venv");
    let _ = std::fs::remove_dir_all(&folder);
    run(Command::new(python).args(["-m", "venv"]).arg(&folder));
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, REQUIREMENTS).expect("the target folder can be written");
    run(Command::new(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r"])
        .arg(&requirements));
    std::fs::write(folder.join("complete"), "").expect("the target folder can be written");
    folder
}

fn runs(python: &str, code: &str) -> bool {
    Command::new(python).args(["-c", code]).output().is_ok_and(|o| o.status.success())
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command starts");
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// FNV-1a: other versions, another folder.
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The Python of the virtual environment.
pub(crate) fn python() -> Command {
    Command::new(install().join("bin/python"))
}

/// Calls of one operation, made as a person would, by another SDK; the answers as JSON.
#[track_caller]
pub(crate) fn by_hand(account: &str, region: &str, service: &str, operation: &str, calls: &serde_json::Value) -> serde_json::Value {
    let calls = if calls.is_array() { calls.clone() } else { serde_json::json!([calls]) };
    let output = python()
        .args(["-c", include_str!("call.py"), url(), account, region, service, operation, &calls.to_string()])
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{service} {operation}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
