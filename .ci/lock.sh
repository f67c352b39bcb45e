#!/bin/sh
# lock.sh [OPTION...]: writes the requirements files from pyproject.toml, with hashes and without
# any index address. Options go to uv: --upgrade, --upgrade-package NAME.
set -eu

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv

compile() {
    "$tools/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --no-annotate --no-header "$@"
}

compile "$@" --output-file requirements.txt
compile "$@" --group dev --constraint requirements.txt --output-file requirements-dev.txt
compile "$@" --group bench --constraint requirements-dev.txt --output-file requirements-bench.txt
