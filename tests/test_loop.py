"""Lesson 04's loop: equal to Trainer, to a large batch and to one process; its checkpoints; what surrounds training."""

import gc
import json
import math
import time
import weakref
from contextlib import suppress
from types import SimpleNamespace

import accelerate.accelerator as accelerator_module
import crash
import pytest
import tagging
import torch
import two_processes
from transformers import Trainer

from helpers import loop, runs
from helpers.ner import IGNORE_INDEX
from helpers.runs import measured, peak_memory, release, run_folder
from scripts.train_ner import Progress


@pytest.mark.parametrize(
    "shape", [pytest.param((2, 5), id="tokens"), pytest.param((7,), id="rows")]
)
def test_summed_loss_is_the_mean_times_the_count(shape):
    torch.manual_seed(0)
    logits, labels = torch.randn(*shape, 3), torch.randint(0, 3, shape)
    labels[..., 1] = IGNORE_INDEX
    loss, count = loop.summed_loss(logits, labels)
    mean = torch.nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten())
    assert count == (8 if len(shape) > 1 else 6)
    assert loss.item() == pytest.approx(mean.item() * count.item(), rel=1e-6)


def test_summed_loss_without_a_label_is_zero_not_nan():
    logits = torch.randn(2, 4, 3, requires_grad=True)
    loss, count = loop.summed_loss(logits, torch.full((2, 4), IGNORE_INDEX))
    loss.backward()
    assert (loss.item(), count.item()) == (0.0, 0)
    assert torch.equal(logits.grad, torch.zeros_like(logits))


def test_parameter_groups_are_those_of_trainer_without_what_is_frozen(tmp_path):
    model = tagging.tiny_model()
    trainer = Trainer(model, tagging.arguments(tmp_path))
    names = {id(value): name for name, value in model.named_parameters()}
    decayed, plain = loop.parameter_groups(model, weight_decay=0.01)
    theirs = set(trainer.get_decay_parameter_names(model))
    assert {names[id(value)] for value in decayed["params"]} == theirs
    assert len(decayed["params"]) + len(plain["params"]) == len(names)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.01, 0.0)
    model.bert.requires_grad_(False)
    left = [
        names[id(value)]
        for group in loop.parameter_groups(model, 0.01)
        for value in group["params"]
    ]
    assert left == ["classifier.weight", "classifier.bias"]


def test_loop_and_trainer_learn_the_same_weights(tmp_path):
    # 44 rows in batches of 8: the last batch of each epoch is not full
    ours, losses = two_processes.trained(8, epochs=3, rows=44)
    model = tagging.tiny_model()
    steps = {"num_train_epochs": 3, "per_device_train_batch_size": 8, "logging_steps": 1}
    rates = {"learning_rate": 1e-3, "weight_decay": 0.01, "warmup_steps": 0.1}
    arguments = tagging.arguments(tmp_path, seed=7, **steps, **rates)
    rows = tagging.sentences(44)
    trainer = Trainer(model, arguments, train_dataset=rows, data_collator=tagging.collate)
    trainer.train()
    theirs = [float(row["loss"]) for row in trainer.state.log_history if "loss" in row]
    assert losses == pytest.approx(theirs, abs=1e-5)
    assert len(losses) == 18
    assert losses[-1] < losses[0] - 0.05  # it has learned something
    assert tagging.difference(ours, model) <= 1e-5
    assert tagging.difference(ours, tagging.tiny_model()) > 1e-3


@pytest.mark.parametrize(
    ("rows", "batch_size", "accumulation"),
    [
        pytest.param(24, 2, 4, id="four micro-batches"),
        pytest.param(24, 1, 8, id="eight of one sentence"),
        pytest.param(44, 2, 4, id="two left over at the end of an epoch"),
        pytest.param(43, 2, 4, id="half a micro-batch left over"),
    ],
)
def test_micro_batches_are_one_large_batch(rows, batch_size, accumulation):
    # The sums are taken in another order: the last bits of a gradient differ, and so do the weights.
    large, losses = two_processes.trained(8, rows=rows)
    small, same = two_processes.trained(batch_size, accumulation, rows=rows)
    assert same == pytest.approx(losses, abs=1e-6)
    assert tagging.difference(large, small) <= 1e-6


def test_a_mean_of_means_is_not_the_mean():
    """What the loop avoids, and what makes the test above worth having."""
    short, long = tagging.sentences(2, seed=3)
    short["labels"][0], short["labels"][1:] = 1, IGNORE_INDEX
    model = tagging.tiny_model()
    means = [model(**tagging.collate([row])).loss.item() for row in (short, long)]
    together = model(**tagging.collate([short, long])).loss.item()
    assert abs(sum(means) / 2 - together) > 1e-3


def accelerated(rows, batch_size, optimizer=torch.optim.SGD, dropout=0.0, **options):
    """Return an accelerator, a tiny model, a loader and an optimizer of rate 1, all prepared."""
    accelerator, model = two_processes.new_accelerator(), tagging.tiny_model(dropout)
    optimizer = optimizer(model.parameters(), lr=1.0)
    loader = tagging.loader(rows, batch_size, **options)
    return accelerator, *accelerator.prepare(model, loader, optimizer)


CONSTANT = SimpleNamespace(step=lambda: None)


def test_a_batch_without_any_label_changes_nothing():
    row = {"input_ids": torch.tensor([5, 6]), "labels": torch.tensor([IGNORE_INDEX] * 2)}
    accelerator, model, loader, optimizer = accelerated([row], 1)
    assert loop.train_epoch(accelerator, model, loader, optimizer, CONSTANT) == [0.0]
    assert tagging.difference(model, tagging.tiny_model()) == 0.0


def test_gradients_are_clipped_at_one():
    accelerator, model, loader, optimizer = accelerated(tagging.sentences(8), 8)
    for batch in loader:
        loss, count = loop.summed_loss(model(**batch).logits, batch["labels"])
        loss.backward()
    loop.divide_gradients(accelerator, model, count)
    gradients = torch.cat([value.grad.flatten() for value in model.parameters()])
    assert gradients.norm() > 1.1
    optimizer.zero_grad()
    loop.train_epoch(accelerator, model, loader, optimizer, CONSTANT)
    before = dict(tagging.tiny_model().named_parameters())
    moved = [(value - before[name]).flatten() for name, value in model.named_parameters()]
    assert torch.cat(moved).norm().item() == pytest.approx(1.0, abs=1e-5)


def test_after_step_hears_of_every_step():
    accelerator, model, loader, optimizer = accelerated(tagging.sentences(10), 4)
    heard = []
    model.eval()
    losses = loop.train_epoch(accelerator, model, loader, optimizer, CONSTANT, heard.append)
    assert heard == losses
    assert len(heard) == 3
    assert model.training


@pytest.mark.parametrize("training", [True, False])
def test_predict_evaluates_and_leaves_the_mode(training):
    rows = tagging.sentences(11)
    accelerator, model, loader, _ = accelerated(rows, 4, dropout=0.5)
    model.train(training)
    predictions, references = first = loop.predict(accelerator, model, loader)
    assert model.training is training
    assert loop.predict(accelerator, model, loader) == first  # no dropout
    for row, predicted, reference in zip(rows, predictions, references, strict=True):
        assert reference[: len(row["labels"])] == row["labels"].tolist()
        assert set(reference[len(row["labels"]) :]) <= {IGNORE_INDEX}
        logits = tagging.tiny_model(0.5).eval()(input_ids=row["input_ids"][None]).logits
        assert predicted[: len(row["labels"])] == logits.argmax(-1)[0].tolist()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What two processes report: `tests/two_processes.py`."""
    output = tmp_path_factory.mktemp("two") / "result.json"
    crash.pair(two_processes.main, output)
    return SimpleNamespace(output=output, **json.loads(output.read_text()))


def test_two_processes_see_every_row_once_in_order(two):
    assert two.processes == 2
    assert len(two.seen) == 20
    for count, batch_size, split, rows in two.seen:
        assert rows == list(range(1, count + 1)), (batch_size, split)


@pytest.mark.parametrize("name", ["large", "small"])
def test_two_processes_learn_what_one_learns(two, name):
    model, losses = two_processes.trained(8)
    there = tagging.tiny_model()
    there.load_state_dict(torch.load(f"{two.output}.{name}"))
    assert getattr(two, name) == pytest.approx(losses, abs=1e-6)
    assert tagging.difference(model, there) <= 1e-6


def test_a_step_on_a_sharded_model_is_the_step_of_one_process(two):
    norm, norm_apart, weights_apart = two.sharded
    assert norm > 1  # clipping had something to do
    assert norm_apart <= 1e-6
    assert weights_apart <= 1e-6


class Crash(Exception):
    """Where the power goes off."""


def power_off(*operation):
    raise Crash


def saving(folder, limit):
    """Return an accelerator with something to save, and a function that saves step after step."""
    accelerator, model, _, _ = accelerated(tagging.sentences(4), 4)
    progress = Progress()
    accelerator.register_for_checkpointing(progress)

    def save(step):
        torch.nn.init.constant_(model.classifier.bias, float(step))
        progress.losses = [float(step)]
        loop.save_checkpoint(accelerator, folder, step, save_total_limit=limit)

    return accelerator, model, progress, save


@pytest.mark.parametrize("limit", [1, 2])
def test_a_crash_at_any_moment_leaves_a_complete_checkpoint(monkeypatch, tmp_path, limit):
    moment, finished = 0, False
    while not finished:
        moment += 1
        folder = tmp_path / str(moment)
        accelerator, model, progress, save = saving(folder, limit)
        for step in (1, 2, 3):
            save(step)
        with monkeypatch.context() as patched:
            crash.interrupt(moment, power_off, patch=patched.setattr)
            try:
                save(4)
                finished = True
            except Crash:
                pass
        accelerator.load_state(loop.last_checkpoint(folder))
        step = int(loop.last_checkpoint(folder).name[-8:])
        assert step in (3, 4)
        assert progress.losses == [float(step)]
        assert model.classifier.bias.tolist() == [float(step)] * tagging.LABELS
        save(5)  # and the next one tidies up
        steps = [path.name for path in sorted(folder.iterdir())]
        assert steps == [f"checkpoint-{n:08d}" for n in ([5] if limit == 1 else [step, 5])]
    assert moment > 8  # the operations of one save: all of them were interrupted


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_old_checkpoints_go(tmp_path, limit):
    *_, save = saving(tmp_path, limit)
    for step in range(1, 6):
        save(step)
        assert len(loop.checkpoints(tmp_path)) == min(step, limit)
    assert loop.last_checkpoint(tmp_path).name == "checkpoint-00000005"


def test_no_checkpoint_no_folder(tmp_path):
    assert loop.last_checkpoint(tmp_path) is None
    assert loop.last_checkpoint(tmp_path / "missing") is None
    (tmp_path / "unfinished-checkpoint-00000009").mkdir()
    (tmp_path / "checkpoint-500").mkdir()  # Trainer's
    assert loop.last_checkpoint(tmp_path) is None


@pytest.mark.parametrize(
    ("limit", "step", "message"),
    [
        (0, 2, "save_total_limit is 0. Keep at least one"),
        (2, 1, "checkpoint-00000001 is there already"),
    ],
)
def test_save_checkpoint_refuses(tmp_path, limit, step, message):
    accelerator, *_, save = saving(tmp_path, 2)
    save(1)
    with pytest.raises(ValueError, match=message):
        loop.save_checkpoint(accelerator, tmp_path, step, save_total_limit=limit)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000001"]


@pytest.fixture(params=["as installed", "as 1.14"])
def skipping(request, monkeypatch):
    """Skip batches as the installed Accelerate does, and as 1.14 did: its new loader began at epoch 0."""
    if request.param == "as 1.14":
        skip = accelerator_module.skip_first_batches

        def forgetful(loader, **how):
            left = skip(loader, **how)
            left.iteration = 0
            return left

        monkeypatch.setattr(accelerator_module, "skip_first_batches", forgetful)


def test_remaining_batches_are_the_end_of_the_same_epoch(skipping):
    def numbers(progress):
        accelerator = two_processes.new_accelerator(accumulation=2)
        loader = tagging.loader(two_processes.numbered(20), 2, shuffle=True)
        batches = loop.remaining(accelerator, accelerator.prepare(loader), progress)
        return [batch["labels"][:, 0].tolist() for batch in batches]

    loader = tagging.loader(two_processes.numbered(20), 2, shuffle=True)
    plain = two_processes.new_accelerator(accumulation=2).prepare(loader)
    plain.set_epoch(1)
    whole = numbers(Progress(epoch=1))
    assert whole == [batch["labels"][:, 0].tolist() for batch in plain]
    assert sorted(row for batch in whole for row in batch) == list(range(1, 21))
    assert whole != numbers(Progress(epoch=0))
    for step, left in {1: whole[2:], 4: whole[8:], 5: []}.items():
        assert numbers(Progress(epoch=1, step=step)) == left


def interrupted(folder, stop, accumulation, dropout=0.1, epochs=2):
    """Train with dropout up to a checkpoint of step `stop`, from the folder's last one if it has one."""
    accelerator = two_processes.new_accelerator(accumulation)
    torch.manual_seed(5)
    model, progress = tagging.tiny_model(dropout), Progress()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    loader = tagging.loader(tagging.sentences(22), 4, shuffle=True)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    scheduler = accelerator.prepare(schedule)
    accelerator.register_for_checkpointing(progress)
    if checkpoint := loop.last_checkpoint(folder):
        accelerator.load_state(checkpoint)

    def after_step(loss):
        progress.losses.append(loss)
        progress.step += 1
        if len(progress.losses) == stop:
            loop.save_checkpoint(accelerator, folder, stop)
            raise Crash

    while progress.epoch < epochs:
        left = loop.remaining(accelerator, loader, progress)
        loop.train_epoch(accelerator, model, left, optimizer, scheduler, after_step)
        progress.finish_epoch({})
    return model, progress


@pytest.mark.parametrize("accumulation", [1, 4])
def test_resumed_anywhere_it_ends_the_same_bit_for_bit(tmp_path, accumulation):
    alone, steps = interrupted(tmp_path / "alone", None, accumulation)
    assert len(steps.losses) == 2 * math.ceil(6 / accumulation)
    for stop in range(1, len(steps.losses) + 1):
        folder = tmp_path / str(stop)
        with pytest.raises(Crash):
            interrupted(folder, stop, accumulation)
        again, progress = interrupted(folder, None, accumulation)
        assert tagging.difference(alone, again) == 0.0
        assert progress.losses == steps.losses


# What surrounds training: the folder, the clock, the memory, and giving memory back


@pytest.mark.parametrize(("more", "last"), [([], "model"), (["probe"], "probe")])
@pytest.mark.parametrize(("below", "up"), [(".", ""), ("notebooks", "../")])
def test_run_folder_is_relative_and_created(monkeypatch, tmp_path, more, last, below, up):
    (tmp_path / below).mkdir(exist_ok=True)
    monkeypatch.setattr(runs, "RUNS", tmp_path / "_runs")
    monkeypatch.chdir(tmp_path / below)
    lesson = SimpleNamespace(track="tiny", name="03_ner")
    folder = run_folder(lesson, *more)
    assert folder == f"{up}_runs/tiny/03_ner/{last}"
    kept = tmp_path / "_runs" / "tiny" / "03_ner" / last / "kept.txt"
    kept.write_text("still here", encoding="utf-8")  # fails unless the folder is there
    assert run_folder(lesson, *more) == folder
    assert kept.read_text(encoding="utf-8") == "still here"


def test_peak_memory_grows_with_what_is_touched_and_stays():
    code = """
from helpers.runs import peak_memory
before = peak_memory()
block = b"x" * (200 * 1024 * 1024)
during = peak_memory()
del block
print(before, during, peak_memory())
"""
    out, _ = tagging.finish(tagging.start("-c", code))
    before, during, after = map(float, out.split())
    assert 2 < before < 600  # Python and torch: MB, not kB and not bytes
    assert 195 <= during - before <= 230
    assert after > during - 1  # Linux counts pages to within a few dozen


def test_measured_fills_in_when_the_block_ends_or_raises():
    floor = peak_memory()
    with suppress(RuntimeError), measured() as run:
        time.sleep(0.05)
        assert (run.seconds, run.peak_mb) == (0.0, 0.0)
        raise RuntimeError("interrupted")
    assert 0.05 <= run.seconds < 5
    assert floor <= run.peak_mb <= peak_memory()
    first = run.seconds
    time.sleep(0.01)
    assert run.seconds == first


def test_release_frees_gradients_and_optimizer_and_leaves_what_predicts(tmp_path):
    rows = tagging.sentences(2)
    arguments = tagging.arguments(tmp_path, max_steps=1, per_device_train_batch_size=2)
    data = {"train_dataset": rows, "eval_dataset": rows, "data_collator": tagging.collate}
    learner = Trainer(tagging.tiny_model(), arguments, **data)
    learner.train()
    learner.model(**tagging.collate(rows)).loss.backward()
    before = learner.predict(rows).predictions
    states = [tensor for state in learner.optimizer.state.values() for tensor in state.values()]
    weights = list(learner.model.parameters())
    held = [weakref.ref(tensor) for tensor in (*states, *(value.grad for value in weights))]
    del states
    gc.collect()
    assert sum(ref() is not None for ref in held) >= 3 * len(weights)  # a gradient, two averages

    release(learner)

    assert [ref for ref in held if ref() is not None] == []
    assert [value for value in weights if value.grad is not None] == []
    assert (learner.predict(rows).predictions == before).all()
