#!/bin/sh
# Build in an empty folder what Binder builds: rehearse.sh REPO2DOCKER PYTHON FOLDER
# REPO2DOCKER prints the steps of the image; those after the course has been copied in are taken here, on the last
# commit. In place of conda's environment there is a virtual one of PYTHON.
set -e
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$3" && cd "$3" && pwd)
"$2" -m venv "$folder/venv"
git clone -q "file://$root" "$folder/course"
"$1" --no-build --debug "$folder/course" > "$folder/Dockerfile" 2>&1
sed '1,/^# Copy stuff/d' "$folder/Dockerfile" | sed -n 's/^RUN //p' > "$folder/steps.sh"
test -s "$folder/steps.sh" || { echo "repo2docker printed no steps: see $folder/Dockerfile"; exit 1; }
cd "$folder/course"
env -u PYTHONPATH KERNEL_PYTHON_PREFIX="$folder/venv" PATH="$folder/venv/bin:$PATH" sh -ex "$folder/steps.sh"
