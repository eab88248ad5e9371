#!/usr/bin/env bash
# Installs what ddcheck needs from Debian or Ubuntu, and only what is missing.
#   system-libs.sh             for the PDF:
#     Pango                      lays out text; without it there is no PDF
#     the HarfBuzz subset library  cuts fonts down; without it a page takes some 36 times longer
#     Inter                      the text face of the report (tabular figures)
#     Droid Sans Fallback        Chinese names and titles of sources
#                              and python3-venv where Python cannot make a virtual environment
#   system-libs.sh chinese     Noto Sans CJK, the face of reports in Chinese (57 MB to fetch)
#   system-libs.sh heavy       the same, and what `make test-all` needs: Java and JAXB for the PDF validator, Poppler to
#                              look at pages, and Chromium for the HTML report
# Never fails: without root, or without a network, it says what to install, and everything else works.
set -u # no pipefail: `grep -q` ends a pipe early on purpose

what="${1:-pdf}"
case "$what" in
  pdf) purpose="the PDF report or the set-up" ;;
  chinese) purpose="reports in Chinese" ;;
  heavy) purpose="the slow tests" ;;
  *)
    echo "usage: tools/system-libs.sh [pdf|chinese|heavy]" >&2
    exit 2
    ;;
esac

python=$("$(dirname "${BASH_SOURCE[0]}")/find-python.sh" 2>/dev/null)
missing=()

has_library() {
  local file="$1"
  { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -q -F "$file" && return 0
  compgen -G "/usr/lib/*/$file" >/dev/null || compgen -G "/usr/lib/$file" >/dev/null ||
    compgen -G "/usr/local/lib/$file" >/dev/null
}

has_font() {
  command -v fc-list >/dev/null 2>&1 && fc-list : family 2>/dev/null | grep -q -i -E "$1"
}

has_java() {
  local version
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p') && ((${version:-0} >= 17))
}

if [[ "$what" == pdf ]]; then
  has_library libpango-1.0.so.0 || missing+=(libpango-1.0-0)
  has_library libpangoft2-1.0.so.0 || missing+=(libpangoft2-1.0-0)
  has_library libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
  command -v fc-list >/dev/null 2>&1 || missing+=(fontconfig)
  has_font '(^|,)Inter( Variable|,|$)' || missing+=(fonts-inter)
  has_font 'Droid Sans Fallback|Noto (Sans|Serif) (CJK|SC)|WenQuanYi|Source Han' || missing+=(fonts-droid-fallback)
  if [[ -n "$python" ]] && ! command -v uv >/dev/null 2>&1; then
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
  fi
else
  has_font 'Noto Sans (CJK )?SC' && has_font 'Noto Sans (CJK )?TC' || missing+=(fonts-noto-cjk)
fi
if [[ "$what" == heavy ]]; then
  has_java || missing+=(default-jre-headless)
  [[ -e /usr/share/java/jaxb-runtime.jar ]] || missing+=(libjaxb-java)
  command -v pdftoppm >/dev/null 2>&1 || missing+=(poppler-utils)
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || missing+=(chromium)
fi

((${#missing[@]} == 0)) && exit 0

explain() {
  {
    echo "warning: $1"
    echo "  Missing for $purpose: ${missing[*]}"
    echo "  As root on Debian or Ubuntu: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    if [[ "$what" == pdf ]]; then
      echo "  Elsewhere: Pango 1.44 or newer, HarfBuzz with its subset library, and the fonts Inter and Droid Sans Fallback."
      echo "  Everything but the PDF works without them."
    fi
  } >&2
  exit 0
}

command -v apt-get >/dev/null 2>&1 || explain "this system has no apt-get, so nothing was installed."

if [[ "$(id -u)" == 0 ]]; then
  as_root=(env)
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root=(sudo -n env)
else
  explain "not root and no sudo without a password, so nothing was installed."
fi

has_candidate() { apt-cache policy "$1" 2>/dev/null | grep -q -E '^ +Candidate: [^(]'; }

# Prints the name under which this release carries a package (some have the suffix t64), or nothing.
available() {
  local name
  for name in "$1" "$1t64"; do
    if has_candidate "$name"; then
      echo "$name"
      return
    fi
  done
}

choose() {
  chosen=()
  absent=()
  local package name
  for package in "${missing[@]}"; do
    name=$(available "$package")
    if [[ -n "$name" ]]; then chosen+=("$name"); else absent+=("$package"); fi
  done
}

install() {
  ((${#chosen[@]} == 0)) && return 0
  echo "Installing system packages: ${chosen[*]}" >&2
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${chosen[@]}" >&2
}

update() {
  echo "Refreshing the package lists" >&2
  "${as_root[@]}" apt-get update -q >&2
}

choose
if ((${#absent[@]} > 0)); then
  update
  choose
fi
if ! install; then
  # lists older than the mirror name files that are gone
  update && install || explain "apt-get could not install everything."
fi
if ((${#absent[@]} > 0)); then
  missing=("${absent[@]}")
  explain "this release has no such packages."
fi
exit 0
