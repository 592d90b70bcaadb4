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
# Somebody shows you a model that says whether a film review is positive or negative. It's right two times out of three.
# Is that good? You can't tell until you know what you'd score without reading a single review. In this lesson you build
# such a model in a few minutes, and find out.
#
# **What you'll do.** Start from a model that others have trained, build the review model from it, and measure how often
# it's right. Then solve exercises that check themselves.
#
# **What you'll learn**
# - turn a text into a vector
# - classify texts by their vectors
# - compare your score with that of a method that needs no skill
# - read what an exercise tells you
#
# **What you'll need.** Python, and a rough idea of what a tensor is. 30 minutes of reading and exercises; the whole
# notebook runs in less than a minute on two CPU cores and needs 1 GB of memory.

# %% [markdown]
# To run a cell, click it and press Shift+Enter. *Run All Cells* in the menu *Run* (in Colab, *Run all* in *Runtime*)
# runs the whole lesson and leaves you at its end: scroll back up to read.
#
# In Colab and on Kaggle, the cell above downloads the course. Everywhere else it does nothing. The next cell looks up
# the settings of this lesson, and finds and checks its files. (The *track* `tiny` is the small version of the course;
# the section *Going deeper*, near the end, tells how to run the large one.)

# %%
from helpers import ROOT, course

lesson = course.start("00")
lesson

# %% [markdown]
# ## The course in one picture
#
# In the picture below, text enters on the left. A *tokenizer* splits it into *tokens*: words, pieces of words, and
# punctuation marks. An *encoder* turns each token into a *vector*, a list of numbers. The encoder is *pretrained*:
# others have already trained it on a lot of text. A small new *head* turns the vectors into scores, and the scores into
# an answer. Encoder and head together are the *model*. *Fine-tuning* trains the head on your task, and as much of the
# encoder as you like: all of it, a part, or nothing.

# %%
from IPython.display import SVG

SVG(filename=ROOT / "docs" / "course.svg")

# %% [markdown]
# The next cell lists the lessons; you'll learn their words on the way. Read them in order or pick one: each says at the
# top what it builds on. Sections marked *Going deeper* can wait. Technical words are in *italics* where they are first
# explained; the [glossary](../docs/glossary.md) has nearly all of them.

# %%
from helpers import tables

columns = ("number", "title", "learn")
tables.table([{name: row[name] for name in columns} for row in course.lessons()])

# %% [markdown]
# ## Is this machine ready?
#
# If a line below begins with **NO**, the fix is printed under the list.

# %%
findings = course.check_machine()
print(course.report(findings))

# %% [markdown]
# ## A first result
#
# An encoder comes with the course. It was trained to give similar vectors to sentences with similar meanings. Is that
# enough to tell a positive review from a negative one? First, the data:

# %%
from helpers import data

reviews = data.load(lesson.dataset)
reviews

# %% [markdown]
# A data set comes in parts: the model learns from `train`, you measure it on `validation`, and `test` waits for the end
# of a project. Each row has a text and a *label*, the right answer. In the data, a label is a number, its *id*: 0 or 1.
# The data set also describes each column in its *features*. There you find the name of each id. The table below shows
# names in place of ids.

# %%
names = reviews["train"].features["label"].names
tables.random_rows(reviews["train"], count=4, seed=lesson.seed)

# %% [markdown]
# The model learns from a few labeled reviews, the *training rows*. You measure it on other reviews, which it hasn't
# seen: they are *held out*. Shuffle first, because a file may list all its negative rows before the positive ones. The
# *seed* is a number that decides every random choice: with the same seed you get the same rows again.

# %%
few = reviews["train"].shuffle(seed=lesson.seed).select(range(lesson.train_rows))
held_out = reviews["validation"].shuffle(seed=lesson.seed)
held_out = held_out.select(range(lesson.evaluation_rows))
len(few), len(held_out)

# %% [markdown]
# Next, `from_pretrained` loads the tokenizer and the encoder. *Weights* or *parameters* are the numbers in a model that
# training changes; a *checkpoint* is a set of saved weights. `lesson.checkpoint` says where this one is: a folder, or a
# name on a website for models. The files there say which kind of tokenizer and encoder to build, so `Auto…` finds the
# right ones. `dtype=torch.float32` loads the weights as 32-bit numbers, even if they were saved in another format.
# `eval()` makes sure that *dropout*, the random noise of training, is off, so that the same text always gets the same
# vector.

# %%
import torch
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
encoder = AutoModel.from_pretrained(lesson.checkpoint, dtype=torch.float32).eval()

# %% [markdown]
# Try one sentence. The tokenizer turns each token into a number, the token's id; `"pt"` asks for PyTorch tensors. The
# encoder returns one vector per token, in `last_hidden_state`. `no_grad()` skips work that only training needs. The
# shape is `(batch, seq_len, hidden)`: how many texts, how many tokens in the longest, and how many numbers in a vector.

# %%
batch = tokenizer(["What a lovely film."], return_tensors="pt")
with torch.no_grad():
    states = encoder(**batch).last_hidden_state
states.shape

# %% [markdown]
# That's seven tokens: four words, a period, and one that the tokenizer adds at each end. The mean of their vectors
# stands for the sentence; in it, every token counts alike.
#
# Several sentences can go through the encoder together, as a *batch*. Short ones get *padding*, filler that makes them
# as long as the longest. The *attention mask* is 1 for a token and 0 for padding. The function `embed` below uses it
# for two things. The encoder gets it with the batch and ignores padding. Then the vectors of padding are multiplied by
# 0, so they add nothing to the sum. `embed` also cuts texts that are longer than 128 tokens. `unsqueeze(-1)` gives the
# attention mask a last dimension of size 1, so that each 0 or 1 multiplies a whole vector. The sum of the vectors,
# divided by `mask.sum(1)`, the number of tokens that aren't padding, is their mean.


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
# Does the rest of the batch change a sentence's vector? Here and later, a paragraph that begins with **Check** says
# what one of the next cells checks.
#
# **Check.** Up to rounding (`atol`), a sentence gets the same vector alone and next to a longer one. The cell prints
# nothing when this holds. If padding counted, the assertion would fail.

# %%
lovely = "What a lovely film."
longer = "It is three hours long and feels like four, with no end in sight."
alone = embed([lovely], tokenizer, encoder)
beside = embed([lovely, longer], tokenizer, encoder)[:1]
assert torch.allclose(alone, beside, atol=1e-5)

# %% [markdown]
# A *classifier* decides which *class* a text belongs to, here `neg` or `pos`. To build this one, you train no weights.
# In place of a head, it has one vector per class: the mean of the vectors of that class's training reviews.

# %%
vectors = embed(list(few["text"]), tokenizer, encoder)
few_labels = torch.tensor(few["label"])
classes = range(len(names))
centers = torch.stack([vectors[few_labels == label].mean(0) for label in classes])
centers.shape

# %% [markdown]
# `cdist` computes the distance of each held-out review from each mean. Give the review the class whose mean is closer,
# and compute the *accuracy*, the share of right answers.

# %%
distances = torch.cdist(embed(list(held_out["text"]), tokenizer, encoder), centers)
predicted = distances.argmin(dim=1)
accuracy = (predicted == torch.tensor(held_out["label"])).float().mean().item()
print(f"accuracy with {len(few)} labeled reviews: {accuracy:.2f}")

# %% [markdown]
# Is that good? An accuracy says little on its own. Compare it with a *baseline*, the score of a method that needs no
# skill. Here, the method always answers with the most common label of the training rows.
#
# **Check.** The model beats the baseline. (`lesson.expect` prints nothing when that holds.)

# %%
commonest = few_labels.bincount().argmax()
baseline = (torch.tensor(held_out["label"]) == commonest).float().mean().item()
print(f"always '{names[commonest]}': {baseline:.2f}")
lesson.expect("accuracy", accuracy, above=baseline)

# %% [markdown]
# So being right two times out of three is better than no skill, but not by much. This encoder was never trained to tell
# positive reviews from negative ones. Lesson 01 trains it for that.
#
# ## How exercises check themselves
#
# Each exercise is a function for you to write. The check below it calls your function on known and on random inputs,
# and answers:
#
# - ○ *not done yet*, while the function still raises `NotImplementedError`
# - ✓ *correct*
# - ✗ and the first input for which your answer is wrong; if you made a common mistake, it also names that mistake
#
# The check of an exercise never stops the notebook, so *Run All Cells* works with exercises still open. Solved
# notebooks are in `solutions/`.

# %% [markdown]
# ### Exercise 1 · Decode a label (easy, 3 minutes)
#
# `label` is an id. Return its name. `names` is in the order of the ids: `decode_label(1, ["neg", "pos"])` is `"pos"`.


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
# How often does each label occur? Return a dictionary from label name to count. Give 0 to a name that never occurs: you
# want to notice a missing class before you train.


# %% tags=["exercise"]
def label_counts(labels: list[int], names: list[str]) -> dict[str, int]:
    """Return how often each name occurs among the label ids."""
    ### BEGIN SOLUTION
    return {name: labels.count(index) for index, name in enumerate(names)}
    ### END SOLUTION


# %%
exercises.check(label_counts)

# %% [markdown]
# <details><summary>Hint</summary>Loop over <code>enumerate(names)</code>, not over the labels.</details>
#
# ### Exercise 3 · Score the baseline (medium, 5 minutes)
#
# Write the baseline as a function: find the most common label in `train_labels` (there is never a tie), and return the
# share of `labels` that equal it.


# %% tags=["exercise"]
def majority_baseline(train_labels: list[int], labels: list[int]) -> float:
    """Return the share of `labels` that equal the most common training label."""
    ### BEGIN SOLUTION
    commonest = max(set(train_labels), key=train_labels.count)
    return labels.count(commonest) / len(labels)
    ### END SOLUTION


# %%
exercises.check(majority_baseline)

# %% [markdown]
# <details><summary>Hint</summary><code>max(set(values), key=values.count)</code> is the most common value.</details>
#
# ## Your progress
#
# When a check says *correct*, the exercise gets a tick here. The tick stays when you restart the kernel, the Python
# that runs the notebook.

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# The next table shows all lessons. `progress.reset("00")` removes the ticks of this one, `progress.reset()` those of
# every lesson.

# %%
progress.table()

# %% [markdown]
# ## Going deeper: Two tracks, one set of cells
#
# The course has two *tracks*, a small and a large version of the same lessons. The large one takes its data and models
# from the *Hub*, the website where people share them. It belongs to Hugging Face, the company behind `transformers` and
# `datasets`.
#
# | `COURSE_TRACK` | data | encoder | needs |
# |---|---|---|---|
# | `tiny` (default) | written for this course | all-MiniLM-L6-v2, 22.7 million parameters | two CPU cores, no network |
# | `full` | classic data sets | the lesson's classic checkpoint | the Hub or a local copy of its files, better with a GPU |
#
# The environment variable `COURSE_TRACK` chooses the track. Set it before the first cell runs: start the notebooks with
# `COURSE_TRACK=full make lab`, or in Colab, restart the session and run `%env COURSE_TRACK=full` first.

# %% [markdown]
# ## Recap
#
# - An encoder turns each token into a vector. The mean over the tokens, without padding, stands for the text.
# - A score means little until you compare it with a baseline.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Tokenizer*: splits a text into tokens, and turns each into its id.
# - *Token*: a word, a part of one, a punctuation mark, or a mark that the tokenizer adds.
# - *Encoder*: the pretrained part of a model, which turns each token into a vector.
# - *Vector*: a list of numbers that stands for a token or a text.
# - *Pretrained* (pretraining): already trained by others, on a lot of text.
# - *Head*: the small new part of a model that turns vectors into answers.
# - *Model*: encoder and head together.
# - *Fine-tuning* (fine-tune, fine-tuned): training a head on your task, and as much of the pretrained encoder as you
#   like.
# - *Track*: one of the two sizes of the course, tiny and full.
# - *Parameter* (weight): one of the numbers in a model that training changes.
# - *Checkpoint*: a set of saved weights.
# - *Hub*: Hugging Face's website for sharing models and data sets.
# - *Label* (labeled): the right answer for a row or a token, stored as an id.
# - *Feature*: the description of a column: its type and, for labels, their names.
# - *Training row* (training set): a row that the model learns from.
# - *Held out*: not used for training, so that you can measure a model on it.
# - *Id*: the number that stands for a label or a token.
# - *Seed*: the number that decides all random choices of a run.
# - *Dropout*: random noise in training. Each time the model runs, some values, chosen at random, are set to zero.
# - *Batch*: several texts that go through the model together.
# - *Padding* (pad, pads, padded): filler that makes all rows of a batch equally long.
# - *Attention mask* (`attention_mask`): 1 for a token, 0 for padding.
# - *Class*: one of the groups that a classifier tells apart.
# - *Classifier*: a model that decides which class a text belongs to.
# - *Accuracy*: the share of answers that are right.
# - *Baseline*: the score of a method that needs no skill.
#
# You've finished the first of eleven lessons. To stop, save with Ctrl+S and close the browser. On your own machine,
# your ticks are kept, and `make lab` brings you back. Next: [01 · Fine-tune a classifier with
# Trainer](01_finetune_a_classifier_with_trainer.ipynb).
