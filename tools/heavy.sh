#!/usr/bin/env bash
# Installs what the slow tests and the benchmarks need beyond the set-up: system packages where it may, and the extra
# `heavy` in .venv. Safe to repeat. What cannot be had is named, and the tests that need it say so and are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/system-libs.sh heavy
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[heavy]'
