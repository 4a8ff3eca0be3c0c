#!/usr/bin/env bash
# That CI and the lint say no when they must: .ci/run and ./dev in a small repository, with programs in
# place of the compiler and the linters that know a bad file by a word in it.
# usage: ci_test.sh SOURCE_DIR BIN_DIR
set -euo pipefail
source_dir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
stubs=$work/stubs
calls=$work/calls
mkdir -p "$tree/.ci" "$tree/service/base" "$tree/client/cli" "$tree/proto" "$tree/tests/e2e/node_modules/.bin" "$stubs"
cp "$source_dir/dev" "$tree/"
cp "$source_dir/.ci/run" "$tree/.ci/"

stub() { # NAME: a program, with its text on standard input
  { printf '#!/usr/bin/env bash\necho "%s $*" >>"%s"\n' "$1" "$calls"; cat; } >"$2/$1"
  chmod +x "$2/$1"
}
stub dpkg-query "$stubs" <<<'echo "ok installed"'
# One source after the other, so that their order shows.
stub nproc "$stubs" <<<'echo 1'
stub npm "$stubs" <<<'exit 0'
# Compiles two sources of the client together, unless it is told not to.
stub cmake "$stubs" <<'CMAKE'
while [ $# -gt 0 ]; do [ "$1" = -B ] && build=$2; shift; done
[ -n "${build:-}" ] || exit 0
mkdir -p "$build/client/Unity"
printf '#include "%s"\n' "$PWD/client/cli/flags.cc" "$PWD/client/cli/table.cc" >"$build/client/Unity/unity_0_cxx.cxx"
CMAKE
# Fails together with the programs in FAIL_TOGETHER beside it; those in FAIL_ALONE fail alone as well.
stub ctest "$stubs" <<'CTEST'
[ -z "${CTEST_STATUS:-}" ] || exit "$CTEST_STATUS"
case "$*" in *--rerun-failed*) [ -z "${FAIL_ALONE:-}" ]; exit ;; esac
[ -n "${FAIL_TOGETHER:-}" ] && [[ $2 == */build ]] || exit 0
mkdir -p "$2/Testing/Temporary"
for name in $FAIL_TOGETHER; do echo "7:$name"; done >"$2/Testing/Temporary/LastTestsFailed.log"
exit 8
CTEST
stub clang-format-14 "$stubs" <<<'for file; do [ ! -f "$file" ] || ! grep -q MISFORMATTED "$file" || exit 1; done'
stub clang-tidy-14 "$stubs" <<<'for file; do [ ! -f "$file" ] || ! grep -q SUSPICIOUS "$file" || { echo "$file: a finding"; exit 1; }; done'
# A run that hangs, without the wait for it.
stub timeout "$stubs" <<<'while [[ $1 =~ ^(-.*|[0-9]+)$ ]]; do shift; done
if [ -n "${HANGS:-}" ] && [[ "$*" == *"$HANGS"* ]]; then exit 124; fi
exec "$@"'
stub buf "$tree/tests/e2e/node_modules/.bin" <<<'! grep -rqs UNPROTO .'
export PATH=$stubs:$PATH

cd "$tree"
printf 'build*/\nnode_modules/\n' >.gitignore
printf 'int a;\n' >service/base/clock.h
printf '#include "service/base/clock.h"\nint b;\n' >service/base/clock.cc
printf 'int c;\n' >client/cli/main.cc
printf 'int f;\n' >client/cli/flags.cc
printf 'int t;\n' >client/cli/table.cc
printf '{}\n' >tests/e2e/package-lock.json
printf 'syntax = "proto3";\n' >proto/a.proto
git init -q
commit() { git add -A && git -c user.name=a -c user.email=a@example.com commit -qm "$1"; }
commit first

passes() { # WHAT COMMAND...
  local what=$1
  shift
  : >"$calls"
  "$@" >"$work/output" 2>&1 || { printf '%s fails:\n' "$what" >&2; cat "$work/output" >&2; exit 1; }
}
fails() { # WHAT EXPECTED_TEXT COMMAND...
  local what=$1 text=$2
  shift 2
  : >"$calls"
  if "$@" >"$work/output" 2>&1; then printf '%s passes\n' "$what" >&2; cat "$work/output" >&2; exit 1; fi
  grep -qF -- "$text" "$work/output" || { printf '%s does not say: %s\n' "$what" "$text" >&2; cat "$work/output" >&2; exit 1; }
}
called() { grep -q -- "$1" "$calls" || { printf 'not called: %s\n' "$1" >&2; cat "$calls" >&2; exit 1; }; }
not_called() { ! grep -q -- "$1" "$calls" || { printf 'called: %s\n' "$1" >&2; cat "$calls" >&2; exit 1; }; }

passes 'CI of a good tree' .ci/run
called 'timeout .* ./dev test'
called 'timeout .* ./dev lint'
called 'clang-format-14 .*client/cli/main.cc'
passes 'the lint of a good tree' ./dev lint
called 'clang-tidy-14 .*client/cli/main.cc'
called 'clang-tidy-14 .*service/base/clock.cc'
not_called 'clang-tidy-14 .*clock.h'
# What is compiled together is checked together, and once.
called 'clang-tidy-14 .*/client/Unity/unity_0_cxx.cxx'
not_called 'clang-tidy-14 .*flags.cc'
[ "$(grep -c 'clang-tidy-14 .*unity_0_cxx.cxx' "$calls")" = 1 ] || { echo 'what is compiled together is checked twice' >&2; cat "$calls" >&2; exit 1; }
echo 'ok: a good tree passes'

CTEST_STATUS=8 fails 'CI with a failing test' 'ci: FAILED: ./dev test' .ci/run
FAIL_TOGETHER='api_test' passes 'CI with a test that only passes alone' .ci/run
grep -q 'PASSED ONLY ALONE.*: api_test' "$work/output" || { echo 'a test that only passes alone is not told' >&2; exit 1; }
FAIL_TOGETHER='api_test' FAIL_ALONE=1 fails 'CI with a test that fails twice' 'ci: FAILED: ./dev test' .ci/run
FAIL_TOGETHER='a_test b_test c_test' fails 'CI with many failing tests' 'ci: FAILED: ./dev test' .ci/run
not_called 'ctest .*--rerun-failed'
echo 'ok: a failing test'

HANGS='dev lint' fails 'CI with a hanging lint' 'NOT RUN TO ITS END: ./dev lint' .ci/run
grep -q 'ci: FAILED: ./dev lint .*(did not end)' "$work/output"
HANGS='dev test' fails 'CI with a hanging test' 'NOT RUN TO ITS END: ./dev test' .ci/run
echo 'ok: what does not end'

printf 'int MISFORMATTED;\n' >>client/cli/main.cc
fails 'CI of a wrongly formatted file' 'ci: FAILED: ./dev lint' .ci/run
git checkout -q client/cli/main.cc
printf 'UNPROTO\n' >>proto/a.proto
fails 'the lint of a wrong proto' 'lint found something' ./dev lint
git checkout -q proto
echo 'ok: formatting and protos'

# A finding in a header is found through a source that includes it.
for file in client/cli/main.cc service/base/clock.cc; do
  printf 'int SUSPICIOUS;\n' >>"$file"
  fails "the lint of a finding in $file" "$file: a finding" ./dev lint
  git checkout -q "$file"
done
printf 'int d;\n' >>service/base/clock.h
commit second
passes 'the lint after a change of a header' ./dev lint
[ "$(sed -n 's/^clang-tidy-14 .* //p' "$calls" | head -n 1)" = service/base/clock.cc ] ||
  { echo 'a changed header is not checked first' >&2; cat "$calls" >&2; exit 1; }
printf 'int e;\n' >>client/cli/main.cc
passes 'the lint of a change' ./dev lint
[ "$(sed -n 's/^clang-tidy-14 .* //p' "$calls" | head -n 1)" = client/cli/main.cc ] ||
  { echo 'a change that is not committed yet is not checked first' >&2; cat "$calls" >&2; exit 1; }
passes 'a lint without time' ./dev lint 0
grep -q 'NOT CHECKED' "$work/output" || { echo 'sources that were left out are not told' >&2; exit 1; }
not_called 'clang-tidy-14 .*main.cc'
echo 'ok: clang-tidy checks what changed last first, and tells what it leaves out'
