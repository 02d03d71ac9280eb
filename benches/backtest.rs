//! `trailarm backtest` with 1, 10 and 61 detections over archives as CloudTrail delivers them, in one run beside gunzip alone,
//! `zcat | jq` and DuckDB with one question each: `cargo bench --bench backtest`. Ratios count. `MEGABYTES=1000` makes it longer;
//! `ARCHIVES=folder` takes real archives. DuckDB comes from PyPI into a virtual environment under `target/`.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../crates/filter-pattern/benches/cloudtrail.rs"]
mod cloudtrail;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

/// Events of an archive.
const EVENTS: usize = 2_000;
const DUCKDB: &str = "duckdb==1.4.2";

/// The question that the peers are asked; trailarm answers more of all its detections.
const JQ: &str = r#".Records[] | select(.eventSource == "lambda.amazonaws.com" and (.eventName | startswith("CreateFunction2")) and (has("errorCode") | not)) | 1"#;
const SQL: &str = "
import duckdb, sys
found = duckdb.sql(f'''
    SELECT count(*) FROM (
        SELECT unnest(Records) AS r FROM read_json('{sys.argv[1]}/**/*.json.gz', maximum_object_size=200000000,
            columns={{Records: 'STRUCT(eventSource VARCHAR, eventName VARCHAR, errorCode VARCHAR)[]'}}))
    WHERE r.eventSource = 'lambda.amazonaws.com' AND r.eventName LIKE 'CreateFunction2%' AND r.errorCode IS NULL''').fetchone()
print(found[0])
";

const SETS: [(&str, &[&str]); 3] = [
    ("1 detection", &["lambda-persistence/function-created"]),
    (
        "10 detections",
        &[
            "lambda-persistence/execution-role-changed",
            "lambda-persistence/function-code-changed",
            "lambda-persistence/function-created",
            "lambda-persistence/layer-*",
            "lambda-persistence/opened-to-*",
            "lambda-persistence/permission-added",
            "api-gateway-abuse/rest-api-built",
        ],
    ),
    ("all 61", &[]),
];

fn main() {
    let megabytes: usize = std::env::var("MEGABYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let made = tempfile::TempDir::new().unwrap();
    let folder = std::env::var("ARCHIVES").map_or_else(|_| made.path().to_owned(), PathBuf::from);
    if folder == made.path() {
        generate(made.path(), megabytes * 1_000_000);
    }
    let files = archives(&folder);
    let packed: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
    let mut bytes = 0;
    let floor = best(7, || {
        bytes = files.par_iter().map_init(|| (Vec::new(), Vec::new(), libdeflater::Decompressor::new()), inflate).sum();
    });
    let rate = |time: Duration| bytes as f64 / 1e9 / time.as_secs_f64();
    println!(
        "{} MB of JSON in {} archives, {:.1}:1 packed, {} threads",
        bytes / 1_000_000,
        files.len(),
        bytes as f64 / packed as f64,
        rayon::current_num_threads()
    );
    println!("{:14} {:>9} {:>7} {:>9} {:>9}", "", "time", "GB/s", "of floor", "peak MB");
    println!("{:14} {:>7.3} s {:>7.2} {:>9} {:>9}", "gunzip alone", floor.as_secs_f64(), rate(floor), "1", "");
    let mut times = Vec::new();
    for (name, detections) in SETS {
        let time = best(7, || run(&mut trailarm(detections, &folder)));
        let peak = peak(&trailarm(detections, &folder));
        times.push(time);
        let of_floor = floor.as_secs_f64() / time.as_secs_f64();
        println!("{name:14} {:>7.3} s {:>7.2} {of_floor:>9.2} {peak:>9.0}", time.as_secs_f64(), rate(time));
    }
    let all = times[SETS.len() - 1];
    println!("all 61 cost {:.2} times what one does", all.as_secs_f64() / times[0].as_secs_f64());
    for (name, time) in [("zcat | jq", jq(&folder)), ("DuckDB", duckdb(&folder))] {
        println!(
            "{name:14} {:>7.3} s {:>7.2}   one question; all 61 are {:.0} times as fast",
            time.as_secs_f64(),
            rate(time),
            time.as_secs_f64() / all.as_secs_f64()
        );
    }
}

/// As CloudTrail names them; ids and tokens are noise, so that they are as hard to unpack as the hardest real ones.
fn generate(folder: &Path, bytes: usize) {
    let archives = bytes / (cloudtrail::event(1).len() * EVENTS) + 1;
    let write = |archive: usize| {
        let events: Vec<String> =
            (archive * EVENTS..(archive + 1) * EVENTS).map(|number| harder(&cloudtrail::event(number), number)).collect();
        let path = folder.join(format!("111122223333_CloudTrail_us-east-1_20261125T0600Z_{archive:05}.json.gz"));
        let mut encoder = flate2::write::GzEncoder::new(std::fs::File::create(path).unwrap(), flate2::Compression::new(6));
        encoder.write_all(format!("{{\"Records\":[{}]}}", events.join(",")).as_bytes()).unwrap();
        encoder.finish().unwrap();
    };
    (0..archives).into_par_iter().for_each(write);
}

fn harder(event: &str, number: usize) -> String {
    let mut noise = number as u64 + 1;
    let token: String = (0..58)
        .map(|_| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:08x}", noise >> 32)
        })
        .collect();
    event.replacen("\"responseElements\":null", &format!("\"responseElements\":{{\"token\":\"{token}\"}}"), 1)
}

fn archives(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(archives(&path)) } else { found.push(path) }
    }
    found
}

fn inflate((packed, content, inflater): &mut (Vec<u8>, Vec<u8>, libdeflater::Decompressor), file: &PathBuf) -> usize {
    use std::io::Read;
    packed.clear();
    std::fs::File::open(file).unwrap().read_to_end(packed).unwrap();
    content.resize(u32::from_le_bytes(*packed.last_chunk().unwrap()) as usize, 0);
    inflater.gzip_decompress(packed, content).unwrap()
}

fn best(rounds: usize, mut run: impl FnMut()) -> Duration {
    let one = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..rounds).map(one).min().unwrap()
}

fn trailarm(detections: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailarm"));
    command.arg("backtest").args(detections);
    command.args(["--shipped", "--format", "json", "--account-id", "111122223333", "--from"]).arg(folder);
    command
}

/// Peak memory of a command in MB.
fn peak(command: &Command) -> f64 {
    let measure = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/measure.py");
    let output = Command::new("python3").arg(measure).arg(command.get_program()).args(command.get_args()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["peak_mb"].as_f64().unwrap()
}

/// Asked once: it takes long enough.
fn jq(folder: &Path) -> Duration {
    let start = Instant::now();
    let script = format!("find '{}' -name '*.json.gz' -print0 | xargs -0 zcat | jq '{JQ}' | wc -l", folder.display());
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "jq is needed: {}", String::from_utf8_lossy(&output.stderr));
    start.elapsed()
}

fn duckdb(folder: &Path) -> Duration {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("bench-duckdb");
    if !venv.join("complete").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", DUCKDB]));
        std::fs::write(venv.join("complete"), "").unwrap();
    }
    best(3, || run(Command::new(venv.join("bin/python")).args(["-c", SQL]).arg(folder)))
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
