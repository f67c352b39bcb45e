#!/bin/sh
# venv.sh REQUIREMENTS: makes .venv hold what that file locks; does nothing when it does already.
# Everything is relative to the checkout, so blanks in its path don't matter.
set -eu

requirements=$1
runtime=requirements.txt
test_time=requirements-dev.txt # holds the same versions, and more

main() {
    if is_usable && is_installed "$requirements"; then
        exit 0
    fi
    python=$(any_python)
    wait_for_other_makes
    if ! is_usable; then
        keep_off_a_running_one
        make_venv
    elif ! is_installed "$runtime" && ! is_installed "$test_time"; then
        keep_off_a_running_one # else nothing is changed, only added
    fi
    if ! is_installed "$requirements"; then
        install
    fi
}

fail() {
    echo "Thrive Booking: $1" >&2
    exit 1
}

# A .venv that was copied or moved, or not finished, can't be used: its programs name other paths.
is_usable() {
    is_new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 || return 1
    [ ! -e .venv/made-in ] || [ "$(cat .venv/made-in)" = "$PWD" ]
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

is_installed() {
    [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(cksum <"$1")" ]
}

any_python() {
    if is_usable; then
        echo .venv/bin/python
    else
        find_python
    fi
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

# Both locks are on directories, by this shell's open descriptors: they leave no file behind, and
# the kernel lets go of them however this ends.
wait_for_other_makes() {
    exec 9<.
    if ! lock 9; then
        echo "Waiting for another make that prepares .venv here ..."
        lock 9 and-wait
    fi
}

# What runs from .venv holds a shared lock on it (app/launching/venv_lock.py).
keep_off_a_running_one() {
    if [ -d .venv ]; then
        exec 8<.venv
        lock 8 || fail "something runs from .venv, where other versions have to be installed: end it first (Ctrl-C), then try again"
    fi
}

# lock DESCRIPTOR [and-wait]: locks it; false when somebody else has it.
lock() {
    "$python" -c '
import fcntl, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    fcntl.flock(int(sys.argv[1]), fcntl.LOCK_EX | (0 if sys.argv[2:] else fcntl.LOCK_NB))
except BlockingIOError:
    sys.exit(1)
except OSError:
    pass  # a file system without such locks
' "$@"
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

install() {
    stamp=.venv/installed-$requirements
    echo "Installing what $requirements locks (about a minute the first time) ..."
    rm -f "$stamp"
    printf '%s\n' "$PWD" >.venv/made-in
    # The lock names everything. With dependencies, an old pip takes the newest of a package that
    # another asks for with an extra, which has no hash here.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
        --require-hashes --requirement "$requirements" ||
        fail "the dependencies can't be installed, see above; what is there already is kept for the next try"
    printf '%s\n' "$(cksum <"$requirements")" >"$stamp"
}

main
