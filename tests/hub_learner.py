"""A learner of the full track in a process of its own: imports once, then answers each line of stdin, a list of jobs."""

import hashlib
import json
import multiprocessing
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import datasets
from huggingface_hub import HfApi
from transformers import AutoModelForTokenClassification, AutoTokenizer
from transformers.models.bert import modeling_bert  # noqa: F401  here once, not in each process

from helpers import data, encoder
from tools import build

SECONDS = 60  # the longest that a job may take
SWITCH = "REPOSITORY = None"  # in a lesson: nothing is shared
PATIENCE = 5  # seconds, in place of encoder.PATIENCE
CONTEXT = multiprocessing.get_context("fork")


def hashes(folder):
    """Return the SHA-256 of each file of a folder."""
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def load_encoder(repository, revision):
    """Find a checkpoint; return the hashes of its files."""
    encoder.REVISIONS[repository] = revision
    return hashes(encoder.find(repository))


def load_data(repository, revision):
    """Load a set; return its rows by split."""
    source = data.SOURCES["rotten_tomatoes"]
    data.SOURCES["rotten_tomatoes"] = replace(source, hub=repository, revision=revision)
    return {split: part.to_list() for split, part in data.load("rotten_tomatoes").items()}


def sharing_code(number, repository):
    """Return the code of the lesson's cell that shares a model, for a repository of this Hub."""
    (path,) = build.sources([number])
    cells = [cell.source for cell in build.read_source(path).cells if cell.cell_type == "code"]
    (code,) = [code for code in cells if SWITCH in code]
    return code.replace(SWITCH, f"REPOSITORY = {repository!r}")


def push_as_lesson_03(folder, repository):
    """Run the cell of lesson 03 that shares the model; return who is logged in."""
    exec(sharing_code("03", repository), {"folder": folder, "Path": Path})
    return HfApi().whoami()["name"]


def push_as_lesson_04(folders, folder, repository):
    """Save and push one folder's model after the other, as lesson 04's epochs; return the commits."""
    known = {"lesson": None, "TASK": "ner", "run_folder": lambda *_: folder}
    collator = SimpleNamespace(tokenizer=AutoTokenizer.from_pretrained(folders[0]))
    known["task"] = SimpleNamespace(collator=collator, card=lambda rows: f"epoch {len(rows)}, é")
    exec(sharing_code("04", repository), known)
    accelerator = SimpleNamespace(
        wait_for_everyone=lambda: None, is_main_process=True, unwrap_model=lambda model: model
    )
    for epoch, one in enumerate(folders, start=1):
        model = AutoModelForTokenClassification.from_pretrained(one)
        known["save_and_push"](accelerator, model, [{}] * epoch)
    return [upload.result().oid for upload in known["uploads"]]


def load_back(repository, revision, folder):
    """Load a model and its tokenizer from the Hub and save them; return the hashes of the files."""
    for kind in (AutoModelForTokenClassification, AutoTokenizer):
        kind.from_pretrained(repository, revision=revision).save_pretrained(folder)
    return hashes(folder)


def answer(do, name, **arguments):
    """Return what came of a job, and its seconds."""
    start, found = time.perf_counter(), {"name": name}
    try:
        found["result"] = globals()[do](**arguments)
    except Exception as error:
        found |= {"kind": type(error).__name__, "error": str(error)}
    return found | {"seconds": time.perf_counter() - start}


def answers(jobs):
    """Do some jobs at a time, each in a process of its own; one that takes too long is killed."""
    end, found = time.monotonic() + SECONDS, []
    with CONTEXT.Pool(len(jobs), maxtasksperchild=1) as pool:
        for job, task in [(job, pool.apply_async(answer, kwds=job)) for job in jobs]:
            try:
                found.append(task.get(max(0, end - time.monotonic())))
            except multiprocessing.TimeoutError:
                late = {"kind": "none", "error": "still at it", "seconds": SECONDS}
                found.append(late | {"name": job["name"]})
    return found


if __name__ == "__main__":
    datasets.disable_progress_bars()
    encoder.PATIENCE = PATIENCE
    for line in sys.stdin:
        print(json.dumps(answers(json.loads(line))), flush=True)
