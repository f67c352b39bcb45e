#!/bin/sh
# venv.sh REQUIREMENTS: makes .venv hold what that file locks; does nothing when it does already.
# Everything is relative to the checkout, so blanks in its path don't matter.
set -eu

fail() {
    echo "Thrive Booking: $1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
        if [ -n "${PYTHON:-}" ]; then
            fail "PYTHON=$PYTHON is not a Python 3.11 or newer"
        fi
    done
    fail "needs Python 3.11 or newer; name it if it isn't in the PATH: make run PYTHON=/path/to/python3.12"
}

# A .venv that was copied or moved, or not finished, can't be used: its programs name other paths.
is_usable() {
    is_new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 || return 1
    [ ! -e .venv/made-in ] || [ "$(cat .venv/made-in)" = "$PWD" ]
}

make_venv() {
    python=$(find_python)
    echo "Making .venv with $("$python" --version) ..."
    if ! "$python" -m venv --clear .venv >.venv.log 2>&1; then
        cat .venv.log >&2
        rm -rf .venv .venv.log
        fail "$python can't make a virtual environment with pip; on Debian and Ubuntu: apt install python3-venv"
    fi
    rm -f .venv.log
}

requirements=$1
stamp=.venv/installed-$requirements
if ! is_usable; then
    make_venv
fi
printf '%s\n' "$PWD" >.venv/made-in
checksum=$(cksum <"$requirements")
if [ "$(cat "$stamp" 2>/dev/null)" != "$checksum" ]; then
    echo "Installing what $requirements locks (about a minute the first time) ..."
    rm -f "$stamp"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "$requirements" ||
        fail "the dependencies can't be installed, see above; what is there already is kept for the next try"
    printf '%s\n' "$checksum" >"$stamp"
fi
