# Sourced by the tests that are shell scripts: a folder of their own in $work, and the real programs.
work=$(mktemp -d)
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$work"' EXIT

wait_for() { # FILE PREFIX: prints what follows the prefix, once the file has such a line
  local value
  for _ in $(seq 600); do
    value=$(sed -n "s|^$2||p" "$1" 2>/dev/null | head -n 1)
    [ -n "$value" ] && { printf '%s' "$value"; return; }
    sleep 0.05
  done
  cat "$work"/*.log >&2
  return 1
}

start_service() { # BIN_DIR SANDBOX_FLAGS...: sets $address and $sandbox; no run starts by itself
  local bin=$1
  shift
  "$bin/logexport-sandbox" --listen 127.0.0.1:0 "$@" >"$work/sandbox.log" 2>&1 &
  echo $! >"$work/sandbox.pid"
  sandbox=$(wait_for "$work/sandbox.log" '  AUTH0_BASE_URL=')
  while IFS='=' read -r name value; do export "${name// /}=$value"; done < <(grep -E '^  [A-Z0-9_]+=' "$work/sandbox.log")
  export SCHEDULE='0 0 0 1 1 *' SEGMENT_MAX_EVENTS_PER_SECOND=0
  "$bin/logexportd" --listen 127.0.0.1:0 --state "sqlite:$work/state.db" >"$work/service.out" 2>"$work/service.log" &
  echo $! >"$work/service.pid"
  address=$(wait_for "$work/service.out" 'listening on ')
}
