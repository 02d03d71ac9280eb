//! End to end over the real SDK: the binary against a local AWS emulator, and against a small
//! stand-in for what the emulator does not serve truly. Both live on loopback and end with the test.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod audit;
mod backtest;
mod by_hand;
mod ci;
mod contain;
mod doctor;
mod drift;
mod drill;
mod emulator;
mod failures;
mod fields;
mod forge;
mod http;
mod iam;
mod live;
mod policies;
mod reach;
mod review;
mod scale;
mod schema;
mod standin;
mod trail;
mod wire;
mod work;
