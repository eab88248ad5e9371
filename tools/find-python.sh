#!/usr/bin/env bash
# Prints the Python (3.11 or newer) to build with: $PYTHON if set, else the first on the path that really runs.
set -euo pipefail

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [[ -n "${PYTHON:-}" ]]; then
  if fits "$PYTHON"; then
    command -v "$PYTHON"
    exit 0
  fi
  echo "PYTHON=$PYTHON does not run or is older than 3.11. Point PYTHON to Python 3.11 or newer." >&2
  exit 1
fi

for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
  if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
    command -v "$candidate"
    exit 0
  fi
done

found=$(python3 --version 2>/dev/null || echo "no python3")
echo "ddcheck needs Python 3.11 or newer; found: $found." >&2
echo "Install one (Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv) or set PYTHON=/path/to/python." >&2
exit 1
