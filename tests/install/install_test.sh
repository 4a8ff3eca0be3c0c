#!/usr/bin/env bash
# Installs into a folder of its own; builds a program there against the installed library, outside the
# tree, and lets it steer the installed service. usage: install_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1 bin=$2
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"
prefix=$work/prefix
logs=500

cmake --install "$(dirname "$bin")" --prefix "$prefix" >"$work/install.log" || { cat "$work/install.log" >&2; exit 1; }
for file in bin/logexportd bin/logexportctl lib/systemd/system/logexportd.service \
    share/logexport/proto/logexport/v1/service.proto share/logexport/proto/google/rpc/status.proto \
    share/bash-completion/completions/logexportctl share/zsh/vendor-completions/_logexportctl \
    share/fish/vendor_completions.d/logexportctl.fish share/doc/logexport/examples/exporters.yaml \
    include/logexport/logexport/client.h include/logexport/logexport/v1/service.grpc.pb.h; do
  [ -s "$prefix/$file" ] || { echo "not installed: $file" >&2; exit 1; }
done
# Test programs and the simulator are for this tree only.
extra=$(find "$prefix/bin" -type f ! -name logexportd ! -name logexportctl)
[ -z "$extra" ] || { echo "installed, but should not be: $extra" >&2; exit 1; }
if grep -rlF -e "$source_dir/" -e "$(dirname "$bin")/" "$prefix/lib/cmake" "$prefix/include" "$prefix/lib/systemd"; then
  echo "these name the folder they were built in" >&2
  exit 1
fi
echo "ok: installed $(find "$prefix" -type f | wc -l) files"

# The unit names this installation.
grep -qF "ExecStart=$prefix/bin/logexportd " "$prefix/lib/systemd/system/logexportd.service"
grep -qF "EnvironmentFile=-$prefix/etc/logexport/logexportd.env" "$prefix/lib/systemd/system/logexportd.service"
[ "$(stat -c %a "$prefix/etc/logexport/logexportd.env")" = 600 ] || { echo "others can read the settings" >&2; exit 1; }
[ "$(stat -c %a "$prefix/etc/logexport/credentials")" = 700 ] || { echo "others can read the credentials" >&2; exit 1; }
grep -qF "LoadCredential=file:$prefix/etc/logexport/credentials" "$prefix/lib/systemd/system/logexportd.service"
grep -qF "$prefix/etc/logexport/credentials" "$prefix/etc/logexport/logexportd.env"
# No file that the service reads needs to be readable by others.
! grep -i 'readable by everyone' "$prefix/etc/logexport/logexportd.env"
# Installing again keeps what was set.
echo 'BATCH_SIZE=7' >"$prefix/etc/logexport/logexportd.env"
cmake --install "$(dirname "$bin")" --prefix "$prefix" >/dev/null
grep -qx 'BATCH_SIZE=7' "$prefix/etc/logexport/logexportd.env" || { echo "settings were overwritten" >&2; exit 1; }
ACME_AUTH0_SECRET=a ACME_SEGMENT_KEY=0123456789abcdef0123456789abcdef STAGING_AUTH0_SECRET=b \
  STAGING_SEGMENT_KEY=0123456789abcdef0123456789abcdef "$prefix/bin/logexportd" --check-config \
  --config "$prefix/share/doc/logexport/examples/exporters.yaml" >"$work/check.log" 2>&1 ||
  { cat "$work/check.log" >&2; echo "the example configuration is refused" >&2; exit 1; }
# Every setting of the environment file is one that the service has.
while IFS= read -r name; do
  [ "$name" = LOGEXPORT_FLAGS ] || grep -q "\`$name\`" "$source_dir/service/package/README.md" ||
    { echo "logexportd.env names $name, which service/package/README.md does not explain" >&2; exit 1; }
done < <(sed -n 's/^#\([A-Z0-9_]*\)=.*/\1/p' "$source_dir/service/package/logexportd.env")
echo "ok: unit, example configuration, settings"

cp -r "$source_dir/client/examples/cpp" "$work/consumer"
{ cmake -S "$work/consumer" -B "$work/consumer/build" -DCMAKE_PREFIX_PATH="$prefix" &&
  cmake --build "$work/consumer/build"; } >"$work/consumer.log" 2>&1 ||
  { cat "$work/consumer.log" >&2; echo "a program outside the tree does not build" >&2; exit 1; }
start_service "$bin" --generate "$logs"
printed=$("$work/consumer/build/steer" "$address")
diff -u --label expected --label printed - <(printf '%s\n' "$printed") >&2 <<TEXT
state RUN_STATE_SUCCEEDED accepted $logs
moved CHECKPOINT_DIRECTION_REWIND
refused INVALID_FIELD
violation config.auth0.batch_size
violation config.schedule.cron
TEXT
echo "ok: find_package(logexport)"
