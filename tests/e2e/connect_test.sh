#!/usr/bin/env bash
# Services in Node that cannot speak gRPC: connect-node with generated clients, over HTTP, as JSON and as
# bytes. What it reads is compared with what gRPC answers. usage: connect_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"
tools=$source_dir/tests/e2e/node_modules

start_service "$bin" --generate 500
export LOGEXPORT_SERVER=$address
http=$(wait_for "$work/service.out" 'http on ')
token=$("$bin/logexportctl" create-login --bearer -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')

# Beside its packages, which Node looks for from the place of a file.
mkdir "$work/gen"
ln -s "$tools" "$work/node_modules"
protoc -I "$source_dir/proto" --plugin="$tools/.bin/protoc-gen-es" --es_out="$work/gen" --es_opt=target=js,import_extension=js \
  "$source_dir"/proto/logexport/v1/*.proto "$source_dir"/proto/google/rpc/*.proto
cp "$source_dir/tests/e2e/connect.mjs" "$work/"

node "$work/connect.mjs" "http://$http" "$token" "$work/read"
# The program prints proto JSON with the names of JSON; so does gRPC's client of ours.
for method in get-config get-reports list-checkpoints list-config-versions; do
  "$bin/logexportctl" "$method" -o json >"$work/grpc.json"
  for format in json binary; do
    python3 - "$work/grpc.json" "$work/read.$format.$method.json" <<'PYTHON'
import json, sys

def told(value):
    """Without what has its default, which one writes out and the other leaves away."""
    if isinstance(value, dict):
        inside = {name: told(inner) for name, inner in value.items()}
        return {name: inner for name, inner in inside.items() if inner not in ([], {}, "", "0", 0, False)}
    return [told(inner) for inner in value] if isinstance(value, list) else value

grpc, connect = (told(json.load(open(path))) for path in sys.argv[1:])
if not grpc:
    sys.exit("%s is empty" % sys.argv[1])
if grpc != connect:
    sys.exit("%s differs from what gRPC answers:\n%s\n%s" % (sys.argv[2], json.dumps(grpc), json.dumps(connect)))
PYTHON
  done
done
echo 'ok: the same answers as over gRPC'
