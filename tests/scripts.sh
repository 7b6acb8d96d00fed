#!/usr/bin/env bash
# Checks that every shell script of the project parses. What the deployment files name is checked by the system tests.
set -euo pipefail
cd "$(dirname "$0")/.."
for script in .ci/run tests/run tests/install tests/newer-nats-server tests/axe-core tests/chaos/run tests/bench/instructions \
  tests/bench/run tests/screenshots tests/scripts.sh deploy/quickstart; do
  bash -n "$script"
done
