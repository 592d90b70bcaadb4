# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Freeze part of a model
#
# You fine-tune on a laptop, and each run takes minutes. A colleague says: "Freeze all but the last layer. It's faster,
# and just as good." Is it? If you run each version only once, luck may decide.
#
# **What you'll do.** Choose by name which part of a model trains, compute the rest only once, and compare choices
# fairly.
#
# **What you'll learn**
# - freeze the encoder, some layers, all but the biases, or any part that you can name
# - train small added matrices instead (*LoRA*), and save them
# - show what trains, what the optimizer holds, and what dropout still does in a frozen layer
# - cache hidden states where the frozen part ends, and check that nothing changes
# - compare strategies over seeds, and say when you can't tell them apart
#
# **What you'll need.** Lessons 01 and 04. 140 minutes of reading and exercises; *Going deeper* can wait. The notebook
# takes about 90 seconds on two CPU cores, and 1.5 GB of memory.

# %%
from helpers import course, tables

lesson = course.start("06")
lesson

# %% [markdown]
# **Words first.** A *frozen* parameter keeps its value; a *trainable* one is changed by the optimizer. A *strategy*
# says which is which. An encoder is a stack of *layers*, and each of them changes the vectors of all tokens. *Hidden
# states* are the vectors that come out of a layer. The *boundary* is the place in the encoder up to which everything is
# frozen, given as a number of layers.
#
# Why freeze? Frozen parameters need no gradients, the optimizer keeps nothing for them, and everything below the
# boundary can be computed once and reused. With few training rows, a partly frozen model may also *overfit* less: it
# memorizes fewer of the rows.
#
# ## What a model is made of
#
# The task is lesson 01's: film reviews, good or bad. `experiment` holds what all runs share: the tokenized reviews, the
# collator, and where the encoder comes from. The cell draws a map: each square is a module. The larger the square, the
# more parameters. The color shows whether they train.

# %%
from labs.freezing.experiment import load_experiment
from labs.freezing.pictures import parameter_map

experiment = load_experiment(lesson)
model = experiment.new_model(lesson.seed)
parameter_map(model, "a new model")

# %% [markdown]
# The *embeddings*, a table with one vector per entry of the vocabulary, are about half of this encoder. In each layer,
# *attention* (four matrices) lets a token take in information from the others, and the feed-forward part (two larger
# ones) works on each token alone. Two small *norms* keep the vectors at a similar scale. A *bias* is a vector that is
# added to the result of a matrix or a norm. The *pooler* multiplies the state of the first token, `[CLS]`, by one more
# matrix; it belongs to the encoder. Only the classifier, the head, is new.
#
# ## Freeze by name
#
# PyTorch gives you a list of tensors, and only their names say where each belongs. `requires_grad` is the switch: if
# it's off, `backward` computes no gradient. First by hand, for the embeddings and the first layer (`freeze`, below,
# sets every switch again):

# %%
for name, parameter in model.named_parameters():
    if "embeddings." in name or "layer.0." in name:
        parameter.requires_grad = False
parameter_map(model, "by hand")

# %% [markdown]
# Common strategies have short names:
#
# | strategy | what trains, besides the head |
# |---|---|
# | `none` | everything: nothing is frozen |
# | `head-only` | nothing |
# | `first-K` | all but the embeddings and the first K layers |
# | `bias-only` | the biases (known as BitFit) |
# | `train:PATTERN` | every parameter whose name contains a match of the regular expression |
# | `lora:RANK` | small matrices added beside the attention matrices: *LoRA*, low-rank adaptation |
#
# `trains(strategy, name)` says whether the strategy trains the encoder parameter of that name. `layer_number` returns
# the layer that a name belongs to: -1 for the embeddings, which come before the layers, and infinity for the pooler,
# which comes after them. `freeze` then sets the switches. For `lora`, it first adds the small matrices. (It merges
# those of an earlier call; see *LoRA*, below.)
#
# You write `PATTERN` yourself. In it, a dot matches any character, so put a backslash before a literal dot. In the
# second cell, the variable `PATTERN` includes `train:`; `s?` and `[Nn]` let it fit encoders with other names.

# %%
import math
import re

from helpers.encoder import add_lora, merge_lora
from helpers.freezing import check_strategy, lora_parts


def layer_number(name):
    if re.search(r"\b(pooler|final_norm)\b", name):
        return math.inf
    layer = re.search(r"layers?\.(\d+)\.", name)
    return int(layer[1]) if layer else -1


def trains(strategy, name):
    if strategy.startswith("first-"):
        return layer_number(name) >= int(strategy.removeprefix("first-"))
    if strategy.startswith("train:"):
        return bool(re.search(strategy.removeprefix("train:"), name))
    if strategy.startswith("lora:"):
        return ".lora_" in name
    return strategy == "none" or (strategy == "bias-only" and name.endswith("bias"))


# %%
def freeze(model, strategy):
    check_strategy(model, strategy)
    merge_lora(model)
    if strategy.startswith("lora:"):
        add_lora(model, *lora_parts(strategy))
    for name, parameter in model.named_parameters():
        in_encoder = name.startswith(f"{model.base_model_prefix}.")
        parameter.requires_grad = not in_encoder or trains(strategy, name)
    return model


last = model.config.num_hidden_layers - 1
PATTERN = rf"train:layers?\.{last}\..*[Nn]orm"  # yours may be another
parameter_map(freeze(model, PATTERN), PATTERN)

# %% [markdown]
# Change the pattern and look again. If it matches nothing, you get an error (from `check_strategy`) instead of a model
# that silently trains only its head. Here, `layer.5.bias` matches nothing because the module's name stands between:
# `layer.5.output.dense.bias`. The second cell counts what each strategy trains.

# %% tags=["nbval-check-output"]
try:
    freeze(model, "train:layer.5.bias")
except ValueError as error:
    print(str(error).partition(" Names")[0])

# %%
import pandas as pd

from helpers.freezing import trainable_parameters

encoder_names = [name for name, _ in model.base_model.named_parameters()]
has_biases = any(name.endswith("bias") for name in encoder_names)
BIASES = "bias-only" if has_biases else "train:[Nn]orm"  # ModernBERT has none
STRATEGIES = ["head-only", f"first-{last}", f"first-{last - 2}", BIASES, "lora:8",
              PATTERN, "none"]
counted = {name: trainable_parameters(freeze(model, name)) for name in STRATEGIES}
counts = pd.DataFrame({name: table[["parameters", "trainable"]].sum()
                       for name, table in counted.items()}).T
counts.assign(share=(counts["trainable"] / counts["parameters"]).round(5))

# %%
anew = trainable_parameters(freeze(experiment.new_model(0), BIASES))
assert anew.equals(counted[BIASES])

# %% [markdown]
# **Check.** `freeze` sets every switch, whatever was frozen before: a new model gives the same counts.
#
# ## Going deeper: Freeze by index
#
# ### Trap: the first 165 parameters
#
# A popular snippet freezes the first 165 tensors. The number comes from `bert-base`. (On torch's *meta* device, a model
# has no weights, so it takes no memory.)

# %% tags=["nbval-check-output"]
import torch
from transformers import AutoModelForSequenceClassification, BertConfig

with torch.device("meta"):
    base = AutoModelForSequenceClassification.from_config(BertConfig())
tensors = [name for name, _ in base.named_parameters()]
in_embeddings, in_layer = (sum(part in name for name in tensors)
                           for part in ("embeddings.", "layer.0."))
print(f"{in_embeddings} + 10 x {in_layer} = {in_embeddings + 10 * in_layer}")
print("the last of the first 165:", tensors[164])
for count in (165, 80):
    for place, parameter in enumerate(model.parameters()):
        parameter.requires_grad = place >= count
    print(count, "cut off:", trainable_parameters(model)["trainable"].sum(), "train")

# %% [markdown]
# `bert-base` has five tensors of embeddings and sixteen per layer, so the cut falls exactly after the tenth of twelve
# layers. The last two lines are for this notebook's encoder: it has fewer than 165 tensors, so nothing trains, not even
# the head. At 80, the cut falls inside a layer.
#
# ## LoRA: add a little, train only that
#
# You'd like to change all attention matrices, but their gradients and Adam's averages don't fit in memory. LoRA freezes
# a matrix W and adds the product of two thin ones, B and A. With *rank* 8, B has 8 columns and A has 8 rows. B starts
# as zeros, so until you train, the model computes the same as before.
#
# `lora:8` adapts the attention matrices, `lora:8:query|value` only those that match the pattern. `freeze` uses the
# library *peft*; here you call it yourself. `LoraConfig` says which matrices get a pair. It also scales each pair: the
# product of B and A is multiplied by `lora_alpha / r`, where `r` is the rank. The task type `SEQ_CLS` makes the
# classifier trainable too. (It trains a copy of the classifier and keeps the original, so its total is 770 more than in
# our table.)
#
# In the map, each strip in a square is such a pair. The second cell trains for one step and saves an adapter: the
# pairs, the classifier, and a small configuration.

# %%
from helpers.encoder import linear_layers
from peft import LoraConfig, PeftModel, get_peft_model

attention = [name for name in linear_layers(freeze(model, "none")) if "att" in name]
config = LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, target_modules=attention)
adapted = get_peft_model(experiment.new_model(lesson.seed), config)
adapted.print_trainable_parameters()
parameter_map(freeze(model, "lora:8"), "lora:8")


# %%
from pathlib import Path

import torch

from helpers.runs import run_folder

batch = experiment.collator([experiment.train[row] for row in range(2)])
folder = run_folder(lesson, "adapter")
trained = [value for value in adapted.parameters() if value.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-2)
adapted(**batch).loss.backward()
optimizer.step()
adapted.save_pretrained(folder)
small = Path(folder, "adapter_model.safetensors").stat().st_size
whole = sum(value.nbytes for value in model.parameters())
lesson.expect("share of the adapter", small / whole, below=0.1)
print(f"adapter {small / 1e6:.2f} MB, whole model {whole / 1e6:.0f} MB")

# %% [markdown]
# To use the adapter, load it onto the encoder that it was trained on, with `PeftModel.from_pretrained`. Then
# `merge_and_unload` adds each product to its matrix and removes the pairs: you get a plain model, as fast as the
# original.
#
# ## Going deeper: Merge once
#
# ### Trap: an adapter added twice
#
# Suppose you keep a merged model, forget that it's merged, and load the adapter onto it again. You get no error.
# Compare the logits:

# %%
def logits(model):
    """Return the logits of `batch` in eval mode, (batch, classes)."""
    with torch.no_grad():
        return model.eval()(**batch).logits


loaded = PeftModel.from_pretrained(experiment.new_model(0), folder)
wanted = logits(loaded)
merged = loaded.merge_and_unload()
once = (logits(merged) - wanted).abs().max().item()
twice = PeftModel.from_pretrained(merged, folder)
moved = (logits(twice) - wanted).abs().max().item()

# %%
assert once < 1e-4 < moved
print(f"merged: logits differ by {once:.0e}; with the adapter again: by {moved:.2f}")

# %% [markdown]
# **Check.** Merging changes the logits only by rounding. If you add the adapter again, the same update counts twice.
# The file `adapter_config.json` stores the encoder's name, and whoever loads the adapter loads it onto the model of
# that name. So never save a merged model under the encoder's name: whoever loads the adapter would add it twice.
#
# ## Only what trains goes to the optimizer
#
# How much memory does freezing save? Each trained parameter has a gradient, and AdamW keeps two averages of it, all
# three as large as the parameter itself. `parameter_groups`, from lesson 04, takes only trainable parameters. The table
# shows what one step on two reviews leaves in memory. That's 12 bytes per trained parameter. If nothing is frozen,
# every parameter of the model counts.

# %%
from helpers.loop import parameter_groups


def optimizer_after_one_step(strategy):
    """Return AdamW over what a strategy trains, after one step on `batch`."""
    model = freeze(experiment.new_model(lesson.seed), strategy)
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=1e-4)
    model(**batch).loss.backward()
    optimizer.step()
    return optimizer


def megabytes(optimizer):
    """Return the size of gradients and of Adam's averages in MB."""
    held = [v.grad for group in optimizer.param_groups for v in group["params"]]
    held += [value for state in optimizer.state.values() for value in state.values()]
    return sum(tensor.nbytes for tensor in held) / 1e6


# %%
sizes = {name: megabytes(optimizer_after_one_step(name)) for name in STRATEGIES[:3]}
assert list(sizes.values()) == sorted(sizes.values())
pd.Series(sizes, name="gradients and averages, MB").round(2).to_frame()

# %% [markdown]
# ### Trap: frozen too late
#
# Must frozen parameters stay out of the optimizer? AdamW skips parameters without a gradient, so they seem harmless.
# But suppose that the optimizer already holds these parameters, and you freeze the model between `backward` and `step`.
# The gradient is still there:

# %%
model = freeze(experiment.new_model(lesson.seed), "none")
optimizer = torch.optim.AdamW(model.classifier.parameters(), lr=lesson.learning_rate)
end = list(model.base_model.parameters())[-2:]  # of the pooler, in this encoder
optimizer.add_param_group({"params": end})
model(**batch).loss.backward()
before = end[0].detach().clone()
freeze(model, "head-only")  # too late
optimizer.step()
shift = (end[0] - before).abs().max().item()
print(f"frozen weights moved by up to {shift:.0e}")
groups = parameter_groups(model, weight_decay=0.01)
kept = [value for group in groups for value in group["params"]]
assert shift > 0
assert not any(value is end[0] for value in kept)

# %% [markdown]
# **Check.** Frozen weights moved. So freeze first, and then create the optimizer from what trains: called now,
# `parameter_groups` leaves the frozen weights out.
#
# ## Frozen means `eval()` too
#
# ### Trap: frozen, and still in train mode
#
# A frozen layer has fixed weights. Does it give the same hidden states each time? Pass the same batch twice, in train
# mode, as in every training loop:

# %%
model = freeze(experiment.new_model(lesson.seed), "head-only")


def hidden_states(model):
    """Return what the encoder makes of `batch`, (batch, seq_len, hidden)."""
    with torch.no_grad():
        output = model.base_model(batch["input_ids"], batch["attention_mask"])
    return output.last_hidden_state


def pass_to_pass(model):
    """Return the largest difference of two passes, and the typical size of a value."""
    one, other = hidden_states(model), hidden_states(model)
    return (one - other).abs().max().item(), one.abs().mean().item()


model.train()
in_train_mode = pass_to_pass(model)
drops = [part for part in model.modules() if isinstance(part, torch.nn.Dropout)]
assert (in_train_mode[0] > 0) == any(drop.p for drop in drops)
"differ by up to {:.2f}; a typical value is {:.2f}".format(*in_train_mode)

# %% [markdown]
# They differ because dropout is on; `requires_grad` doesn't change that. So dropout in the frozen layers adds noise to
# what the head learns from. `eval()` switches dropout off, but the loop calls `model.train()` in each epoch, Trainer
# even in each step. So we replace `train`. The new one first calls the original, `type(self).train`. Then it sets all
# modules that are fully frozen back to eval mode, and with them the dropout inside. Modules that contain no parameters
# at all are skipped: the dropout before the head stays on.


# %%
from types import MethodType


def keep_frozen_in_eval(model):
    def train(self, mode=True):
        type(self).train(self, mode)
        for module in [*self.modules()][1:]:
            flags = [parameter.requires_grad for parameter in module.parameters()]
            if flags and not any(flags):
                module.eval()
        return self

    model.train = MethodType(train, model)
    return model.train()


# %%
keep_frozen_in_eval(model).train()
assert pass_to_pass(model)[0] == 0
assert any(drop.training for drop in drops)
assert not model.base_model.training

# %% [markdown]
# **Check.** In train mode, the encoder now gives the same states twice, and the dropout before the head is still on.
# For the head alone, that's what you want: the same states each time. If something trains further down (biases, LoRA),
# most published recipes keep dropout on in the frozen parts that come after it. In this course, it's off in every
# module that is frozen as a whole, for all strategies alike.
#
# ## Compute once what does not change
#
# Now the hidden states at the boundary are the same in every epoch and for every seed. Why compute them each time? The
# boundary is in front of the first layer in which anything trains:
#
# - `head-only` freezes all layers, so they have to run only once per row. (The pooler, after them, still runs each
#   time.)
# - `bias-only` trains few numbers, but some are in the embeddings. Everything after them changes, so it has no
#   boundary.
# - `lora:8` trains in every layer, so only the embeddings can be reused.
#
# The next section builds a cache for the lab, and proves that training from it gives the same weights within rounding.
#
# ### Going deeper: How the cache works
#
# Where is the boundary? `frozen_boundary` finds it from the names and the switches. (`layer_place` raises an error if
# the encoder has no list of layers.)
#
# `cache_frozen_features` runs the rows through the frozen part in eval mode, and keeps each row without its padding.
# One forward pass is enough for several boundaries: `stopping_at` stops it at the highest one, and collects the hidden
# states in front of each layer up to there. `labels` has one entry per row, or, for lesson 03's sentences, one per
# token.

# %%
from helpers.freezing import check_boundaries, layer_place, stopping_at


def frozen_boundary(model):
    layer_place(model)
    named = model.base_model.named_parameters()
    trained = [layer_number(name) for name, value in named if value.requires_grad]
    first = min(trained, default=math.inf)
    return None if first < 0 else min(first, model.config.num_hidden_layers)


{strategy: frozen_boundary(freeze(model, strategy)) for strategy in STRATEGIES}


# %%
def cache_frozen_features(
        model, dataset, collator, boundaries=None, batch_size=32, after_batch=None):
    check_boundaries(model, boundaries)
    boundaries = sorted([frozen_boundary(model)] if boundaries is None else boundaries)
    order = sorted(range(len(dataset)), key=lambda row: len(dataset[row]["input_ids"]))
    cached = {boundary: [None] * len(dataset) for boundary in boundaries}
    was_training = model.training
    model.eval()
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        batch = collator([dataset[row] for row in rows])
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        labels, mask = batch.pop("labels").cpu(), batch["attention_mask"].bool().cpu()
        with torch.no_grad(), stopping_at(model, boundaries[-1]) as states:
            model.base_model(**batch)
        for boundary in boundaries:
            for place, row in enumerate(rows):
                label = (labels[place] if labels.ndim == 1
                         else labels[place][mask[place]])
                kept = {"inputs_embeds": states[boundary][place].cpu()[mask[place]]}
                cached[boundary][row] = kept | {"labels": label}
        if after_batch:
            after_batch()
    model.train(was_training)
    return cached


# %% [markdown]
# `pad_features` is a collator: it pads hidden states, as lesson 01's collator pads ids. `starting_at` lets a model
# start at the boundary. Inside its `with` block, the layers below the boundary are gone. A `PassThrough`, which returns
# its input unchanged, takes the place of the embeddings. Another one ends the list of layers, which must not be empty.
# The states go in as `inputs_embeds`, the argument for vectors in place of ids.
#
# The parameters stay the *same* objects, so what you train inside is trained in the whole model. Freeze the model
# before the `with` block. Count its parameters and save it after the block, because inside it the front is missing, and
# the layers are numbered from 0.


# %%
from contextlib import contextmanager

from helpers import IGNORE_INDEX
from helpers.freezing import PassThrough, replaced
from torch.nn.utils.rnn import pad_sequence


def pad_features(rows):
    states, labels = ([row[name] for row in rows]
                      for name in ("inputs_embeds", "labels"))
    ones = [torch.ones(len(state), dtype=torch.long) for state in states]
    per_token = labels[0].ndim == 1
    return {
        "inputs_embeds": pad_sequence(states, batch_first=True),
        "attention_mask": pad_sequence(ones, batch_first=True),
        "labels": pad_sequence(labels, True, IGNORE_INDEX)
        if per_token else torch.stack(labels),
    }


@contextmanager
def starting_at(model, boundary):
    base, place = model.base_model, layer_place(model)
    names = [name for name, _ in base.named_children() if name.startswith("embeddings")]
    front = {(base, name): PassThrough() for name in names}
    layers = torch.nn.ModuleList([*getattr(*place)[boundary:], PassThrough()])
    with replaced(front | {place: layers}):
        yield model


# %%
few = experiment.train.select(range(8))
freeze(model, "head-only").eval()
places = [last - 2, last, last + 1]
kept = cache_frozen_features(model, few, experiment.collator, places)
with torch.no_grad():
    whole = model(**experiment.collator(list(few))).logits
    for boundary, rows in kept.items():
        with starting_at(model, boundary):
            part = model(**pad_features(rows)).logits
        gap = (whole - part).abs().max().item()
        print(f"boundary {boundary}: logits differ by up to {gap:.0e}")
        assert gap < 1e-5

# %% [markdown]
# **Check.** The logits from cached rows are those of the whole model, at each of these three boundaries.
#
# Is the training the same too? Train the last layer for one epoch, through the whole model and from the cache. This
# `fit` runs lesson 04's loop on both kinds of rows. With the same seed, both runs get the same head and batches. They
# also get the same dropout, because the frozen part no longer draws random numbers.

# %%
from contextlib import nullcontext

from helpers.loop import fit, load_batches
from helpers.runs import measured
from transformers import set_seed


def train_last_layer(rows, collator, boundary=None):
    """Return the model after an epoch on `rows`, and the seconds of training."""
    model = freeze(experiment.new_model(lesson.seed), f"first-{last}")
    keep_frozen_in_eval(model)
    set_seed(lesson.seed)
    loader = load_batches(rows, lesson.batch_size, collator, lesson.seed)
    start = nullcontext() if boundary is None else starting_at(model, boundary)
    with start, measured() as run:
        fit(model, loader, 1, lesson.part_learning_rate)
    return model, run.seconds


# %%
experiment.cache(range(last - 2, last + 2))  # for the cells below
whole, slow = train_last_layer(experiment.train, experiment.collator)
cached, fast = train_last_layer(experiment.cached(last)[0], pad_features, last)
pairs = zip(whole.parameters(), cached.parameters(), strict=True)
gap = max((one - other).abs().max().item() for one, other in pairs)
assert gap < 1e-4
whole = cached = None
print(f"weights differ by up to {gap:.0e}; {slow:.1f} s, from the cache {fast:.1f} s")
print(f"caching took {experiment.caching.seconds:.1f} s; the states at one boundary "
      f"take {experiment.megabytes(last):.0f} MB")

# %% [markdown]
# **Check.** The weights are the same within rounding. So you may score a strategy from the cache. For one epoch,
# caching costs more time than it saves. It pays when many epochs, seeds and strategies share it.
#
# ## The lab
#
# For each seed, `run_strategy` trains a new model, from the cache if there is a boundary, and scores it on reviews that
# it hasn't seen. The ledger keeps each run. (The same settings and seed replace an earlier run; with `again="add"`, both
# stay, and `repeat` counts them.)
#
# The score is *macro F1*, the mean of both classes' F1. By the F1 of the positive class alone, a model that calls every
# review good would get about 0.67 without learning anything.

# %%
from labs.freezing.lab import Lab

lab = Lab(experiment, lesson.settings)
first = lab.run_strategy(f"first-{last}")
first

# %% [markdown]
# Only the seed differs: look how far apart the scores are.
#
# ### One learning rate for all?
#
# Many comparisons train every strategy at the same small rate. That's unfair to the head, which starts from random
# weights. From the cache, the head trains in a moment, so try some rates:

# %%
rates = [lesson.learning_rate, 10 * lesson.learning_rate, lesson.head_learning_rate]
tried = pd.concat([lab.run_strategy("head-only", learning_rate=rate) for rate in rates])
table = tried.pivot_table(index="learning_rate", columns="seed", values="f1")
table.assign(mean=table.mean(axis=1)).round(3)

# %% [markdown]
# At the first rate, which suits training all layers, the head hardly learns in so few steps. At ten times that rate,
# the score may even be lower: a head that gives most rows the same label has a macro F1 near one third. It's still
# learning too slowly: with ten times as many epochs, it gets above 0.5.
#
# So in this lab, each kind of strategy has its own rate, chosen like this. `bias-only`, and a pattern that names only
# biases and norms, need two rates: a rate that suits the biases is too small for a new head, and one that suits the
# head is too large for the encoder. (Where whole layers train, they adapt even to a random head, so one small rate is
# enough.) AdamW takes both: `[{"params": biases, "lr": …}, {"params": head, "lr": …}]`. We chose these rates on the
# rows that we score on; for a result that matters, score on other rows.
#
# ### A panel
#
# This panel starts the same runs with the mouse: choose a strategy and press *Run*. *Stop* ends training after the
# current step; only finished runs are kept. To get new scores, add seeds. Meanwhile, run no other cell: it would share
# the run's random numbers, and change its score.

# %%
lab.panel()

# %% [markdown]
# ### A sweep
#
# Now the main comparison: a *sweep* trains every strategy with each seed. Training all of it here would take too long,
# so its runs come with the course: eight seeds per strategy, with the same settings as yours. `lab.sweep` adds your own
# runs; they replace stored runs with the same seed. It also trains strategies without stored runs, for example with
# another encoder.

# %%
from itertools import pairwise

from IPython.display import display as show

SWEEP = ["head-only", f"first-{last}", f"first-{last - 2}", BIASES, "lora:8", "none"]
sweep = lab.sweep(SWEEP)
groups = sweep.groupby("strategy", sort=False)
bands = groups.agg(seeds=("seed", "count"), trainable=("trainable", "first"),
                   seconds=("seconds", "mean"), worst=("f1", "min"),
                   mean=("f1", "mean"), best=("f1", "max"))
for lower, higher in pairwise(SWEEP[:3]):
    gap = bands.loc[higher, "mean"] - bands.loc[lower, "mean"]
    lesson.expect(f"mean F1 of {higher} minus that of {lower}", gap, above=0)
show(*lab.pictures())
bands.round(3)

# %% [markdown]
# **Check.** The mean F1 rises from the head alone to the last layer, and again to the upper three layers. The *band*
# reaches from the worst seed to the best. The seconds leave out the shared caching pass. In the pictures, the dotted
# line (Pareto front) joins the strategies that no other beats in both F1 and cost. Stored runs were timed earlier,
# maybe on another machine, so trust only large differences in seconds.
#
# Should you believe scores that somebody else measured? Run any of them again. Another processor rounds differently, so
# your score may differ from the stored one. It should be at most 0.03 outside the band.

# %%
AGAIN = f"first-{last - 2}"  # any strategy of SWEEP
found, band = lab.run_strategy(AGAIN, seeds=1)["f1"].item(), bands.loc[AGAIN]
lesson.expect(f"F1 of {AGAIN}", found, above=band.worst - 0.03, below=band.best + 0.03)
print(f"{AGAIN}: {found:.3f}; the band is {band.worst:.3f} to {band.best:.3f}")

# %% [markdown]
# ## Going deeper: Start each run anew
#
# ### Trap: the experiment that went on
#
# You train the last two layers and like the result. Then you freeze them in *the same model*, train the head further,
# and report the score as that of the head alone.

# %%
from helpers.loop import score

seed, size = lesson.seed, lesson.batch_size


def train_head(model):
    """Freeze the encoder, whatever it has been through; train the head; return F1."""
    keep_frozen_in_eval(freeze(model, "head-only"))
    train, held_out = (cache_frozen_features(model, rows, experiment.collator)[last + 1]
                       for rows in (experiment.train, experiment.evaluation))
    set_seed(seed)
    with starting_at(model, last + 1):
        loader = load_batches(train, size, pad_features, seed)
        accelerator = fit(model, loader, lesson.epochs, lesson.head_learning_rate)
        return score(accelerator, model, held_out, pad_features)


# %%
used = keep_frozen_in_eval(freeze(experiment.new_model(seed), f"first-{last - 1}"))
with starting_at(used, last - 1):
    loader = load_batches(experiment.cached(last - 1)[0], size, pad_features, seed)
    fit(used, loader, lesson.epochs, lesson.part_learning_rate)
new = experiment.new_model(seed)
# `used` has another last layer now
tops = [next(getattr(*layer_place(one))[-1].parameters()) for one in (used, new)]
assert not torch.equal(*tops)
went_on, afresh = train_head(used), train_head(new)
alone = lab.run_strategy("head-only", seeds=1)["f1"].item()  # the same run, in the lab
assert math.isclose(afresh, alone, abs_tol=1e-6)
used = new = None
print(f"head alone: {went_on:.3f} on the model of the run before, {afresh:.3f} afresh")

# %% [markdown]
# **Check.** The first score isn't that of a head alone, even if the two happen to be close: in that model, layers and
# head were already trained. That's why `run_strategy` loads the pretrained model again for each run, and sets the seed.
#
# ## What to conclude
#
# ### Trap: a seed for each strategy
#
# If you pick the seed per strategy, you can make almost any strategy win. In the first line below, one strategy wins;
# in the second line, the other.
#
# So look at the bands, and compare seed by seed: the same seed gives two strategies the same head and the same batches.

# %%
from itertools import combinations

by_seed = sweep.pivot(index="seed", columns="strategy", values="f1")
scores = by_seed.dropna().to_dict("list")
for one, other in [(f"first-{last - 2}", "none"), ("none", f"first-{last - 2}")]:
    best, worst = max(scores[one]), min(scores[other])
    print(f"{one} at its best {best:.3f}, {other} at its worst {worst:.3f}")
rows = []
for one, other in combinations(SWEEP, 2):
    gaps = [b - a for a, b in zip(scores[one], scores[other], strict=True)]
    same_sign = min(gaps) > 0 or max(gaps) < 0
    rows.append({"pair": f"{other} over {one}", "mean": sum(gaps) / len(gaps),
                 "least": min(gaps), "most": max(gaps),
                 "every seed": "yes" if same_sign else "no"})
tables.table(rows, "F1 of the first minus that of the second, seed by seed")

# %% [markdown]
# "Yes" means that the same strategy is ahead at every seed, and it's only a hint. "No" means that by this simple rule,
# these runs can't separate the two. If two strategies are equally good, luck decides who is ahead at each seed. With
# eight seeds, luck alone gives a "yes" in 1 of 128 cases; with three, far more often (exercise 6). Besides, all seeds
# share the same rows, and other rows may give another result.
#
# So after a "yes", say that one strategy looks better, on these rows and at these rates. Now you can answer your
# colleague: training only the top (the last layer, the pooler and the head) is much faster than training all, even if
# you count the caching pass. But nothing here says that it's *just as good*. Two strategies that this rule can't
# separate may still differ: on average, the last layer alone is a few hundredths behind. A test that also counts how
# large the gaps are (exercise 6) can see more than the rule. And training three layers looks better than training one.
#
# ### Going deeper: Until decided
#
# How many seeds are enough? You could add seeds until a test says that two strategies differ. But if you look after
# every seed, luck will show you a difference sooner or later. So `until_decided` tests only at a few numbers of seeds,
# which you choose beforehand: the `looks`. You allow a total risk of error, `level`, and it's divided equally among the
# looks. With `level=0.05`, it wrongly reports a difference between two equally good strategies on average in at most
# one of 20 comparisons.
#
# Each test asks the question of exercise 6: if you swap the two scores of each seed at random, how often is the gap at
# least as large as the one that you measured?

# %%
decision = lab.until_decided("head-only", f"first-{last}", level=0.05, looks=(8, 12))
print(decision)
print("report:", lab.report(run_folder(lesson, "report")))
decision.looks.round(4)

# %% [markdown]
# `p` is the share of swaps with such a gap, and must be at most `needed`. `gap` is the first strategy's mean minus the
# second's. Choose the pair and the looks before you see any scores (here you have seen them). If you compare many
# pairs, each brings its own risk.
#
# ### Going deeper: The classic comparison
#
# What changes with more rows? This is all of Rotten Tomatoes: 8,530 reviews, one epoch, batch size 16. The scores are
# the F1 of class 1 (good reviews), not macro F1. The second column has published scores of `bert-base-cased`, at
# learning rate 2e-5. For `bert-base-cased`, the row `first-5` has ten frozen layers of twelve, for ours five of six.
# The other columns are our encoder: three seeds, and a larger learning rate because the encoder is smaller. LoRA gets
# its own rate.

# %%
from helpers import runs

CLASSIC = {"none": 0.855, "first-5": 0.811, "head-only": 0.629}
ours = runs.bundled("strategies")
ours = ours[ours["track"] == "full"]
ranges = ours.groupby("run")["f1"].agg(["min", "mean", "max"])
assert ranges.loc[list(CLASSIC), "mean"].is_monotonic_decreasing
rows = [{"strategy": name, "bert-base-cased": CLASSIC.get(name, "–"), **band}
        for name, band in ranges.sort_values("mean").iloc[::-1].iterrows()]
tables.table(rows, "F1 of class 1; min, mean, max: ours")

# %% [markdown]
# **Check.** The scores fall in the order of `CLASSIC`, for our encoder too. With many rows, training all layers and
# LoRA are best, then comes the top of the encoder; the head alone is far behind. But a rate that suits all layers is
# unfair to the head, and three seeds are few.
#
# ## Exercises
#
# ### Exercise 1 · What does a pattern train? (easy, 5 minutes)
#
# From the names of all parameters of a BERT model, return those that `train:PATTERN` trains, in the order given.
# `pattern` comes without `train:`. Names of the encoder start with `bert.`; all others belong to the head, which always
# trains.


# %% tags=["exercise"]
def names_to_train(names: list[str], pattern: str) -> list[str]:
    """Return the names that train, in the order given."""
    ### BEGIN SOLUTION
    return [name for name in names
            if not name.startswith("bert.") or re.search(pattern, name)]
    ### END SOLUTION


# %%
import exercises

exercises.check(names_to_train)

# %% [markdown]
# <details><summary>Hint</summary><code>re.search</code> finds a pattern anywhere in a text, <code>re.match</code> only
# at its start.</details>
#
# ### Exercise 2 · How much memory does training hold? (easy, 10 minutes)
#
# `parts` lists the parts of a model as (number of parameters, whether they train). Every parameter is a float32 of four
# bytes. If it trains, it also has a gradient and Adam's two averages. Return the size of weights, gradients and
# averages together, in MB (a million bytes).


# %% tags=["exercise"]
def training_megabytes(parts: list[tuple[int, bool]]) -> float:
    """Return the size of weights, gradients and Adam's averages in MB."""
    ### BEGIN SOLUTION
    return sum(count * (16 if trains else 4) for count, trains in parts) / 1e6
    ### END SOLUTION


# %%
exercises.check(training_megabytes)

# %% [markdown]
# <details><summary>Hint</summary>Four bytes for each parameter, and three times four more for each that trains.</details>
#
# This leaves out the hidden states that are kept for `backward`. Does freezing save those too?
#
# <details><summary>Answer</summary>It saves those below the boundary, where <code>backward</code> ends. Above it most
# are kept, even for frozen parts, because gradients pass through them.</details>
#
# ### Exercise 3 · How many parameters does LoRA add? (easy, 10 minutes)
#
# `shapes` lists the matrices that LoRA adapts as (rows, columns). Each gets a matrix A with `rank` rows and as many
# columns as the adapted matrix, and a matrix B with as many rows as the adapted matrix and `rank` columns. Return how
# many parameters LoRA adds in all.


# %% tags=["exercise"]
def lora_parameters(shapes: list[tuple[int, int]], rank: int) -> int:
    """Return how many parameters LoRA adds to matrices of these shapes."""
    ### BEGIN SOLUTION
    return sum(rank * (rows + columns) for rows, columns in shapes)
    ### END SOLUTION


# %%
exercises.check(lora_parameters)

# %% [markdown]
# <details><summary>Hint</summary>B has <code>rows * rank</code> numbers, A has <code>rank * columns</code>.</details>
#
# Which rank would add as many parameters to a matrix of 384 × 384 as it already has?
#
# <details><summary>Answer</summary>192, because <code>192 * (384 + 384)</code> is <code>384 * 384</code>. Usual ranks are 4
# to 64.</details>
#
# ### Exercise 4 · Find the boundary from names (medium, 15 minutes)
#
# No model this time, only (name, `requires_grad`) of each parameter, with names as above. Return how many layers, from
# the first on, are completely frozen. If no layer trains, return the number of layers; if an embedding trains, return
# `None`.


# %% tags=["exercise"]
def frozen_layers(parameters: list[tuple[str, bool]]) -> int | None:
    """Return the frozen boundary of a BERT model from names and switches."""
    ### BEGIN SOLUTION
    layers = {}
    for name, trained in parameters:
        if "embeddings." in name and trained:
            return None
        if match := re.search(r"\.layer\.(\d+)\.", name):
            layers.setdefault(int(match[1]), []).append(trained)
    moving = [layer for layer, flags in layers.items() if any(flags)]
    return min(moving, default=len(layers))
    ### END SOLUTION


# %%
exercises.check(frozen_layers)

# %% [markdown]
# <details><summary>Hint</summary>Which is the first layer in which anything trains? If there is none, all are frozen.
# Compare layers as numbers: as text, 10 comes before 2.</details>
#
# ### Exercise 5 · What does a sweep cost? (medium, 20 minutes)
#
# Measure the cost in *layer passes*: one pass is the forward computation of one layer for one row. `backward` through a
# layer costs two more, and it ends at the boundary. (Where the matrices are frozen, as with `bias-only` and LoRA, it
# costs about one; here, count two.) `boundaries` has one entry per strategy, `None` if nothing is frozen at the front.
# Every strategy trains for `epochs` with each of `seeds` seeds. Return two numbers for one row of the data: the passes
# of the plain sweep and of the cached one, forward and backward together. In the plain sweep, every run computes all
# layers forward in each epoch. In the cached sweep, the layers up to the highest boundary are computed once for the
# whole sweep, and each run computes only the layers above its own boundary.


# %% tags=["exercise"]
def sweep_passes(layers: int, boundaries: list, epochs: int, seeds: int) -> tuple:
    """Return the layer passes of a row in a plain sweep and in a cached one."""
    ### BEGIN SOLUTION
    starts = [boundary or 0 for boundary in boundaries]
    plain = sum(layers + 2 * (layers - start) for start in starts)
    cached = sum(3 * (layers - start) for start in starts)
    return plain * epochs * seeds, cached * epochs * seeds + max(starts)
    ### END SOLUTION


# %%
exercises.check(sweep_passes)

# %% [markdown]
# <details><summary>Hint</summary>A strategy whose boundary is <code>None</code> costs three passes per layer in both
# sweeps.</details>
#
# Then put in the boundaries of this lesson's sweep, with two epochs and eight seeds. How much does the cache save? And
# without `none`?
#
# <details><summary>Answer</summary>1,062 instead of 1,280 passes, 17% less; without <code>none</code> 774 instead of 992,
# 22% less. The more layers a strategy trains, the less a cache helps.</details>
#
# ### Exercise 6 · How much of it is luck? (a small project, 30 minutes)
#
# Two strategies were scored with the same seeds, and the scores are whole numbers. If they were equally good, you could
# swap the two scores of any seed. So swap them in every possible way. With three seeds there are eight ways, counting
# the one without any swap. For each way, compute the absolute difference between the two sums of scores. Return the
# share of ways in which it is at least as large as the one you saw.


# %% tags=["exercise"]
def luck(first: list[int], second: list[int]) -> float:
    """Return the share of swaps with a gap at least as large as the one seen."""
    ### BEGIN SOLUTION
    sums = [0]
    for one, other in zip(first, second, strict=True):
        sums = [total + gap for total in sums for gap in (one - other, other - one)]
    return sum(abs(total) >= abs(sums[0]) for total in sums) / len(sums)
    ### END SOLUTION


# %%
exercises.check(luck)

# %% [markdown]
# <details><summary>Hint</summary>A swap changes the sign of a seed's difference.
# <code>itertools.product((1, -1), repeat=...)</code> gives all ways to set the signs.</details>
#
# `scores` has a list for each strategy of the sweep. Multiply the scores by 1,000, round them, and apply `luck` to two
# of the lists. What is the smallest share that three seeds can give? How many seeds do you need for one below 0.05?
# Which strategies do the eight seeds of the sweep tell apart?
#
# <details><summary>Answer</summary>The smallest is 2 of 8. You need six seeds: 2 of 64 is 0.03. Each pair with a <em>yes</em>
# in the table of pairs gets 2 of 256; a <em>no</em> may be below 0.05 too.</details>
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Freeze by name, never by index, and refuse a pattern that matches nothing.
# - Freeze first, then create the optimizer from what trains.
# - Frozen means `eval()` too, and the loop must not undo it.
# - Compute what is frozen at the front once, and check that nothing changed.
# - LoRA trains small pairs of matrices. Merge them only once.
# - Start each run from the pretrained model. Give all strategies the same seeds, but each its own rate.
# - Compare seed by seed, and say so if the runs can't separate two strategies.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Frozen* (freeze, freezes, freezing, unfreeze, unfreezes): of a parameter that keeps its value while others train.
# - *Trainable*: of a parameter that the optimizer changes.
# - *Freezing strategy* (strategy): which parameters are frozen and which train.
# - *Layer*: one of the similar parts of an encoder that change the vectors of all tokens, one after another.
# - *Hidden state*: the vector of a token after a layer.
# - *Boundary*: the place in the encoder up to which everything is frozen.
# - *Overfit* (overfitting): learn the training rows by heart, and get no better on others.
# - *Embeddings* (embedding): the first part of an encoder, a table with one vector per entry of the vocabulary.
# - *Attention*: the part of a layer in which a token takes in information from the others.
# - *Norm* (layer norm): a small part of a layer that keeps its vectors at a similar scale.
# - *Bias*: a vector of parameters that is added to the result of a matrix or a norm.
# - *Pooler*: a matrix of the encoder for the hidden state of `[CLS]` alone, between the layers and the head.
# - *Macro F1*: the mean of the F1 of each class, so that all classes count alike.
# - *LoRA*: low-rank adaptation; a frozen matrix gets the product of two thin trained matrices added.
# - *Rank*: how thin LoRA's matrices are: the number of rows of A and of columns of B.
# - *Sweep*: runs of every combination, here of strategies and seeds.
# - *Band*: from the score of the worst seed to that of the best.
#
# Next: [07 · Classify from few examples with SetFit](07_classify_from_few_examples_with_setfit.ipynb), where a handful
# of rows must do.
