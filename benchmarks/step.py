"""Measure a step of training in lessons 01, 03, 05 and 08, in both precisions and with more rows.

python -m benchmarks step      about six minutes

A step costs about 6 floating-point operations for each parameter and token: two forward, four
backward. Embeddings are looked up, so their parameters are left out; padding counts as tokens. The
peak is that of large matrix products.
"""

import statistics
import time

import torch
import transformers
from transformers import DataCollatorWithPadding

from benchmarks.report import by_turns, publish, rows_of, seconds, stepper
from helpers import course, data, encoder, qa
from helpers.freezing import freeze
from helpers.loop import load_batches
from helpers.masking import WholeWordMaskCollator, masked_lm_loss
from helpers.runs import peak_memory
from labs.freezing.experiment import load_experiment

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}
TIMES = (1, 2, 4, 8)
LINEAR, FLAT = 0.15, 0.10  # how far cost a row, and memory, may be from those of the fewest rows
ROWS, STEPS, SEED, SIZE = 16, 8, 42, 1024
HEAD = "lesson | rows × width of a batch | bf16: times faster | share of the peak, fp32 | bf16"
HEAD += " | cost of 2, 4 and 8 times the rows | memory"
CLASSES = {"01": "SequenceClassification", "03": "TokenClassification"}
CLASSES |= {"05": "QuestionAnswering", "08": "MaskedLM"}


def encoded(lesson, tokenizer) -> tuple[list[dict], object]:
    """Return rows as a lesson encodes them, and what makes a batch of them."""
    if lesson.number in ("01", "03"):
        task = load_experiment(lesson)
        return list(task.train.select(range(ROWS * STEPS))), task.collator
    raw = data.load(lesson.dataset, "train").shuffle(seed=SEED)[: ROWS * STEPS]
    if lesson.number == "05":
        made = qa.prepare_train_features(raw, tokenizer, lesson.max_length, lesson.doc_stride)
        return rows_of(made), DataCollatorWithPadding(tokenizer)
    made = tokenizer(raw["text"], truncation=True, max_length=lesson.max_length)
    return rows_of(made), WholeWordMaskCollator(tokenizer)


def step_of(lesson, precision: str):
    """Return a step of training of a lesson's model, and how many parameters it multiplies by."""
    auto = getattr(transformers, f"AutoModelFor{CLASSES[lesson.number]}")
    transformers.set_seed(SEED)
    labels = len(data.NER_NAMES) if lesson.number == "03" else 2
    model = auto.from_pretrained(lesson.checkpoint, dtype=torch.float32, num_labels=labels)
    freeze(model, lesson.settings.get("freeze", "none"))
    looked_up = sum(value.numel() for value in model.base_model.embeddings.parameters())

    def losses(model, batch):
        with torch.autocast("cpu", PRECISIONS[precision], enabled=precision != "fp32"):
            return masked_lm_loss(model, batch) if lesson.number == "08" else model(**batch).loss

    return stepper(model, losses, lesson.learning_rate), model.num_parameters() - looked_up


def peak(kind: torch.dtype) -> float:
    """Return the billions of floating-point operations a second of large matrix products."""
    one, taken = torch.ones(SIZE, SIZE, dtype=kind), []
    for _ in range(12):
        start = time.process_time()
        one @ one
        taken.append(time.process_time() - start)
    return 2e-9 * SIZE**3 / statistics.median(taken[2:])


def growth(step, rows: list[dict], size: int, collator) -> tuple[list[float], float]:
    """Return the cost of more rows, and the memory of the most, as multiples of the fewest's."""
    batches, costs, memory = list(load_batches(rows[:ROWS], size, collator, SEED)), [], []
    for times in (1, *TIMES):  # once to warm up
        calls = by_turns({"": step}, batches * times)[""]
        costs.append(statistics.median(call[0] for call in calls) * len(calls))
        memory.append(peak_memory())
    return [cost / costs[1] for cost in costs[1:]], memory[-1] / memory[1]


def main() -> int:
    """Measure, write the section, and fail where cost is not linear or memory not flat in rows."""
    torch.set_num_threads(1)  # threads that wait burn processor time on a busy machine
    peaks = {name: peak(kind) for name, kind in PRECISIONS.items()}
    lines, holds = [], True
    for number in CLASSES:
        lesson = course.start(number)
        rows, collator = encoded(lesson, encoder.load_tokenizer(lesson.checkpoint))
        batches = list(load_batches(rows, lesson.batch_size, collator, SEED))[:STEPS]
        steps = {name: step_of(lesson, name) for name in PRECISIONS}
        taken = by_turns({name: step for name, (step, _) in steps.items()}, batches)
        tokens = sum(batch["input_ids"].numel() for batch in batches)
        rates = {name: tokens / seconds(calls) for name, calls in taken.items()}
        flops = {name: 6e-9 * count * rates[name] for name, (_, count) in steps.items()}
        for name, rate in rates.items():
            reached = f"{flops[name]:.1f} GFLOP/s of {peaks[name]:.1f}"
            print(f"{number} {name}: {rate:,.0f} tokens/s, {reached}")
        costs, memory = growth(steps["fp32"][0], rows, lesson.batch_size, collator)
        shares = [f"{flops[name] / peaks[name]:.0%}" for name in PRECISIONS]
        grown = " · ".join(f"{cost:.2f}" for cost in costs[1:])
        size = f"{lesson.batch_size} × {tokens / lesson.batch_size / len(batches):.0f}"
        ratio = f"{rates['bf16'] / rates['fp32']:.2f}"
        lines.append((number, size, ratio, *shares, grown, f"{memory:.2f}"))
        pairs = zip(costs, TIMES, strict=True)
        holds &= memory < 1 + FLAT and all(abs(cost / n - 1) < LINEAR for cost, n in pairs)
    claim = f"cost linear within {LINEAR:.0%}, memory flat within {FLAT:.0%}"
    return publish("step", HEAD, lines, claim, holds)
