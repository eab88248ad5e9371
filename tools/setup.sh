#!/usr/bin/env bash
# Makes the virtual environment .venv and installs ddcheck and its tools in it. Safe to repeat.
# Package index and mirror come from the environment (pip's own variables and configuration).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(tools/find-python.sh)

if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
  echo "Making .venv with $("$python" --version)" >&2
  rm -rf .venv
  if "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    "$python" -m venv .venv
  elif command -v uv >/dev/null 2>&1; then
    uv venv --quiet --seed --python "$python" .venv
  else
    echo "$python cannot make a virtual environment. Install python3-venv (as root: apt-get install python3-venv)." >&2
    exit 1
  fi
fi

.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
