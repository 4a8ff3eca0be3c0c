#!/usr/bin/env bash
# buf lint on the protos, and buf curl, over reflection, on every RPC of the running service, with the
# requests of the README's grpcurl lines among them. usage: buf_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
buf=$source_dir/tests/e2e/node_modules/.bin/buf
[ -x "$buf" ] || { echo "buf is not installed: run ./dev test, or npm ci in tests/e2e" >&2; exit 1; }

work=$(mktemp -d)
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$work"' EXIT

(cd "$source_dir/proto" && "$buf" lint)
echo "ok: buf lint"

wait_for() { # FILE PREFIX
  local value
  for _ in $(seq 600); do
    value=$(sed -n "s|^$2||p" "$1" 2>/dev/null | head -n 1)
    [ -n "$value" ] && { printf '%s' "$value"; return; }
    sleep 0.05
  done
  cat "$work"/*.log >&2
  return 1
}

"$bin/logexport-sandbox" --listen 127.0.0.1:0 --generate 500 >"$work/sandbox.log" 2>&1 &
echo $! >"$work/sandbox.pid"
wait_for "$work/sandbox.log" '  AUTH0_BASE_URL=' >/dev/null
while IFS='=' read -r name value; do export "${name// /}=$value"; done < <(grep -E '^  [A-Z0-9_]+=' "$work/sandbox.log")
export SCHEDULE='0 0 0 1 1 *' SEGMENT_MAX_EVENTS_PER_SECOND=0
"$bin/logexportd" --listen 127.0.0.1:0 --state "sqlite:$work/state.db" >"$work/service.out" 2>"$work/service.log" &
echo $! >"$work/service.pid"
address=$(wait_for "$work/service.out" 'listening on ')

calls=0
call() { # METHOD JSON [EXPECTED_TEXT]
  local answer
  if ! answer=$("$buf" curl --http2-prior-knowledge --protocol grpc --data "$2" \
      "http://$address/logexport.v1.LogExportService/$1" 2>&1); then
    printf '%s %s failed:\n%s\n' "$1" "$2" "$answer" >&2
    exit 1
  fi
  if [ $# -gt 2 ] && [[ $answer != *"$3"* ]]; then
    printf '%s %s answered without %s:\n%s\n' "$1" "$2" "$3" "$answer" >&2
    exit 1
  fi
  calls=$((calls + 1))
}

call RunNow '{"on_active": "ON_ACTIVE_JOIN"}' '"run"'
call WatchRun '{}' WATCH_PHASE_FINAL
call GetReports '{"page_size": 5}' '"reports"'
call GetReport '{}' CAUGHT_UP
call GetStatus '{}' '"checkpoint"'
call SetCheckpoint '{"earliest": {}, "validate_only": true}' REWIND
call ListCheckpoints '{}' '"current"'
call GetConfig '{}' '"etag"'
call UpdateConfig '{"config": {"auth0": {"batch_size": 50}}}' batchSize
call ListConfigVersions '{}' '"versions"'
call RollbackConfig '{"version": 1}' '"etag"'
call PauseExporter '{"reason": "test"}' '"pause"'
call ResumeExporter '{}' '"state"'
call PreviewExport '{"max_logs": 3}'
call ListDeadLetters '{}'
call PurgeDeadLetters '{"all": true}'
call TestNotification '{}' '"delivered"'
call ListLogTypes '{}' fepft
call ListExporters '{}' default
call CreateExporter "{\"exporter\": \"second\", \"config\": {\"auth0\": {\"domain\": \"$AUTH0_DOMAIN\", \"base_url\": \"$AUTH0_BASE_URL\", \"client_id\": \"x\", \"client_secret\": \"y\"}, \"segment\": {\"write_key\": \"0123456789abcdef0123456789abcdef\", \"endpoint\": \"$SEGMENT_ENDPOINT\"}, \"schedule\": {\"cron\": \"0 0 0 1 1 *\"}}}" second
call DeleteExporter '{"exporter": "second"}' second
for method in CancelRun RedriveDeadLetters; do
  # Nothing to cancel or redrive: the answer is an error, by name.
  data='{}'
  [ "$method" = RedriveDeadLetters ] && data='{"all": true}'
  answer=$("$buf" curl --http2-prior-knowledge --protocol grpc --data "$data" \
    "http://$address/logexport.v1.LogExportService/$method" 2>&1) && { echo "$method did not fail" >&2; exit 1; }
  [[ $answer == *not_found* ]] || { printf '%s: %s\n' "$method" "$answer" >&2; exit 1; }
  calls=$((calls + 1))
done
echo "ok: buf curl made $calls calls"

lines=0
while IFS= read -r line; do
  json=$(sed -E "s/.* -d '([^']*)'.*/\1/" <<<"$line")
  method=${line##*/}
  call "$method" "$json"
  lines=$((lines + 1))
done < <(grep -E '^grpcurl ' "$source_dir/README.md")
[ "$lines" -ge 4 ] || { echo "the README has only $lines grpcurl lines" >&2; exit 1; }
echo "ok: $lines lines of the README"
