# What ./run and ./test share: installs what is missing (asking nothing), and links the handler crates.
# Sourced from the root of the repository.

export PATH="$HOME/.cargo/bin:$PATH"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

command -v cargo > /dev/null || {
    echo "Rust is missing: install it from https://rustup.rs, then run this again." >&2
    exit 1
}

# apt_install PACKAGE… — installs these Debian packages, or says what is missing where there is no apt.
apt_install() {
    local sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
    if ! command -v apt-get > /dev/null; then
        echo "please install (these are the names on Debian): $*" >&2
        return 1
    fi
    echo "installing $* ..."
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" > /dev/null || {
        echo "please install: $*" >&2
        return 1
    }
}

# install_packages PROGRAM:PACKAGE… — installs the Debian package of each program that is not there.
install_packages() {
    local wanted=() pair
    for pair in "$@"; do
        command -v "${pair%%:*}" > /dev/null || wanted+=("${pair##*:}")
    done
    [ ${#wanted[@]} -eq 0 ] || apt_install "${wanted[@]}"
}

# install_headers MODULE:PACKAGE… — the same for libraries that pkg-config does not know.
install_headers() {
    local wanted=() pair
    for pair in "$@"; do
        pkg-config --exists "${pair%%:*}" || wanted+=("${pair##*:}")
    done
    [ ${#wanted[@]} -eq 0 ] || apt_install "${wanted[@]}"
}

# install_fonts FAMILY:PACKAGE… — the same for fonts.
install_fonts() {
    local wanted=() pair
    for pair in "$@"; do
        fc-list : family | grep "${pair%%:*}" > /dev/null || wanted+=("${pair##*:}")
    done
    [ ${#wanted[@]} -eq 0 ] || apt_install "${wanted[@]}"
}

# cmake_is_new CMAKE — whether it is at least 3.28, which FLTK asks for.
cmake_is_new() {
    local version major minor
    version=$("$1" --version 2> /dev/null | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    read -r major minor <<< "${version:-0 0}"
    [ "$major" -gt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -ge 28 ]; }
}

# install_desktop — what the desktop client is compiled with and drawn with. FLTK comes with its crate as C++ source; it
# needs the headers of X11 and Pango, and a newer CMake than some systems have: then one is fetched from PyPI into a
# virtual environment.
install_desktop() {
    [ "$(uname -s)" = Linux ] || return 0
    install_packages c++:g++ make:make ninja:ninja-build pkg-config:pkg-config fc-list:fontconfig
    install_headers x11:libx11-dev xext:libxext-dev xft:libxft-dev xinerama:libxinerama-dev xcursor:libxcursor-dev \
        xrender:libxrender-dev xfixes:libxfixes-dev fontconfig:libfontconfig-dev pangocairo:libpango1.0-dev \
        pangoxft:libpango1.0-dev
    install_fonts "Noto Sans CJK:fonts-noto-cjk" "Noto Color Emoji:fonts-noto-color-emoji"
    cmake_is_new cmake && return 0
    local tools="${XDG_CACHE_HOME:-$HOME/.cache}/uchat-cmake"
    if ! cmake_is_new "$tools/bin/cmake"; then
        install_packages python3:python3
        python3 -c "import ensurepip" 2> /dev/null || apt_install python3-venv
        echo "fetching CMake into $tools ..."
        python3 -m venv --clear "$tools"
        "$tools/bin/pip" install --quiet "cmake>=3.28,<5"
    fi
    export PATH="$tools/bin:$PATH" CMAKE="$tools/bin/cmake"
}

# has_display — whether a window can be opened. The client speaks X11; under Wayland that is what Xwayland is for, and
# DISPLAY is set as well.
has_display() {
    [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}" ]
}

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

# SQLite is compiled from its C source, which comes with the crate.
install_packages cc:gcc make:make
