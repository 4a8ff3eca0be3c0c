#!/usr/bin/env bash
# Runs a test script of the tree that Bazel was started in. usage: run_script.sh SCRIPT
set -euo pipefail
tree=$(dirname "$(readlink -f WORKSPACE)")
exec "$tree/$1" "$tree" "$PWD/bin"
