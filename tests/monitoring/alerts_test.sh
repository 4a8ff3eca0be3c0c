#!/usr/bin/env bash
# The alerts with Prometheus' own tools: each has a case in which it fires after its real `for` and one
# in which it stays quiet, and a paragraph in the guide that names a command. Alerts and dashboard use
# only metrics that the guide documents. usage: alerts_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
package=$1/service/package
guide=$package/README.md
rules=$package/prometheus/alerts.yaml
cases=$package/prometheus/alerts_test.yaml
fail() { echo "$*" >&2; exit 1; }

promtool check rules "$rules"
promtool test rules "$cases"

mapfile -t alerts < <(sed -n 's/^ *- alert: *//p' "$rules")
[ "${#alerts[@]}" -ge 10 ] || fail "$rules has only ${#alerts[@]} alerts"
for alert in "${alerts[@]}"; do
  grep -Eq "alertname: $alert$" "$cases" || fail "$alert has no case in which it fires"
  grep -Eq "alertname: $alert, exp_alerts: \[\]" "$cases" || fail "$alert has no case in which it is quiet"
  grep -q "runbook: \"service/package/README.md#${alert,,}\"" "$rules" || fail "$alert does not lead to its paragraph"
  paragraph=$(awk -v heading="### $alert" '$0 == heading {inside = 1; next} /^#/ {inside = 0} inside' "$guide")
  [ -n "$paragraph" ] || fail "the guide has no paragraph about $alert"
  grep -Eq '`(logexportctl|journalctl|systemctl|timedatectl)' <<<"$paragraph" || fail "the paragraph about $alert names no command"
done
while read -r heading; do
  grep -q "alert: $heading$" "$rules" || fail "the guide speaks of $heading, which is no alert"
done < <(sed -n 's/^### \(Logexport[A-Za-z]*\)$/\1/p' "$guide")

documented=$(grep -E '^\| `(logexport|process)_' "$guide" | cut -d '|' -f 2 | grep -oE '(logexport|process)_[a-z0-9_]+' | sort -u)
for file in "$rules" "$package/grafana/dashboard.json"; do
  used=$(grep -oE '\b(logexport|process)_[a-z0-9_]+' "$file" | sed -E 's/_(bucket|sum|count)$//' | sort -u)
  unknown=$(comm -23 <(echo "$used") <(echo "$documented"))
  [ -z "$unknown" ] || fail "$file uses metrics that the guide does not have: $unknown"
done
python3 -m json.tool "$package/grafana/dashboard.json" >/dev/null
echo "ok: ${#alerts[@]} alerts"
