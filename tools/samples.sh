#!/usr/bin/env bash
# Writes the sample reports under reports/samples: six platforms in three languages as PDF, in English as HTML, too; one
# verdict on a page, and a comparison. reports/samples/README.md says what each is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ddcheck=${DDCHECK:-.venv/bin/ddcheck}
out=reports/samples
known() { # known NAME PROFILE DAY
  for language in en zh-Hans zh-Hant; do
    echo "$out/$1.$language.pdf" >&2
    "$ddcheck" "$2" --known-by "$3" --lang "$language" --pdf "$out/$1.$language.pdf" >/dev/null
  done
  "$ddcheck" "$2" --known-by "$3" --lang en --html "$out/$1.html" >/dev/null
}

known celsius-2022-05-31 profiles/celsius.json 2022-05-31
known voyager-2022-06-30 profiles/voyager.json 2022-06-30
known anchor-2022-05-06 profiles/anchor.json 2022-05-06
known aave-2025-10-01 profiles/aave.json 2025-10-01
known money-fund-2025-04-30 profiles/fidelity-spaxx.json 2025-04-30
known ten-facts-2026-11-01 "$out/ten-facts.json" 2026-11-01

"$ddcheck" profiles/celsius.json --known-by 2022-05-31 --lang en --summary "$out/celsius-2022-05-31.summary.pdf" >/dev/null
"$ddcheck" compare profiles/celsius.json profiles/voyager.json profiles/nexo.json --known-by 2022-05-31 --lang en \
  --pdf "$out/comparison-2022-05-31.pdf" >/dev/null
