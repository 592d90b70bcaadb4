#!/bin/sh
# Run by the first cell of each notebook in Colab: install what Colab lacks, change nothing that it has.
# Upgrading a package that is already imported would ask for a restart, or break the widgets.
set -e
cd "$(dirname "$0")/.."
python3 -m pip freeze --disable-pip-version-check | grep -E '^[A-Za-z0-9._-]+==' > /tmp/colab-has.txt
python3 -m pip install -q --disable-pip-version-check -c /tmp/colab-has.txt -r requirements.txt
