#!/bin/sh
# Runs the interop tests (all, or those named) in a network of their own with nothing but loopback:
# ordermatch and jspurefix's acceptor bind every address.
#   tests/interop/run.sh [FILE.test.mjs ...]
set -eu
cd "$(dirname "$0")"
[ -d ../node_modules ] || { echo "run 'npm ci' in tests/ first" >&2; exit 1; }
[ $# -gt 0 ] || set -- *.test.mjs
exec unshare --net --map-root-user sh -c \
  'ip link set lo up && exec node --test --test-concurrency=1 "$@"' sh "$@"
