//! Tests that need nothing: no network, no emulator, no credentials.

mod cases;
mod cli;
mod documents;
mod layers;
mod properties;
mod schema;
mod shipped;
mod world;
