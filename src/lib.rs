//! trailarm: detections on CloudTrail as code.
//!
//! The path of the data:
//!
//! ```text
//! alarms/**.yaml + trailarm.yaml ─load─▶ Project ─compile─▶ Desired ─┐
//!                                                                   ├─diff─▶ Plan ─checks─▶ findings
//! account ─read─▶ Live (owned in normal form, foreign) ─────────────┘         │
//!                                                                             ├─▶ Document ─▶ terminal
//!                                                                             └─apply─▶ ApplyReport ─▶ Document
//!
//! Project ─compile─▶ Unit ─┬─lints─▶ findings
//!                          ├─suite─▶ TestResult
//!                          └─judge (with Live and Evidence)─▶ Chain
//! files ─▶ records ─Matcher─▶ verdicts
//! ```
//!
//! `docs/architecture.md` says which module may use which.

pub mod account;
pub mod apply;
pub mod arn;
pub mod audit;
pub mod backtest;
pub mod blame;
pub mod chain;
pub mod checks;
pub mod cli;
pub mod cloudtrail;
pub mod codes;
pub mod coverage;
pub mod detection;
pub mod drift;
pub mod events;
pub mod finding;
pub mod forge;
pub mod kinds;
pub mod lints;
pub mod permissions;
pub mod plan;
pub mod planning;
pub mod quota;
pub mod read;
pub mod report;
pub mod resource_policy;
pub mod review;
pub mod scaffold;
pub mod schema;
pub mod search;
pub mod simulate;
pub mod stack;
pub mod standing;
pub mod state;
pub mod suite;
pub mod techniques;
pub mod wording;
pub mod yaml;
