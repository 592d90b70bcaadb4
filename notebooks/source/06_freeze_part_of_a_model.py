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
# **What you'll do.** Choose by name which part of a model trains, compute the rest only once, and compare choices fairly.
#
# **What you'll learn**
# - freeze the encoder, some layers, all but the biases, or what you like
# - show what trains, what the optimiser holds, and what dropout still does in a frozen layer
# - cache hidden states where the frozen part ends, and prove that nothing changes
# - compare strategies over seeds, and say when they cannot be told apart
#
# **What you'll need.** Lessons 01 and 04. 140 minutes of reading and exercises. The notebook runs in a bit more than
# a minute on two CPU cores and needs 1.5 GB of memory.

# %%
from helpers import course, tables

lesson = course.start("06")
lesson

# %% [markdown]
# **Words first.** A *frozen* parameter keeps its value; a *trainable* one is changed by the optimiser. A *strategy* says
# which is which. An encoder is a stack of *layers*, each of which changes the vectors of all tokens. *Hidden states* are
# the vectors, one a token, that a layer hands to the next. The *boundary* is the place in the encoder up to which
# everything is frozen.
#
# Why freeze? What does not train needs no gradient and no room in the optimiser, and what lies before it need not be
# computed twice. With few rows a smaller choice of parameters may also *overfit* less, that is, learn less by heart.
# Whether it does is a question to be measured, and measuring is what this lesson is about.
#
# ## What a model is made of
#
# The task is lesson 01's: film reviews, good or bad. `experiment` holds what all runs of this lesson share: the tokenised
# rows, the collator, and where a new model comes from. Here is such a model. Each square is a module; its area tells how
# many parameters it has, its colour whether they train.

# %%
from labs.freezing.experiment import load_experiment
from labs.freezing.pictures import parameter_map

experiment = load_experiment(lesson)
model = experiment.new_model(lesson.seed)
parameter_map(model, "a new model")

# %% [markdown]
# Its *embeddings*, a table with a vector for each entry of the vocabulary, are half of this encoder. The layers are alike:
# four matrices for *attention*, by which a token takes in what the others hold, two larger ones for the feed-forward part,
# which works on each token alone, and two small *norms*, which keep the vectors' size in bounds. A *bias* is a vector that
# is added after a matrix. The *pooler*, a matrix for the state of `[CLS]` alone, belongs to the encoder; only the
# classifier is new.
#
# ## Freeze by name
#
# The optimiser sees no map. To it a model is a list of tensors, and only their names tell where each belongs.
# `requires_grad` is the switch: where it is off, `backward` computes no gradient. First by hand, for the embeddings and
# the first layer:

# %%
for name, parameter in model.named_parameters():
    if "embeddings." in name or "layer.0." in name:
        parameter.requires_grad = False
parameter_map(model, "by hand")

# %% [markdown]
# The strategies that people compare have short names, and `trains` says what each means for one parameter of the
# encoder. `layer_number` reads a layer from a name; what stands before the layers counts as -1, what stands behind as
# infinity:
#
# | strategy | what trains, beside the head |
# |---|---|
# | `none` | everything: nothing is frozen |
# | `head-only` | nothing |
# | `first-K` | all but the embeddings and the first K layers |
# | `bias-only` | the biases (known as BitFit) |
# | `train:PATTERN` | every parameter in whose name the regular expression is found |
# | `lora:RANK` | small matrices added beside the attention matrices: *LoRA*, low-rank adaptation |
#
# The last one is free: you write the pattern. A dot in it stands for any sign, so a dot that is meant has a
# backslash before it; `s?` is an s or none, `[Nn]` either letter: encoders name their parts differently. (`check_strategy`,
# out of sight, refuses what makes no sense.)

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
# Change the pattern and look again. With `bias-only`, a strip in a square is the part of it that trains. A pattern that is
# found nowhere is an error, not a model that quietly trains its head alone. Below it all strategies in numbers:

# %% tags=["nbval-check-output"]
try:
    freeze(model, "train:layer.5.bias")
except ValueError as error:
    print(str(error).partition(" Names")[0])

# %%
import pandas as pd

from helpers.freezing import trainable_parameters

STRATEGIES = ["head-only", f"first-{last}", f"first-{last - 2}", "bias-only", "lora:8",
              PATTERN, "none"]
counted = {name: trainable_parameters(freeze(model, name)) for name in STRATEGIES}
counts = pd.DataFrame({name: table[["parameters", "trainable"]].sum()
                       for name, table in counted.items()}).T
counts.assign(share=(counts["trainable"] / counts["parameters"]).round(5))

# %%
anew = trainable_parameters(freeze(experiment.new_model(0), "bias-only"))
assert anew.equals(counted["bias-only"])

# %% [markdown]
# **Checkpoint.** `freeze` sets every switch, so it does not matter what was frozen before: a new model gives the same counts.
# The head always trains.
#
# ### Trap: the first 165 parameters
#
# Much-copied code freezes by index: the first 165 tensors of the list. Where does the number come from? From
# `bert-base`. Built on torch's *meta* device it has names and shapes but no weights, so that nothing is downloaded:

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
# Five tensors of embeddings, then sixteen per layer: in `bert-base` the cut falls behind the tenth layer of twelve, which is what was
# meant. The last two lines make the same cut in the encoder of this notebook.
#
# Cut at 165, nothing trains where the model has fewer tensors than that: with six layers even the head is frozen. Cut at
# 80, "about half", the end falls into the middle of a layer. `first-5` says what is meant, for any model that has
# layers.
#
# ## LoRA: add a little, train only that
#
# You want to change every attention matrix, but you have no memory to train them all. LoRA freezes a
# matrix W and adds the product of two thin ones, B and A. With *rank* 8, B has 8 columns and A has 8 rows. B starts with
# zeros, so the model computes the same as before until you train.
#
# The strategy `lora:8` adapts the attention matrices; `lora:8:query|value` would adapt only those that the pattern
# names. `freeze` uses the library *peft*, and outside this course you call it yourself. `LoraConfig` says which matrices
# get a pair, and how strongly the pair counts: its product is multiplied by `lora_alpha / r`. The task type adds the
# classifier to what trains.
#
# A strip in a square of the map is such a pair. Train them for one step, so that it differs from the start, and save it. `save_pretrained` of a peft model writes the adapter: what
# was added, the classifier, and a small configuration. The encoder isn't in it, because everyone can get that again.

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
size = Path(folder, "adapter_model.safetensors").stat().st_size
whole = sum(value.nbytes for value in model.parameters())
assert size < whole / 10
print(f"adapter {size / 1e6:.2f} MB, whole model {whole / 1e6:.0f} MB")

# %% [markdown]
# To use an adapter, load it onto the encoder that it was trained on. `merge_and_unload` adds each product to its matrix and
# removes the pairs: you get a plain model that is as fast as the original.
#
# ### Trap: an adapter added twice
#
# Somebody saves the merged model, and later loads the adapter onto it again, to be sure. Nothing complains. Compare the logits:

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
# **Checkpoint.** Merging changes nothing but rounding. Added again, the same update counts twice, and the model is another one.
# So keep the adapter and the name of its encoder together (`adapter_config.json` holds it), and never save a merged model under the encoder's name.
#
# ## Only what trains goes to the optimiser
#
# AdamW keeps two averages for each number it changes, a gradient comes to that, and all three are as large as the
# parameter itself. `parameter_groups`, from lesson 04, takes trainable parameters only. After one step on two reviews:

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
pd.Series(sizes, name="gradients and averages, MB").round(2).to_frame()

# %% [markdown]
# ### Trap: frozen too late
#
# Must frozen parameters really stay out? AdamW leaves alone what has no gradient. But think of a model that trains for
# a while, is *then* frozen, and goes on with the same optimiser. A gradient that was computed before is still there:

# %%
assert list(sizes.values()) == sorted(sizes.values())
model = freeze(experiment.new_model(lesson.seed), "none")
optimizer = torch.optim.AdamW(model.classifier.parameters(), lr=lesson.learning_rate)
end = list(model.base_model.parameters())[-2:]  # of the pooler, in this encoder
optimizer.add_param_group({"params": end})
model(**batch).loss.backward()
before = end[0].detach().clone()
freeze(model, "head-only")  # too late
optimizer.step()
moved = (end[0] - before).abs().max().item()
print(f"frozen weights moved by up to {moved:.0e}")

# %%
groups = parameter_groups(model, weight_decay=0.01)
kept = [value for group in groups for value in group["params"]]
assert (moved > 0, any(value is end[0] for value in kept)) == (True, False)

# %% [markdown]
# **Checkpoint.** Frozen weights moved. Freeze first, make the optimiser afterwards, and give it what trains: then it
# cannot touch the rest. And the fewer parameters train, the less memory it takes.
#
# ## Frozen means `eval()` too
#
# ### Trap: frozen, and still in train mode
#
# A frozen layer has fixed weights. Does it give the same hidden states each time? Two passes over the same batch, in
# train mode, as in every training loop:

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
"differ by up to {:.2f}; a typical value is {:.2f}".format(*in_train_mode)

# %% [markdown]
# They differ, since dropout is on: `requires_grad` has nothing to do with it. "Frozen" states that change at every
# pass cannot be kept, and the head trains on noise that nobody asked for. `eval()` switches dropout off; but the loop
# calls `model.train()` each epoch, and Trainer at each step, which switches it on again. So we change what `train` does:
# a module all of whose parameters are frozen stays in eval mode.


# %%
def keep_frozen_in_eval(model):
    def train(mode=True):
        type(model).train(model, mode)
        for module in model.modules():
            flags = [parameter.requires_grad for parameter in module.parameters()]
            if flags and not any(flags):
                module.eval()
        return model

    model.train = train
    return model.train()


# %%
keep_frozen_in_eval(model).train()
drops = [part for part in model.modules() if isinstance(part, torch.nn.Dropout)]
assert (in_train_mode[0] > 0, pass_to_pass(model)[0]) == (any(d.p for d in drops), 0)
assert (drops[-1].training, model.base_model.training) == (True, False)

# %% [markdown]
# **Checkpoint.** In train mode the encoder now says the same twice, and the dropout before the head is still on. (A few
# encoders, such as ModernBERT, come with a dropout of 0; those said the same before.)
#
# ## Compute once what does not change
#
# Now hidden states up to the boundary are the same in every epoch, for every seed. Whoever computes them again and again
# wastes most of the time. Where is the boundary? The switches tell: in front of the first layer of which anything trains.
# Where the embeddings train there is none, because everything behind them changes. (`layer_place` finds the list of layers,
# whatever the encoder calls it. ALBERT has none: its layers are one.)
#
# `bias-only` trains few numbers, but some of them sit in the embeddings: nothing can be kept. `cache_frozen_features`
# runs the rows through the frozen part, in eval mode, and keeps each row without its padding. One pass serves several
# boundaries; `stopping_at` ends it at the highest, and collects what goes into each layer.

# %%
from helpers.freezing import layer_place


def frozen_boundary(model):
    layer_place(model)
    named = model.base_model.named_parameters()
    trained = [layer_number(name) for name, value in named if value.requires_grad]
    first = min(trained, default=math.inf)
    return None if first < 0 else min(first, model.config.num_hidden_layers)


{strategy: frozen_boundary(freeze(model, strategy)) for strategy in STRATEGIES}


# %%
from helpers.freezing import check_boundaries, stopping_at


def cache_frozen_features(
        model, dataset, collator, boundaries=None, batch_size=32, after_batch=None):
    check_boundaries(model, boundaries)
    boundaries = sorted(boundaries or [frozen_boundary(model)])
    order = sorted(range(len(dataset)), key=lambda row: len(dataset[row]["input_ids"]))
    cached = {boundary: [None] * len(dataset) for boundary in boundaries}
    was_training = model.training
    model.eval()
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        batch = collator([dataset[row] for row in rows])
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        labels, mask = batch.pop("labels"), batch["attention_mask"].bool()
        with torch.no_grad(), stopping_at(model, boundaries[-1]) as states:
            model.base_model(**batch)
        for boundary in boundaries:
            for place, row in enumerate(rows):
                kept = {"inputs_embeds": states[boundary][place][mask[place]].cpu()}
                cached[boundary][row] = kept | {"labels": labels[place].item()}
        if after_batch:
            after_batch()
    model.train(was_training)
    return cached


# %% [markdown]
# Two things are missing. A collator that pads such rows, as lesson 01's pads ids. And a model that starts at the
# boundary: for a while we put a `PassThrough`, which changes nothing, in place of the embeddings, and leave the frozen layers
# out; all else that the layers need, such as attention masks and positions, the model makes as ever. The parameters stay
# the *same* objects, so that what is trained inside is trained in the whole model. But freeze before, and count and save
# after: inside, the front is missing, and the layers are numbered from 0.


# %%
from contextlib import contextmanager

from helpers.freezing import PassThrough, replaced
from torch.nn.utils.rnn import pad_sequence


def pad_features(rows):
    states = [row["inputs_embeds"] for row in rows]
    lengths = torch.tensor([len(state) for state in states])
    padded = pad_sequence(states, batch_first=True)
    mask = torch.arange(padded.shape[1]) < lengths[:, None]
    labels = torch.tensor([row["labels"] for row in rows])
    return {"inputs_embeds": padded, "attention_mask": mask.long(), "labels": labels}


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
# **Checkpoint.** The logits from cached rows are those of the whole model, at every boundary of our strategies.
#
# Same logits, same gradients, same training? `fit` is lesson 04's loop with its optimiser and schedule. It takes cached
# rows as well as others. We train the last layer for an epoch, once through the whole model, once from the cache, with
# the same seed: the same head, the same batches, and the same dropout in what trains, for the frozen part no longer
# draws random numbers.
#
# **Checkpoint.** The weights are the same within rounding. So scores of cached runs are scores of the strategy, and
# every seed and every epoch from now on costs only what trains.

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
experiment.cache(range(last - 2, last + 2))  # all that the sweep below will need
whole, slow = train_last_layer(experiment.train, experiment.collator)
cached, fast = train_last_layer(experiment.cached(last)[0], pad_features, last)
pairs = zip(whole.parameters(), cached.parameters(), strict=True)
gap = max((one - other).abs().max().item() for one, other in pairs)
assert gap < 1e-4
model = whole = cached = None
print(f"weights differ by up to {gap:.0e}; {slow / fast:.1f} times faster")
print(f"caching took {experiment.caching.seconds:.1f} s, and a boundary takes "
      f"{experiment.megabytes(last):.0f} MB")

# %% [markdown]
# ## The lab
#
# From here on a strategy is one line. `run_strategy` builds a new model for each seed, trains it, from the cache where
# there is a boundary, scores it on reviews it has not seen, and appends the run to the ledger, which survives a restart
# of the kernel.
#
# The score is *macro F1*, the mean of both classes' F1. F1 of the positive class alone would be zero for a model that calls
# every review bad, and about 0.67 for one that calls every review good: too much luck for models that have seen so few
# rows.

# %%
from labs.freezing.lab import Lab

lab = Lab(experiment, lesson.settings)
first = lab.run_strategy(f"first-{last}")
first

# %% [markdown]
# One strategy, one rate, one number of epochs; only the seed differs. Look how far apart the scores are before you
# believe any comparison below.
#
# ### One learning rate for all?
#
# The classic comparison trains every strategy at the same small rate. That is unfair to the head: it starts from
# random weights and is alone. Through the cache a run of the head takes a moment, so let us try some rates.

# %%
rates = [lesson.learning_rate, 10 * lesson.learning_rate, lesson.head_learning_rate]
tried = pd.concat([lab.run_strategy("head-only", learning_rate=rate) for rate in rates])
table = tried.pivot_table(index="learning_rate", columns="seed", values="f1")
table.assign(mean=table.mean(axis=1)).round(3)

# %% [markdown]
# At the rate that suits all layers the head hardly moves in so few steps: its score is close to that of its random first
# weights, which is luck. Ten times the rate is still little, and may even end below. (A macro F1 of a third means one label
# for every row.) The table tells which of these rates taught the head most. A comparison at one rate would say more about
# the rate than about the head, so from here on each kind of strategy has its own, from the lesson's settings.
# (They were tuned like this, on validation rows. Where the answer matters, score on others.)
#
# ### A panel
#
# The same by mouse: choose a strategy, or write a pattern; set epochs, seeds, and a learning rate, or leave it to the
# settings; press *Run*. It trains in the background, and *Stop* ends it after the step under way. A finished run is kept,
# an unfinished one leaves nothing. What was run before with the same settings and seed is replaced, or stands beside the
# new run, as you choose. (The same seed gives the same score again, but other seconds; for another score take more
# seeds.) On a web page without a kernel you see nothing here; the plain calls below do the same.

# %%
lab.panel()

# %% [markdown]
# ### A sweep
#
# Now a *sweep*, the comparison that this lesson is about, by plain calls. Every strategy is trained with each seed. The last
# two take most of the time: LoRA trains in every layer, and `none` has nothing to cache.

# %%
SWEEP = ["head-only", f"first-{last}", f"first-{last - 2}", "lora:8", "none"]
sweeps = {f"first-{last}": first,
          "head-only": tried[tried["learning_rate"] == rates[-1]]}
for strategy in SWEEP:
    if strategy not in sweeps:
        sweeps[strategy] = lab.run_strategy(strategy)
sweep = pd.concat([sweeps[strategy] for strategy in SWEEP], ignore_index=True)
groups = sweep.groupby("strategy", sort=False)
groups.agg(trainable=("trainable", "first"), seconds=("seconds", "mean"),
           worst=("f1", "min"), mean=("f1", "mean"), best=("f1", "max")).round(3)

# %%
from IPython.display import display as show

show(*lab.pictures())

# %% [markdown]
# A dot is a seed, the *band* reaches from the worst seed to the best, the line is the mean. The pictures show all that the
# ledger holds for these rows, also what you ran by the panel or last week. The seconds of strategies with a boundary leave
# out the caching pass, which all of them share and which was paid once, above.
#
# ### Trap: the experiment that went on
#
# One more slip, and the commonest in notebooks, because a notebook keeps its variables. Somebody trains the last two
# layers, is content, freezes them in *the same model*, trains the head on, and writes the result down as that of the head
# alone.

# %%
from helpers.loop import score

seed, size = lesson.seed, lesson.batch_size


def train_head(model):
    """Freeze the encoder, whatever it has been through; train the head; return F1."""
    keep_frozen_in_eval(freeze(model, "head-only"))
    train, held_out = (cache_frozen_features(model, rows, experiment.collator)[last + 1]
                       for rows in experiment.whole)
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
tops = [next(getattr(*layer_place(one))[-1].parameters()) for one in (used, new)]
assert not torch.equal(*tops)
went_on, afresh = train_head(used), train_head(new)
alone = sweeps["head-only"].set_index("seed").loc[seed, "f1"]
assert math.isclose(afresh, alone, abs_tol=1e-6)
used = new = None
print(f"head alone: {went_on:.3f} on the model of the run before, {afresh:.3f} afresh")

# %% [markdown]
# **Checkpoint.** The two figures may lie far apart, or close by luck. Either way the first is no score of a head alone: it
# stands on layers that the run before has trained, and its head did not start anew. `run_strategy` therefore starts each
# run from the checkpoint and seeds it: the run "afresh" is the sweep's, to the last digit.
#
# ## What to conclude
#
# ### Trap: a seed for each strategy
#
# The other half of the slip is to compare at different seeds. Whoever may choose a seed for each strategy can often have
# the answer he likes: the first lines below take the best seed of one and the worst of the other, then the other way
# round.
#
# Look at the bands first, and compare seed by seed: the same seed gives two strategies the same head and the same batches.
# For each pair of strategies: is one ahead at every seed?

# %%
from itertools import combinations

scores = {name: group["f1"].tolist() for name, group in groups}
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
tables.table(rows, "F1 ahead, seed by seed")

# %% [markdown]
# A pair with "no" cannot be told apart by these runs. A pair with "yes" is a hint, no proof: if two strategies were
# equally good, each of three gaps would fall to either side by luck, and in two of eight cases all to the same. It would
# take six seeds for a chance of one in 32. (Exercise 6 does this properly, and the size of the gaps counts there too.)
# What is more, all seeds share the training rows and the validation rows; other rows are another source of luck.
#
# So what may one say? Of a pair with "no": nothing but that these runs cannot tell. The benchmark of the bundled reviews
# ([data/README.md](../data/README.md)), with all training rows, could not either: there the upper three layers score as
# all six do, within the seeds. Of a pair with "yes": that it looks so, on these rows, at these rates. How far apart two
# strategies are, and at what price in seconds, says more than which one is on top.
#
# ### Until decided
#
# How many seeds are enough? You could add seeds until a test says that two strategies differ. But if you look after every seed, luck
# will give you a difference sooner or later. `until_decided` looks only four times, after 8, 12, 16 and 24 seeds, and each look may use
# a quarter of the risk that you allow: with `level=0.05`, two equal strategies are told apart in at most one of 20 comparisons.
#
# Each look asks exercise 6's question: if you swap the two scores of each seed at random, how often is the gap at least as large?
# Runs that the ledger already holds aren't repeated.

# %%
decision = lab.until_decided("head-only", f"first-{last}", level=0.05)
print(decision)
print("report:", lab.report(run_folder(lesson, "report")))
decision.looks.round(4)

# %% [markdown]
# The panel has a button for it, too. The report is one page to take home, with table, plots, settings and versions; beside it lies
# a CSV file for your spreadsheet.
#
# ### The classic comparison
#
# On all of Rotten Tomatoes (8,530 reviews), one epoch, batch 16. Left the published figures of `bert-base-cased`, learning
# rate 2e-5 for all three; its middle row is the cut at 165 from above, `first-10` of twelve layers. Right the encoder of
# this course over three seeds, `first-5` of six layers in the middle, with one rate for all three, larger because the
# encoder is smaller. These runs come with the course (`make bench BENCH=classic_freezing`), all but those of `none` through
# the cache.
#
# **Checkpoint.** With enough rows the classic order comes back: all layers, then the top of the encoder, then the head
# alone, which is far behind. Look at the bands of the first two before you call the one better.

# %%
from helpers import runs

CLASSIC = {"none": 0.855, "first-5": 0.811, "head-only": 0.629}
ours = runs.bundled("classic_freezing")
bands = ours.groupby("run")["f1"].agg(["min", "mean", "max"])
means = bands.loc[list(CLASSIC), "mean"]
assert means.is_monotonic_decreasing
rate = ours["settings"][0]["learning_rate"]
rows = [{"strategy": name, "bert-base-cased": figure, **bands.loc[name]}
        for name, figure in CLASSIC.items()]
tables.table(rows, f"F1 of class 1; min, mean, max: ours, learning rate {rate:g}")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · What does a pattern train? (easy, 5 minutes)
#
# Given the names of all parameters of a BERT model and a pattern, return the names that `train:PATTERN` trains, in the
# order given. Names of the encoder start with `bert.`; all others belong to the head, which trains whatever the pattern.


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
# `parts` lists parts of a model as (number of parameters, whether they train). Every parameter is a float32 of four
# bytes. One that trains has a gradient beside it, and Adam's two averages. Return megabytes, of a million bytes each.


# %% tags=["exercise"]
def training_megabytes(parts: list[tuple[int, bool]]) -> float:
    """Return the size of weights, gradients and Adam's averages in MB."""
    ### BEGIN SOLUTION
    return sum(count * (16 if trains else 4) for count, trains in parts) / 1e6
    ### END SOLUTION


# %%
exercises.check(training_megabytes)

# %% [markdown]
# <details><summary>Hint</summary>Four bytes for each parameter; three times four more for each that trains.</details>
#
# What is missing is what a batch needs, the hidden states that `backward` wants to see again. Does freezing save those
# too?
#
# <details><summary>Answer</summary>Those below the boundary: <code>backward</code> ends there. Above it most are kept, also
# of parts that are frozen, because gradients pass through them.</details>
#
# ### Exercise 3 · How many parameters does LoRA add? (easy, 10 minutes)
#
# `shapes` lists the matrices that LoRA adapts as (rows, columns). Each gets a matrix A of `rank` rows and as many columns as
# its matrix, and a matrix B of as many rows as its matrix and `rank` columns. Return how many parameters are added in all.


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
# A matrix of 384 × 384: which rank would add as many parameters as the matrix itself has?
#
# <details><summary>Answer</summary>192: then <code>192 * (384 + 384)</code> is <code>384 * 384</code>. Ranks in use are 4 to 64.</details>
#
# ### Exercise 4 · Find the boundary from names (medium, 15 minutes)
#
# No model this time: only (name, `requires_grad`) of each parameter, with names as above. Return how many leading layers
# are wholly frozen, all of them where no layer trains, or `None` where an embedding trains.


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
# <details><summary>Hint</summary>Which is the first layer of which anything trains? Where there is none, all are
# frozen. Make numbers of the layers' numbers: as a text, 10 comes before 2.</details>
#
# ### Exercise 5 · What does a sweep cost? (medium, 20 minutes)
#
# Count in *layer passes* of one row. Forward, a layer costs 1; backward it costs 2, and `backward` ends at the boundary,
# since nobody asks for gradients below. `boundaries` holds one for each strategy, `None` where nothing is frozen in front.
# Every strategy is trained for `epochs` with each of `seeds` seeds. Return the passes of the plain sweep, which runs all
# layers forward each time, and of the cached one, with its one caching pass up to the highest boundary.


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
# <details><summary>Hint</summary>A strategy whose boundary is <code>None</code> costs three passes a layer both ways.
# The caching pass comes once, whatever the epochs and seeds.</details>
#
# Then put in the boundaries of this lesson's sweep. How much would it have cost without a cache? And with
# `none` left out? The longer a strategy's own training takes, the less a cache helps: it is for strategies that differ
# near the top.
#
# ### Exercise 6 · How much of it is luck? (a small project, 30 minutes)
#
# Two strategies, each with a score for the same seeds, in whole points. If they were equally good, each seed's two scores
# might as well have been swapped. So swap them in every possible way (for three seeds there are eight, no swap included)
# and look at the gap between the two sums, whichever way it points. Return the share of ways in which the gap is at
# least as large as the one that was seen.


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
# <details><summary>Hint</summary>A swap turns the sign of a seed's difference.
# <code>itertools.product((1, -1), repeat=...)</code> gives all ways to set the signs.</details>
#
# Apply it to `scores` of the sweep, times 1,000 and rounded. What is the smallest share that three seeds can give? How
# many seeds do you need for one below 0.05? Run the head and the last layer with so many, which the cache makes cheap,
# and judge again.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Freeze by name, never by place; refuse a pattern that is found nowhere.
# - Freeze first, then make the optimiser, of what trains.
# - Frozen means `eval()` too, and the loop must not undo it.
# - What is frozen in front is the same for every epoch and seed: compute it once, and prove that nothing changed.
# - Each run starts from the checkpoint with its own seed; each strategy gets a rate that suits it.
# - Read bands, compare seed by seed, and say so when the runs cannot tell.
#
# **The classic run.** The full track takes all rows of Rotten Tomatoes and `bert-base-cased` for an epoch; the comparison
# above has its published figures.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Frozen* (freeze, freezes, freezing, unfreeze, unfreezes): of a parameter that keeps its value while others are trained.
# - *Trainable*: of a parameter that the optimiser changes.
# - *Freezing strategy* (strategy): which parameters are frozen and which train.
# - *Layer*: one of the like parts of an encoder, through which the vectors of all tokens go in turn.
# - *Hidden state*: the vector of a token between two layers.
# - *Boundary*: the place in the encoder up to which everything is frozen.
# - *Overfit* (overfitting): learn the training rows by heart, and get no better on others.
# - *Embeddings* (embedding): the first part of an encoder, a table with a vector for each entry of the vocabulary.
# - *Attention*: the part of a layer by which a token takes in what the others hold.
# - *Norm* (layer norm): a small part of a layer that keeps the size of its vectors in bounds.
# - *Bias*: a vector of parameters that is added after a matrix.
# - *Pooler*: a matrix of the encoder for the hidden state of `[CLS]` alone, between encoder and head.
# - *Macro F1*: the mean of the F1 of each class, so that all classes count alike.
# - *LoRA*: low-rank adaptation; a frozen matrix gets the product of two thin trained matrices added.
# - *Rank*: how thin LoRA's matrices are: the number of rows of A and of columns of B.
# - *Sweep*: a run of every combination, here of strategies and seeds.
# - *Band*: from the score of the worst seed to that of the best.
#
# Next: [07 · Classify from few examples with SetFit](07_classify_from_few_examples_with_setfit.ipynb), where a handful of
# rows must do.
