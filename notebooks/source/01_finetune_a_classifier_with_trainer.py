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
# In lesson 00, you were right about two out of three reviews, without training anything. Can you do better if you train
# the encoder itself?
#
# **What you'll do.** Train the encoder to tell positive film reviews from negative ones. Measure how often it is right,
# and find out which reviews still fool it.
#
# **What you'll learn**
# - look at a data set before you train on it
# - tokenize, pad per batch, and say what padding costs
# - train and evaluate with `Trainer` and a metric of your choice
# - read the mistakes
# - save the model, load it again and describe it
#
# **What you'll need.** Lesson 00. 85 minutes of reading and exercises. The notebook runs in a minute or two on two CPU
# cores and needs 1.5 GB of memory.

# %%
from helpers import course

lesson = course.start("01")
lesson

# %% [markdown]
# What happens in training? A *collator* puts several *examples*, rows of the data set, into a batch. For each example,
# the head returns raw scores, one per class: the *logits*. The *loss* is a number that says how far the logits are from
# the right answers. The *optimizer* changes the weights a little, so that the loss becomes smaller. All this is one
# *step*; a pass over all training rows is an *epoch*. *Trainer*, a Python class of the library `transformers`, does it
# for you.
#
# ## Look at the data
#
# The reviews have the format of Rotten Tomatoes, the classic data set for this task: a text, and the label `neg` or
# `pos`. Four random rows:

# %%
from helpers import data, plots, tables

reviews = data.load(lesson.dataset)
names = reviews["train"].features["label"].names
tables.random_rows(reviews["train"], count=4, seed=lesson.seed + 3)

# %% [markdown]
# Next, take a part of the rows. Shuffle them first: in Rotten Tomatoes, the first thousand rows are all positive.


# %%
def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


train = draw(reviews["train"], lesson.train_rows, lesson.seed)
validation = draw(reviews["validation"], lesson.evaluation_rows, lesson.seed)
test = draw(reviews["test"], lesson.evaluation_rows, lesson.seed)

# %% [markdown]
# You train on the training rows, make choices on the *validation rows*, and score the model on the *test rows* only
# once, at the end. Count the labels: are the classes balanced?

# %%
import pandas as pd

parts = {"train": train, "validation": validation, "test": test}
pd.DataFrame(
    {part: pd.Series(rows["label"]).value_counts() for part, rows in parts.items()},
    index=range(len(names)),
).set_axis(names)

# %% [markdown]
# The classes are nearly balanced.
#
# ## Tokenize
#
# What happens to a word that isn't in the tokenizer's *vocabulary*, the list of all tokens that it knows? The tokenizer
# splits it into pieces; `##` marks a piece that continues a word. At the ends it adds two *special tokens*, `[CLS]` and
# `[SEP]`.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
tokenizer("An unfussy, heartfelt film.").tokens()

# %% [markdown]
# The model sees the ids of these tokens. *Truncation* shortens a text to `max_length` tokens, the special ones
# included. It saves memory, but long reviews lose their end. `map` calls `tokenize` on many rows at once, with the
# arguments in `fn_kwargs`, and drops the text.


# %%
def tokenize(examples, tokenizer, max_length):
    """Tokenize a batch of reviews, without padding."""
    return tokenizer(examples["text"], truncation=True, max_length=max_length)


settings = {"tokenizer": tokenizer, "max_length": lesson.max_length}
encoded = {
    part: rows.map(tokenize, batched=True, remove_columns=["text"], fn_kwargs=settings)
    for part, rows in parts.items()
}
encoded["train"]

# %% [markdown]
# (`token_type_ids` are for rows of two texts; here they are all 0.) How many reviews reach the limit? One that does was
# almost certainly longer, and lost its end.

# %%
cut = sum(len(ids) == lesson.max_length for ids in encoded["train"]["input_ids"])
print(f"{cut} of {len(train)} training reviews reach {lesson.max_length} tokens")

# %% [markdown]
# ## Padding: to the maximum, or per batch
#
# All rows of a batch must be equally long. How far should you pad the short ones: to 512, the most that this encoder
# takes, or to the longest row of *their* batch? Try both.

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
# Many published notebooks pad to the encoder's maximum, 512, with `padding="max_length"` in `tokenize`. Does it change
# the answer? Does it cost anything? To find out, load a model like the one that you'll train. `new_model` is a
# function, because you'll need a second model later. `measured` takes the time of a block of code.

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
# The report is not an error: the head (`classifier`) is new and its weights are random, which is why `set_seed` comes
# first. Thanks to `id2label`, answers will be called `neg` and `pos` instead of `LABEL_0` and `LABEL_1`.

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
# (That's a rough figure: a model's first call, here the one with 512, is usually slower.)
#
# **Check.** Except for rounding, the logits are the same, because the attention mask hides the padding.

# %%
assert torch.allclose(fixed_logits, dynamic_logits, atol=1e-4)
assert fixed["input_ids"].numel() > dynamic["input_ids"].numel()

# %% [markdown]
# ### Padding per batch
#
# `DataCollatorWithPadding` combines rows into a batch and pads them to the longest. It also renames `label` to
# `labels`, as the model expects. On the same eight reviews:

# %%
from transformers import DataCollatorWithPadding

collator = DataCollatorWithPadding(tokenizer)
batch = collator([encoded["train"][row] for row in range(8)])
{name: tuple(values.shape) for name, values in batch.items()}

# %% [markdown]
# ### Going deeper: How much padding is left?
#
# How many ids does the model read in an epoch, padding included? Count them with the rows as they are, then with the
# rows sorted by length. `group_by_length` (next section) nearly sorts them.

# %%
from torch.utils.data import DataLoader


def positions(rows):
    """Return how many ids all batches have, padding included."""
    loader = DataLoader(rows, batch_size=lesson.batch_size, collate_fn=collator)
    return sum(batch["input_ids"].numel() for batch in loader)


sizes = [len(ids) for ids in encoded["train"]["input_ids"]]
by_length = encoded["train"].select(sorted(range(len(sizes)), key=sizes.__getitem__))
{"tokens": sum(sizes), "in order": positions(encoded["train"]),
 "sorted": positions(by_length), "to 512": 512 * len(sizes)}

# %% [markdown]
# One long review makes its whole batch wide, so almost half of the ids are padding. Sorted, there's hardly any.
#
# ## The arguments of a run
#
# `TrainingArguments` holds the choices of a run, such as:
#
# | argument | what it does |
# |---|---|
# | `per_device_train_batch_size` | examples per step and *device* (a GPU, or the processor) |
# | `learning_rate` | the *learning rate* says how far one step moves the weights; an encoder like BERT usually takes 1e-5 to 5e-5, a smaller one like ours a higher rate |
# | `warmup_steps` | *warm-up*: in the first steps, here 10% of all, the learning rate rises; then it falls to 0 |
# | `weight_decay` | *weight decay* pulls weights a little toward zero, so that the model learns less by heart |
# | `train_sampling_strategy` | `"group_by_length"` batches reviews of similar length, which saves padding |
# | `bf16` | compute in *bfloat16*, numbers of 16 bits (full track only): faster if the hardware supports it. On a processor, set `use_cpu` too. An older GPU, such as a T4, supports only `fp16` |
#
# The other arguments: evaluate and log after each epoch (`eval_strategy`, `logging_strategy`), save no weights on the
# way (`save_strategy`), and send no figures to other programs (`report_to`). `dataloader_pin_memory=False` spares you a
# warning where there's no GPU.

# %%
from helpers.runs import run_folder
from transformers import TrainingArguments

arguments = TrainingArguments(
    output_dir=run_folder(lesson), seed=lesson.seed,
    num_train_epochs=lesson.epochs, learning_rate=lesson.learning_rate,
    per_device_train_batch_size=lesson.batch_size, per_device_eval_batch_size=16,
    warmup_steps=0.1, weight_decay=0.01, train_sampling_strategy="group_by_length",
    eval_strategy="epoch", logging_strategy="epoch", save_strategy="no",
    bf16=lesson.precision == "bf16", use_cpu=lesson.device.startswith("CPU"),
    report_to="none", dataloader_pin_memory=False)

# %% [markdown]
# ## A Trainer without a metric
#
# A *metric* measures how good the answers are. What does Trainer tell you without one? Evaluate the untrained model.
# (Trainer calls the tokenizer `processing_class`.)

# %%
from transformers import Trainer

shared = {"model": model, "args": arguments, "data_collator": collator,
          "train_dataset": encoded["train"], "eval_dataset": encoded["validation"],
          "processing_class": tokenizer}
Trainer(**shared).evaluate()

# %% [markdown]
# A loss, and nothing else. For one review, it's minus the logarithm of the right class's probability; for many, the
# mean of these. With 0.5 for each class, that's ln 2 ≈ 0.69, and this model is no better. But how many reviews does it
# get right?
#
# ## `compute_metrics`
#
# Try two metrics on four made-up predictions. The *references* are the true labels.

# %% tags=["nbval-check-output"]
from helpers.metrics import load_metric

accuracy, f1 = load_metric("accuracy"), load_metric("f1")
toy = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
accuracy.compute(**toy) | f1.compute(**toy)

# %% [markdown]
# Three of four are right: accuracy 0.75. *Precision* asks how many of the predicted positives, the 1s, are right: one
# of two, 0.5. *Recall* asks how many of the actual positives were found: one of one, 1.0. *F1* is their harmonic mean,
# 2 × 0.5 × 1.0 / (0.5 + 1.0) ≈ 0.67. With more than two classes, pass `average="macro"` to F1: the mean over all
# classes. Outside this course, use `evaluate.load("accuracy")` from the library `evaluate`.
#
# Trainer calls your function `compute_metrics` with one object, an `EvalPrediction`. It holds the logits
# (`predictions`) and the labels (`label_ids`) of all evaluated rows.


# %%
def compute_metrics(evaluation):
    """Return accuracy and F1 of an EvalPrediction; logits are (rows, classes)."""
    predictions = evaluation.predictions.argmax(axis=-1)
    answers = {"predictions": predictions, "references": evaluation.label_ids}
    return accuracy.compute(**answers) | f1.compute(**answers)


# %% [markdown]
# ## Going deeper: Two slips with `compute_metrics`
#
# ### Trap: the argument in the singular
#
# What happens if you forget the *s* of `compute_metrics`?

# %%
try:
    Trainer(**shared, compute_metric=compute_metrics)
except TypeError as error:
    print(error)

# %% [markdown]
# ### Trap: a metric loaded at every evaluation
#
# This mistake raises no error. If you load the metric *inside* the function, every evaluation loads it again. Outside
# this course, each load asks the Hub for a newer version, even if the *cache*, the folder of earlier downloads, has the
# metric. In this cell, the list `loaded` keeps each metric that was loaded, to count them. (A *callback* is called by
# Trainer at certain moments. The one removed here draws a table at each evaluation.)


# %%
from functools import partial

from transformers.utils.notebook import NotebookProgressCallback


def reloading_metrics(evaluation, loaded):
    """Load the metric at every call, which is the mistake."""
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
# Train a new model instead of the one in `shared`, so that a second run of the cell starts from the beginning. After
# training, remove the callback that draws the table (Trainer calls it at each evaluation); otherwise each later
# evaluation would draw one too.

# %%
from transformers.utils.notebook import NotebookProgressCallback

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
# In the last epoch, the validation loss rises, but F1 doesn't fall. The model makes about as many mistakes as before,
# but it's surer of them. A wrong answer with a high probability has a high loss. To keep the best epoch in place of the
# last, set `save_strategy="epoch"`, `load_best_model_at_end=True` and `metric_for_best_model="f1"`. Then
# `EarlyStoppingCallback` can end a run that no longer improves, and `trainer.train(resume_from_checkpoint=True)` goes
# on after a stop.
#
# ## How good is it?
#
# Now score the test rows. Compare with the baseline, which always gives the most common class of the training rows, and
# with lesson 00, which got two of three right. (Lesson 00 had only 32 labeled reviews. With your 480, its method gets
# 0.72 in our run.)
#
# **Check.** The model is clearly better than the baseline, and not perfect.

# %%
scores = trainer.evaluate(encoded["test"], metric_key_prefix="test")
commonest = pd.Series(train["label"]).mode()[0]
share = (pd.Series(test["label"]) == commonest).mean()
lesson.expect(
    "accuracy on test", scores["test_accuracy"], above=share + 0.05, below=1.0)
tables.table(
    [
        {"": "model", "accuracy": scores["test_accuracy"], "F1": scores["test_f1"]},
        {"": "baseline", "accuracy": float(share), "F1": "–"},
    ]
)

# %% [markdown]
# ### Going deeper: Keep the result
#
# To compare runs next week, write them to the *ledger*, a file with one line per run. (`all layers`: all weights were trained. `peak_mb`: the most memory that the run used.)

# %%
from helpers import runs

runs.record("01", "all layers", seed=lesson.seed, seconds=run.seconds,
            peak_mb=run.peak_mb, f1=scores["test_f1"])
runs.read("01")[["run", "track", "seed", "seconds", "peak_mb", "f1"]].round(3)

# %% [markdown]
# ## Read the mistakes
#
# Which answers are wrong? `predict` returns the logits and labels of every row.
#
# ### Trap: predictions in another order
#
# With `group_by_length`, Trainer groups the *evaluation* rows by length too. Prediction 7 may belong to another review
# than row 7, and you'd read the wrong text. So turn grouping off before you predict, and compare the labels that
# `predict` returns with those of the data set. (In evaluation, `"random"` keeps the rows in order.) Read mistakes on
# validation rows, not on test rows. What you read will make you change the model, and on rows that you have read, its
# next score would be too good.

# %%
from copy import copy

trainer.args = copy(arguments)
grouped = trainer.predict(encoded["validation"]).label_ids.tolist()
trainer.args.train_sampling_strategy = "random"  # evaluation is then in order
prediction = trainer.predict(encoded["validation"])
trainer.args = arguments
assert grouped != list(validation["label"])
assert prediction.label_ids.tolist() == list(validation["label"])

# %% [markdown]
# ### The surest mistakes
#
# *Softmax* turns the logits of a row into probabilities. Which wrong answers was the model surest of?

# %%
probabilities = torch.tensor(prediction.predictions).softmax(-1)
confidence, predicted = probabilities.max(-1)
wrong = (predicted != torch.tensor(prediction.label_ids)).nonzero().flatten()
surest = wrong[confidence[wrong].argsort(descending=True)][:5].tolist()
tables.table([{"said": names[predicted[row]], "truth": names[validation[row]["label"]],
               "sure": float(confidence[row]), "text": validation[row]["text"]}
              for row in surest])

# %% [markdown]
# What fooled it? Are all mistakes of one kind? Look for irony, praise for one part of a failed film, and an overall
# judgment that comes last or was cut off.
#
# ### Going deeper: Did the cut make the mistakes?
#
# Is the share of right answers lower among cut reviews?

# %%
sizes = torch.tensor([len(ids) for ids in encoded["validation"]["input_ids"]])
cut = sizes == lesson.max_length
right = predicted == torch.tensor(prediction.label_ids)
tables.table([{"reviews": name, "rows": int(rows.sum()),
               "right": right[rows].float().mean().item()}
              for name, rows in {"whole": ~cut, "cut": cut}.items() if rows.any()])

# %% [markdown]
# A gap doesn't prove that the cut is to blame: long reviews may simply be harder. To find out, train again with a
# larger `max_length`, and compare the same rows.
#
# ## Save, load, use
#
# `save_model` writes all that another program needs into one folder: weights (`model.safetensors`), configuration and
# tokenizer. (`training_args.bin` records your arguments. Loading such a file can run any code, so don't load a
# stranger's: see lesson 07.)

# %%
from pathlib import Path

folder = run_folder(lesson, "reviews-classifier")
trainer.save_model(folder)
sorted(path.name for path in Path(folder).iterdir())

# %% [markdown]
# A *pipeline* combines tokenizer, model and label names.

# %%
from transformers import pipeline

classify = pipeline("text-classification", model=folder)
classify(["I would watch it again tomorrow.", "Ninety minutes I will never get back."])

# %% [markdown]
# The second sentence is a complaint. Did the model notice? The score says how sure the model is, not whether it is
# right.
#
# **Check.** The loaded model gives the same answer as the trained one.

# %%
first = validation[0]["text"]
again = classify(first, truncation=True, max_length=lesson.max_length)[0]
assert again["label"] == names[predicted[0]]
assert abs(again["score"] - confidence[0].item()) < (3e-2 if arguments.bf16 else 1e-3)

# %% [markdown]
# A *model card* says how a model was trained and on which data, how good it is, and what not to use it for.

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
# Trainer makes one step per batch. Return the number of steps in a whole run. The last batch of an epoch may be
# smaller, but it counts too.


# %% tags=["exercise"]
def training_steps(rows: int, batch_size: int, epochs: int) -> int:
    """Return how many optimizer steps a run makes, one per batch."""
    ### BEGIN SOLUTION
    return -(-rows // batch_size) * epochs
    ### END SOLUTION


# %%
import exercises

exercises.check(training_steps)

# %% [markdown]
# <details><summary>Hint</summary>An epoch has <code>math.ceil(rows / batch_size)</code> batches. Compare your answer
# with <code>trainer.state.max_steps</code>.</details>
#
# ### Exercise 2 · Count the padding (easy, 10 minutes)
#
# `lengths` are the lengths of the rows, in the order in which they go into batches. Each batch is padded to its longest
# row. Return the share of padding. `padding_share([2, 4], 2)` is 0.25: two of eight positions.


# %% tags=["exercise"]
def padding_share(lengths: list[int], batch_size: int) -> float:
    """Return the share of padding when each batch is padded to its longest row."""
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
# <details><summary>Hint</summary>Slice the list into batches.</details>
#
# ### Exercise 3 · What F1 is made of (medium, 10 minutes)
#
# Count the true positives, false positives, false negatives and true negatives. Return a dictionary with the keys `tp`,
# `fp`, `fn`, `tn`. Class 1 is positive. A *false positive* has the prediction 1 and the reference 0. Precision is tp /
# (tp + fp), recall is tp / (tp + fn).


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
# <details><summary>Hint</summary>For each of <code>tp</code>, <code>fp</code>, <code>fn</code> and <code>tn</code>,
# write down its pair (prediction, reference). Then count the pairs.</details>
#
# ### Exercise 4 · The surest mistakes (a small project, 30 minutes)
#
# `logits` is an array `(rows, classes)` with at least two classes. Find the wrong predictions. Return the row numbers
# of those that the model is surest of, surest first and at most `count`. If fewer are wrong, return all of them.


# %% tags=["exercise"]
def confident_mistakes(logits, references, count: int) -> list[int]:
    """Return the rows of the wrong predictions with the highest probability."""
    ### BEGIN SOLUTION
    probabilities = torch.tensor(logits).softmax(-1)
    confidence, predicted = probabilities.max(-1)
    wrong = [row for row in range(len(logits)) if predicted[row] != references[row]]
    return sorted(wrong, key=lambda row: -confidence[row])[:count]
    ### END SOLUTION


# %%
exercises.check(confident_mistakes)

# %% [markdown]
# <details><summary>Hint</summary>A high logit isn't a high probability: softmax compares it with the others of its
# row.</details>
#
# The project: call your function with `prediction.predictions` and `prediction.label_ids`, read the ten surest
# mistakes, and give each one a note: irony, praise for one part of the film, the judgment comes late, the end is cut
# off, or no clear reason. Do the same for ten random reviews that the model got right. Take the note that is most
# common among the mistakes. Is it less common among the right answers?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Pad per batch. Padding to the maximum costs time and changes nothing.
# - A loss doesn't say how many answers are right. Give Trainer a `compute_metrics`.
# - Score on rows that played no part in training or choices, and compare with a baseline.
# - Read the surest mistakes before you change a setting.
#
# **The classic run.** The full track (see lesson 00) trains `bert-base-cased` on 1,000 Rotten Tomatoes reviews.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Example*: a row of a data set.
# - *Collator*: combines examples into a batch and pads them.
# - *Logits* (logit): the head's raw scores, before softmax.
# - *Loss*: how wrong the logits are, as one number.
# - *Optimizer*: what changes the weights to make the loss smaller.
# - *Step*: one change of the weights by the optimizer.
# - *Epoch*: one pass over all training rows.
# - *Trainer*: the part of `transformers` that trains and evaluates a model.
# - *Validation row* (validation, validation set): a row to make choices on.
# - *Test row* (test set, test review): a row kept for a score at the end.
# - *Vocabulary*: all tokens that a tokenizer knows.
# - *Special token* (specials): a token that stands for no text, such as `[CLS]` and `[SEP]`.
# - *Truncation* (truncated): cutting off a text that has too many tokens.
# - *Device*: where a model computes: a GPU, or the processor.
# - *Learning rate*: how far one step moves the weights.
# - *Warm-up*: the first steps, in which the learning rate rises.
# - *Weight decay*: a small pull of the weights toward zero at each step.
# - *Metric*: a measure of how good answers are, such as accuracy.
# - *Reference*: the true label.
# - *Precision*: the share of positive predictions that are right.
# - *Recall*: the share of the actual positives that were found.
# - *F1*: the harmonic mean of precision and recall.
# - *Cache* (cached, caching): earlier downloads and results, kept for next time.
# - *Ledger*: a file of results, with one line per run.
# - *Softmax*: turns logits into probabilities, which add up to 1.
# - *Pipeline*: tokenizer, model and label names in one object that takes texts.
# - *Model card*: the description of a model.
#
# Next: [02 · Align labels for NER](02_align_labels_for_ner.ipynb), which prepares texts for a model that finds names.
