#!/usr/bin/env bash
# buf lint and buf breaking on the protos, and buf curl, over reflection, on every RPC of the running service, with the
# requests of the grpcurl lines in client/README.md among them; over HTTP by the Connect protocol with buf curl and
# Python's standard library. usage: buf_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
buf=$source_dir/tests/e2e/node_modules/.bin/buf
[ -x "$buf" ] || { echo "buf is not installed: run ./dev test, or npm ci in tests/e2e" >&2; exit 1; }

# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"

(cd "$source_dir/proto" && "$buf" lint)
echo "ok: buf lint"

# Callers are built from the API as it was when they were written, so it may only grow. The baseline
# is that API as an image of buf's. It is made anew, with what is said below, when something has been
# added and is to be kept from then on; never to make a failure here go away.
baseline=$source_dir/tests/e2e/api_baseline.binpb
(cd "$source_dir/proto" && "$buf" breaking --against "$baseline") || {
  echo "The change breaks callers of the API: keep the old field or method, and add a new one." >&2
  echo "After additions: cd proto && buf build --exclude-source-info -o ../tests/e2e/api_baseline.binpb" >&2
  exit 1
}
breaks() { # NAME FILE SED_SCRIPT EXPECTED_TEXT: such a change is found
  local answer copy=$work/$1
  cp -r "$source_dir/proto" "$copy"
  sed -i -E "$3" "$copy/$2"
  cmp -s "$source_dir/proto/$2" "$copy/$2" && { echo "$1 changed nothing in $2" >&2; exit 1; }
  answer=$(cd "$copy" && "$buf" breaking --against "$baseline" 2>&1) && { echo "buf let $1 pass" >&2; exit 1; }
  [[ $answer == *"$4"* ]] || { printf '%s: %s\n' "$1" "$answer" >&2; exit 1; }
}
breaks removed-field logexport/v1/report.proto '/ min_logs = 8;/d' '"min_logs"'
breaks renumbered-field logexport/v1/run.proto 's/ max_logs = 4;/ max_logs = 14;/' '"4"'
breaks changed-type logexport/v1/run.proto 's/int64 max_logs/string max_logs/' '"max_logs"'
breaks removed-later-field logexport/v1/history.proto '/ audit_sequence = 9;/d' '"audit_sequence"'
breaks renumbered-later-field logexport/v1/status.proto 's/ caller_load = 40/ caller_load = 41/' '"caller_load"'
breaks renamed-value logexport/v1/run.proto 's/ON_ACTIVE_JOIN = 2/ON_ACTIVE_ATTACH = 2/' 'ON_ACTIVE_ATTACH'
breaks unstreamed-method logexport/v1/service.proto 's/returns \(stream WatchRunResponse\)/returns (WatchRunResponse)/' '"WatchRun"'
echo "ok: buf breaking, and finds what breaks"

start_service "$bin" --generate 500

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
call GetSeries '{"steps": 10}' '"points"'
call GetStatus '{}' '"checkpoint"'
call SetCheckpoint '{"earliest": {}, "validate_only": true}' REWIND
call ListCheckpoints '{}' '"current"'
call GetConfig '{}' '"etag"'
call GetCaller '{}' '"serviceVersion"'
call ListMembers '{}' '"members"'
call ProbeExporter '{}' auth0.token
call RunNow '{"validate_only": true, "window": {"start": "2026-01-01T00:00:00Z"}}' '"estimate"'
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
call CreateLogin '{}' '/#code='
call ListExporters '{}' default
call ListExporters '{"order_by": "EXPORTER_ORDER_WORST_FIRST", "include_verdicts": true}' '"verdict"'
call CreateExporter "{\"exporter\": \"second\", \"config\": {\"auth0\": {\"domain\": \"$AUTH0_DOMAIN\", \"base_url\": \"$AUTH0_BASE_URL\", \"client_id\": \"x\", \"client_secret\": \"y\"}, \"segment\": {\"write_key\": \"0123456789abcdef0123456789abcdef\", \"endpoint\": \"$SEGMENT_ENDPOINT\"}, \"schedule\": {\"cron\": \"0 0 0 1 1 *\"}}}" second
call DeleteExporter '{"exporter": "second"}' second
call ListAudit '{"include_ocsf": true}' class_uid
call VerifyAudit '{}' '"intact": true'
call ListHistory '{}' HISTORY_KIND_RUN
call RotateSecrets '{"validate_only": true}' '"keyId"'
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
done < <(grep -E '^grpcurl ' "$source_dir/client/README.md")
[ "$lines" -ge 4 ] || { echo "client/README.md has only $lines grpcurl lines" >&2; exit 1; }
echo "ok: $lines lines of client/README.md"

# Over HTTP/1.1 there is no reflection: the schema comes from the files.
http=$(wait_for "$work/service.out" 'http on ')
token=$("$bin/logexportctl" --server "$address" create-login --bearer -o json | sed -n 's/.*"token": "\(.*\)".*/\1/p')
connect() { # METHOD JSON EXPECTED_TEXT
  local answer
  answer=$("$buf" curl --protocol connect --schema "$source_dir/proto" --header "authorization: Bearer $token" \
    --data "$2" "http://$http/logexport.v1.LogExportService/$1" 2>&1) && [[ $answer == *"$3"* ]] ||
    { printf '%s by Connect: %s\n' "$1" "$answer" >&2; exit 1; }
}
connect GetStatus '{}' '"checkpoint"'
connect GetReports '{"page_size": 5}' '"reports"'
connect RunNow '{"on_active": "ON_ACTIVE_JOIN"}' '"run"'
connect WatchRun '{}' WATCH_PHASE_FINAL
answer=$("$buf" curl --protocol connect --schema "$source_dir/proto" --header "authorization: Bearer $token" \
  --data '{"run_id": "none"}' "http://$http/logexport.v1.LogExportService/GetReport" 2>&1) &&
  { echo 'a run that is not there was found' >&2; exit 1; }
[[ $answer == *not_found*RUN_NOT_FOUND* ]] || { printf '%s\n' "$answer" >&2; exit 1; }
echo 'ok: buf curl --protocol connect'

TOKEN=$token HTTP=$http python3 - <<'PYTHON'
import json, os, urllib.error, urllib.request

def call(method, message):
    request = urllib.request.Request(
        f"http://{os.environ['HTTP']}/logexport.v1.LogExportService/{method}",
        data=json.dumps(message).encode(),
        headers={"content-type": "application/json", "authorization": "Bearer " + os.environ["TOKEN"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

assert call("GetReports", {"pageSize": 2})["reports"]
try:
    call("GetReport", {"runId": "none"})
    raise SystemExit("a run that is not there was found")
except urllib.error.HTTPError as error:
    answer = json.load(error)
    assert error.code == 404 and answer["code"] == "not_found", answer
    assert answer["details"][0]["debug"]["reason"] == "RUN_NOT_FOUND", answer
PYTHON
echo "ok: Python's standard library"
