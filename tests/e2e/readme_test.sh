#!/usr/bin/env bash
# Runs every logexportctl and curl line of the shell blocks of the guides, as printed and in their order, in a
# terminal of 80 columns, against the real programs. Every question is answered with yes. (buf_test.sh
# does the grpcurl lines.) usage: readme_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"

# So slow that a run can be met in its middle; one log that Segment refuses for good.
start_service "$bin" --generate 1000 --latency logs=60 \
  --fault '{"endpoint":"segment","action":"status","status":400,"contains":"000000000007\""}'
http=$(wait_for "$work/service.out" 'http on ')
export PATH=$bin:$PATH LOGEXPORT_SERVER=$address
cd "$work"
# curl as the guides have it, for this service; an answer that is an error is one.
mkdir tools
cat >tools/curl <<END
#!/bin/bash
exec $(command -v curl) --fail-with-body -sS "\${@//@(localhost|127.0.0.1):50052/$http}"
END
sed -i '2i shopt -s extglob' tools/curl
chmod +x tools/curl
PATH=$work/tools:$PATH
# The terminal's keyboard. It stays open: at an end of its input, script waits for seconds.
mkfifo keyboard
exec 9<>keyboard

# Makes a call that prepares a line. A failure ends the test, and not without saying why.
prepare_by() { # ALLOWED_STATUSES COMMAND...
  local allowed=$1 status=0
  shift
  "$@" >"$work/prepare.txt" 2>&1 || status=$?
  case " $allowed " in *" $status "*) return ;; esac
  printf 'exit status %s of what prepares a line: %s\n' "$status" "$*" >&2
  cat "$work/prepare.txt" "$work/service.log" >&2
  exit 1
}

# A program that takes events; the guide's is made up.
python3 - >"$work/receiver.out" <<'PYTHON' &
import http.server

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print("http://127.0.0.1:%d/hooks/1" % server.server_port, flush=True)
server.serve_forever()
PYTHON
echo $! >"$work/receiver.pid"

# Brings about what a line expects.
prepare() { # LINE
  case "$1" in
    *"--webhook.url-file receiver.url"*) printf %s "$(wait_for "$work/receiver.out" '')" >receiver.url ;;
    "logexportctl cancel-run"* | "logexportctl watch-run"*)
      prepare_by 0 logexportctl set-checkpoint --earliest --run-now --drain --yes ;;
    *"set-checkpoint"* | *"/SetCheckpoint" | *"redrive-dead-letters"* | *"purge-dead-letters"*)
      # Wait until what the line before has started is over and all logs are exported. 3 and 4 say
      # how that run ended.
      prepare_by '0 3 4' logexportctl run-now --on-active join --wait --yes ;;
  esac
}

# Exit statuses that are no failure: 4 is success with dead letters, of which the sandbox makes one;
# 10 says that they need attention.
allowed() { # LINE STATUS
  case "$1" in
    *"run-now"* | *"watch-run"* | *"redrive"*) [ "$2" -eq 0 ] || [ "$2" -eq 4 ] ;;
    *"--check"* | *"doctor"*) [ "$2" -eq 0 ] || [ "$2" -eq 10 ] ;;
    *) [ "$2" -eq 0 ] ;;
  esac
}

# The guides speak to readers who have made a first export.
prepare_by '0 4' logexportctl run-now --wait

mapfile -t lines < <(awk '/^```sh/ {inside = 1; next} /^```/ {inside = 0} inside' \
    "$source_dir"/{README.md,client/README.md,service/segment/README.md,service/package/README.md} |
  grep -E '^(logexportctl|openssl|curl) |^TOKEN=')
run=0
for line in "${lines[@]}"; do
  prepare "$line"
  status=0
  # Of the shell itself, for the lines that follow.
  case "$line" in TOKEN=*) eval "export $line"; [ -n "$TOKEN" ] || status=1 ;; esac
  [ "$status" -eq 0 ] || { echo "no token came from: $line" >&2; exit 1; }
  printf 'stty cols 80\n%s\n' "$line" >line.sh
  echo y >&9
  timeout 60 script -qefc 'bash line.sh' /dev/null <keyboard >"$work/terminal.txt" 2>&1 || status=$?
  if ! allowed "$line" "$status"; then
    printf 'exit status %s of: %s\n' "$status" "$line" >&2
    cat "$work/terminal.txt" "$work/service.log" >&2
    exit 1
  fi
  run=$((run + 1))
done
[ "$run" -ge 20 ] || { echo "the guides have only $run such lines" >&2; exit 1; }
echo "ok: $run lines of the guides"
