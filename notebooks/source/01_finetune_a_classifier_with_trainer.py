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
# Lesson 00 got about two of three reviews right without training anything. Can you do better if you train the encoder
# itself? And when the score goes up, which reviews still fool the model, and why?
#
# **What you'll do.** Train the encoder to tell good film reviews from bad ones, measure how good it is, and read where
# it goes wrong.
#
# **What you'll learn**
# - look at a data set before you train on it
# - tokenize, pad per batch, and say what padding costs
# - train and evaluate with `Trainer` and a metric of your choice
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
# What happens in training? A *collator* puts several *examples*, rows of the data set, into a batch. The head returns
# raw scores for each, one per class, called *logits*. The *loss* measures how wrong they are, and the *optimizer*
# changes the weights a little to make it smaller. All this is one *step*; a pass over all training rows is an *epoch*.
# *Trainer*, a class of the library transformers, does it for you.
#
# ## Look at the data
#
# The reviews have the format of Rotten Tomatoes, the classic data set for this task: a text, and the label `neg` or
# `pos`.

# %%
from helpers import data, plots, tables

reviews = data.load(lesson.dataset)
names = reviews["train"].features["label"].names
tables.random_rows(reviews["train"], count=4, seed=lesson.seed + 1)

# %% [markdown]
# Where will a model go wrong? Read for irony, a change of mind halfway, or a bleak plot in a film that somebody loved.
#
# Next, draw random rows. The shuffle matters: in Rotten Tomatoes all positive rows come first, so the first thousand
# have only one class.


# %%
def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


train = draw(reviews["train"], lesson.train_rows, lesson.seed)
validation = draw(reviews["validation"], lesson.evaluation_rows, lesson.seed)
test = draw(reviews["test"], lesson.evaluation_rows, lesson.seed)

# %% [markdown]
# You train on the training rows, make choices on the *validation rows*, and look at the *test rows* only once, at the
# end. Are the classes balanced?

# %%
import pandas as pd

parts = {"train": train, "validation": validation, "test": test}
pd.DataFrame(
    {part: pd.Series(rows["label"]).value_counts() for part, rows in parts.items()},
    index=range(len(names)),
).set_axis(names)

# %% [markdown]
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
# The model sees the ids of these tokens. *Truncation* cuts off what comes after `max_length` tokens. It saves memory,
# but long reviews lose their end.


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
# `batched=True` passes many rows at once, which suits a fast tokenizer. How many reviews lost their end?

# %%
cut = sum(len(ids) == lesson.max_length for ids in encoded["train"]["input_ids"])
print(f"{cut} of {len(train)} training reviews reach {lesson.max_length} tokens")

# %% [markdown]
# ## Padding: to the maximum, or per batch
#
# All rows of a batch must be equally long. How far should you pad the short ones: to a fixed maximum, or to the longest
# row of *their* batch? Try both. (Without `max_length`, `padding="max_length"` goes up to the encoder's limit of 512.)

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
# Many published notebooks pad to the maximum in `map`, because that takes only one argument. Does it change the answer?
# Does it cost anything? To find out, load the model that you'll train.

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
# The report above is not an error. The encoder's weights were found, but the head (`classifier`) is new and its weights
# are random, which is why `set_seed` comes first. Thanks to `id2label`, the model answers `neg` and `pos` instead of
# `LABEL_0` and `LABEL_1`.
#
# Now time both kinds of padding on the same eight reviews.

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
# **Checkpoint.** Except for rounding, the logits are the same, because the attention mask hides the padding. All the
# extra work changed nothing.

# %%
assert torch.allclose(fixed_logits, dynamic_logits, atol=1e-4)
assert fixed["input_ids"].numel() > dynamic["input_ids"].numel()

# %% [markdown]
# ### Padding per batch
#
# `DataCollatorWithPadding` pads a batch to its longest row when it puts the batch together, here from the same eight
# reviews:

# %%
from transformers import DataCollatorWithPadding

collator = DataCollatorWithPadding(tokenizer)
batch = collator([encoded["train"][row] for row in range(8)])
{name: tuple(values.shape) for name, values in batch.items()}

# %% [markdown]
# ### Going deeper: How much padding is left?
#
# Count the positions in all batches, text and padding together, with the rows in order and then sorted by length.

# %%
from torch.utils.data import DataLoader


def positions(rows):
    """Return the positions of all batches, padding included."""
    loader = DataLoader(rows, batch_size=lesson.batch_size, collate_fn=collator)
    return sum(batch["input_ids"].numel() for batch in loader)


sizes = [len(ids) for ids in encoded["train"]["input_ids"]]
by_length = encoded["train"].select(sorted(range(len(sizes)), key=sizes.__getitem__))
{"tokens": sum(sizes), "in order": positions(encoded["train"]),
 "sorted": positions(by_length), "to 512": 512 * len(sizes)}

# %% [markdown]
# One long review makes its whole batch wide, so a lot of padding may be left. With reviews of similar length together,
# there's hardly any. Trainer does that with `train_sampling_strategy="group_by_length"`.
#
# ## The arguments of a run
#
# `TrainingArguments` holds the choices of a run:
#
# | argument | what it does |
# |---|---|
# | `num_train_epochs` | passes over the training rows |
# | `per_device_train_batch_size` | examples per step and *device* (a GPU, or the processor) |
# | `learning_rate` | the *learning rate* is the size of a step; fine-tuning usually takes 1e-5 to 3e-4 |
# | `warmup_steps` | *warm-up* raises the learning rate slowly at the start; below 1, a share of all steps |
# | `weight_decay` | *weight decay* pulls weights a little toward zero |
# | `train_sampling_strategy` | `"group_by_length"` batches reviews of similar length, to save padding |
# | `eval_strategy`, `logging_strategy` | when to evaluate and to log the loss: after each epoch |
# | `save_strategy` | when to write a checkpoint: never, you'll save once at the end |
# | `report_to` | where to send curves: nowhere |
# | `dataloader_pin_memory` | faster copies to a GPU; off, because it warns if there is none |

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
# What does Trainer tell you without a *metric*, a measure of how good the answers are? Evaluate the untrained model.

# %%
from transformers import Trainer

shared = {"model": model, "args": arguments, "data_collator": collator,
          "train_dataset": encoded["train"], "eval_dataset": encoded["validation"],
          "processing_class": tokenizer}
Trainer(**shared).evaluate()

# %% [markdown]
# A loss, and nothing else. A model that finds both classes equally likely has a loss of ln 2 ≈ 0.69, so the head is
# clearly untrained. But how many reviews does it get right?
#
# ## `compute_metrics`
#
# Try two metrics on four made-up predictions. The *references* are the true labels to compare them with.

# %% tags=["nbval-check-output"]
from helpers.metrics import load_metric

accuracy, f1 = load_metric("accuracy"), load_metric("f1")
toy = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
accuracy.compute(**toy) | f1.compute(**toy)

# %% [markdown]
# Three of four are right: accuracy 0.75. *Precision* asks how many of the predicted positives are right: one of two,
# 0.5. *Recall* asks how many of the actual positives were found: the only one, 1.0. *F1* is the harmonic mean of the
# two, 0.67.
#
# These metrics come with the course. `evaluate.load("accuracy")` downloads the same one from the Hub.
#
# Trainer calls the next function with the logits and labels of the whole evaluation set.


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
# The argument is called `compute_metrics`, in the plural. What happens if you forget the *s*?

# %%
try:
    Trainer(**shared, compute_metric=compute_metrics)
except TypeError as error:
    print(error)

# %% [markdown]
# ### Trap: a metric loaded at every evaluation
#
# This one runs, but slowly: if you load the metric *inside* the function, every evaluation loads it again. It may even
# come from the Hub, if it isn't in the *cache*, the folder of earlier downloads.


# %%
from functools import partial

from transformers.utils.notebook import NotebookProgressCallback


def reloading_metrics(evaluation, loaded):
    """Load the metric at every call, which is the slip."""
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
# Now for real. Watch the table get one line per epoch. The training loss falls. The validation loss may rise again
# while accuracy still improves, because confident wrong answers cost a lot. The cell starts with a new model each time
# you run it, and removes the progress display when it is done.

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
# ## How good is it?
#
# The test rows have played no part so far. Compare with the baseline, which always gives the most common training
# label.
#
# **Checkpoint.** The model is clearly better than the baseline, and clearly not perfect.

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
# To compare runs next week, write them down. The *ledger* is the course's file for that, with one line per run.
# (`peak_mb` is the highest memory of the kernel so far.)

# %%
from helpers import runs

runs.record("01", "all layers", seed=lesson.seed, seconds=run.seconds,
            peak_mb=run.peak_mb, f1=scores["test_f1"])
runs.read("01")[["run", "track", "seed", "seconds", "peak_mb", "f1"]].round(3)

# %% [markdown]
# ## Read the mistakes
#
# A score says how many answers are wrong, but not which. `predict` returns the logits of every row.
#
# ### Trap: predictions in another order
#
# With `group_by_length`, Trainer groups the *evaluation* rows by length too, so prediction 7 may belong to another
# review than row 7. The score is the same, but you'd read the wrong text. Turn grouping off before you predict. And do
# it on `validation`: rows whose mistakes guide your changes can't give a fair score.

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
# What fooled it? Look for irony, praise for one part of a failed film, a verdict in the last clause, or one that was
# cut off. Each needs a different remedy, and none of them is *train longer*. Other reviews are plain, and the model is
# just wrong and sure.
#
# ### Going deeper: Did the cut make the mistakes?
#
# Compare the share of right answers among whole and cut reviews.

# %%
sizes = torch.tensor([len(ids) for ids in encoded["validation"]["input_ids"]])
cut = sizes == lesson.max_length
right = predicted == torch.tensor(prediction.label_ids)
tables.table([{"reviews": name, "rows": int(rows.sum()),
               "right": right[rows].float().mean().item()}
              for name, rows in {"whole": ~cut, "cut": cut}.items() if rows.any()])

# %% [markdown]
# A gap doesn't prove that the cut is to blame: long reviews may simply be harder. To find out, train again with a
# larger `max_length`, which costs memory and time, and compare the same rows.
#
# ## Save, load, use
#
# `save_model` writes all that another program needs into one folder: weights, configuration and tokenizer.

# %%
from pathlib import Path

folder = run_folder(lesson, "reviews-classifier")
trainer.save_model(folder)
sorted(path.name for path in Path(folder).iterdir())

# %% [markdown]
# A *pipeline* combines tokenizer, model and label names. It reads the folder that you have just written.

# %%
from transformers import pipeline

classify = pipeline("text-classification", model=folder)
classify(["I would watch it again tomorrow.", "Ninety minutes I will never get back."])

# %% [markdown]
# Would you have answered the same? The score says how sure the model is, not whether it is right.
#
# **Checkpoint.** The loaded model gives the same answer as the trained one.

# %%
first = validation[0]["text"]
again = classify(first, truncation=True, max_length=lesson.max_length)[0]
assert again["label"] == names[predicted[0]]
assert abs(again["score"] - confidence[0].item()) < 1e-3

# %% [markdown]
# Will you still know in a month what this model is? A *model card* says what it was trained on, how, how good it is,
# and what it is not for. Every figure below comes from this run.

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
# Trainer makes one step per batch. Return the number of steps of a whole run. The last batch of an epoch may be
# smaller, but it counts too.


# %% tags=["exercise"]
def training_steps(rows: int, batch_size: int, epochs: int) -> int:
    """Return the optimizer steps of a run without gradient accumulation."""
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
# Given the lengths of the rows in order and a batch size, return the share of padded positions when every batch is as
# wide as its longest row. `padding_share([2, 4], 2)` is 0.25: two of eight positions.


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
# <details><summary>Hint</summary>Slice the list into batches. The last one may be smaller.</details>
#
# ### Exercise 3 · What F1 is made of (medium, 10 minutes)
#
# Return how many true and false positives and negatives there are, in a dictionary with the keys `tp`, `fp`, `fn`,
# `tn`. Class 1 is positive, so a *false positive* is predicted 1 and has the reference 0.


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
# <details><summary>Hint</summary>Write down the pair (prediction, reference) for each of the four, then count
# pairs.</details>
#
# ### Exercise 4 · The surest mistakes (a small project, 30 minutes)
#
# Given the references and the logits, an array `(rows, classes)` with at least two classes, return the row numbers of
# the `count` wrong predictions with the highest probability, surest first. If fewer are wrong, return all of them.


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
# Now the project. Use your function on `prediction` above, read the ten surest mistakes, and give each a cause: irony,
# praise of a part, late verdict, cut off, plain. Do the same for ten random reviews that the model got right. Is your
# most common cause really more common among the mistakes?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Pad per batch. Padding to the maximum costs time and changes nothing.
# - A loss doesn't say how many answers are right. Give Trainer a `compute_metrics`, and load the metric once.
# - Score on rows that played no part, and compare with a baseline.
# - Read the surest mistakes before you change a setting.
# - Save the model with a card that describes it.
#
# **The classic run.** Published notebooks train `bert-base-cased` on 1,000 IMDB reviews, which are longer, so don't
# compare their scores with these. `COURSE_TRACK=full` trains it on 1,000 Rotten Tomatoes reviews.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Example*: a row of a data set.
# - *Collator*: the function that combines examples into a batch and pads them.
# - *Logits* (logit): the head's raw scores, before softmax.
# - *Loss*: how wrong the logits are, as one number.
# - *Optimizer*: what changes the weights to make the loss smaller.
# - *Step*: one change of the weights by the optimizer.
# - *Epoch*: one pass over all training rows.
# - *Trainer*: the class of transformers that trains and evaluates a model.
# - *Validation row* (validation, validation set): a row to make choices on.
# - *Test row* (test set, test review): a row kept for a score at the end.
# - *Vocabulary*: all tokens that a tokenizer knows.
# - *Special token* (specials): a token that stands for no text, such as `[CLS]` at the start and `[SEP]` at the end.
# - *Truncation* (truncated): cutting off a text that has too many tokens.
# - *Device*: where a model computes: a GPU, or the processor.
# - *Learning rate*: the size of a step.
# - *Warm-up*: the first steps, in which the learning rate rises.
# - *Weight decay*: a small pull of the weights toward zero at each step.
# - *Metric*: a measure of how good the answers are, such as accuracy.
# - *Reference*: the true label to compare a prediction with.
# - *Precision*: the share of what was predicted that is right.
# - *Recall*: the share of what is there that was found.
# - *F1*: the harmonic mean of precision and recall, low if either of them is.
# - *Cache* (cached, caching): earlier downloads and results, kept for next time.
# - *Ledger*: the course's file of results, with one line per run.
# - *Softmax*: turns logits into probabilities, which add up to 1.
# - *Pipeline*: tokenizer, model and label names in one object that takes texts.
# - *Model card*: the description that comes with a model.
#
# Next: [02 · Align labels for NER](02_align_labels_for_ner.ipynb), where every token gets a label of its own.
