"""What the tests of the loop share: a toy task, a tiny model, and child processes."""

import os
import subprocess
import sys

import torch
import transformers
from torch.utils.data import DataLoader

import helpers
from helpers import IGNORE_INDEX

VOCABULARY, LABELS = 60, 3
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


def sentences(count, seed=0):
    """Return ragged rows: a token's label is its id modulo 3, and three in ten have none."""
    generator, rows = torch.Generator().manual_seed(seed), []
    for _ in range(count):
        length = int(torch.randint(4, 15, (1,), generator=generator))
        ids = torch.randint(5, VOCABULARY, (length,), generator=generator)
        unlabeled = torch.rand(length, generator=generator) < 0.3
        labels = (ids % LABELS).masked_fill(unlabeled, IGNORE_INDEX)
        rows.append({"input_ids": ids, "labels": labels})
    return rows


def collate(rows):
    """Pad a batch to its longest row."""

    def padded(name, value):
        return torch.nn.utils.rnn.pad_sequence([row[name] for row in rows], True, value)

    ids = padded("input_ids", 0)
    return {
        "input_ids": ids,
        "attention_mask": ids.ne(0).long(),
        "labels": padded("labels", IGNORE_INDEX),
    }


def small(task, vocabulary=VOCABULARY, seed=0, dropout=0.1, **options):
    """Return a BERT of two narrow layers for a task, with the same random weights each time."""
    torch.manual_seed(seed)
    options |= {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    config = transformers.BertConfig(**SMALL | {"vocab_size": vocabulary}, **options)
    return getattr(transformers, f"BertFor{task}")(config)


def tiny_model(dropout=0.0):
    """Return a small tagger of the toy task."""
    return small("TokenClassification", num_labels=LABELS, dropout=dropout)


def loader(rows, batch_size, **options):
    """Return a loader with a generator of its own, as `scripts.train_ner` makes them."""
    return DataLoader(
        rows, batch_size=batch_size, collate_fn=collate, generator=torch.Generator(), **options
    )


def arguments(folder, save_strategy="no", **options):
    """Return arguments for a Trainer on this machine's processor that reports nothing."""
    return transformers.TrainingArguments(
        str(folder),
        save_strategy=save_strategy,
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
        **options,
    )


def difference(left, right, but="nothing"):
    """Return the largest difference between two models' weights, without those whose name ends like `but`."""
    left, right = left.state_dict(), right.state_dict()
    assert left.keys() == right.keys()
    names = [name for name in left if not name.endswith(but)]
    return max((left[name] - right[name]).abs().max().item() for name in names)


def environment(**more):
    """Return the environment of a child on this machine's processor, one thread each."""
    paths = [str(helpers.ROOT), str(helpers.ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    return (
        os.environ
        | {"ACCELERATE_USE_CPU": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
        | more
    )


def start(*arguments):
    """Start `python *arguments` from the course's root."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=helpers.ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(child, seconds=120):
    """Wait for a child and return what it wrote: (stdout, stderr); it must end well."""
    try:
        out, err = child.communicate(timeout=seconds)
    finally:
        child.terminate()
    assert child.returncode == 0, err
    return out, err
