"""What GitHub runs for us: fixed versions of foreign code, the least rights, the commands a learner has."""

import re

import pytest
import yaml

import helpers

FOLDER = helpers.ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.y*ml"))
WORKFLOWS = [pytest.param(path.read_text(encoding="utf-8"), id=path.stem) for path in FILES]
# The only rights beyond reading the repository: (workflow, job) -> permissions
RIGHTS = {("pages", "deploy"): {"pages": "write", "id-token": "write"}}


def jobs(text):
    """Return name -> job of a workflow."""
    return yaml.safe_load(text)["jobs"]


def steps(text):
    """Return the steps of all jobs of a workflow."""
    return [step for job in jobs(text).values() for step in job["steps"]]


def commands(text):
    """Return what a workflow runs, those of its matrix included."""
    found = [step["run"] for step in steps(text) if "run" in step]
    for job in jobs(text).values():
        rows = job.get("strategy", {}).get("matrix", {}).get("include", [])
        found += [row["command"] for row in rows]
    return found


def read(name):
    return (FOLDER / f"{name}.yml").read_text(encoding="utf-8")


def test_there_are_workflows():
    assert [path.stem for path in FILES] == ["pages", "test", "weekly"]


@pytest.mark.parametrize("text", WORKFLOWS)
def test_actions_are_pinned_by_commit_with_their_version_beside(text):
    lines = re.findall(r"uses: *(.*)", text)
    assert len(lines) == sum("uses" in step for step in steps(text)) > 0
    for line in lines:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_one_version_everywhere():
    whole = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    found = set(re.findall(r"uses: *(.*)", whole))
    assert len({line.split("@")[0] for line in found}) == len(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_job_has_the_least_rights(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    given = {
        (path.stem, name): job["permissions"]
        for name, job in workflow["jobs"].items()
        if "permissions" in job
    }
    assert given == {key: rights for key, rights in RIGHTS.items() if key[0] == path.stem}
    for step in (s for s in steps(path.read_text("utf-8")) if "/checkout@" in s.get("uses", "")):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("text", WORKFLOWS)
def test_nobody_s_pull_request_gets_more(text):
    assert "pull_request_target" not in text
    assert "secrets." not in text
    for command in commands(text):
        assert "${{" not in command.replace("${{ matrix.command }}", "")


@pytest.mark.parametrize("text", WORKFLOWS)
def test_every_job_has_an_end(text):
    assert all(0 < job["timeout-minutes"] <= 150 for job in jobs(text).values())


@pytest.mark.parametrize("text", WORKFLOWS)
def test_a_workflow_runs_targets_of_make(text):
    targets = set(re.findall(r"^([a-z-]+):", (helpers.ROOT / "Makefile").read_text(), re.M))
    for command in commands(text):
        if command.startswith("make"):
            assert command.split()[1] in targets, command


def test_what_is_run_and_when():
    assert "make test" in (helpers.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands(read("test")) == ["make test CPU=1", "make course CPU=1"]
    assert commands(read("pages")) == ["make course CPU=1"]
    weekly = " ".join(commands(read("weekly")))
    for wanted in ("test-oldest", "PINS=/dev/null", "test-deep", "bundle", "pip-audit"):
        assert wanted in weekly
    for place in ("colab", "binder"):
        assert f"rehearse-{place}" in weekly
    matrix = jobs(read("test"))["test"]["strategy"]["matrix"]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert len(matrix) == 2


@pytest.mark.parametrize("text", WORKFLOWS)
def test_pip_s_downloads_are_kept_between_runs(text):
    for step in steps(text):
        if "/setup-python@" in step.get("uses", ""):
            assert step["with"]["cache"] == "pip"
            for name in step["with"]["cache-dependency-path"].split():
                assert list(helpers.ROOT.glob(name)), name


def test_the_container_is_set_up_by_make():
    container = yaml.safe_load((helpers.ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["hostRequirements"]["cpus"] == 2
    assert container["postCreateCommand"] == "make doctor CPU=1"
    (lesson,) = container["customizations"]["codespaces"]["openFiles"]
    assert (helpers.ROOT / lesson).is_file()
