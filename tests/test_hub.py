"""The Hub, on this machine: models go there and come back byte for byte; where it fails, one error says what to do."""

import io
import json
import os
import subprocess
import sys

import families
import hub
import huggingface_hub
import pytest
from datasets import Dataset
from hub_learner import PATIENCE, hashes
from safetensors.torch import load_file, save_file
from tagging import environment

from helpers import data, encoder
from helpers.encoder import download


@pytest.fixture(scope="module")
def here():
    with hub.Hub() as server:
        yield server


@pytest.fixture(scope="module")
def ask(here, tmp_path_factory):
    """Return what has a learner of the full track do jobs, all at a time, on an empty cache at first."""
    changes = {
        "COURSE_TRACK": "full",
        "HF_ENDPOINT": here.address,
        "HF_HOME": str(tmp_path_factory.mktemp("home")),
        "HF_TOKEN": hub.TOKEN,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "3",
        "HF_HUB_ETAG_TIMEOUT": "3",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "hub_learner"]
    with subprocess.Popen(command, env=environment(**changes), text=True, **pipes) as learner:

        def ask(*jobs):
            learner.stdin.write(json.dumps(jobs) + "\n")
            learner.stdin.flush()
            return {one["name"]: one for one in json.loads(learner.stdout.readline())}

        yield ask
        learner.stdin.close()


# There and back


def save(folder, change=0.0):
    """Write a tiny tagger with tokenizer and card, as Trainer does; return its folder."""
    families.model("BERT", "TokenClassification", num_labels=9).save_pretrained(folder)
    families.tokenizer("BERT").save_pretrained(folder)
    file = folder / "model.safetensors"
    changed = {name: value + change for name, value in load_file(file).items()}
    save_file(changed, file, metadata={"format": "pt"})
    (folder / "README.md").write_text("---\npipeline_tag: token-classification\n---\n# é\n")
    return folder


def assert_it_comes_back(ask, repository, pushed, folder, revision="main"):
    """Load by name, save, and compare the files with what was pushed; transformers words its own settings anew."""
    job = {"repository": repository, "revision": revision, "folder": str(folder)}
    (answer,) = ask({"do": "load_back", "name": "back"} | job).values()
    wanted = hashes(pushed)
    for file in ("config.json", "model.safetensors", "tokenizer.json"):
        assert answer["result"][file] == wanted[file]


def test_a_model_goes_to_the_hub_as_in_lesson_03_and_comes_back(here, ask, tmp_path):
    folder = save(tmp_path / "tagger")
    (folder / "training_args.bin").write_bytes(b"paths of this machine")
    job = {"folder": str(folder), "repository": "learner/news-ner"}
    (pushed,) = ask({"do": "push_as_lesson_03", "name": "push"} | job).values()
    assert pushed["result"] == "learner"
    _, stored = here.at("models/learner/news-ner", "main")
    (folder / "training_args.bin").unlink()
    local = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name: stored[name] for name in local} == local
    assert stored.keys() - local.keys() == {".gitattributes"}
    assert [asked for asked in here.asked if asked.startswith("PUT /uploads/")]  # weights as LFS
    assert_it_comes_back(ask, "learner/news-ner", folder, tmp_path / "again")


def test_each_epoch_goes_to_the_hub_as_in_lesson_04_and_each_comes_back(here, ask, tmp_path):
    epochs = [save(tmp_path / "one"), save(tmp_path / "two", change=0.5)]
    job = {"folders": [str(one) for one in epochs], "folder": str(tmp_path / "saved")}
    job |= {"do": "push_as_lesson_04", "name": "push", "repository": "learner/news-tagger"}
    (pushed,) = ask(job).values()
    for number, commit in enumerate(pushed["result"], start=1):
        _, stored = here.at("models/learner/news-tagger", commit)
        assert stored["README.md"] == f"epoch {number}, é".encode()
        again = epochs[number - 1], tmp_path / f"again {number}", commit
        assert_it_comes_back(ask, "learner/news-tagger", *again)


def test_a_file_whose_name_in_the_cache_is_no_hash_is_taken_as_it_is(monkeypatch, tmp_path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "a-name-of-a-mirror").write_text("{}")
    (tmp_path / "config.json").symlink_to("blobs/a-name-of-a-mirror")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(tmp_path))
    assert download("owner/name", None) == str(tmp_path)
    assert (tmp_path / "config.json").read_text() == "{}"


# A Hub that fails

AGAIN, LOGIN = "Try again, once past any login page", "log in if not everybody may read it"
FAULTS = {
    "401": (LOGIN, "all", "files"),
    "403": (LOGIN, "all", "files"),
    "404": ("Check the name", "all", "files"),
    "429": (f"come back in {hub.RETRY_AFTER} seconds", "all", "files"),
    "500": ("500 Internal Server Error", "all", "files"),
    "login page": (AGAIN, "all", "files", "large"),
    "silence": (AGAIN, "all", "files"),
    "cut short": (AGAIN, "files"),
    "wrong hash": ("arrived changed and had to be removed", "files"),
}
CASES = [
    (do, fault, part)
    for do in ("load_encoder", "load_data")
    for fault, (_, *parts) in FAULTS.items()
    for part in parts
]
ROWS = [{"text": f"film {number}", "label": number % 2} for number in range(40)]


def repository(here, do, fault, part):
    """Fill a repository that fails in one way; return the job that loads it, and what it should give."""
    name = f"{fault} {part}/{do}".replace(" ", "-")
    if do == "load_encoder":
        files = {"config.json": b'{"a": 1}', "model.safetensors": os.urandom(50_000)}
        wanted = {file: hub.hashlib.sha256(content).hexdigest() for file, content in files.items()}
    else:
        buffer = io.BytesIO()
        features = data.SOURCES["rotten_tomatoes"].features
        Dataset.from_list(ROWS, features=features).to_parquet(buffer)
        files = {"train.parquet": buffer.getvalue(), "README.md": b"A card"}
        wanted = {"train": ROWS}
    full = {"load_encoder": "models/", "load_data": "datasets/"}[do] + name
    commit = here.commit(full, files)
    here.commit(full, {"config.json": b"{}", "train.parquet": b""})  # newer than what is pinned
    here.faults[full] = fault, part
    return {"do": do, "name": full, "repository": name, "revision": commit}, wanted


@pytest.fixture(scope="module")
def failed(here, ask):
    """What each load gives while the Hub fails, then when it is well again, and what it should give."""
    cases = {case: repository(here, *case) for case in CASES}
    jobs = [job for job, _ in cases.values()]
    before = ask(*jobs)
    here.faults.clear()
    after = ask(*jobs)
    return {
        case: (before[job["name"]], after[job["name"]], wanted)
        for case, (job, wanted) in cases.items()
    }


@pytest.mark.parametrize(("do", "fault", "part"), CASES, ids=map(" ".join, CASES))
def test_a_hub_that_fails_is_one_clear_error_and_leaves_nothing_behind(failed, do, fault, part):
    before, after, wanted = failed[do, fault, part]
    assert before["kind"] == ("ValueError" if fault in ("401", "403", "404") else "ConnectionError")
    assert FAULTS[fault][0] in before["error"]
    for way_out in ("unset COURSE_TRACK", "set COURSE_MIRROR"):
        assert way_out in before["error"]
    assert before["seconds"] + (encoder.PATIENCE - PATIENCE) < 30
    assert after.get("result") == wanted, after
