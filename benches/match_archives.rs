//! `trailarm match --count` over archives as CloudTrail delivers them, beside `zcat | jq` on the same
//! question, and beside gunzip alone: `cargo bench --bench match_archives`. Ratios count; all are
//! measured in one run. `MEGABYTES=1000` makes it longer.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../crates/filter-pattern/benches/cloudtrail.rs"]
mod cloudtrail;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

/// Events of an archive: CloudTrail delivers every five minutes or so.
const EVENTS: usize = 2_000;

const QUESTIONS: [(&str, &str, &str); 3] = [
    ("one event name", r#"{ $.eventName = "CreateRestApi" }"#, r#".Records[] | select(.eventName == "CreateRestApi") | 1"#),
    (
        "source, names, no error",
        r#"{ ($.eventSource = "lambda.amazonaws.com") && (($.eventName = "CreateFunction2*") || ($.eventName = "AddPermission2*")) && ($.errorCode NOT EXISTS) }"#,
        r#".Records[] | select(.eventSource == "lambda.amazonaws.com" and ((.eventName | startswith("CreateFunction2")) or (.eventName | startswith("AddPermission2"))) and (has("errorCode") | not)) | 1"#,
    ),
    (
        "regular expression",
        r"{ $.userIdentity.arn = %worker-1[0-9]/worker-[0-9]+7$% }",
        r#".Records[] | select(.userIdentity.arn | test("worker-1[0-9]/worker-[0-9]+7$")) | 1"#,
    ),
];

fn main() {
    let megabytes: usize = std::env::var("MEGABYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let folder = tempfile::TempDir::new().unwrap();
    let files = generate(folder.path(), megabytes * 1_000_000);
    let packed: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
    println!("{megabytes} MB of JSON in {} archives of together {} MB", files.len(), packed / 1_000_000);
    let gunzip = best(5, || {
        files.par_iter().for_each(|file| drop(inflate(file)));
        0
    });
    println!("gunzip alone, in parallel: {:.2} s, {:.2} GB/s\n", gunzip.0.as_secs_f64(), rate(megabytes, gunzip.0));
    println!("{:24} {:>8} {:>9} {:>8} {:>8} {:>6} {:>9}", "question", "matches", "trailarm", "GB/s", "of floor", "jq", "ratio");
    for (name, pattern, filter) in QUESTIONS {
        let (ours, count) = best(5, || trailarm(pattern, folder.path()));
        let floor = gunzip.0.as_secs_f64() / ours.as_secs_f64();
        let (theirs, ratio) = match jq(filter, folder.path()) {
            Some((time, same)) => {
                assert_eq!(count, same, "both find the same events");
                (format!("{:.1} s", time.as_secs_f64()), format!("{:.0}x", time.as_secs_f64() / ours.as_secs_f64()))
            }
            None => ("-".to_owned(), "no jq".to_owned()),
        };
        println!("{name:24} {count:>8} {:>7.2} s {:>8.2} {floor:>8.2} {theirs:>6} {ratio:>9}", ours.as_secs_f64(), rate(megabytes, ours));
    }
}

fn rate(megabytes: usize, time: Duration) -> f64 {
    megabytes as f64 / 1000.0 / time.as_secs_f64()
}

fn generate(folder: &Path, bytes: usize) -> Vec<PathBuf> {
    let archives = bytes / (cloudtrail::event(1).len() * EVENTS) + 1;
    let write = |archive: usize| {
        let events: Vec<String> = (archive * EVENTS..(archive + 1) * EVENTS).map(cloudtrail::event).collect();
        let path = folder.join(format!("{archive:05}.json.gz"));
        let mut encoder = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::new(6));
        encoder.write_all(format!("{{\"Records\":[{}]}}", events.join(",")).as_bytes()).unwrap();
        encoder.finish().unwrap();
        path
    };
    (0..archives).into_par_iter().map(write).collect()
}

fn inflate(file: &Path) -> Vec<u8> {
    let packed = std::fs::read(file).unwrap();
    let size = u32::from_le_bytes(*packed.last_chunk().unwrap());
    let mut content = vec![0; size as usize];
    libdeflater::Decompressor::new().gzip_decompress(&packed, &mut content).unwrap();
    content
}

fn best(rounds: usize, mut run: impl FnMut() -> usize) -> (Duration, usize) {
    let mut times = Vec::new();
    let mut result = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        result = run();
        times.push(start.elapsed());
    }
    (times.into_iter().min().unwrap(), result)
}

fn trailarm(pattern: &str, folder: &Path) -> usize {
    let output = Command::new(env!("CARGO_BIN_EXE_trailarm")).args(["match", pattern, "--count"]).arg(folder).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// `None` where there is no jq. It is asked once: it takes long enough.
fn jq(filter: &str, folder: &Path) -> Option<(Duration, usize)> {
    Command::new("jq").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let start = Instant::now();
    let script = format!("zcat '{}'/*.json.gz | jq '{filter}' | wc -l", folder.display());
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    Some((start.elapsed(), String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()))
}
