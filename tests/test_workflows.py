"""What GitHub runs for us: fixed versions of foreign code, the least rights, the commands a learner has."""

import re

import pytest
import yaml

import helpers

FILES = sorted((helpers.ROOT / ".github" / "workflows").glob("*.y*ml"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
JOBS = {name: yaml.safe_load(text)["jobs"] for name, text in TEXTS.items()}
every_workflow = pytest.mark.parametrize("name", TEXTS)
# The only rights beyond reading the repository: workflow -> job -> permissions
RIGHTS = {"pages": {"deploy": {"pages": "write", "id-token": "write"}}}


def steps(name, action=""):
    """Return the steps of all jobs of a workflow, or those that use an action."""
    found = [step for job in JOBS[name].values() for step in job["steps"]]
    return [step for step in found if not action or f"/{action}@" in step.get("uses", "")]


def commands(name):
    """Return what a workflow runs, those of its matrix included."""
    found = [step["run"] for step in steps(name) if "run" in step]
    for job in JOBS[name].values():
        matrix = job.get("strategy", {}).get("matrix", {})
        found += [row["command"] for row in matrix.get("include", [])]
    return found


@every_workflow
def test_actions_are_pinned_by_commit_with_their_version_beside(name):
    lines = re.findall(r"uses: *(.*)", TEXTS[name])
    assert len(lines) == sum("uses" in step for step in steps(name)) > 0
    for line in lines:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_one_version_everywhere():
    found = set(re.findall(r"uses: *(.*)", "\n".join(TEXTS.values())))
    assert len({line.split("@")[0] for line in found}) == len(found)


@every_workflow
def test_a_job_has_the_least_rights_and_nobody_s_pull_request_gets_more(name):
    assert yaml.safe_load(TEXTS[name])["permissions"] == {"contents": "read"}
    given = {job: row["permissions"] for job, row in JOBS[name].items() if "permissions" in row}
    assert given == RIGHTS.get(name, {})
    for step in steps(name, "checkout"):
        assert step["with"]["persist-credentials"] is False
    assert "pull_request_target" not in TEXTS[name]
    assert "secrets." not in TEXTS[name]


@every_workflow
def test_every_job_has_an_end_and_runs_targets_of_make(name):
    assert all(0 < job["timeout-minutes"] <= 150 for job in JOBS[name].values())
    targets = set(re.findall(r"^([a-z-]+):", (helpers.ROOT / "Makefile").read_text(), re.M))
    for command in commands(name):
        assert "${{" not in command.replace("${{ matrix.command }}", "")
        if command.startswith("make"):
            assert command.split()[1] in targets, command


def test_what_is_run_and_when():
    assert list(TEXTS) == ["pages", "test", "weekly"]
    assert "make test" in (helpers.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands("test") == ["make test CPU=1", "make course CPU=1"]
    assert commands("pages") == ["make course CPU=1"]
    weekly = " ".join(commands("weekly"))
    wanted = ("test-oldest", "PINS=/dev/null", "test-deep", "bundle", "pip-audit")
    for command in (*wanted, "rehearse-colab", "rehearse-binder"):
        assert command in weekly
    systems, pythons = ["ubuntu-latest", "macos-latest"], ["3.11", "3.12", "3.13"]
    assert JOBS["test"]["test"]["strategy"]["matrix"] == {"system": systems, "python": pythons}


@every_workflow
def test_pip_s_downloads_are_kept_between_runs(name):
    for step in steps(name, "setup-python"):
        assert step["with"]["cache"] == "pip"
        for pattern in step["with"]["cache-dependency-path"].split():
            assert list(helpers.ROOT.glob(pattern)), pattern


def test_the_container_is_set_up_by_make():
    container = yaml.safe_load((helpers.ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["hostRequirements"]["cpus"] == 2
    assert container["postCreateCommand"] == "make doctor CPU=1"
    (lesson,) = container["customizations"]["codespaces"]["openFiles"]
    assert (helpers.ROOT / lesson).is_file()
