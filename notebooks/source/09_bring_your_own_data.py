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
# # 09 · Bring your own data
#
# A colleague sends you customer messages and asks for a classifier. Training runs without an error, and the score
# looks great. But half of the test messages are in the training rows, too, so the score says little about new ones.
#
# **What you'll do.** Find out what is wrong with a file of your own, fix it, and train any task of the course on it by
# changing one cell.
#
# **What you'll learn**
# - read a file line by line before a program does
# - find what spoils training: broken lines, spellings, duplicates, leaks, rare classes
# - fix a file step by step, until the report is empty
# - split rows by class, so that nothing leaks
# - train on your own rows, and decide whether it was worth it
#
# **What you'll need.** Lesson 01, and the lesson of your task (see the table below). 85 minutes of reading and
# exercises; *Going deeper* can wait. The notebook runs in under a minute on two CPU cores and needs 1.3 GB of memory.

# %%
from helpers import course, plots, tables
from transformers import AutoTokenizer

lesson = course.start("09")
tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)

# %% [markdown]
# **Words first.** In *JSON Lines*, each line is a row, written as one JSON object. In the *CoNLL format*, each line
# has a word, a tab and its tag, and an empty line ends a sentence. The course also reads CSV, Excel, JSON arrays,
# Parquet, folders of `save_to_disk`, CoNLL-U, SQuAD's JSON, and exports of Doccano, Label Studio, Prodigy and spaCy.
# What a row must have depends on the task:
#
# | `TASK` | each row has | trains as in | example file in `data/examples/` |
# |---|---|---|---|
# | `classify` | `text`, `label` (or a list of several) | lesson 01; with `FREEZE`, 06 | `library.csv`: messages to a library |
# | `few` | the same; only some rows are used | lesson 07 | `library.csv` |
# | `tag` | `tokens`, `tags`: a list of words and one of tags; or `text` with spans | lesson 03 | `workshop.conll`: notes from a bicycle workshop |
# | `answer` | `question`, `context`, `answers` | lesson 05 | `rules.jsonl`: house rules |
# | `read` | `text` | lesson 08 | `library.csv`, or any other file with texts |
#
# Your columns may have other names. `answers` is `{"text": ["18 pounds"], "answer_start": [21]}`; both lists are empty
# if there is no answer. CSV and Excel can't hold lists, so they work only for `classify`, `few` and `read`.
#
# ## Look at five rows
#
# A fourth file, `broken.jsonl`, has messages to a bicycle workshop, and many mistakes. Before any program reads it,
# look at the first lines yourself, as raw bytes:

# %%
from labs import own_data

lines = own_data.find("data/examples/broken.jsonl").read_bytes().splitlines()
for line in lines[:5]:
    print(line)

# %% [markdown]
# Did you spot the mistake? No program would complain about it. The third label starts with a capital letter and ends
# with a space.
#
# ## From one check to a function
#
# A model would take `Refund ` and `refund` for two classes. Strip the spaces and ignore case, and they're equal.
# (Unlike `lower`, `casefold` also makes *Straße* and *STRASSE* equal.)

# %% tags=["nbval-check-output"]
import json

spelling = json.loads(lines[2])["label"]
spelling, spelling.strip().casefold()

# %% [markdown]
# Are there more labels like this? Loop over all lines. If one isn't valid JSON, print the error and go on: a check
# that stops at the first problem hides all the others.

# %%
labels = []
for number, line in enumerate(lines, start=1):
    try:
        labels.append(json.loads(line).get("label"))
    except ValueError as error:
        print(f"line {number}, {type(error).__name__}: {line[:60]}")

# %% [markdown]
# Two lines can't be read. In the first, `\xe9` is an *é* in an old *character encoding*, a table that maps bytes to
# characters. JSON uses UTF-8, and there an *é* is two other bytes. The second line has lost its closing brace. Here
# are the labels of all other lines:

# %%
from collections import Counter

Counter(labels)

# %% [markdown]
# The *label inventory* is the set of labels that a file may use. Here one label has two spellings, and one row has no
# label at all. Now turn the check into a function: it returns each label that has several spellings, the most common
# one first.


# %%
def label_variants(labels):
    groups = {}
    for spelling, _ in Counter(labels).most_common():
        groups.setdefault(spelling.strip().casefold(), []).append(spelling)
    return {label: found for label, found in groups.items() if len(found) > 1}


label_variants([label for label in labels if label is not None])

# %% [markdown]
# **Checkpoint.** The most common spelling comes first, even if the file starts with another. A label with one spelling
# isn't returned.

# %%
assert label_variants(["A ", "a", "a", "b"]) == {"a": ["a", "A "]}
assert label_variants(["refund", "repair"]) == {}

# %% [markdown]
# ## All checks at once
#
# `own_data.examine` runs this check and many more. `own_data.read` goes on after a line that it can't read, and makes
# a note of it. So one report shows you all problems.

# %%
def inspect(table):
    """Examine rows of texts with labels."""
    size = lesson.max_length
    return own_data.examine(table, "classify", tokenizer=tokenizer, max_length=size)


table = own_data.read("data/examples/broken.jsonl")
report = inspect(table)
report

# %% [markdown]
# Each finding says what is wrong, in how many rows, where the first one is, and what to do. **Stop** means that
# training would fail, or that its score would be wrong. **Look** means that you have to decide. Some findings are new.
# Why do they matter?
#
# - **The same text with another label**: whatever the model answers, it's wrong on one of the rows.
# - **A leak**: the same text, or nearly the same, is in two splits. So the score includes what the model learned by
#   heart. The two texts here differ only in a capital letter and a space.
# - **A rare class**: no model can learn a class from one row, and a test without that class says nothing about it.
# - **A long text**: the model reads only the first `max_length` tokens.
#
# `own_data.prepare` turns rows into datasets. It refuses this file, explains the first problem, and names the others:

# %%
try:
    own_data.prepare(table, "classify", seed=lesson.seed)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Trap: rows that stand twice, split at random
#
# How much can a *leak*, rows that training and test share, flatter a score? Give the messages to the library
# **random** labels, so that there is nothing to learn. Then duplicate every row, as when somebody joins two exports,
# and split at random, as published notebooks do.

# %%
import random

lot = random.Random(lesson.seed)
library = own_data.read("data/examples/library.csv")
texts = [row["message"] for row in library.rows] * 2
by_lot = [lot.choice("ABCDE") for _ in library.rows] * 2

# %% [markdown]
# A very simple classifier is enough: it copies the label of the training row with the most similar words.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def nearest_row(parts):
    """Return the accuracy on test rows of answering like the nearest training row."""
    chosen = {name: ([texts[i] for i in rows], [by_lot[i] for i in rows])
              for name, rows in parts.items()}
    model = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(1, metric="cosine"))
    return model.fit(*chosen["train"]).score(*chosen["test"])


# %%
order = lot.sample(range(len(texts)), len(texts))
half = len(order) // 2
at_random = {"train": order[:half], "test": order[half:]}
shares = {"train": 0.5, "test": 0.5}
whole = own_data.split_groups(texts, by_lot, shares, seed=lesson.seed)
leaking, honest = nearest_row(at_random), nearest_row(whole)
print(f"split at random: {leaking:.2f}, equal texts kept together: {honest:.2f}")
assert leaking > honest + 0.2

# %% [markdown]
# Guessing among five labels is right one time in five, and that's about the score with `split_groups`, which keeps
# equal texts together. With the random split, about half of the test rows have a copy in training, and the score is
# much higher, though there was nothing to learn. With real labels, you couldn't tell copying from learning.
#
# ## Fix it, step by step
#
# Start with the lines that can't be read: replace the wrong byte, close the brace, and save the result under another
# name. Never overwrite the original. Which problems are left?

# %%
from pathlib import Path
from helpers.runs import run_folder

mended = [line.replace(b"\xe9", "é".encode()) for line in lines]
mended[21] += b"}"
path = Path(run_folder(lesson, "mended"), "mended.jsonl")
path.write_bytes(b"\n".join(mended))
table = own_data.read(path)
inspect(table).kinds()

# %% [markdown]
# Next, read the row without a label, and label it yourself: here, `refund`. Remove the row without a text. Then give
# each label one spelling.

# %%
unlabelled = [row["text"] for row in table.rows if row.get("label") is None]
print(unlabelled)
table = table.change(lambda row: {"label": "refund"} | row)
table = table.keep(lambda row: row["text"].strip())
table = table.change(lambda row: row | {"label": row["label"].strip().casefold()})
inspect(table).kinds()

# %% [markdown]
# One text has two labels. Which one is right? No program can tell you, so read it:

# %%
from labs.own_data.duplicates import same_text

paid = [row for row in table.rows if row["text"].startswith("I paid for a repair")]
tables.table(paid)

# %% [markdown]
# This customer wants money back, so `refund` stays. Three problems remain:
#
# - One text is in training and in the test. Remove the training row: the less you change the test, the better you can
#   compare its scores with earlier ones.
# - One class has a single row. Remove it.
# - One message has long letters pasted below its question. Keep only the question.

# %%
test = {same_text(row["text"]) for row in table.rows if row["split"] == "test"}
table = table.keep(lambda row: row not in paid or row["label"] == "refund")
table = table.keep(
    lambda row: row["split"] == "test" or same_text(row["text"]) not in test)
table = table.keep(lambda row: row["label"] != "praise")
table = table.change(lambda row: row | {"text": row["text"].split(" I paste")[0]})
inspect(table)

# %% [markdown]
# **Checkpoint.** The report is empty, and the rows can become datasets.

# %%
assert inspect(table).findings == ()
own_data.prepare(table, "classify", seed=lesson.seed).num_rows

# %% [markdown]
# ## Going deeper: From spans to tagged words
#
# Annotation tools don't split a text into words. For each entity they save a span: its type, and the characters where
# it begins and ends. Here is a row as Doccano exports it. `read` splits the text at spaces, and turns the spans into
# tags:

# %%
note = {"text": "The bell of the Kestrel rattles, says Ann Lee.",
        "label": [[4, 8, "PART"], [16, 23, "BIKE"], [38, 45, "PERSON"]]}
path = Path(run_folder(lesson, "spans"), "notes.jsonl")
path.write_text(json.dumps(note), encoding="utf-8")
row = own_data.read(path).rows[0]
tables.strip({"word": row["tokens"], "tag": row["tags"]})

# %% [markdown]
# The last span ends before the period, but the last word includes it. The report calls this a *span that cuts a word*.
# It also finds spans that overlap or lie outside the text, but it never moves a span. Instead, let the tokenizer split
# the text: it separates words from punctuation.
#
# **Checkpoint.** `offsets` say where each word is in the text. With them, the tags turn back into spans.

# %%
row = own_data.read(path, words=tokenizer).rows[0]
back = own_data.spans_of(row["tags"], row["offsets"])
assert [list(span) for span in back] == row["spans"]
own_data.marked(row["text"], back)

# %% [markdown]
# Tags of other schemes (IOB1, BIOES, BILOU, plain types) are turned into IOB2, and the report shows one sentence
# before and after.
#
# ## The cell to change
#
# Everything below depends on this cell. First run it as it is; later, put in the name of *your* file. (In Colab or
# Binder, upload it first.) `COLUMNS` maps the column names in the table at the top to yours. Leave out columns that
# have the same name, or that the task doesn't need. If a column names the split, add `"split": "…"`. Three files work,
# too: `FILE = {"train": "…", "validation": "…", "test": "…"}`. The second cell has settings that you need less often,
# and runs all checks.

# %%
FILE = "data/examples/library.csv"
TASK = "classify"
COLUMNS = {"text": "message", "label": "topic"}
FREEZE = "none"  # or "head-only", "first-3", "bias-only", as in lesson 06
ENCODING = None  # or its name, where the guess in the report is wrong: "cp1252", …

# %%
WORDS = "whitespace"  # or tokenizer, as above
LABELS = None  # or the names in order, where the file has numbers: ["O", "B-PER", …]
ROWS = lesson.train_rows  # to train on; None takes all
table = own_data.read(FILE, ENCODING, WORDS)
options = {"tokenizer": tokenizer, "max_length": lesson.max_length, "labels": LABELS}
own_data.examine(table, TASK, COLUMNS, **options)

# %% [markdown]
# If there is anything to stop at, fix it before you go on. The bundled encoder was trained on English. For other
# languages, use the full track, and name a suitable encoder in `COURSE_CHECKPOINT`.
#
# ## Split
#
# `prepare` keeps the splits that your file names, and cuts a missing one from the training rows. If your file names
# none, about 70 % of the rows go to `train`, and 15 % each to `validation` and `test`. The split is *stratified*: each
# class has about the same share in every part.
#
# Some rows stay together: equal texts, all questions about one passage, and *near-duplicates*, texts that share much
# of their wording. Here, *much* means more than half of the shorter text's five-word runs.

# %%
splits = own_data.prepare(table, TASK, COLUMNS, seed=lesson.seed, labels=LABELS)
shown = min(4, len(splits["train"]))
tables.random_rows(splits["train"], count=shown, seed=lesson.seed)

# %% [markdown]
# **Checkpoint.** No text is in two parts.

# %%
held = {name: own_data.texts_of(part) for name, part in splits.items()}
assert held["train"].isdisjoint(held["validation"] | held["test"])
assert held["validation"].isdisjoint(held["test"])
splits.num_rows

# %% [markdown]
# ## What do you get without training?
#
# Before you train, find out which score you have to beat. The baseline depends on the task:
#
# - **labels**: the most common label, and a logistic regression on word counts (TF-IDF), which takes a second
# - **tags**: a dictionary that gives each word the tag it had most often in training
# - **questions**: never answering, and the model that training starts from
# - **reading**: the model that training starts from

# %%
task = own_data.start(TASK, splits, lesson, FREEZE, ROWS)
baselines = task.baselines()
tables.table(own_data.comparison(baselines, {})[:-1])

# %% [markdown]
# ## Train
#
# `task.train()` does what the lesson of your task did, with the same functions, and freezes what `FREEZE` says. To
# stay within a minute, it trains on at most `ROWS` rows, and scores at most `evaluation_rows` of each other part.
# `ROWS = None` trains on all rows and scores all. How long will that take? `task.minutes()` estimates it from a few
# steps on a model that is thrown away. The number of epochs is under `"09"` in `helpers/lessons.toml`.

# %%
for name, part in task.splits.items():
    print(f"{name}: {len(part)} of {len(splits[name])} rows")
print("as in lesson", task.taught, dict(task.settings))
print(f"training will take about {task.minutes():.1f} minutes")
history = task.train()
print(f"{task.run.seconds:.0f} s")

# %%
plots.curves(history, ["loss"], "training loss")

# %% [markdown]
# ## Was it worth it?
#
# The last row of the table is the trained model. Compare its gain over the best baseline with the weight of a single
# test row: in accuracy, one divided by the number of test rows. (In F1, a row of a rare class counts more; perplexity
# isn't a share at all.) A gain of one or two rows may well be luck.

# %%
scores = task.score()
rows = own_data.comparison(baselines, scores)
tables.table(rows)

# %%
gain, weight = own_data.gain(task, rows), 1 / len(task.splits["test"])
print(f"gain in {task.main} over the best baseline: {gain:+.3f}")
print(f"one test row is {weight:.3f} of the accuracy")

# %% [markdown]
# A negative gain is a result, too: use the baseline, which is faster and easier to explain. Another seed splits the
# rows differently, and the numbers change. With few rows, try several seeds before you believe a difference.
#
# ## Read the mistakes
#
# Which rows does the model get wrong? As in lesson 01, look at validation rows only: if you change anything because of
# the test rows, the test is spoiled. On your own data, reading pays twice. Sometimes it's the label that is wrong, and
# you know the subject well enough to see it.

# %%
tables.table(task.mistakes())

# %% [markdown]
# ## Save and describe
#
# **Checkpoint.** The model has the same score after saving and loading.

# %%
folder = run_folder(lesson, f"own-{TASK}")
task.save(folder)
task.load(folder)
assert task.score() == scores

# %% [markdown]
# The model card has the numbers of this run. Its last line is yours to write: what the model is for, what it isn't
# for, and whom its mistakes could hurt.
#
# `predict` puts the model's answers into your rows. `export` writes them in the format of your file, for the tool they
# came from.

# %%
card = own_data.card(task, table.file, rows)
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %%
if TASK != "read":  # which answers nothing
    first = table.keep(lambda row: row in table.rows[:5])
    predictions = task.predict(first, COLUMNS)
    own_data.export(predictions, Path(folder, f"predictions{Path(FILE).suffix}"))
    print(predictions.rows[0])

# %% [markdown]
# ## Change the cell
#
# Go back to the cell, change it, and run all cells from there on. Each line below takes about a minute or less:
#
# | `FILE` | `TASK` | `COLUMNS` | `FREEZE` |
# |---|---|---|---|
# | `library.csv` | `"classify"` | `{"text": "message", "label": "topic"}` | `"first-3"` |
# | `library.csv` | `"few"` | `{"text": "message", "label": "topic"}` | `"none"` |
# | `workshop.conll` | `"tag"` | `{}` | `"none"` |
# | `rules.jsonl` | `"answer"` | `{}` | `"none"` |
# | `library.csv` | `"read"` | `{"text": "message"}` | `"first-0"` |
#
# Then use your own file. If it contains private data (names, addresses, illnesses), hide it first, as lesson 03 does
# with names. Keep the trained model as private as the rows: it may have learned some of them by heart.
#
# ## Exercises
#
# ### Exercise 1 · Labels that nobody knows (easy, 5 minutes)
#
# A typo in a label makes a new class. `known` is the label inventory. Return the numbers of the rows, counted from
# zero, whose label isn't in it.


# %% tags=["exercise"]
def unknown_labels(labels: list[str], known: list[str]) -> list[int]:
    """Return the row numbers of labels that are not in the inventory."""
    ### BEGIN SOLUTION
    return [row for row, label in enumerate(labels) if label not in known]
    ### END SOLUTION


# %%
import exercises

exercises.check(unknown_labels)

# %% [markdown]
# <details><summary>Hint</summary><code>enumerate(labels)</code> gives each row's number and label.</details>
#
# ### Exercise 2 · One spelling for each label (medium, 10 minutes)
#
# The lesson put all labels into lower case. But *VAT* or *McNeil* should keep their capitals. Two spellings belong
# together if `strip` and `casefold` make them equal. Return for each row the most common spelling of its label; if
# several are equally common, the one that comes first in the file.


# %% tags=["exercise"]
def one_spelling(labels: list[str]) -> list[str]:
    """Return each label in the commonest spelling of its group."""
    ### BEGIN SOLUTION
    groups = {}
    for label in labels:
        groups.setdefault(label.strip().casefold(), []).append(label)
    best = {key: max(group, key=group.count) for key, group in groups.items()}
    return [best[label.strip().casefold()] for label in labels]
    ### END SOLUTION


# %%
exercises.check(one_spelling)

# %% [markdown]
# <details><summary>Hint</summary>Collect the spellings of each group first. Among equals, <code>max(group,
# key=group.count)</code> returns the first.</details>
#
# ### Exercise 3 · Count the leaked rows (medium, 10 minutes)
#
# How many test rows have a text that is in `train`, too? Texts count as equal if they differ only in capitals and in
# the number or kind of spaces. A text that is twice in the test counts twice, because both rows are scored.


# %% tags=["exercise"]
def leaked_rows(train: list[str], test: list[str]) -> int:
    """Return the number of test rows whose text stands in train."""
    ### BEGIN SOLUTION
    def plain(text):
        return " ".join(text.lower().split())

    held = {plain(text) for text in train}
    return sum(plain(text) in held for text in test)
    ### END SOLUTION


# %%
exercises.check(leaked_rows)

# %% [markdown]
# <details><summary>Hint</summary><code>" ".join(text.split())</code> leaves single spaces. Make a set of the training
# texts first.</details>
#
# ### Exercise 4 · Split by group (a small project, 30 minutes)
#
# Messages from one customer are often similar. If some are in training and others in the test, the score doesn't tell
# you how well the model does on *new* customers. `groups` names the customer of each row. Go through the customers in
# the order of their first rows, and put *all* rows of each into the test, until it has at least `test_rows` rows, or
# all there are; for 0 it stays empty. Return the numbers of the test rows, in order.


# %% tags=["exercise"]
def split_by_group(groups: list[str], test_rows: int) -> list[int]:
    """Return the rows of the test: whole groups, until there are enough."""
    ### BEGIN SOLUTION
    chosen, count = set(), 0
    for group in groups:
        if group not in chosen and count < test_rows:
            chosen.add(group)
            count += groups.count(group)
    return [row for row, group in enumerate(groups) if group in chosen]
    ### END SOLUTION


# %%
exercises.check(split_by_group)

# %% [markdown]
# <details><summary>Hint</summary>Choose the groups in one loop, then collect their rows in a second one. You may get a
# few rows more than you asked for.</details>
#
# Now the project. Bring a file in which rows belong together: by author, day, patient or product. Write the split into
# a column with your function, and train with it (`"split": "…"` in `COLUMNS`). Train again without that column. How
# much does a split that ignores groups flatter the score?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Read five lines yourself, then let a program look for all other problems at once.
# - Stop if a score would be wrong: a text with two labels, a label with two spellings, a text in two splits.
# - Fix a copy, one thing at a time, and inspect it again after each step.
# - Split so that rows that belong together stay together.
# - Know what you get without training, and how much one test row counts.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *JSON Lines* (JSONL): a file format with one JSON object per line.
# - *CoNLL format*: a file format with one word and its tag per line, and an empty line after each sentence.
# - *Character encoding*: a table that maps bytes to characters, such as UTF-8.
# - *Label inventory*: the set of labels that a file may use.
# - *Leak* (leakage): a text that is in both training and test, so that the score includes what was learned by heart.
# - *Stratified*: split so that each class has about the same share in every part.
# - *Near-duplicate*: a text that shares much of its wording with another one.
#
# Next: [10 · Update old code](10_update_old_code.ipynb).
