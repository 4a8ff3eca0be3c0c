#!/usr/bin/env bash
# The worked examples in other languages, against the real programs: each makes its calls with its
# language's own gRPC. What it printed is compared, and that it came about: in the service by our
# client, in Segment by the sandbox. usage: examples_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"
python=/usr/bin/python3  # Debian's: others do not see its python3-grpcio
logs=2000

generated=$work/python
mkdir "$generated"
protoc -I "$source_dir/proto" --python_out="$generated" --grpc_out="$generated" \
  --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" \
  "$source_dir"/proto/logexport/v1/*.proto "$source_dir"/proto/google/rpc/*.proto
run_python() { PYTHONPATH=$generated "$python" "$source_dir/client/examples/python/steer.py" "$address"; }
run_node() {
  NODE_PATH=$source_dir/tests/e2e/node_modules node "$source_dir/client/examples/node/steer.js" \
    "$address" "$source_dir/proto"
}

run_and_compare() { # LANGUAGE TIMES: what the example prints when it is run for the nth time
  local printed
  printed=$("run_$1" 2>&1) || { echo "the $1 example failed when run for time $2: $printed" >&2; exit 1; }
  diff -u --label "expected of $1" --label printed - <(sed -E 's/^run [0-9a-f-]+/run ID/; s/True/true/' <<<"$printed") >&2 <<TEXT
run ID again true
state RUN_STATE_SUCCEEDED accepted $logs
reports $2 newest true
moved CHECKPOINT_DIRECTION_REWIND
changed auth0.batch_size version $(($2 + 1))
refused ABORTED ETAG_MISMATCH
refused INVALID_ARGUMENT INVALID_FIELD
violation config.auth0.batch_size
violation config.schedule.cron
TEXT
}

check() { # LANGUAGE
  local read
  rm -f "$work"/state.db* "$work"/service.out "$work"/sandbox.log
  start_service "$bin" --generate "$logs"
  # Whoever tries an example tries it again.
  run_and_compare "$1" 1
  run_and_compare "$1" 2
  for read in get-config get-reports list-checkpoints; do
    "$bin/logexportctl" "$read" -o json --server "$address" >"$work/$read.json"
  done
  "$python" - "$1" "$logs" "$sandbox" "$work" <<'PYTHON'
import json, sys, urllib.request
language, logs, sandbox, work = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
read = lambda name: json.load(open(f"{work}/{name}.json"))
reason = f"{language} example"
assert read("get-config")["config"]["auth0"]["batchSize"] == 100, read("get-config")
assert read("get-config")["reason"] == reason, read("get-config")
runs = read("get-reports")["reports"]
assert [run["reason"] for run in runs] == [reason, reason], runs
moved = read("list-checkpoints")["changes"]
assert len(moved) == 2 and moved[0]["reason"] == reason, moved
arrived = json.load(urllib.request.urlopen(sandbox + "/_sandbox/stats"))["segment"]
assert arrived["unique_message_ids"] == logs and arrived["duplicates"] == logs, arrived
PYTHON
  kill "$(cat "$work/service.pid")" "$(cat "$work/sandbox.pid")"
  wait
  rm -f "$work"/*.pid
  echo "ok: $1"
}

check python
check node
