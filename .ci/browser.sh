#!/bin/sh
# browser.sh: puts the browser of tests/browser on this machine where it may: Debian's Chromium, and
# letters to write with. Where it may not, one line says so; the tests say it again.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! may_install; then
    echo "THE BROWSER TESTS WILL BE SKIPPED: there is no Chromium here. On Debian and Ubuntu: apt install chromium" >&2
    exit 0
fi
echo "Installing Chromium for the browser tests ..."
if ! {
    as_root apt-get update -qq &&
        as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation
} >"$log" 2>&1; then
    echo "THE BROWSER TESTS WILL BE SKIPPED: Chromium can't be installed: $(tail -n 1 "$log")" >&2
fi
