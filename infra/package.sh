#!/bin/sh
# Puts the libraries of requirements.txt into .python_packages, as Python 3.13 on Linux needs them, from any machine.
set -eu
cd "$(dirname "$0")/.."

# The reports file is deployed with the program: one that would not be is refused here, by its name.
REPORTS=${REPORTS_FILE:-reports.toml}
refuse() {
  echo "REPORTS_FILE: $REPORTS $1. Nothing was packed." >&2
  exit 1
}
case "$REPORTS" in
  /* | ../* | */../*) refuse "is not in this folder, which is what is deployed: name a file in it" ;;
esac
[ -f "$REPORTS" ] || refuse "is no file in $PWD: create it, or name the one that is there"
for LEFT_OUT in $(grep '^/[^*]*$' .funcignore); do # func takes each line as the beginning of a path
  case "/${REPORTS#./}" in
    "$LEFT_OUT"*) refuse "is left out of what is deployed by the line $LEFT_OUT of .funcignore: name it otherwise" ;;
  esac
done

make --no-print-directory .tools/uv requirements
rm -rf .python_packages
# Wheels only: nothing is built or run here, and a library that has none for Azure's machines fails now, not there.
.tools/uv/bin/uv pip install --quiet \
  --python-version 3.13 --python-platform x86_64-manylinux_2_28 --only-binary :all: \
  --target .python_packages/lib/site-packages --require-hashes --requirement requirements.txt
