#!/usr/bin/env bash
# Builds the modules of this folder into FOLDER (default target/hot/modules), each as NAME.wasm. `hot/modules` has a built copy
# of each, so that nobody needs this to try one; renew them with `hot/build.sh hot/modules`.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./.ci/setup.sh

TARGET=wasm32-unknown-unknown
folder="${1:-target/hot/modules}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/uchat-wasm"

has_target() { [ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET" ]; }

# add_target — asks rustup for it where the server of Rust's releases can be reached.
add_target() {
    command -v rustup > /dev/null && command -v curl > /dev/null &&
        curl --silent --head --fail --max-time 10 --output /dev/null https://static.rust-lang.org/rustup/release-stable.toml &&
        rustup target add "$TARGET"
}

# debian_toolchain — Debian's compiler with the source of the standard library, unpacked beside the system: as packages they
# would be in the way of the system's own. The linker is an ordinary package.
debian_toolchain() {
    install_packages wasm-ld:lld
    [ -x "$cache/rustc" ] && [ -e "$cache/complete" ] && return 0
    apt_install ca-certificates
    local packages
    packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances rustc-web | grep -E '^(rustc-web|libstd-rust-web-(dev|[0-9.]+)|libllvm[0-9]+)$' | sort -u)
    echo "fetching $(echo $packages) into $cache ..."
    rm -rf "$cache" && mkdir -p "$cache/packages"
    # shellcheck disable=SC2086 # one word a package
    (cd "$cache/packages" && apt-get download -qq -o APT::Sandbox::User=root $packages rust-web-src)
    for package in "$cache"/packages/*.deb; do
        dpkg -x "$package" "$cache/root"
    done
    rm -rf "$cache/packages"
    local libraries
    libraries=$(dirname "$(find "$cache/root" -name 'librustc_driver-*.so' | head -n 1)")
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$libraries" "$cache/root/usr/bin/rustc" > "$cache/rustc"
    chmod +x "$cache/rustc"
    "$cache/rustc" --version > "$cache/complete"
}

# What it is built for, and where it goes, is in hot/.cargo/config.toml: `cargo build --release` in this folder does the same.
# Beside that, a module that is passed on says nothing of the folders of whoever built it.
flags="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=registry --remap-path-prefix=$PWD=uchat"
flags="$flags --remap-path-prefix=$cache=rust -C link-arg=-zstack-size=131072"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags"
build=(cargo build --quiet --locked --release)
if has_target || add_target; then
    (cd hot && "${build[@]}")
elif command -v apt-get > /dev/null; then
    debian_toolchain
    # The standard library comes as source, and building it is not stable yet.
    (cd hot && RUSTC="$cache/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
        "${build[@]}" -Z build-std=std,panic_abort)
else
    echo "please install the target of the modules: rustup target add $TARGET" >&2
    exit 1
fi
mkdir -p "$folder"
for module in target/hot/"$TARGET"/release/*.wasm; do
    cp "$module" "$folder/"
    chmod 644 "$folder/$(basename "$module")"
    echo "$folder/$(basename "$module"): $(wc -c < "$module") bytes"
done
