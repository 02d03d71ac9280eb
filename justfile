# What CI does, and its parts.

# All checks
ci:
    bash .ci/run

# Tests; installs the AWS emulator under target/ the first time
test:
    cargo test

# Formatting and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# A plan that changes nothing, beside a bulk boto3 script
bench:
    cargo bench --bench noop_plan

# Rewrites the snapshots inside tests/offline/*.rs
snapshots:
    SNAPSHOTS=overwrite cargo test --test offline
