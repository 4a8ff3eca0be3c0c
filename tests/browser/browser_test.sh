#!/usr/bin/env bash
# The console in a real browser, against the real programs. usage: browser_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
cd "$source_dir/tests/browser"
[ -d node_modules/playwright-core ] || { echo "playwright-core is not installed: run ./dev test, or npm ci in tests/browser" >&2; exit 1; }
[ -f "$source_dir/client/console/dist/manifest.json" ] || { echo "the console is not built: ./dev console builds it" >&2; exit 1; }
# One file after the other: each has a service and a browser of its own.
export LOGEXPORT_BIN=$bin
status=0
for file in *.test.mjs; do
  node --test "$file" || status=1
done
exit $status
