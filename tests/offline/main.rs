//! Tests that need nothing: no network, no emulator, no credentials.

#![expect(clippy::unwrap_used, clippy::too_many_lines, reason = "a test may fail by panicking, and a snapshot is as long as what it shows")]

mod backtest;
mod cases;
mod cli;
mod documents;
mod engine;
mod formats;
mod layers;
mod library;
mod lints;
mod manual;
mod ownership;
mod properties;
mod refused;
mod review;
mod saved;
mod shipped;
mod story;
mod world;
