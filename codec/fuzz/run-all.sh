#!/usr/bin/env bash
# Runs every fuzz target for some seconds (default 10) from the committed seeds; what it finds anew stays in target/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-10}"
# The stable compiler takes the flags of the sanitizer with this; a nightly one doesn't mind.
export RUSTC_BOOTSTRAP=1
cargo fuzz build
for target in frame value message handshake_server handshake_client strong_frame strong_server strong_client certificate; do
    scratch="fuzz/target/scratch/$target"
    mkdir -p "$scratch"
    echo "fuzzing $target for $seconds s ..."
    log="fuzz/target/$target.log"
    if ! cargo fuzz run "$target" "$scratch" "fuzz/corpus/$target" -- \
        -dict=fuzz/codec.dict -max_len=4096 -max_total_time="$seconds" -print_final_stats=1 > "$log" 2>&1; then
        tail -n 40 "$log"
        echo "the fuzzer found something in $target" >&2
        exit 1
    fi
    grep number_of_executed_units "$log"
done
