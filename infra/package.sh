#!/bin/sh
# Puts the libraries of requirements.txt into .python_packages, as Python 3.13 on Linux needs them, from any machine.
set -eu
cd "$(dirname "$0")/.."

make --no-print-directory .tools/uv requirements
rm -rf .python_packages
# Wheels only: nothing is built or run here, and a library that has none for Azure's machines fails now, not there.
.tools/uv/bin/uv pip install --quiet \
  --python-version 3.13 --python-platform x86_64-manylinux_2_28 --only-binary :all: \
  --target .python_packages/lib/site-packages --require-hashes --requirement requirements.txt
