# What ./run and ./test share: installs what is missing (asking nothing), and links the handler crates.
# Sourced from the root of the repository.

export PATH="$HOME/.cargo/bin:$PATH"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

command -v cargo > /dev/null || {
    echo "Rust is missing: install it from https://rustup.rs, then run this again." >&2
    exit 1
}

# install_packages PROGRAM:PACKAGE… — installs the Debian package of each program that is not there.
install_packages() {
    local wanted=()
    for pair in "$@"; do
        command -v "${pair%%:*}" > /dev/null || wanted+=("${pair##*:}")
    done
    [ ${#wanted[@]} -eq 0 ] && return 0
    local sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
    if ! command -v apt-get > /dev/null; then
        echo "please install: ${wanted[*]}" >&2
        return 1
    fi
    echo "installing ${wanted[*]} ..."
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${wanted[@]}" > /dev/null
}

# SQLite is compiled from its C source, which comes with the crate.
install_packages cc:gcc make:make

# FLTK, the toolkit of the desktop client, is compiled from the C++ source that comes with its crate: it needs the
# headers of X11 and Pango, and a newer CMake than some systems have.
if command -v apt-get > /dev/null && ! pkg-config --exists pangocairo pangoxft xinerama xcursor xfixes xft 2> /dev/null; then
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
    echo "installing what FLTK is compiled with ..."
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq g++ make ninja-build pkg-config python3-venv \
        libx11-dev libxext-dev libxft-dev libxinerama-dev libxcursor-dev libxrender-dev libxfixes-dev \
        libfontconfig-dev libpango1.0-dev fonts-noto-cjk fonts-noto-color-emoji > /dev/null
fi
install_packages c++:g++ ninja:ninja-build
cmake_version=$(cmake --version 2> /dev/null | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' || true)
read -r major minor <<< "${cmake_version:-0 0}"
if [ "$major" -lt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -lt 28 ]; }; then
    tools="${XDG_CACHE_HOME:-$HOME/.cache}/uchat-cmake"
    [ -x "$tools/bin/cmake" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install -q cmake; }
    export PATH="$tools/bin:$PATH" CMAKE="$tools/bin/cmake"
fi

# link_handlers — adds each folder of handlers/ that is not a dependency of the server to the block in Cargo.toml.
link_handlers() {
    local manifest name line
    for manifest in handlers/*/Cargo.toml; do
        name=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$manifest" | head -n 1)
        line="$name = { path = \"$(dirname "$manifest")\" }"
        grep -q "^$name = " Cargo.toml && continue
        echo "linking $name"
        sed "s|^# handlers: end|$line\n# handlers: end|" Cargo.toml > Cargo.toml.new && mv Cargo.toml.new Cargo.toml
    done
}
