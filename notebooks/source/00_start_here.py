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
# # 00 · Start here
#
# **What you'll do.** Check that this machine is ready, get a first result from a real encoder, and solve an
# exercise that checks itself.
#
# **What you'll learn**
# - find your way through the course and run its cells
# - turn a text into a vector with a pretrained encoder
# - compare a result with a baseline
# - read the verdict of an exercise
#
# **What you'll need.** Python, and an idea of what a tensor is. 30 minutes of reading and exercises; the whole notebook
# runs in less than a minute on two CPU cores and needs 1 GB of memory.

# %% [markdown]
# The cell above matters in Colab only, where it fetches the course. Everywhere else it does nothing.
#
# Every lesson then begins with the same two lines. `course.start` looks up the lesson's settings, finds the files that it
# starts from and, where they come with the course, checks that they are what their authors released.

# %%
from helpers import ROOT, course

lesson = course.start("00")
lesson

# %% [markdown]
# ## The course on one picture
#
# Text goes in at the left. A *tokenizer* cuts it into *tokens*, which are words and pieces of words. An *encoder* turns
# each token into a *vector*, a list of numbers. It is *pretrained*: others have trained it before, on a large amount of
# text. A small new *head* turns vectors into answers. Encoder and head together are the *model*. *Fine-tuning* trains the
# head, and as much of the encoder as you like.

# %%
from IPython.display import SVG

SVG(filename=ROOT / "docs" / "course.svg")

# %% [markdown]
# Read the lessons in order or pick one: each says at its top what it builds on. A technical word stands in
# *italics* where it is explained first. Later lessons link it to the [glossary](../docs/glossary.md), which has them all.

# %%
from helpers import tables

columns = ("number", "title", "learn")
tables.table([{name: row[name] for name in columns} for row in course.lessons()])

# %% [markdown]
# ## Is this machine ready?
#
# The doctor looks at Python, the packages, the encoder, memory, disk and processor. A line that begins with **NO**
# has its remedy below the table. You can ask it at any time in a terminal: `make doctor`.

# %%
findings = course.check_machine()
print(course.report(findings))

# %% [markdown]
# ## Two tracks, one set of cells
#
# The course runs on one of two *tracks*. You choose with an environment variable, before `helpers` is first imported: in a
# terminal `COURSE_TRACK=full make lab`, in Colab `%env COURSE_TRACK=full`.
#
# Three words of the table: *parameters* or *weights* are the numbers of a model that training changes. A *checkpoint* is a
# set of saved weights. The *Hub* is Hugging Face's website, from which models and data sets can be downloaded.
#
# | `COURSE_TRACK` | data | encoder | needs |
# |---|---|---|---|
# | `tiny` (default) | written for this course, bundled | all-MiniLM-L6-v2, 22.7 million parameters, bundled | two CPU cores, no network |
# | `full` | the classic data sets | the lesson's classic checkpoint | the Hugging Face Hub or a local mirror; a GPU for comfort |
#
# The cells are the same on both. Only sizes and names differ, and they all come from `helpers/lessons.toml`. So what
# you write on a train with the tiny track runs on a GPU with the full one.
#
# The tiny track is small, not fake: a real pretrained encoder, real training, data on which it makes real mistakes.

# %% [markdown]
# ## A first result
#
# The bundled encoder was trained to place sentences of like meaning close together. Is that enough to tell a good review
# from a bad one? Load some reviews and see.

# %%
from helpers import data

reviews = data.load(lesson.dataset)
reviews

# %% [markdown]
# Each row has a text and a *label*, the right answer: is the review good or bad? Labels are stored as ids. Their names are
# in the *features* of the data set, which describe its columns.

# %%
names = reviews["train"].features["label"].names
tables.random_rows(reviews["train"], count=4, seed=lesson.seed)

# %% [markdown]
# We take a handful of labelled reviews to learn from, the *training rows*, and others to score on. `shuffle` mixes the
# rows, since a file may hold all negative rows first. All random choices follow from a number, the *seed*: the same seed
# gives the same draw again.

# %%
few = reviews["train"].shuffle(seed=lesson.seed).select(range(lesson.train_rows))
held_out = reviews["validation"].shuffle(seed=lesson.seed)
held_out = held_out.select(range(lesson.evaluation_rows))
len(few), len(held_out)

# %% [markdown]
# The tokenizer and the encoder come from the same folder. `dtype=torch.float32` asks for numbers of 32 bits, whatever
# the file was stored in. `eval()` switches off *dropout*, the random noise of training, so the same text always gives
# the same vector.

# %%
import torch
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
encoder = AutoModel.from_pretrained(lesson.checkpoint, dtype=torch.float32).eval()

# %% [markdown]
# One sentence first. The encoder returns one vector per token: shape `(batch, seq_len, hidden)`.

# %%
batch = tokenizer(["What a lovely film."], return_tensors="pt")
with torch.no_grad():
    states = encoder(**batch).last_hidden_state
states.shape

# %% [markdown]
# Its mean over the tokens stands for the sentence. Several sentences go through the encoder together, as a *batch*. The
# short ones get *padding*, filler that makes them as long as the longest. Padding must not count: the *attention mask*
# tells the encoder to leave it out, with 1 for a token and 0 for padding.


# %%
def embed(texts, tokenizer, encoder, batch_size=16):
    """Return the mean token vector of each text, (len(texts), hidden)."""
    vectors = []
    for start in range(0, len(texts), batch_size):
        batch = tokenizer(texts[start : start + batch_size], padding=True,
                          truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            states = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        vectors.append((states * mask).sum(1) / mask.sum(1))
    return torch.cat(vectors)


# %% [markdown]
# A word on words: **Checkpoint** in bold marks a cell that proves a claim, as the next one does. Elsewhere a checkpoint is
# a set of saved weights.
#
# **Checkpoint.** The vector of a sentence does not depend on its neighbours in the batch. If padding leaked in, this
# assertion would fail.

# %%
lovely = "What a lovely film."
longer = "It is three hours long and feels like four, with no end in sight."
alone = embed([lovely], tokenizer, encoder)
beside = embed([lovely, longer], tokenizer, encoder)[:1]
assert torch.allclose(alone, beside, atol=1e-5)

# %% [markdown]
# A *classifier* tells to which *class* a text belongs, here `neg` or `pos`. The simplest there is: the mean vector of each
# class, and a new review belongs to the nearer one. Nothing is trained here; the encoder does all the work.

# %%
vectors = embed(list(few["text"]), tokenizer, encoder)
few_labels = torch.tensor(few["label"])
classes = range(len(names))
centres = torch.stack([vectors[few_labels == label].mean(0) for label in classes])
centres.shape

# %%
distances = torch.cdist(embed(list(held_out["text"]), tokenizer, encoder), centres)
predicted = distances.argmin(dim=1)
accuracy = (predicted == torch.tensor(held_out["label"])).float().mean().item()
print(f"accuracy with {len(few)} labelled reviews: {accuracy:.2f}")

# %% [markdown]
# Is that good? The share of right answers, the *accuracy*, says little alone. Compare it with a *baseline*: what somebody
# scores who always gives the commonest label of the training rows.

# %%
commonest = few_labels.bincount().argmax()
baseline = (torch.tensor(held_out["label"]) == commonest).float().mean().item()
print(f"always '{names[commonest]}': {baseline:.2f}")
lesson.expect("accuracy", accuracy, above=baseline)

# %% [markdown]
# **Checkpoint.** The encoder, never trained to tell good from bad, beats the baseline with a handful of rows.
# It is far from perfect: lesson 01 trains it.
#
# `lesson.expect` compares a score with what the lesson should reach. If you run a lesson with fewer rows or another
# encoder, it tells you when a score misses, and the lesson goes on.
#
# ## How exercises check themselves
#
# Each exercise is a function to write and a check below it. The check calls your function on known cases and on fresh
# random ones and answers with one of three verdicts:
#
# - ○ *not done yet*, while the stub still raises `NotImplementedError`
# - ✓ *correct*
# - ✗ with the usual mistake by name, if it recognises yours, and the first input where you differ
#
# A check never stops the notebook. *Run all* works with every exercise still open. The solved notebooks are in the
# folder `solutions/`.

# %% [markdown]
# ### Exercise 1 · Decode a label (easy, 3 minutes)
#
# Labels are stored as ids. Return the name of `label`, given the list of `names` in the order of the ids. For
# example, `decode_label(1, ["neg", "pos"])` is `"pos"`.


# %% tags=["exercise"]
def decode_label(label: int, names: list[str]) -> str:
    """Return the name of a label id."""
    ### BEGIN SOLUTION
    return names[label]
    ### END SOLUTION


# %%
import exercises

exercises.check(decode_label)

# %% [markdown]
# <details><summary>Hint</summary>Python lists count from zero, and so do label ids.</details>
#
# ### Exercise 2 · Count the labels (easy, 5 minutes)
#
# Before training, look at how often each label occurs. Return a dictionary from label name to count. A name that
# never occurs gets 0: a missing class is what you want to notice.


# %% tags=["exercise"]
def label_counts(labels: list[int], names: list[str]) -> dict[str, int]:
    """Return how often each name occurs among the label ids."""
    ### BEGIN SOLUTION
    return {name: labels.count(index) for index, name in enumerate(names)}
    ### END SOLUTION


# %%
exercises.check(label_counts)

# %% [markdown]
# <details><summary>Hint</summary>Go through <code>enumerate(names)</code>, not through the labels.</details>
#
# ### Exercise 3 · Score the baseline (medium, 5 minutes)
#
# Write the baseline of this lesson as a function: take the commonest of `train_labels`, and return the share of
# `labels` that equal it.


# %% tags=["exercise"]
def majority_baseline(train_labels: list[int], labels: list[int]) -> float:
    """Return the accuracy on `labels` of always giving the commonest training label."""
    ### BEGIN SOLUTION
    commonest = max(set(train_labels), key=train_labels.count)
    return labels.count(commonest) / len(labels)
    ### END SOLUTION


# %%
exercises.check(majority_baseline)

# %% [markdown]
# <details><summary>Hint</summary><code>max(set(values), key=values.count)</code> is the commonest value.</details>
#
# ## Your progress
#
# Each lesson ends with a table of its exercises. A check that says *correct* ticks its exercise, and the tick survives a
# restart of the kernel.

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# The whole course, lesson by lesson. `progress.reset("00")` opens this lesson's exercises again, `progress.reset()` all.

# %%
progress.table()

# %% [markdown]
# ## Recap
#
# - Every lesson starts with `course.start` and shows its settings.
# - An encoder turns each token into a vector; the mean over real tokens stands for the text.
# - A score means something beside a baseline.
# - A check tells you what you got wrong, not only that you did.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Tokenizer*: what cuts a text into tokens, and turns each into its id.
# - *Token*: a piece of text that the tokenizer knows: a word, a part of one, a sign.
# - *Encoder*: the part of a model that turns each token into a vector. It comes pretrained.
# - *Vector*: a list of numbers, here one that stands for a token or a text.
# - *Pretrained* (pretraining): trained before, by others, on a large amount of text.
# - *Head*: the small new part of a model that turns vectors into answers.
# - *Model*: encoder and head together.
# - *Fine-tuning* (fine-tune, fine-tuned): training a head on a pretrained encoder, and as much of the encoder as you like.
# - *Track*: one of two ways to run the course: tiny, which needs nothing, and full, with the classic data sets and
#   checkpoints.
# - *Parameter* (weight): one of the numbers of a model that training changes.
# - *Checkpoint*: a set of saved weights. In bold it marks a cell that proves a claim.
# - *Hub*: Hugging Face's website, from which models and data sets can be downloaded.
# - *Label* (labelled): the right answer for a row, or for a token. Stored as an id, which stands for a name.
# - *Feature*: what a data set knows of one of its columns: the type and, for labels, their names.
# - *Training row* (training set): a row that the model learns from.
# - *Seed*: the number from which all random choices of a run follow.
# - *Dropout*: random noise of training: some values in the encoder are set to zero, others at each pass.
# - *Batch*: several texts that go through the model together.
# - *Padding* (pad, pads, padded): filler that makes the rows of a batch equally long.
# - *Attention mask* (`attention_mask`): 1 for a real token, 0 for padding, which is left out.
# - *Class*: one of the groups that a classifier tells apart.
# - *Classifier*: a model that tells to which class a text belongs.
# - *Accuracy*: the share of answers that are right.
# - *Baseline*: the score of a method that takes no effort.
#
# Next: [01 · Fine-tune a classifier with Trainer](01_finetune_a_classifier_with_trainer.ipynb).
