#!/usr/bin/env bash
# A real Prometheus scrapes the real service over its HTTP listener: what it stores is what the reports
# say, no alert fires while all is well, and one does when the service dies.
# usage: scrape_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"

start_service "$bin" --generate 300
http=$(wait_for "$work/service.out" 'http on ')
export LOGEXPORT_SERVER=$address
"$bin/logexportctl" run-now --wait >/dev/null
"$bin/logexportctl" get-reports -o json >"$work/reports.json"

# The alerts as they are, but for how long they wait.
sed -E 's/^( *for:) .*/\1 1s/' "$source_dir/service/package/prometheus/alerts.yaml" >"$work/alerts.yaml"
cat >"$work/prometheus.yaml" <<YAML
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: logexport
    static_configs: [{targets: ['$http']}]
YAML
prometheus --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/data" \
  --web.listen-address=127.0.0.1:0 2>"$work/prometheus.log" &
echo $! >"$work/prometheus.pid"
prometheus=$(wait_for "$work/prometheus.log" '.*msg="Listening on" address=')

python3 - "$prometheus" "$work/reports.json" "$(cat "$work/service.pid")" <<'PYTHON'
import json, os, signal, sys, time, urllib.error, urllib.parse, urllib.request

base, reports, service = "http://" + sys.argv[1], json.load(open(sys.argv[2])), int(sys.argv[3])

def get(path):
    with urllib.request.urlopen(base + path, timeout=30) as answer:
        return json.load(answer)["data"]

def query(text):
    return get("/api/v1/query?query=" + urllib.parse.quote(text))["result"]

def wait_until(what, done):
    for _ in range(1200):
        try:
            if done():
                return
        except urllib.error.HTTPError:
            pass  # it is not ready yet
        time.sleep(0.05)
    sys.exit("waited in vain: " + what)

def scrapes():
    series = query("count_over_time(up[1h])")
    return int(series[0]["value"][1]) if series else 0

def firing():
    return {a["labels"]["alertname"] for a in get("/api/v1/alerts")["alerts"] if a["state"] == "firing"}

wait_until("four scrapes", lambda: scrapes() >= 4)
for outcome, field in (("accepted", "accepted"), ("filtered", "filtered"), ("dead_lettered", "deadLettered")):
    ledgers = sum(int(r["ledger"].get(field, 0)) for r in reports["reports"])
    counted = float(query('sum(logexport_logs_total{outcome="%s"})' % outcome)[0]["value"][1])
    if counted != ledgers:
        sys.exit("%s: Prometheus has %s, the reports say %s" % (outcome, counted, ledgers))
accepted = float(query('sum(logexport_logs_total{outcome="accepted"})')[0]["value"][1])
if accepted < 300:
    sys.exit("only %s logs were exported" % accepted)
if firing():
    sys.exit("alerts fire although all is well: %s" % firing())
os.kill(service, signal.SIGKILL)
wait_until("LogexportDown", lambda: "LogexportDown" in firing())
print("ok: %d logs scraped, LogexportDown fired" % accepted)
PYTHON
