"""Compare freezing strategies on the reviews, as lesson 06, and on Rotten Tomatoes, as the classic.

python -m benchmarks strategies      the reviews, about a quarter of an hour on one core
COURSE_TRACK=full COURSE_CHECKPOINT=bundled python -m benchmarks strategies
    Rotten Tomatoes, from COURSE_MIRROR or the Hub, about half an hour on one core
Both add what is missing, and go on where they were stopped.
"""

from functools import partial

import torch
from tqdm.auto import tqdm

import helpers
from helpers import course, encoder
from helpers.loop import classifier_f1
from labs.freezing.experiment import load_experiment
from labs.freezing.lab import BUNDLED, Lab, Plan

# The classic froze the embeddings and ten of twelve layers; five of six are as large a share.
STRATEGIES = {
    "tiny": ("head-only", "first-5", "first-3", "bias-only", "lora:8", "none"),
    "full": ("head-only", "first-5", "lora:8", "none"),
}
SEEDS = {"tiny": 8, "full": 3}
# The classic's one rate for all, 2e-5, suits a model of five times the size: small ones want more.
# LoRA gets a larger one; at lesson 06's 2e-3, one of three seeds learned nothing in so many steps.
CLASSIC = {"learning_rate": 2e-4, "epochs": 1}
LORA = {"learning_rate": 5e-4, "epochs": 1}


def plans(lab: Lab) -> list[Plan]:
    """Return a plan for each strategy of this track, with the seeds that the lab's ledger lacks."""
    track, found = helpers.track(), []
    for strategy in STRATEGIES[track]:
        classic = LORA if strategy.startswith("lora") else CLASSIC
        plan = lab.plan(strategy, SEEDS[track], **classic if track == "full" else {})
        if track == "full":  # another score than the lab's own
            plan = plan._replace(settings=plan.settings | {"average": "binary"})
        found.append(plan._replace(seeds=lab.missing(plan)))
    return found


def measure(lab: Lab) -> None:
    """Run what is missing, and record each run as it ends."""
    for plan in tqdm(plans(lab)):
        for row in lab.execute(plan):
            said = f"F1 {row['f1']:.3f}, {row['seconds']:.1f} s"
            print(f"{plan.strategy}, seed {row['seed']}: {said}", flush=True)
        lab.experiment.forget()


def main() -> None:
    """Measure what is missing on this track."""
    torch.set_num_threads(1)
    lesson = course.start("06")
    if lesson.encoder != encoder.ENCODER or helpers.row_cap():
        raise SystemExit("Set COURSE_CHECKPOINT=bundled and unset COURSE_ROWS: runs are compared.")
    experiment = load_experiment(lesson)
    if helpers.track() == "full":
        experiment.metric = partial(classifier_f1, average="binary")  # the classic figure
    measure(Lab(experiment, lesson.settings, BUNDLED))
