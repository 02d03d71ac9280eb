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

# A plan beside a bulk boto3 script; match beside zcat | jq; one event against many patterns beside serde_json
bench:
    cargo bench --bench noop_plan
    cargo bench --bench match_archives
    cargo bench -p filter-pattern

# Rewrites the snapshots inside tests/offline/*.rs
snapshots:
    SNAPSHOTS=overwrite cargo test --test offline
