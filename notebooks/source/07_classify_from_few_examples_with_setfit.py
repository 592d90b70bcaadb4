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
# # 07 · Classify from few examples with SetFit
#
# You want to sort texts into two classes, and have labeled sixteen of them. If you fine-tune a whole encoder on so few
# rows, it learns them by heart and still gets about four in ten new texts wrong. Can you do better without labeling
# more?
#
# **What you'll do.** Train a classifier of film reviews from a handful of labeled rows.
#
# **What you'll learn**
# - turn a few rows into pairs, and count the pairs before you train on them
# - train an encoder on pairs, and look at its embeddings before and after
# - compare it with a head alone and with full fine-tuning, on the same rows
# - classify without any labeled rows, from the names of the classes
# - save a classifier without a pickle, and explain why
#
# **What you'll need.** Lesson 01. 125 minutes of reading and exercises. The notebook runs in about a minute on two
# CPU cores and needs 1.5 GB of memory.

# %%
from helpers import course, data, encoder, fewshot, plots, tables

lesson = course.start("07")
lesson

# %% [markdown]
# *SetFit*, a recipe and a library, is made for few labeled texts. It first trains the encoder on pairs of texts, then
# fits a head on top.
#
# **Words first.** SetFit calls the encoder the *body*. The body turns each text into a vector, the *embedding* of the
# text. The head is a small classifier that reads this vector. *k per class* means k labeled rows of each class. The
# *cosine similarity* of two embeddings is 1 if they point in the same direction, 0 at a right angle, and −1 if they
# point in opposite directions.
#
# ## A handful of rows
#
# `sample_dataset` shuffles the rows with a seed and takes the first k of each class.

# %%
from setfit import sample_dataset

reviews = data.load(lesson.dataset)
few = sample_dataset(reviews["train"], num_samples=lesson.per_class, seed=lesson.seed)
tables.random_rows(few, count=4, seed=lesson.seed)

# %% [markdown]
# **Check.** Count what you got: if a class has fewer than k rows, `sample_dataset` takes what there is and doesn't
# tell you. `fewshot.columns` returns the texts and labels of three parts: our training rows, validation rows to compare
# settings, and test rows for the final score.

# %%
from collections import Counter

names = reviews["train"].features["label"].names
texts, labels = fewshot.columns(few, reviews, lesson.evaluation_rows, lesson.seed)
assert Counter(labels["train"]) == {0: lesson.per_class, 1: lesson.per_class}

# %% [markdown]
# ## The baseline: a head on the frozen encoder
#
# What do you get if the encoder stays *frozen*, that is, if its weights don't change?
#
# The body is a sentence encoder from `sentence-transformers`, trained to give texts of similar meaning similar
# embeddings. The head is scikit-learn's *logistic regression*: it multiplies each number of an embedding by a weight
# and turns the sum into a probability. `SetFitModel.from_pretrained` loads both by name, but that isn't safe, as you'll
# see below. So build the model from its two parts:

# %%
import torch
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel
from sklearn.linear_model import LogisticRegression


def new_model(checkpoint, labels, max_length, head=None):
    body = SentenceTransformer(checkpoint, model_kwargs={"dtype": torch.float32})
    body.max_seq_length = max_length
    head = LogisticRegression(max_iter=1000) if head is None else head
    return SetFitModel(model_body=body, model_head=head, labels=labels)


# %% [markdown]
# The cheapest classifier embeds each row once and fits only the head:

# %%
model = new_model(lesson.checkpoint, names, lesson.max_length)
before = {part: model.encode(texts[part]) for part in texts}
frozen_head = LogisticRegression(max_iter=1000)
_ = frozen_head.fit(before["train"], labels["train"])

# %% [markdown]
# Now score it.
#
# Why accuracy, and not F1 as in lesson 01? A classifier that always answers `pos` has learned nothing, but its F1 is
# 0.67, which looks good. Its accuracy is 0.5, the same as for guessing. The last number below, *frozen encoder*, is the
# score to beat.

# %%
from sklearn.metrics import accuracy_score, f1_score

truth = labels["test"]
always_pos = [1] * len(truth)
frozen = accuracy_score(truth, frozen_head.predict(before["test"]))
{"F1": f1_score(truth, always_pos), "accuracy": accuracy_score(truth, always_pos),
 "frozen encoder": frozen}

# %% [markdown]
# ## Pairs, by hand
#
# SetFit trains on *pairs of rows*, since there are many more pairs than rows. Four rows already make ten pairs, if each
# row is also paired with itself:

# %%
toy = ["The acting is superb.", "A plot I want to hear again.",
       "The acting is dreadful.", "A plot I could not follow."]
toy_labels = ["pos", "pos", "neg", "neg"]
tables.pairs(toy, toy_labels)

# %% [markdown]
# A 1 marks an *alike* pair, two rows with the same label. A 0 marks a *different* pair. These are the two *kinds*.
#
# The loss is the mean of (cosine similarity − mark)², where the mark is the pair's 1 or 0. So training moves each
# similarity toward its mark. What are the similarities before training? (These embeddings have length 1, so the dot
# product of two is their cosine.) The encoder groups texts by *topic*: in the table below, rows 1 and 3, both about
# acting, are close, although their opinions differ. We want it to group texts by opinion, good or bad.

# %%
import pandas as pd

toy_embeddings = model.encode(toy)
cosines = toy_embeddings @ toy_embeddings.T
lesson.expect("cosine of the same topic", cosines[0, 2], above=cosines[0, 1])
rows = [f"{number} {label}" for number, label in enumerate(toy_labels, start=1)]
pd.DataFrame(cosines, index=rows, columns=rows).round(2)

# %% [markdown]
# ## How many pairs: `count_pairs`
#
# Every pair costs training time, so count them before you start. A class of n rows has n · (n + 1) / 2 alike pairs,
# including each row with itself. Add these up over the classes: that is the number of alike pairs. The same formula,
# with n as the number of *all* rows, gives all pairs; the rest are different. Usually there are more of one kind than
# of the other:
#
# | `sampling_strategy` | pairs |
# |---|---|
# | `"unique"` | every pair once, unbalanced |
# | `"undersampling"` | as many of each kind as the rarer kind has |
# | `"oversampling"` (the default) | as many of each kind as the more common kind has; the rarer pairs repeat |
#
# `num_iterations` overrides all three: it makes rows × iterations pairs of *each* kind.


# %%
def count_pairs(labels, num_iterations=None, sampling_strategy="oversampling"):
    if len(set(labels)) < 2:
        raise ValueError(f"Only one class, {set(labels)}. Give rows of two.")
    if num_iterations:
        return num_iterations * len(labels) * 2
    alike = sum(size * (size + 1) // 2 for size in Counter(labels).values())
    different = len(labels) * (len(labels) + 1) // 2 - alike
    counts = {
        "unique": alike + different,
        "undersampling": 2 * min(alike, different),
        "oversampling": 2 * max(alike, different),
    }
    if sampling_strategy not in counts:
        raise ValueError(f"No strategy {sampling_strategy!r}: one of {list(counts)}.")
    return counts[sampling_strategy]


# %% [markdown]
# **Check.** SetFit's `ContrastiveDataset` makes exactly as many pairs as `count_pairs` returns, for three sets of
# labels. The second cell shows how their number grows with the rows.

# %%
from itertools import product
from setfit.sampler import ContrastiveDataset

kinds = ("unique", "undersampling", "oversampling")
draws = (toy_labels, labels["train"], labels["train"][:-3])
for rows, number, kind in product(draws, (None, 1, lesson.num_iterations), kinds):
    made = ContrastiveDataset(["text"] * len(rows), rows, False, number, kind)
    assert count_pairs(rows, number, kind) == len(made) == len(list(made))

# %%
tables.table(
    [{"rows per class": size, "num_iterations=20": count_pairs([0, 1] * size, 20)}
     | {kind: count_pairs([0, 1] * size, None, kind) for kind in kinds}
     for size in (4, 8, 16, 32, 64)])

# %% [markdown]
# With a strategy, twice as many rows give about *four* times as many pairs; with `num_iterations`, they give twice as
# many. If you have few rows, twenty iterations ask for more pairs than exist.
#
# ### Trap: `num_iterations` misread
#
# You set five iterations for sixteen rows. Does that make eighty pairs? Are they all different? If you also pass
# `"unique"`, do you get each pair only once? Count what you get:

# %%
rows = texts["train"], labels["train"], False, lesson.num_iterations
planned = lesson.num_iterations * len(few)
made, asked = list(ContrastiveDataset(*rows)), list(ContrastiveDataset(*rows, "unique"))
different = {frozenset((pair["sentence_1"], pair["sentence_2"])) for pair in made}
tables.table([{"planned": planned, "made": len(made), "with 'unique'": len(asked),
               "different pairs": len(different),
               "a row with itself": sum(len(pair) == 1 for pair in different)}])

# %% [markdown]
# You get twice as many pairs as planned, because every iteration makes as many alike pairs as there are rows, and as
# many different ones. SetFit takes the pairs from a shuffled list of all pairs, so one row may be in more pairs than
# another. Pairs repeat: when all pairs of a kind have been used, SetFit starts again from the first. And it silently
# ignores `"unique"`. An iteration isn't an epoch: in each epoch, SetFit trains on all of these pairs.
#
# So count pairs, batches and steps before you train:

# %%
import math

pairs = count_pairs(labels["train"], lesson.num_iterations)
steps = math.ceil(pairs / lesson.batch_size) * lesson.epochs
assert pairs == len(made) == len(asked) == 2 * planned > len(different)
reads = 2 * pairs * lesson.epochs / len(few)
print(f"{pairs} pairs, {steps} steps; a text is read {reads:.0f} times on average")

# %% [markdown]
# ## Train on the pairs
#
# SetFit has its own `Trainer` and `TrainingArguments`:
#
# | argument | what it does |
# |---|---|
# | `batch_size` | pairs per step; the encoder reads both texts of each |
# | `num_epochs` | passes over all pairs |
# | `body_learning_rate` | for the encoder; the default, 2e-5, is too small for a small encoder and few steps |
# | `report_to` | by default *every* logging service that is installed, such as Weights & Biases; `"none"` sends nothing |
# | `save_strategy` | by default, as in transformers, saves the model every 500 steps |
#
# You'll train several times, so write a function. It also frees the memory of each run:

# %%
import gc
from setfit import Trainer, TrainingArguments

fewshot.hide_pin_memory_warning()  # PyTorch warns even without a GPU


def train_setfit(model, rows, folder, seed, **settings):
    gc.collect()
    arguments = TrainingArguments(
        output_dir=folder, seed=seed, report_to="none", save_strategy="no",
        logging_steps=5, show_progress_bar=False, **settings,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=rows)
    trainer.train()
    state = trainer.st_trainer.state
    del trainer
    gc.collect()
    return state


# %% [markdown]
# `trainer.train()` does both parts: it trains the encoder on pairs, then fits the head on the new embeddings.
#
# **Check.** The run takes exactly the steps you counted. (SetFit logs the number of all pairs as *unique pairs*. As you
# saw, they repeat.) If SetFit leads by a few hundredths, that can be luck; *The crossover curve* below tells more.

# %%
from helpers.runs import measured, run_folder

folder = run_folder(lesson)
settings = {"num_iterations": lesson.num_iterations, "num_epochs": lesson.epochs,
            "batch_size": lesson.batch_size, "body_learning_rate": lesson.learning_rate}
model = new_model(lesson.checkpoint, names, lesson.max_length)
with measured() as run:
    state = train_setfit(model, few, folder, lesson.seed, **settings)

# %%
assert state.global_step == steps
after = {part: model.encode(texts[part]) for part in texts}
trained = accuracy_score(truth, model.model_head.predict(after["test"]))
print(f"SetFit: {trained:.3f} after {run.seconds:.0f} s; frozen encoder: {frozen:.3f}")

# %% [markdown]
# ## Embeddings before and after
#
# An embedding has hundreds of numbers, but a picture has two axes. *Principal component analysis* (PCA) finds the two
# directions in which points differ most. We fit it once, on all validation embeddings from before and after training,
# so both pictures share the same axes.
#
# How far apart are the two classes, in the training rows (outlined) and in the validation rows, which are new to the
# encoder? A picture of two directions can mislead, so the table uses whole embeddings. It shows a *gap*: the mean
# cosine of two rows of the same class, minus the mean cosine of two rows of different classes. 0 means fully mixed, 1
# is what training aims for.

# %%
import numpy as np
from sklearn.decomposition import PCA

both = {"before": before, "after": after}
plane = PCA(2).fit(np.vstack([part["validation"] for part in both.values()]))
views = {name: plane.transform(np.vstack([part["train"], part["validation"]]))
         for name, part in both.items()}

# %%
shown = labels["train"] + labels["validation"]
plots.embeddings(views, shown, names, train=len(few))

# %%
gaps = {part: {name: fewshot.separation(embeddings[part], labels[part])
               for name, embeddings in both.items()}
        for part in ("train", "validation")}
seen, unseen = gaps["train"], gaps["validation"]
lesson.expect("gap on training rows", seen["after"], above=seen["before"] + 0.2)
lesson.expect("gap on unseen rows", unseen["after"], below=seen["after"] / 2)
tables.table([{"rows": part} | gap for part, gap in gaps.items()])

# %% [markdown]
# The training rows have separated: the encoder knows *these* reviews by heart. New rows separated far less: it has
# learned only a little about reviews in general.
#
# ## The crossover curve
#
# With how many rows per class does SetFit beat the other methods? One sample can't tell you. A fair comparison needs
# several sizes, several samples per size, and the same rows for every method:
#
# - **logistic regression, frozen encoder**: the head alone;
# - **SetFit**: as above;
# - **full fine-tuning**: the recipe of lesson 01, for twenty epochs, because SetFit with `num_iterations=5` also reads
#   each row about twenty times.
#
# That takes over 20 minutes, so the results come with the course: three samples per size. The stars are your own runs.

# %%
from helpers import runs

bundled = runs.bundled("crossover")
runs.record("07", "SetFit", seed=lesson.seed, seconds=run.seconds,
            peak_mb=run.peak_mb, accuracy=trained)
mine = {"logistic regression, frozen encoder": frozen, "SetFit": trained}
live = [{"method": method, "per_class": lesson.per_class, "accuracy": score}
        for method, score in mine.items()]
plots.crossover(bundled, chance=0.5, live=live)

# %%
groups = bundled.groupby(["method", "per_class"], sort=False)["accuracy"]
means, spread = groups.mean().unstack(0), groups.agg(np.ptp).unstack(0)
means.join(spread.add_suffix(": spread")).round(3)

# %% [markdown]
# The *spread*, computed by `np.ptp`, is the best score of the three samples minus the worst.
#
# Read the lines first: at a crossover, one method overtakes another. With 4 and 8 reviews per class, SetFit leads
# on average. With 16, full fine-tuning has almost caught up, and with 32 it is ahead on average.
#
# Now look at the dots. Three samples are too few to say where exactly the lines cross: at 32, full fine-tuning is ahead
# only because of one sample. Two samples of one method are often as far apart as two methods. Besides, with 424 test
# rows every score is uncertain by about 0.05.
#
# What should you do with your own data? Start with the head on the frozen encoder, and with class names alone (*No
# labeled rows at all*, below): both cost next to nothing. SetFit adds only a few hundredths of accuracy to the head
# alone. With a few dozen rows per class, try full fine-tuning too.
#
# ## Going deeper: The same seed, the same result?
#
# Does the same seed at least give the same result twice? It decides the order of the batches and what dropout drops. It
# does *not* decide the pairs: SetFit shuffles those with a fixed seed of its own. Try three very short runs, two with
# the same seed. The output is the largest difference between two runs, over all numbers of the embeddings:


# %%
def short_run(seed):
    """Return the embeddings of the training rows after a very short training."""
    tried = new_model(lesson.checkpoint, names, lesson.max_length)
    rows = sample_dataset(reviews["train"], num_samples=2, seed=lesson.seed)
    train_setfit(tried, rows, folder, seed, **settings | {"num_iterations": 1})
    return tried.encode(texts["train"])


# %%
first, again, other = (short_run(lesson.seed + more) for more in (0, 0, 1))
same_seed, other_seed = np.abs(first - again).max(), np.abs(first - other).max()
print(f"same seed: {same_seed:.1e} apart, another seed: {other_seed:.1e} apart")
assert same_seed < 1e-3 < other_seed

# %% [markdown]
# On one machine's CPU, the two runs agree to the last bit. Another machine, or another number of threads, adds numbers
# in another order, so its results differ slightly.
#
# ## Going deeper: Code from older notebooks
#
# ### Trap: a workaround that switches evaluation off
#
# SetFit and transformers once had different names for the same argument. To satisfy both, older notebooks contain the
# line `args.eval_strategy = args.evaluation_strategy`. What does it do if you pass today's name, `eval_strategy`?

# %% tags=["nbval-check-output"]
arguments = TrainingArguments(eval_strategy="epoch", report_to="none")
arguments.eval_strategy = arguments.evaluation_strategy
print("from 'epoch' to", arguments.eval_strategy)

# %% [markdown]
# It silently switches evaluation off. Delete the line.
#
# ## Going deeper: A differentiable head
#
# Can the head and the encoder be trained together? scikit-learn fits logistic regression separately. SetFit's other
# head, `SetFitHead`, is a PyTorch layer. It is a *differentiable head*: gradients go through it and reach the encoder.
# Put one on the body of `model`, which you trained on the pairs above.
#
# You train it with `fit`:
#
# - With `end_to_end=False`, the default, `fit` freezes the body, trains the head and then *unfreezes* the body. If you
#   had frozen it yourself, it is unfrozen now. Dropout stays on, so the head sees each text slightly differently every
#   time.
# - With `end_to_end=True`, the body trains too, at the rate `body_learning_rate`. This is full fine-tuning from a good
#   start.
#
# **Check.** With `end_to_end=False`, the `fingerprint` of the body's weights, a key computed from all of them, doesn't
# change. With `True` it does, so the code trains a copy.

# %%
from setfit import SetFitHead
from transformers import set_seed

set_seed(lesson.seed)  # the new head starts with random weights
body, width = model.model_body, after["train"].shape[1]
head = SetFitHead(width, out_features=len(names), device=model.device)
two = SetFitModel(model_body=body, model_head=head, labels=names)
how = {"batch_size": lesson.batch_size, "head_learning_rate": lesson.head_learning_rate,
       "max_length": lesson.max_length, "show_progress_bar": False}

# %%
start = encoder.fingerprint(body)
two.fit(texts["train"], labels["train"], num_epochs=lesson.head_epochs, **how)
assert encoder.fingerprint(body) == start
said = two.predict(texts["test"], use_labels=False, as_numpy=True)
torch_head = accuracy_score(truth, said)
print(f"torch head: {torch_head:.3f}, logistic regression: {trained:.3f}")

# %%
from copy import deepcopy

moving = SetFitModel(model_body=deepcopy(body), model_head=deepcopy(head), labels=names)
end_to_end = {"end_to_end": True, "body_learning_rate": lesson.learning_rate}
moving.fit(texts["train"], labels["train"], num_epochs=1, **how, **end_to_end)
assert encoder.fingerprint(moving.model_body) != start
del moving

# %% [markdown]
# (`use_labels=False` gives the numbers of the classes instead of their names.) When is training both parts worth it?
# Perhaps with many rows; this lesson doesn't test it. With a handful of rows, use logistic regression: above, it's
# about as good as the torch head, and it has a single best solution and no learning rate to choose.
#
# ## No labeled rows at all
#
# What if you have no labels yet? The encoder knows words, and class names are words. So it can classify *zero-shot*,
# without any labeled row. `get_templated_dataset` puts each name into a sentence, the *template*, and these sentences
# become the training set. The first template below is the library's default; its `{}` is filled with the names from the
# data set, `neg` and `pos`. `num_iterations` makes pairs per row, so each sentence is copied a few times: more rows,
# more pairs. In the table below, the column *frozen* is the head alone; for the column *SetFit*, the encoder is trained
# first.

# %%
from setfit import get_templated_dataset

wordings = {"This sentence is {}": names, "This film is {}": ["terrible", "wonderful"]}
made_up = {template: get_templated_dataset(candidate_labels=words, template=template,
                                           sample_size=lesson.template_copies)
           for template, words in wordings.items()}
for rows in made_up.values():
    print(*sorted(set(rows["text"])), sep=" | ")


# %%
def zero_shot(rows, part="test"):
    """Return the accuracy of the head alone and of SetFit, trained on made-up rows."""
    tried = new_model(lesson.checkpoint, names, lesson.max_length)
    tried.model_head.fit(tried.encode(list(rows["text"])), list(rows["label"]))
    alone = accuracy_score(labels[part], tried.model_head.predict(before[part]))
    short = settings | {"num_iterations": lesson.template_iterations, "num_epochs": 1}
    train_setfit(tried, rows, folder, lesson.seed, **short)
    said = tried.predict(texts[part], use_labels=False, as_numpy=True)
    return {"frozen": alone, "SetFit": accuracy_score(labels[part], said)}


# %%
tried = {template: zero_shot(rows) for template, rows in made_up.items()}
sentence, film = (scores["frozen"] for scores in tried.values())
lesson.expect("accuracy by film templates", film, above=sentence + 0.1)
ours = {f"{lesson.per_class} per class": {"frozen": frozen, "SetFit": trained}}
tables.table([{"": name} | scores for name, scores in (tried | ours).items()])

# %% [markdown]
# The names in the data set are abbreviations, and with them the encoder does about as well as a coin flip. With two
# plain words it does far better: on this lesson's reviews, they even beat both methods with sixteen labeled reviews.
# Compare the columns, too: training on two sentences doesn't always help.
#
# A zero-shot score belongs to a model *and* a wording. To choose among wordings, you need some labeled rows after all:
# use the validation rows, as in exercise 5; we used the test rows only to compare with the methods above.
#
# ## Save without a pickle
#
# What does SetFit's `save_pretrained` write?

# %%
from pathlib import Path

own = run_folder(lesson, "saved-by-setfit")
model.save_pretrained(own)
sorted(path.name for path in Path(own).iterdir())

# %% [markdown]
# The body is in `model.safetensors`. A *safetensors* file contains only numbers and their description. The head is in
# `model_head.pkl`, a *pickle*. A pickle is a small program that rebuilds an object, and it may call any function on the
# way.
#
# ### Trap: a stranger's pickle
#
# Suppose you got this folder from somebody, with the pickle below. `__reduce__` tells Python which function to call
# when the pickle is loaded. This one only creates an empty file, but it could just as well read your passwords or
# delete your data.

# %%
import joblib


class Stranger:
    """An object whose pickle calls a function of its author's choice."""

    def __reduce__(self):
        return Path.touch, (Path(own, "a-stranger-was-here.txt"),)


marker = Path(own, "a-stranger-was-here.txt")
marker.unlink(missing_ok=True)
joblib.dump(Stranger(), Path(own, "model_head.pkl"))
head_of_the_stranger = SetFitModel.from_pretrained(own).model_head
assert marker.exists()
assert head_of_the_stranger is None

# %% [markdown]
# The file exists: `from_pretrained` ran the stranger's function, and didn't even notice that the result is `None`. The
# same happens if such a folder is on the Hub and you give its name.
#
# A logistic regression needs only two arrays: the weights, and a constant that is added to the weighted sum. They fit
# in a safetensors file like any other weights, with a little JSON for the classes. `save_head` writes them. `load_head`
# reads them, checks the shapes and never opens a pickle. So it refuses the stranger's folder, and no file appears.
#
# **Check.** The loaded classifier gives the same probabilities as the trained one, and its folder has no pickle.

# %%
from helpers.fewshot import load_head, save_head

kept = run_folder(lesson, "classifier")
model.model_body.save(kept, create_model_card=False)
save_head(model.model_head, names, kept)
print(Path(kept, "head.json").read_text())
marker.unlink(missing_ok=True)
try:
    load_head(own)
except ValueError as error:
    print("refused:", error)
assert not marker.exists()

# %%
kept_body, (kept_head, words) = SentenceTransformer(kept), load_head(kept)
classifier = SetFitModel(model_body=kept_body, model_head=kept_head, labels=words)
one, other = (m.predict_proba(texts["test"][:20]) for m in (model, classifier))
assert np.allclose(one, other, atol=1e-6)
assert not list(Path(kept).rglob("*.pkl"))

# %% [markdown]
# ## Your own sentences
#
# Put your own into `sentences`. The column *sure* is the probability that the head gives to its answer. Near 0.5, the
# head is guessing. Even with a higher number, the answer can be wrong.

# %%
sentences = ["I would watch it again tomorrow.", "The popcorn was the best part.",
             "Ninety minutes I will never get back."]
said = classifier.predict(sentences)
sure = classifier.predict_proba(sentences, as_numpy=True).max(axis=1)
tables.table([{"says": said[row], "sure": float(sure[row]), "text": text}
              for row, text in enumerate(sentences)])

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · Alike or different? (easy, 5 minutes)
#
# Any two rows make a pair. Return how many pairs are `alike` (both rows have the same label) and how many are
# `different`. SetFit also pairs each row with itself; leave these pairs out. If a kind has no pairs, its number is 0.


# %% tags=["exercise"]
def pair_counts(labels: list[str]) -> dict[str, int]:
    """Return how many pairs of two rows are alike, and how many are different."""
    ### BEGIN SOLUTION
    alike = sum(size * (size - 1) // 2 for size in Counter(labels).values())
    everything = len(labels) * (len(labels) - 1) // 2
    return {"alike": alike, "different": everything - alike}
    ### END SOLUTION


# %%
import exercises

exercises.check(pair_counts)

# %% [markdown]
# <details><summary>Hint</summary><code>itertools.combinations(labels, 2)</code> gives each pair once. Or use a
# formula: n rows make n · (n − 1) / 2 pairs.</details>
#
# ### Exercise 2 · What can you afford? (easy, 10 minutes)
#
# You have time for `steps` training steps. Return the largest `num_iterations` whose run fits, given the number of
# rows, the batch size and the number of epochs. Return 0 if not even one iteration fits. A last batch that isn't full
# is a step too.


# %% tags=["exercise"]
def affordable_iterations(rows: int, batch_size: int, epochs: int, steps: int) -> int:
    """Return the largest `num_iterations` whose run takes at most `steps` steps."""
    ### BEGIN SOLUTION
    batches = steps // epochs
    return batches * batch_size // (2 * rows)
    ### END SOLUTION


# %%
exercises.check(affordable_iterations)

# %% [markdown]
# <details><summary>Hint</summary>How many batches may an epoch have? How many pairs fit into them? How many pairs
# does one iteration make?</details>
#
# ### Exercise 3 · Draw k per class (easy, 10 minutes)
#
# `order` is a shuffled list of row numbers. Go through it and take the first `per_class` rows of each class. Return
# their numbers in the order in which you met them. If a class has too few rows, raise a `ValueError`.


# %% tags=["exercise"]
def draw_few(labels: list[str], order: list[int], per_class: int) -> list[int]:
    """Return the first `per_class` rows of each class, in the given order."""
    ### BEGIN SOLUTION
    taken, seen = [], Counter()
    for row in order:
        if seen[labels[row]] < per_class:
            taken.append(row)
            seen[labels[row]] += 1
    if len(taken) < per_class * len(set(labels)):
        raise ValueError(f"Fewer than {per_class} rows of a class: {seen}. Ask for fewer.")
    return taken
    ### END SOLUTION


# %%
exercises.check(draw_few)

# %% [markdown]
# <details><summary>Hint</summary>Keep a count for each class. At the end, compare with the number of classes among
# all labels.</details>
#
# ### Exercise 4 · The nearest centroid (medium, 15 minutes)
#
# Scale all embeddings to length 1 and take the mean of each class, its *centroid*. Give each new text the class whose
# centroid has the highest cosine similarity. `train` and `new` are NumPy arrays of the shapes `(rows, width)` and `(new
# rows, width)`.


# %% tags=["exercise"]
def nearest_centroid(train, labels: list[str], new) -> list[str]:
    """Return the class of the nearest centroid, by cosine, for each new embedding."""
    ### BEGIN SOLUTION
    def unit(rows):
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    classes = sorted(set(labels))
    owner = np.array(labels)
    centroids = np.stack([unit(train)[owner == name].mean(axis=0) for name in classes])
    best = (unit(new) @ unit(centroids).T).argmax(axis=1)
    return [classes[place] for place in best]
    ### END SOLUTION


# %%
exercises.check(nearest_centroid)

# %% [markdown]
# <details><summary>Hint</summary>The training rows and the centroids need length 1. (The length of a new row doesn't change which centroid is nearest.) The mean of vectors of length 1 is shorter than 1, by a different amount for each class.</details>
#
# When it is correct, try it with `before["train"]`, `labels["train"]` and `before["test"]`. Is it worth fitting a head?
# (In our run, it hardly was: 0.601 in place of 0.590.)
#
# ### Exercise 5 · More words, more templates (medium, 15 minutes)
#
# `words` maps each class to a list of words; a template has `{}` where the word goes. Return a list of `(text, class)`,
# class by class. Within a class, go word by word, and put each word into all templates. If a class has fewer words than
# the longest list, start again from its first word until it has as many as that list.


# %% tags=["exercise"]
def templated_rows(words: dict[str, list[str]], templates: list[str]) -> list[tuple]:
    """Return (text, class) of every word in every template, equally many per class."""
    ### BEGIN SOLUTION
    most = max(len(found) for found in words.values())
    return [
        (template.format(found[place % len(found)]), name)
        for name, found in words.items()
        for place in range(most)
        for template in templates
    ]
    ### END SOLUTION


# %%
exercises.check(templated_rows)

# %% [markdown]
# <details><summary>Hint</summary>Let <code>found</code> be the words of one class. While <code>place</code> counts 0, 1, 2, …, <code>place % len(found)</code> starts again at 0 after the last word.</details>
#
# When it is correct, build a data set from your own words: `datasets.Dataset.from_dict({"text": …, "label": …})`. The
# labels must be numbers: use `names.index(name)`. Score it with `zero_shot(rows, "validation")`. Try as many words as
# you like there, then score your final choice once on `test`.
#
# ### Exercise 6 · Is it really safetensors? (a small project, 30 minutes)
#
# A file's name proves nothing, so look at its bytes. A safetensors file has three parts:
#
# - Eight bytes: the length of the header, a whole number, lowest byte first.
# - The header, a JSON object. It maps each tensor's name to a dictionary; the tensors may come in any order. Each
#   dictionary's `data_offsets` are two positions, counted from the end of the header: where the tensor starts, and
#   where it ends (exclusive). The key `__metadata__` isn't a tensor.
# - The numbers. The file ends where the last tensor ends, or with the header if there are no tensors.
#
# Return whether `content` is such a file; check these three parts only. For any other bytes return `False`, and never
# raise an error.


# %% tags=["exercise"]
def is_safetensors(content: bytes) -> bool:
    """Return whether the bytes are a whole safetensors file and nothing else."""
    ### BEGIN SOLUTION
    import json

    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        return False
    try:
        header = json.loads(content[8 : 8 + size])
        ends = [entry["data_offsets"][1] for name, entry in header.items()
                if name != "__metadata__"]
        return max(ends, default=0) == len(content) - 8 - size
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return False
    ### END SOLUTION


# %%
exercises.check(is_safetensors)

# %% [markdown]
# <details><summary>Hint</summary><code>int.from_bytes(content[:8], "little")</code>. Don't look for signs of a
# pickle: there are too many kinds. Check for everything that a good file must have.</details>
#
# When it is correct, run it on the bytes of each file in `kept` (skip the folders), then on those of `Path(own,
# "model_head.pkl")`, the stranger's pickle.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Count the pairs first. With `num_iterations`, there are 2 × rows × `num_iterations`; with a strategy, the number
#   grows with the square of the rows.
# - The head on the frozen encoder, and class names alone, cost next to nothing. Try both first.
# - Compare methods on the same rows, over several samples. For balanced classes, use accuracy, and compare it with
#   guessing.
# - With 4 or 8 rows per class, SetFit is about five hundredths ahead of full fine-tuning on average, but not in every
#   sample. With 32, it no longer is.
# - Load numbers, not programs: this head is two arrays, and safetensors can hold them.
#
# **The classic run.** Published notebooks train `all-mpnet-base-v2`, which is about five times as large as our encoder.
# They train on 16 reviews per class from Rotten Tomatoes, mostly single sentences, for three epochs with
# `num_iterations=20`, which is 1,280 pairs per epoch. They report an F1 of 0.847. To run it, set `COURSE_TRACK=full`
# (lesson 00).
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *SetFit*: a recipe, and a library, for few labeled rows: train an encoder on pairs of rows, then fit a head.
# - *Embedding of a text* (embedding): the vector that an encoder gives for a whole text.
# - *Body*: SetFit's word for the encoder, which makes the embeddings.
# - *k per class*: k labeled rows of each class.
# - *Cosine similarity* (cosine): 1 for two vectors that point in the same direction, 0 for a right angle, −1 for
#   opposite directions.
# - *Logistic regression*: a classifier that turns a weighted sum of a vector's numbers into a probability.
# - *Pair of rows* (pairs of rows): two rows, or a row with itself; alike if they have the same label, different if they
#   don't.
# - *`num_iterations`*: how many pairs of each kind SetFit makes per row.
# - *Principal component analysis* (PCA): finds the directions in which vectors differ most.
# - *Spread*: the best score of several samples minus the worst.
# - *Zero-shot*: without any labeled row.
# - *Template*: a sentence with a gap for the name of a class.
# - *Differentiable head*: a head through which gradients reach the encoder.
# - *Pickle*: Python's format for objects. A pickle can run any code when it is loaded.
# - *Safetensors*: a file format that holds tensors and their description, and runs nothing.
# - *Centroid*: the mean of the vectors of a class.
#
# Next: [08 · Continue masked-LM pretraining](08_continue_mlm_pretraining.ipynb), where you train on texts without
# labels.
