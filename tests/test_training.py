"""What surrounds training: the folder, the clock, the memory, and giving memory back."""

import gc
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification, Trainer, TrainingArguments

import helpers
from helpers.runs import measured, peak_memory, release, run_folder


@pytest.mark.parametrize(
    ("more", "last"),
    [
        pytest.param([], "model", id="the model"),
        pytest.param(["probe"], "probe", id="another name"),
    ],
)
@pytest.mark.parametrize(
    ("below", "expected"),
    [
        pytest.param(".", "_runs/tiny/03_ner/{}", id="from the root"),
        pytest.param("notebooks", "../_runs/tiny/03_ner/{}", id="from the notebooks"),
    ],
)
def test_run_folder_is_relative_and_created(monkeypatch, tmp_path, more, last, below, expected):
    (tmp_path / below).mkdir(exist_ok=True)
    monkeypatch.setattr(helpers, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path / below)
    lesson = SimpleNamespace(track="tiny", name="03_ner")
    folder = run_folder(lesson, *more)
    assert folder == expected.format(last)
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
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=helpers.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    before, during, after = map(float, done.stdout.split())
    assert 2 < before < 600  # Python and torch: MB, not kB and not bytes
    assert 195 <= during - before <= 230
    assert after > during - 1  # Linux counts pages to within a few dozen


def test_measured_fills_in_when_the_block_ends():
    floor = peak_memory()
    with measured() as run:
        time.sleep(0.05)
        assert (run.seconds, run.peak_mb) == (0.0, 0.0)
    assert 0.05 <= run.seconds < 5
    assert floor <= run.peak_mb <= peak_memory()
    first = run.seconds
    time.sleep(0.01)
    assert run.seconds == first


def test_measured_fills_in_when_the_block_raises():
    def interrupted():
        time.sleep(0.05)
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"), measured() as run:
        interrupted()
    assert 0.05 <= run.seconds < 5
    assert run.peak_mb > 0


@pytest.fixture
def trained(tmp_path):
    """A tiny random model after one step of a Trainer, with gradients of one more batch."""
    torch.manual_seed(0)
    model = BertForTokenClassification(
        BertConfig(
            vocab_size=32,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=16,
            num_labels=3,
        )
    )
    rows = [
        {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels)}
        for ids, labels in [([1, 5, 9, 2], [-100, 1, 2, -100]), ([1, 7, 3, 2], [-100, 0, 1, -100])]
    ]
    trainer = Trainer(
        model,
        TrainingArguments(
            output_dir=str(tmp_path),
            max_steps=1,
            per_device_train_batch_size=2,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            dataloader_pin_memory=False,
        ),
        train_dataset=rows,
        eval_dataset=rows,
    )
    trainer.train()
    trainer.model(
        **{key: torch.stack([row[key] for row in rows]) for key in rows[0]}
    ).loss.backward()
    return trainer


def test_release_frees_gradients_and_optimiser_and_leaves_the_model(trained):
    model = trained.model.eval()
    ids = torch.tensor([[1, 5, 9, 2]])
    with torch.no_grad():
        before = model(input_ids=ids).logits
    held = [weakref.ref(value.grad) for value in model.parameters() if value.grad is not None]
    held += [
        weakref.ref(tensor)
        for state in trained.optimizer.state.values()
        for tensor in state.values()
        if torch.is_tensor(tensor)
    ]
    weights = sum(1 for _ in model.parameters())
    gc.collect()
    assert sum(ref() is not None for ref in held) >= 3 * weights  # a gradient and two averages each

    release(trained)

    assert [ref for ref in held if ref() is not None] == []
    assert [name for name, value in model.named_parameters() if value.grad is not None] == []
    with torch.no_grad():
        assert torch.equal(model(input_ids=ids).logits, before)


def test_a_released_trainer_still_predicts(trained):
    before = trained.predict(trained.eval_dataset).predictions
    release(trained)
    assert (trained.predict(trained.eval_dataset).predictions == before).all()
