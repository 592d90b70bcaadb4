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
# # 01 · Fine-tune a classifier with Trainer
#
# **What you'll do.** Train the encoder to tell good film reviews from bad ones, and find out how good it is and where
# it errs.
#
# **What you'll learn**
# - look at a data set before you train on it
# - tokenise, pad per batch, and say what padding costs
# - train and evaluate with `Trainer`, with a metric of your choice
# - read the mistakes
# - save the model, load it again and describe it
#
# **What you'll need.** Lesson 00. 85 minutes of reading and exercises. The notebook runs in about a minute on two CPU
# cores, most of it training, and needs 1.5 GB of memory.

# %%
from helpers import course

lesson = course.start("01")
lesson

# %% [markdown]
# **Words first.** An *example* is a row of the data set; the *collator* makes a batch of several. The head's raw scores,
# one per class, are called *logits*, and the *loss* measures how wrong they are. After each batch the *optimiser* changes
# the weights a little, so that the loss gets smaller: that is a *step*. An *epoch* is one pass over all training rows.
# *Trainer*, a class of the library transformers, does all this.
#
# ## Look at the data
#
# The reviews come in the schema of Rotten Tomatoes, the classic set for this task: a text, and a label that is `neg`
# or `pos`.

# %%
from helpers import data, plots, tables

reviews = data.load(lesson.dataset)
names = reviews["train"].features["label"].names
tables.random_rows(reviews["train"], count=4, seed=lesson.seed + 1)

# %% [markdown]
# Read them as a critic would. Irony, a change of mind half-way, a bleak plot in a film that somebody loved: this is
# where a model will go wrong, and reading now tells you what to look for later.
#
# The classic recipe draws a sample with `shuffle(seed=…).select(…)`. The shuffle is not cosmetic: in Rotten Tomatoes
# all positive rows come first, so the first thousand rows hold one class only.


# %%
def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


train = draw(reviews["train"], lesson.train_rows, lesson.seed)
validation = draw(reviews["validation"], lesson.evaluation_rows, lesson.seed)
test = draw(reviews["test"], lesson.evaluation_rows, lesson.seed)

# %% [markdown]
# Three parts, three jobs. We fit on the training rows, choose and tune on the *validation rows*, and look at the *test rows*
# once, at the end. Are the classes balanced?

# %%
import pandas as pd

parts = {"train": train, "validation": validation, "test": test}
pd.DataFrame(
    {part: pd.Series(rows["label"]).value_counts() for part, rows in parts.items()},
    index=range(len(names)),
).set_axis(names)

# %% [markdown]
# ## Tokenise
#
# The tokenizer cuts a text into pieces of its *vocabulary*, the list of all tokens it knows. A rare word becomes several
# pieces; `##` marks a piece that continues a word. Two *special tokens*, `[CLS]` and `[SEP]`, frame the text.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
tokenizer("An unfussy, heartfelt film.").tokens()

# %% [markdown]
# The model sees the ids of these tokens. *Truncation* cuts what is longer than `max_length`: memory on a small machine
# stays bounded, at the price of the end of every longer review.


# %%
def tokenize(examples, tokenizer, max_length):
    """Tokenise a batch of reviews, unpadded."""
    return tokenizer(examples["text"], truncation=True, max_length=max_length)


settings = {"tokenizer": tokenizer, "max_length": lesson.max_length}
encoded = {
    part: rows.map(tokenize, batched=True, remove_columns=["text"], fn_kwargs=settings)
    for part, rows in parts.items()
}
encoded["train"]

# %% [markdown]
# `map` with `batched=True` hands the function many rows at once, which is what a fast tokenizer is fast at.
# Reviews differ much in length. How many lost their end?

# %%
cut = sum(len(ids) == lesson.max_length for ids in encoded["train"]["input_ids"])
print(f"{cut} of {len(train)} training reviews reach {lesson.max_length} tokens")

# %% [markdown]
# ## Padding: to the maximum, or per batch
#
# The rows of a batch must be equally long, so short ones are padded. How long? Two answers, side by side: every row
# to a fixed maximum, or every row to the longest of *its* batch. 512 is the encoder's limit, which
# `padding="max_length"` takes when no other is given.

# %%
rows = {"input_ids": encoded["train"]["input_ids"][:8]}
fixed = tokenizer.pad(rows, padding="max_length", max_length=512, return_tensors="pt")
dynamic = tokenizer.pad(rows, padding="longest", return_tensors="pt")
plots.padding(
    {
        "padding='max_length'": fixed["attention_mask"],
        "padding per batch": dynamic["attention_mask"],
    }
)

# %% [markdown]
# Dark is text, light is padding.
#
# ### Trap: padding to the maximum
#
# Many published notebooks pad to the maximum in `map`, because it is one argument. Does the padding change the answer?
# Does it cost anything? Measure both with the model that we are about to train.

# %%
import torch
from transformers import AutoModelForSequenceClassification, set_seed

id2label = dict(enumerate(names))
label2id = {name: index for index, name in id2label.items()}


def new_model():
    """Return the pretrained encoder with a new head."""
    return AutoModelForSequenceClassification.from_pretrained(
        lesson.checkpoint, dtype=torch.float32, num_labels=len(names),
        id2label=id2label, label2id=label2id)


set_seed(lesson.seed)
model = new_model()

# %% [markdown]
# The report above is not an error. The encoder's weights were found; the head (`classifier`) is new, so its weights
# are random, and that is why we call `set_seed` before. `id2label` makes the saved model speak of `neg` and `pos`
# instead of `LABEL_0` and `LABEL_1`.

# %%
from helpers.runs import measured

model.eval()
with torch.no_grad(), measured() as fixed_run:
    fixed_logits = model(**fixed).logits
with torch.no_grad(), measured() as dynamic_run:
    dynamic_logits = model(**dynamic).logits
ratio = fixed_run.seconds / dynamic_run.seconds
print(f"padding to 512 took {ratio:.0f} times as long")

# %% [markdown]
# **Checkpoint.** The logits are the same within rounding, because `attention_mask` hides the padding. All the extra
# arithmetic bought nothing.

# %%
assert torch.allclose(fixed_logits, dynamic_logits, atol=1e-4)
assert fixed["input_ids"].numel() > dynamic["input_ids"].numel()

# %% [markdown]
# ### Padding per batch
#
# `DataCollatorWithPadding` pads a batch to its longest row when it is put together. How many positions do all batches
# hold, in the order of the rows and sorted by length?

# %%
from torch.utils.data import DataLoader
from transformers import DataCollatorWithPadding

collator = DataCollatorWithPadding(tokenizer)


def positions(rows):
    """Return the positions of all batches, padding included."""
    loader = DataLoader(rows, batch_size=lesson.batch_size, collate_fn=collator)
    return sum(batch["input_ids"].numel() for batch in loader)


sizes = [len(ids) for ids in encoded["train"]["input_ids"]]
by_length = encoded["train"].select(sorted(range(len(sizes)), key=sizes.__getitem__))
{"tokens": sum(sizes), "in order": positions(encoded["train"]),
 "sorted": positions(by_length), "to 512": 512 * len(sizes)}

# %% [markdown]
# One long review makes its whole batch wide, so padding per batch alone may save little. With reviews of similar length
# together hardly any padding is left; Trainer does that with `train_sampling_strategy="group_by_length"`.
#
# ## The arguments of a run
#
# `TrainingArguments` holds every choice of a run. These are the ones that matter here:
#
# | argument | what it does |
# |---|---|
# | `num_train_epochs` | passes over the training rows |
# | `per_device_train_batch_size` | examples per step and *device* (a GPU, or the processor) |
# | `learning_rate` | the *learning rate* is the size of a step; a new head on a pretrained encoder wants 1e-5 to 3e-4 |
# | `warmup_steps` | *warm-up*: the learning rate rises at the start; a number below 1 is a share of all steps |
# | `weight_decay` | *weight decay* pulls weights towards zero, a little |
# | `eval_strategy`, `logging_strategy` | when to evaluate and to note the loss: each epoch here |
# | `save_strategy` | when to write a checkpoint: never here, we save once at the end |
# | `report_to` | where to send curves; `"none"` sends nothing anywhere |
# | `dataloader_pin_memory` | faster copies to a GPU; off, since it warns where there is none |

# %%
from helpers.runs import run_folder
from transformers import TrainingArguments

arguments = TrainingArguments(
    output_dir=run_folder(lesson), seed=lesson.seed,
    num_train_epochs=lesson.epochs, learning_rate=lesson.learning_rate,
    per_device_train_batch_size=lesson.batch_size, per_device_eval_batch_size=16,
    warmup_steps=0.1, weight_decay=0.01, train_sampling_strategy="group_by_length",
    eval_strategy="epoch", logging_strategy="epoch", save_strategy="no",
    report_to="none", dataloader_pin_memory=False)

# %% [markdown]
# ## A Trainer without a metric
#
# What does Trainer tell if we give it no *metric*, no measure of right answers? Evaluate the untrained model.

# %%
from transformers import Trainer

shared = {"model": model, "args": arguments, "data_collator": collator,
          "train_dataset": encoded["train"], "eval_dataset": encoded["validation"],
          "processing_class": tokenizer}
Trainer(**shared).evaluate()

# %% [markdown]
# A loss, and nothing else. The loss of a model that knows nothing about two classes is about
# ln 2 ≈ 0.69, so this tells us that the head is untrained. It does not tell how many reviews are
# classified right. For that we need a metric.
#
# ## `compute_metrics`
#
# First by hand, on four made-up predictions. The *references* are the true labels to compare them with.

# %% tags=["nbval-check-output"]
from helpers.metrics import load_metric

accuracy, f1 = load_metric("accuracy"), load_metric("f1")
toy = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
accuracy.compute(**toy) | f1.compute(**toy)

# %% [markdown]
# Three of four are right: accuracy 0.75. *Precision* asks how many of the predicted positives are right: one of two, 0.5.
# *Recall* asks how many of the true positives were found: the only one, 1.0. *F1* is the harmonic mean of the two, so 0.67.
#
# These metrics are `evaluate` modules that ship with the course. `evaluate.load("accuracy")` gives the same, but
# downloads it from the Hub.
#
# Trainer calls a function of ours with the logits and labels of the whole evaluation set.


# %%
def compute_metrics(evaluation):
    """Return accuracy and F1 of an EvalPrediction; logits are (rows, classes)."""
    predictions = evaluation.predictions.argmax(axis=-1)
    answers = {"predictions": predictions, "references": evaluation.label_ids}
    return accuracy.compute(**answers) | f1.compute(**answers)


# %% [markdown]
# ### Trap: the argument in the singular
#
# Two slips are common enough to be worth seeing once. The first: the argument is `compute_metrics`, in the plural.

# %%
try:
    Trainer(**shared, compute_metric=compute_metrics)
except TypeError as error:
    print(error)

# %% [markdown]
# ### Trap: a metric loaded at every evaluation
#
# The second runs, slowly: loading the metric *inside* the function. It is then loaded again at every evaluation, from
# the Hub if it is not in the *cache*, the folder of what was downloaded before. Count it:


# %%
from functools import partial

from transformers.utils.notebook import NotebookProgressCallback


def reloading_metrics(evaluation, loaded):
    """The slip: load the metric at every call."""
    loaded.append(load_metric("accuracy"))
    predictions = evaluation.predictions.argmax(axis=-1)
    return loaded[-1].compute(predictions=predictions, references=evaluation.label_ids)


loaded = []
careless = Trainer(**shared, compute_metrics=partial(reloading_metrics, loaded=loaded))
careless.remove_callback(NotebookProgressCallback)
for _ in range(2):
    careless.evaluate()
print(f"two evaluations loaded the metric {len(loaded)} times")

# %% [markdown]
# ## Train
#
# Now for real. Watch the table grow, one line an epoch: the training loss falls; the validation loss falls, and may
# rise again while accuracy still improves, since a wrong answer given with confidence costs more and more. The model is
# built anew in the same cell: running it twice trains twice from the start.

# %%
set_seed(lesson.seed)
trainer = Trainer(**shared | {"model": new_model()}, compute_metrics=compute_metrics)
with measured() as run:
    trainer.train()
trainer.remove_callback(NotebookProgressCallback)
print(f"{run.seconds:.0f} s of training")

# %%
figures = ["loss", "eval_loss", "eval_f1"]
plots.curves(trainer.state.log_history, figures, "an epoch at a time")

# %% [markdown]
# ## How good is it?
#
# The test rows have played no part so far. Beside the score stands the baseline: always the commonest label of the
# training rows.

# %%
scores = trainer.evaluate(encoded["test"], metric_key_prefix="test")
commonest = pd.Series(train["label"]).mode()[0]
share = (pd.Series(test["label"]) == commonest).mean()
tables.table(
    [
        {"": "model", "accuracy": scores["test_accuracy"], "F1": scores["test_f1"]},
        {"": "baseline", "accuracy": float(share), "F1": "–"},
    ]
)

# %% [markdown]
# **Checkpoint.** The model is clearly better than the baseline and clearly not perfect.

# %%
lesson.expect("accuracy on test", scores["test_accuracy"], above=share + 0.05, below=1.0)

# %% [markdown]
# Keep the result. The *ledger* is a file of one line per run; it survives a restart of the kernel, so that you can
# compare runs next week. (`peak_mb` is the highest memory of the kernel so far.)

# %%
from helpers import runs

runs.record("01", "all layers", seed=lesson.seed, seconds=run.seconds,
            peak_mb=run.peak_mb, f1=scores["test_f1"])
runs.read("01")[["run", "track", "seed", "seconds", "peak_mb", "f1"]].round(3)

# %% [markdown]
# ## Read the mistakes
#
# A score says how many, not which. `predict` returns the logits of every row.
#
# ### Trap: predictions in another order
#
# With `group_by_length` Trainer groups the *evaluation* rows by length too, so that its predictions are not in the
# order of the data set. Scores do not mind; whoever looks up row 7 does. And we read mistakes on `validation`: whatever
# we change because of them would spoil `test`.

# %%
from copy import copy

trainer.args = copy(arguments)  # the arguments of the run stay as they are
grouped = trainer.predict(encoded["validation"]).label_ids.tolist()
trainer.args.train_sampling_strategy = "random"  # evaluation is then in order
prediction = trainer.predict(encoded["validation"])
assert grouped != list(validation["label"])
assert prediction.label_ids.tolist() == list(validation["label"])

# %% [markdown]
# ### The surest mistakes
#
# *Softmax* turns the logits of a row into probabilities. We look at the wrong answers that the model was surest of.

# %%
probabilities = torch.tensor(prediction.predictions).softmax(-1)
confidence, predicted = probabilities.max(-1)
wrong = (predicted != torch.tensor(prediction.label_ids)).nonzero().flatten()
surest = wrong[confidence[wrong].argsort(descending=True)][:5].tolist()
tables.table([{"said": names[predicted[row]], "truth": names[validation[row]["label"]],
               "sure": float(confidence[row]), "text": validation[row]["text"]}
              for row in surest])

# %% [markdown]
# Some have something in common: irony, praise of one part in a failed film, a verdict in the last clause, a review cut
# before its verdict. Each suggests another remedy, and none of them is *train longer*. Others are plain, and the model
# is wrong and sure of it. Compare the share of right answers among reviews read whole and among those cut:

# %%
sizes = torch.tensor([len(ids) for ids in encoded["validation"]["input_ids"]])
cut = sizes == lesson.max_length
right = predicted == torch.tensor(prediction.label_ids)
tables.table([{"reviews": name, "rows": int(rows.sum()),
               "right": right[rows].float().mean().item()}
              for name, rows in {"whole": ~cut, "cut": cut}.items() if rows.any()])

# %% [markdown]
# A gap does not prove that the cut made it. Long reviews are also the harder ones, and a score below one half means that
# the part the model *did* read pointed the wrong way. To tell the two apart, train again with a larger `max_length`,
# and compare the same rows. You know the price: memory and time.
#
# ## Save, load, use
#
# `save_model` writes weights, configuration and tokenizer into one folder, all that another program needs.
# (`training_args.bin` is a record of the arguments; nothing needs it.)

# %%
from pathlib import Path

folder = run_folder(lesson, "reviews-classifier")
trainer.save_model(folder)
sorted(path.name for path in Path(folder).iterdir())

# %% [markdown]
# A *pipeline* puts tokenizer, model and label names together. It reads the folder we have just written.

# %%
from transformers import pipeline

classify = pipeline("text-classification", model=folder)
classify(["I would watch it again tomorrow.", "Ninety minutes I will never get back."])

# %% [markdown]
# Check them: would you have answered the same? The score says how sure the model is, not how right.
#
# **Checkpoint.** The loaded model gives the answers of the trained one.

# %%
first = validation[0]["text"]
again = classify(first, truncation=True, max_length=lesson.max_length)[0]
assert again["label"] == names[predicted[0]]
assert abs(again["score"] - confidence[0].item()) < 1e-3

# %% [markdown]
# A model without a description is of little use to anybody, you in a month included. A *model card* says what it was
# trained on, how, how good it is, and what it is not for. Every figure below comes from this run.

# %%
card = f"""---
base_model: {lesson.encoder}
pipeline_tag: text-classification
---
# Film reviews, positive or negative

- Data: {len(train)} reviews ({lesson.source}).
- Training: {lesson.epochs} epochs, learning rate {lesson.learning_rate},
  seed {lesson.seed}, {run.seconds:.0f} s.
- {len(test)} test reviews: accuracy {scores["test_accuracy"]:.3f},
  F1 {scores["test_f1"]:.3f}.
- English film reviews only, cut at {lesson.max_length} tokens; read its mistakes
  before you rely on it.
"""
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · How many steps? (easy, 5 minutes)
#
# Trainer makes one optimiser step a batch. Return the number of steps of a whole run. The last batch of an epoch may
# be smaller and counts too.


# %% tags=["exercise"]
def training_steps(rows: int, batch_size: int, epochs: int) -> int:
    """Return the optimiser steps of a run without gradient accumulation."""
    ### BEGIN SOLUTION
    return -(-rows // batch_size) * epochs
    ### END SOLUTION


# %%
import exercises

exercises.check(training_steps)

# %% [markdown]
# <details><summary>Hint</summary><code>math.ceil(rows / batch_size)</code> batches make an epoch. Compare with
# <code>trainer.state.max_steps</code>.</details>
#
# ### Exercise 2 · Count the padding (easy, 10 minutes)
#
# Given the lengths of the rows in order and a batch size, return the share of padded positions when every batch is as
# wide as its longest row. `padding_share([2, 4], 2)` is 0.25: two of eight positions.


# %% tags=["exercise"]
def padding_share(lengths: list[int], batch_size: int) -> float:
    """Return the share of padding under padding per batch."""
    ### BEGIN SOLUTION
    positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        positions += max(batch) * len(batch)
    return 1 - sum(lengths) / positions
    ### END SOLUTION


# %%
exercises.check(padding_share)

# %% [markdown]
# <details><summary>Hint</summary>Cut the list into batches with slices. The last batch may be smaller.</details>
#
# ### Exercise 3 · What F1 is made of (medium, 10 minutes)
#
# Return a dictionary with the keys `tp`, `fp`, `fn`, `tn`. Class 1 is the positive class. A *false positive* is
# predicted 1 where the reference is 0.


# %% tags=["exercise"]
def confusion_counts(predictions: list[int], references: list[int]) -> dict[str, int]:
    """Return true and false positives and negatives."""
    ### BEGIN SOLUTION
    pairs = list(zip(predictions, references, strict=True))
    kinds = {"tp": (1, 1), "fp": (1, 0), "fn": (0, 1), "tn": (0, 0)}
    return {kind: pairs.count(pair) for kind, pair in kinds.items()}
    ### END SOLUTION


# %%
exercises.check(confusion_counts)

# %% [markdown]
# <details><summary>Hint</summary>Write the pair (prediction, reference) for each of the four kinds, then
# count.</details>
#
# ### Exercise 4 · The surest mistakes (a small project, 30 minutes)
#
# Given logits as an array `(rows, classes)`, of two classes or more, and the references, return the row numbers of the
# `count` wrong predictions with the highest probability, surest first. Where fewer are wrong, return those there are.


# %% tags=["exercise"]
def confident_mistakes(logits, references, count: int) -> list[int]:
    """Return the rows that were predicted wrong with the highest probability."""
    ### BEGIN SOLUTION
    probabilities = torch.tensor(logits).softmax(-1)
    confidence, predicted = probabilities.max(-1)
    wrong = [row for row in range(len(logits)) if predicted[row] != references[row]]
    return sorted(wrong, key=lambda row: -confidence[row])[:count]
    ### END SOLUTION


# %%
exercises.check(confident_mistakes)

# %% [markdown]
# <details><summary>Hint</summary>A high logit is not a high probability: softmax compares it with the others of its
# row.</details>
#
# Now the project. Use it on `prediction` above, read the ten surest mistakes, and give each a cause: irony, praise of a
# part, a late verdict, cut off, plain. Then read ten reviews that were answered right, drawn at random, and give them
# causes in the same way. Is your commonest cause really commoner among the mistakes? If it is not, it explains nothing.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Pad per batch. Padding to the maximum costs arithmetic and changes nothing.
# - A loss alone does not say how many answers are right. Give Trainer a `compute_metrics`, loaded once.
# - Score on rows that played no part, beside a baseline.
# - Read the surest mistakes before you turn any knob.
# - Save the folder, and write down what it is.
#
# **The classic run.** Published notebooks train `bert-base-cased` on 1,000 IMDB reviews drawn with
# `shuffle(seed=42).select(range(1000))`. IMDB's reviews are longer and more outspoken, so their figures do not compare
# with these. `COURSE_TRACK=full` trains the same checkpoint on 1,000 Rotten Tomatoes reviews.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Example*: a row of a data set.
# - *Collator*: the function that makes a batch of examples, and pads them.
# - *Logits* (logit): the head's raw scores, before softmax.
# - *Loss*: how wrong the logits are, as one number; training makes it smaller.
# - *Optimiser* (optimizer): what changes the weights, so that the loss gets smaller.
# - *Step*: one change of the weights by the optimiser.
# - *Epoch*: one pass over all training rows.
# - *Trainer*: the class of the library transformers that trains and evaluates a model.
# - *Validation row* (validation, validation set): a row on which we choose and tune.
# - *Test row* (test set, test review): a row that is kept for a score at the end.
# - *Vocabulary*: the list of all tokens that a tokenizer knows.
# - *Special token* (specials): a token that stands for no text, such as `[CLS]` at the beginning and `[SEP]` at the end.
# - *Truncation* (truncated): cutting a text off where it has too many tokens.
# - *Device*: where a model computes: a GPU, or the processor.
# - *Learning rate*: the size of a step.
# - *Warm-up*: the steps at the start in which the learning rate rises.
# - *Weight decay*: at each step, a small pull of the weights towards zero.
# - *Metric*: a measure of how good the answers are, such as accuracy.
# - *Reference*: a true label with which a prediction is compared.
# - *Precision*: the share of what was predicted that is right.
# - *Recall*: the share of what is there that was found.
# - *F1*: the harmonic mean of precision and recall, which is low where one of the two is.
# - *Cache* (cached, caching): what was computed or downloaded once, and is kept.
# - *Ledger*: the course's file of runs and their results, one line a run.
# - *Softmax*: turns logits into probabilities, which add up to 1.
# - *Pipeline*: tokenizer, model and label names in one object that takes texts.
# - *Model card*: the description that travels with a model.
#
# Next: [02 · Align labels for NER](02_align_labels_for_ner.ipynb), where every token gets a label of its own.
