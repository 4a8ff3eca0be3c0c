#!/usr/bin/env bash
# The Debian package in a fresh Debian: installed with what it depends on, run as its unit says,
# exporting from the sandbox, restarted, upgraded, purged; afterwards the system is as it was before.
# There is no systemd running in the tree, so the test does what the unit asks of it: a user of no
# rights, the state folder, the environment file, the command line. Needs root and Debian's archive.
# usage: package_test.sh SOURCE_DIR BIN_DIR PACKAGE.deb
set -euo pipefail
source_dir=$1 bin=$2 package=$3
[ "$(id -u)" -eq 0 ] || { echo "package_test.sh needs root, for a tree of its own" >&2; exit 1; }
# shellcheck source-path=SCRIPTDIR
. "$source_dir/tests/e2e/service.sh"
tree=$work/debian
user=61184  # the first of those systemd takes for dynamic users
inside() { chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
die() { echo "package_test: $*" >&2; exit 1; }

mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep debian | grep -v security | head -n 1)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase "$suite" "$tree" "$mirror" >"$work/debootstrap.log" 2>&1 ||
  { tail -n 20 "$work/debootstrap.log" >&2; die "debootstrap failed"; }
rm -f "$tree/etc/apt/sources.list"
cp -r /etc/apt/apt.conf.d /etc/apt/sources.list* "$tree/etc/apt/" 2>/dev/null || true
inside apt-get update -qq
# What it depends on is not what is being tested to go away again.
cp "$package" "$tree/tmp/logexport.deb"
dependencies=$(dpkg-deb -f "$package" Depends | tr ',' '\n' | sed -E 's/\(.*//; s/\|.*//')
# shellcheck disable=SC2086
inside apt-get install -y -qq --no-install-recommends $dependencies >"$work/apt.log" 2>&1 || { tail "$work/apt.log" >&2; die "no dependencies"; }
echo "ok: a fresh $suite with $(wc -w <<<"$dependencies") direct dependencies"

# Everything but what dpkg and apt themselves write about any package.
listing() {
  (cd "$tree" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./var/log \
    -o -path ./var/cache -o -path ./var/lib/apt -o -path './var/lib/dpkg/*-old' \) -prune -o -printf '%p %m %u:%g\n' | sort)
}
listing >"$work/before"
inside apt-get install -y -qq /tmp/logexport.deb >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; die "does not install"; }
listing >"$work/installed"
{ diff "$work/before" "$work/installed" || true; } | sed -n 's/^> //p' >"$work/new"
grep -q "^./usr/bin/logexportd 755 root:root$" "$work/new" || die "logexportd is not installed with its mode"
grep -q "^./etc/logexport/logexportd.env 600 root:root$" "$work/new" || die "others can read the settings"
grep -q "^./etc/logexport/credentials 700 root:root$" "$work/new" || die "others can read the credentials"
wrong=$(grep -Ev ' (755|644|600) root:root$|^./etc/logexport/credentials 700 ' "$work/new" || true)
[ -z "$wrong" ] || die "modes or owners: $wrong"
echo "ok: installed $(wc -l <"$work/new") files and folders"

# The unit, as systemd would execute it.
unit=$tree/usr/lib/systemd/system/logexportd.service
setting() { sed -n "s|^$1=||p" "$unit" | tail -n 1; }
[ "$(setting EnvironmentFile)" = -/etc/logexport/logexportd.env ] || die "environment file: $(setting EnvironmentFile)"
state=/var/lib/$(setting StateDirectory)
start() { # starts the service in the tree; sets $address and the pid in service.pid
  # As systemd does for a dynamic user: the state lies where only it can go, behind a link.
  mkdir -p "$tree/var/lib/private/$(setting StateDirectory)"
  chmod 700 "$tree/var/lib/private/$(setting StateDirectory)"
  chown -R "$user:$user" "$tree/var/lib/private"
  ln -sfn "private/$(setting StateDirectory)" "$tree$state"
  local variables=() line
  while IFS= read -r line; do variables+=("$line"); done < <(grep -E '^[A-Z0-9_]+=' "$tree/etc/logexport/logexportd.env")
  local flags='' word words=()
  for line in "${variables[@]}"; do [[ $line == LOGEXPORT_FLAGS=* ]] && flags=${line#*=}; done
  for word in $(setting ExecStart); do
    # shellcheck disable=SC2206
    case "$word" in '$LOGEXPORT_FLAGS') words+=($flags) ;; *) words+=("${word//\$\{STATE_DIRECTORY\}/$state}") ;; esac
  done
  # As systemd does with LoadCredential: what only root can read, for the service's user alone.
  local credentials=$tree/run/credentials/logexportd.service file
  local folder=$(setting LoadCredential)
  mkdir -p "$credentials"
  for file in "$tree${folder#file:}"/*; do
    [ -f "$file" ] && install -o "$user" -m 400 "$file" "$credentials/file_${file##*/}"
  done
  chown "$user" "$credentials"
  chmod 500 "$credentials"
  # To a fresh file: what a former life printed is not waited for.
  rm -f "$work/service.out"
  setpriv --no-new-privs chroot --userspec="$user:$user" --groups= "$tree" \
    env -i "STATE_DIRECTORY=$state" "${variables[@]}" "${words[@]}" >"$work/service.out" 2>>"$work/service.log" &
  echo $! >"$work/service.pid"
  address=$(wait_for "$work/service.out" 'listening on ')
}
stop() {
  local pid status=0
  pid=$(cat "$work/service.pid")
  kill -TERM "$pid"
  wait "$pid" || status=$?
  rm "$work/service.pid"
  [ "$status" -eq 0 ] || { cat "$work/service.log" >&2; die "the service ended with $status"; }
}
control() { inside logexportctl --server "$address" --token-file /run/token "$@"; }

logs=2000
"$bin/logexport-sandbox" --listen 127.0.0.1:0 --generate $logs >"$work/sandbox.log" 2>&1 &
echo $! >"$work/sandbox.pid"
sandbox=$(wait_for "$work/sandbox.log" '  AUTH0_BASE_URL=')
inside /usr/bin/logexportd --state sqlite:/tmp/none.db >"$work/unset.log" 2>&1 && die "it starts without settings"
grep -q 'AUTH0_DOMAIN' "$work/unset.log" || { cat "$work/unset.log" >&2; die "it does not say which settings are missing"; }
{
  sed -nE 's/^  ([A-Z0-9_]+=)/\1/p' "$work/sandbox.log"
  printf '%s\n' 'SCHEDULE=0 0 0 1 1 *' SEGMENT_MAX_EVENTS_PER_SECOND=0 \
    'LOGEXPORT_FLAGS=--listen 127.0.0.1:0 --log-format json --auth-token-file /run/credentials/logexportd.service/file_tokens'
} >>"$tree/etc/logexport/logexportd.env"
# A file with a secret that only root can read.
printf %s 0123456789abcdef0123456789abcdef >"$tree/run/token"
chmod 600 "$tree/run/token"
printf 'test admin %s\n' "$(sha256sum <"$tree/run/token" | cut -d' ' -f1)" >"$tree/etc/logexport/credentials/tokens"
chmod 600 "$tree/etc/logexport/credentials/tokens"

start
control run-now --wait --yes >"$work/run.log" 2>&1 || { cat "$work/run.log" "$work/service.log" >&2; die "the run failed"; }
first=$(control get-reports -o json)
arrived() { # what Segment has: unique ids, and how many came twice
  python3 -c 'import json, sys, urllib.request
arrived = json.load(urllib.request.urlopen(sys.argv[1] + "/_sandbox/stats"))["segment"]
print(arrived["unique_message_ids"], arrived["duplicates"])' "$sandbox"
}
[ "$(arrived)" = "$logs 0" ] || die "of $logs logs arrived (unique, twice): $(arrived)"
head -n 1 "$work/service.log" | grep -q '^{' || die "LOGEXPORT_FLAGS was not heeded"
stop
echo "ok: the service started by its unit's command line, exported $logs logs, and ended"

start
[ "$(control get-reports -o json)" = "$first" ] || die "a restart changed the reports"
control run-now --wait --yes >"$work/run.log" 2>&1 || { cat "$work/run.log" >&2; die "the run after the restart failed"; }
[ "$(arrived)" = "$logs 0" ] || die "after a restart arrived (unique, twice): $(arrived)"
stop
echo "ok: a restart goes on where it was"

# An upgrade, to the same version, keeps settings and state; so does a removal.
cp "$tree/etc/logexport/logexportd.env" "$work/settings"
inside apt-get install -y -qq --reinstall /tmp/logexport.deb >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; die "does not upgrade"; }
inside apt-get remove -y -qq logexport >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; die "is not removed"; }
cmp -s "$tree/etc/logexport/logexportd.env" "$work/settings" || die "an upgrade or removal changed the settings"
[ -s "$tree$state/logexport.db" ] || die "a removal took the state with it"
inside apt-get purge -y -qq logexport >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; die "is not purged"; }
rm -rf "$tree/run/token" "$tree/run/credentials"
# systemd's own folder for the states of all services is its business.
rmdir "$tree/var/lib/private" 2>/dev/null || true
listing >"$work/after"
diff -u --label before --label purged "$work/before" "$work/after" || die "a purge leaves something behind"
echo "ok: upgraded, removed and purged; nothing is left"
