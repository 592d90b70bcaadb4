"""Lesson 04's loop: equal to Trainer, to a large batch and to one process; its checkpoints."""

import math
from contextlib import suppress
from types import SimpleNamespace

import accelerate.accelerator as accelerator_module
import crash
import pytest
import tagging
import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.utils.data import DataLoader
from transformers import Trainer, get_linear_schedule_with_warmup

from helpers import IGNORE_INDEX, loop
from scripts.train_ner import Progress


def numbered(count):
    """Return rows of growing length that hold their own number, as ids and as labels."""
    rows = [torch.full((1 + index,), 1 + index) for index in range(count)]
    return [{"input_ids": row, "labels": row} for row in rows]


def new_accelerator(accumulation=1):
    return Accelerator(
        cpu=True,
        gradient_accumulation_steps=accumulation,
        dataloader_config=DataLoaderConfiguration(
            split_batches=True, use_seedable_sampler=True, data_seed=7
        ),
    )


def trained(batch_size, accumulation=1, epochs=2, rows=24):
    """Return a tiny model trained by the loop, and the loss of every step."""
    accelerator = new_accelerator(accumulation)
    model = tagging.tiny_model()
    optimizer = torch.optim.AdamW(loop.parameter_groups(model, 0.01), lr=1e-3, fused=True)
    loader = tagging.loader(tagging.sentences(rows), batch_size, shuffle=True)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    steps = -(-len(loader) // accumulation) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, -(-steps // 10), steps)
    scheduler, losses = accelerator.prepare(schedule), []
    for epoch in range(epochs):
        left = loop.remaining(accelerator, loader, SimpleNamespace(epoch=epoch, step=0))
        losses += loop.train_epoch(accelerator, model, left, optimizer, scheduler)
    assert scheduler.get_last_lr() == [0.0, 0.0]
    return accelerator.unwrap_model(model), losses


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((2, 5), id="tokens"),
        pytest.param((7,), id="rows"),
    ],
)
def test_summed_loss_is_the_mean_times_the_count(shape):
    torch.manual_seed(0)
    logits, labels = torch.randn(*shape, 3), torch.randint(0, 3, shape)
    labels[..., 1] = IGNORE_INDEX
    loss, count = loop.summed_loss(logits, labels)
    mean = torch.nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten())
    assert count == (8 if len(shape) > 1 else 6)
    assert loss.item() == pytest.approx(mean.item() * count.item(), rel=1e-6)


def test_parameter_groups_are_those_of_trainer_without_what_is_frozen(tmp_path):
    model = tagging.tiny_model()
    trainer = Trainer(model, tagging.arguments(tmp_path))
    theirs = set(trainer.get_decay_parameter_names(model))
    model.scale = torch.nn.Parameter(torch.tensor(2.0))  # without dimensions
    names = {id(value): name for name, value in model.named_parameters()}
    decayed, plain = loop.parameter_groups(model, weight_decay=0.01)
    assert {names[id(value)] for value in decayed["params"]} == theirs
    assert len(decayed["params"]) + len(plain["params"]) == len(names)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.01, 0.0)
    model.bert.requires_grad_(False)
    decayed, plain = loop.parameter_groups(model, 0.01)
    left = [names[id(value)] for value in decayed["params"] + plain["params"]]
    assert left == ["classifier.weight", "scale", "classifier.bias"]


@pytest.mark.parametrize(("rate", "of_the_head"), [(1e-2, 1e-30), (1e-30, 1e-2)])
def test_the_head_learns_at_a_rate_of_its_own(rate, of_the_head):
    model, before = tagging.tiny_model(), tagging.tiny_model()
    loader = loop.load_batches(tagging.sentences(8), 4, tagging.collate, 0)
    loop.fit(model, loader, 1, rate, head_learning_rate=of_the_head)
    assert (tagging.difference(model.bert, before.bert) > 1e-3) == (rate == 1e-2)
    assert (tagging.difference(model.classifier, before.classifier) > 1e-3) == (rate != 1e-2)


def test_loop_and_trainer_learn_the_same_weights(tmp_path):
    # 44 rows in batches of 8: the last batch of each epoch is not full
    ours, losses = trained(8, epochs=3, rows=44)
    model = tagging.tiny_model()
    steps = {"num_train_epochs": 3, "per_device_train_batch_size": 8, "logging_steps": 1}
    rates = {"learning_rate": 1e-3, "weight_decay": 0.01, "warmup_steps": 0.1, "max_grad_norm": 1.0}
    arguments = tagging.arguments(tmp_path, seed=7, **steps, **rates)
    rows = tagging.sentences(44)
    trainer = Trainer(model, arguments, train_dataset=rows, data_collator=tagging.collate)
    trainer.train()
    theirs = [float(row["loss"]) for row in trainer.state.log_history if "loss" in row]
    assert losses == pytest.approx(theirs, abs=1e-5)
    assert max(row.get("grad_norm", 0) for row in trainer.state.log_history) > 1.1  # to be clipped
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
    large, losses = trained(8, rows=rows)
    small, same = trained(batch_size, accumulation, rows=rows)
    assert same == pytest.approx(losses, abs=1e-6)
    assert tagging.difference(large, small) <= 1e-6


def accelerated(rows, batch_size, dropout=0.0):
    """Return an accelerator, a tiny model, a loader and an optimizer of rate 1, all prepared."""
    accelerator, model = new_accelerator(), tagging.tiny_model(dropout)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    loader = tagging.loader(rows, batch_size)
    return accelerator, *accelerator.prepare(model, loader, optimizer)


CONSTANT = SimpleNamespace(step=lambda: None)


def test_a_batch_without_any_label_changes_nothing():
    row = {"input_ids": torch.tensor([5, 6]), "labels": torch.tensor([IGNORE_INDEX] * 2)}
    accelerator, model, loader, optimizer = accelerated([row], 1)
    assert loop.train_epoch(accelerator, model, loader, optimizer, CONSTANT) == [0.0]
    assert tagging.difference(model, tagging.tiny_model()) == 0.0


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


# Two processes


class Echo(torch.nn.Embedding):
    """Predicts, at every position, the id that stands there: its rows are those of the unit matrix."""

    def forward(self, input_ids, **_):
        return SimpleNamespace(logits=super().forward(input_ids))


def seen(count, batch_size, split_batches):
    """Return the numbers of the rows that `predict` returns."""
    settings = DataLoaderConfiguration(split_batches=split_batches)
    accelerator = Accelerator(cpu=True, dataloader_config=settings)
    loader = tagging.loader(numbered(count), batch_size)
    echo = Echo.from_pretrained(torch.eye(tagging.VOCABULARY), freeze=False)
    model, loader = accelerator.prepare(echo, loader)
    predictions, references = loop.predict(accelerator, model, loader)
    for predicted, row in zip(predictions, references, strict=True):
        length = sum(label != IGNORE_INDEX for label in row)
        assert predicted[:length] == row[:length] == [length] * length  # row n is n times n
    return [row[0] for row in references]


def sharded():
    """Return how far a step with torch's FSDP 2 is from the step of one process on the same rows.

    Accelerate makes full copies on a CPU in place of FSDP, so the model is sharded by hand.
    """
    accelerator, rows = new_accelerator(), tagging.sentences(8)
    whole, parts = tagging.tiny_model(), tagging.tiny_model()
    mesh = init_device_mesh("cpu", (accelerator.num_processes,))
    for module in (*parts.bert.encoder.layer, parts):
        fully_shard(module, mesh=mesh)

    def step(model, rows, accelerator):
        batch = tagging.collate(rows)
        loss, count = loop.summed_loss(model(**batch).logits, batch["labels"])
        loss.backward()
        loop.divide_gradients(accelerator, model, accelerator.reduce(count))
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        torch.optim.AdamW(loop.parameter_groups(model, 0.01), lr=1e-3, fused=True).step()
        return norm

    alone = SimpleNamespace(gradient_accumulation_steps=1, num_processes=1, reduce=int)
    norm = step(whole, rows, alone)
    mine = rows[:3] if accelerator.is_main_process else rows[3:]
    norms = (step(parts, mine, accelerator).full_tensor() - norm).abs()
    pairs = zip(parts.parameters(), whole.parameters(), strict=True)
    weights = max((part.full_tensor() - value).abs().max() for part, value in pairs)
    return [norm.item(), norms.item(), weights.item()]


def report(output):
    """Write what this process and the other see and learn."""
    result = {"processes": new_accelerator().num_processes, "sharded": sharded()}
    result["seen"] = [
        [count, batch_size, split, seen(count, batch_size, split)]
        for count in (1, 2, 5, 11, 12)
        for batch_size in (2, 4)
        for split in (False, True)
    ]
    model, result["losses"] = trained(2, accumulation=4)
    result["weights"] = model.state_dict()
    accelerator = new_accelerator()
    if accelerator.is_main_process:
        torch.save(result, output)
    accelerator.end_training()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What two children report."""
    output = tmp_path_factory.mktemp("two") / "result.pt"
    crash.pair(report, output)
    return SimpleNamespace(**torch.load(output))


def test_two_processes_see_every_row_once_in_order(two):
    assert two.processes == 2
    assert len(two.seen) == 20
    for count, batch_size, split, rows in two.seen:
        assert rows == list(range(1, count + 1)), (batch_size, split)


def test_two_processes_with_micro_batches_learn_what_one_learns_with_large_batches(two):
    model, losses = trained(8)
    there = tagging.tiny_model()
    there.load_state_dict(two.weights)
    assert two.losses == pytest.approx(losses, abs=1e-6)
    assert tagging.difference(model, there) <= 1e-6


def test_a_step_on_a_sharded_model_is_the_step_of_one_process(two):
    norm, norm_apart, weights_apart = two.sharded
    assert norm > 1  # clipping had something to do
    assert norm_apart <= 1e-6
    assert weights_apart <= 1e-6


BY_TWO = [[[0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 0]]]


@pytest.mark.parametrize(
    ("batch_size", "split_batches", "expected"),
    [
        pytest.param(2, False, BY_TWO, id="a batch each"),
        pytest.param(4, True, BY_TWO, id="a batch for all"),
        pytest.param(11, False, [[[*range(11)]], [[*range(11)]]], id="one batch, done twice"),
    ],
)
def test_eleven_rows_for_two_processes(batch_size, split_batches, expected):
    held = loop.dealt(DataLoader(range(11), batch_size=batch_size), 2, split_batches)
    assert [[batch.tolist() for batch in batches] for batches in held] == expected


# Checkpoints


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


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_crash_at_any_moment_leaves_a_complete_checkpoint(monkeypatch, tmp_path, limit):
    moment, finished = 0, False
    while not finished:
        moment += 1
        folder = tmp_path / str(moment)
        accelerator, model, progress, save = saving(folder, limit)
        for step in (1, 2, 3):
            save(step)
            assert len(loop.checkpoints(folder)) == min(step, limit)
        with monkeypatch.context() as patched, suppress(Crash):
            crash.interrupt(moment, power_off, patch=patched.setattr)
            save(4)
            finished = True
        accelerator.load_state(loop.last_checkpoint(folder))
        step = int(loop.last_checkpoint(folder).name[-8:])
        assert step in (3, 4)
        assert progress.losses == [float(step)]
        assert model.classifier.bias.tolist() == [float(step)] * tagging.LABELS
        save(5)  # and the next one tidies up
        kept = [path.name for path in sorted(folder.iterdir())]
        assert kept == [f"checkpoint-{n:08d}" for n in sorted({1, 2, 3, step, 5})[-limit:]]
    assert moment > 8  # the operations of one save: all of them were interrupted


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
def test_save_checkpoint_refuses(limit, step, message, tmp_path):
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


@pytest.mark.parametrize("accumulation", [1, 2, 4])
def test_remaining_batches_are_the_end_of_the_same_epoch(skipping, accumulation):
    def numbers(progress):
        accelerator = new_accelerator(accumulation)
        loader = tagging.loader(numbered(20), 2, shuffle=True)
        batches = loop.remaining(accelerator, accelerator.prepare(loader), progress)
        return [batch["labels"][:, 0].tolist() for batch in batches]

    plain = new_accelerator().prepare(tagging.loader(numbered(20), 2, shuffle=True))
    plain.set_epoch(1)
    whole = numbers(Progress(epoch=1))
    assert whole == [batch["labels"][:, 0].tolist() for batch in plain]
    assert sorted(row for batch in whole for row in batch) == list(range(1, 21))
    assert whole != numbers(Progress(epoch=0))
    for step in range(math.ceil(10 / accumulation) + 1):
        assert numbers(Progress(epoch=1, step=step)) == whole[step * accumulation :], step
