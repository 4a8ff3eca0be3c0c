#!/usr/bin/env bash
# The alerts are provoked on the real service, which a real Prometheus scrapes. The rules are those of
# the package, but for how long they wait and look back, and for how much memory is too much.
# usage: provoke_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -B "$1/tests/monitoring/provoke.py" "$1" "$2" "$work"
