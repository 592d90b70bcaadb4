#!/bin/sh
# Print constraints-oldest.txt: oldest.sh UV LIST, where LIST is what `pip freeze` tells in Colab.
# Pinned are Colab's versions, and the oldest admitted of what Colab lacks; but nothing of CUDA, no tools of pip's, and not
# ruff, which judges our code. uv tells beside each pin where it comes from. Colab's list names torch by its file.
set -e
folder=$(mktemp -d)
list=$(basename "$2")
grep -E '^[A-Za-z0-9_.-]+==' "$2" | grep -vE '^(pip|setuptools|ruff)==' > "$folder/colab"
cd "$(dirname "$0")/.."
"$1" pip compile --quiet --resolution lowest-direct --no-header --annotation-style line -c "$folder/colab" \
    --extra lab --extra dev pyproject.toml > "$folder/pins"
cat <<END
# The oldest versions that requirements.txt admits: Colab's ($list of googlecolab/backend-info) where it has the package.
# \`make test-oldest\` runs the tests with them, \`make rehearse-colab\` starts from those marked Colab.
END
sed -E -e '/^(nvidia-|cuda-|triton|ruff|setuptools)/d' -e 's/^(torch==[^ ]*).*/\1 # Colab/' \
    -e 's/ +#.* -c .*/ # Colab/' -e t -e 's/ +#.*//' "$folder/pins"
rm -r "$folder"
