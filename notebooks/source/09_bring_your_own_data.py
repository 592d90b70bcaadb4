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
# **What you'll do.** Find out what is wrong with a file, and fix it. Then train a model on your own rows, for any task
# of the course, by changing one cell.
#
# **What you'll learn**
# - look at the first lines of a file before a program reads it
# - find what spoils training: broken lines, one label in two spellings, rows that appear twice, classes with very few
#   rows
# - fix a file step by step, until a check finds no more problems
# - split rows so that no text is in two parts
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
# **Words first.** In *JSON Lines*, each line is a row, written as one JSON object. In the *CoNLL format*, each line has
# a word and its tag, with a tab between them, and an empty line ends a sentence. The course also reads CSV, Excel, JSON
# arrays, Parquet, folders of `save_to_disk`, CoNLL-U, SQuAD's JSON, and what annotation tools export (Doccano, Prodigy,
# spaCy and others). You need to know only the format of your own file. The variable `TASK`, which you set below,
# decides what each row must have, and which lesson's training is used:
#
# | `TASK` | each row has | trained as in | example file in `data/examples/` |
# |---|---|---|---|
# | `classify` | `text`, `label`: one label, or a list of labels | lesson 01; with frozen parts, lesson 06 | `library.csv`: messages to a library |
# | `few` | the same; only some rows are used | lesson 07 | `library.csv` |
# | `tag` | `tokens`, `tags`: a list of words, and a tag for each; or a text and its spans | lesson 03 | `workshop.conll`: notes from a bicycle workshop |
# | `answer` | `question`, `context`, `answers` | lesson 05 | `rules.jsonl`: house rules |
# | `read` | `text` | lesson 08 | `library.csv`, or any other file with a column of texts |
#
# Your columns may have other names. CSV and Excel can't hold lists, so they work only for `classify` (with one label
# per row), `few` and `read`. For `answer`, the column `answers` looks like `{"text": ["18 pounds"], "answer_start":
# [21]}`. `answer_start` is the position in `context` where the answer begins, counted from 0. If there is no answer,
# both lists are empty.
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
# Did you spot the mistake? The third label starts with a capital letter and ends with a space.
#
# ## From one check to a function
#
# For a model, `Refund ` and `refund` would be two classes. If you strip the spaces and ignore case (`casefold`), the
# two labels are equal.

# %% tags=["nbval-check-output"]
import json

spelling = json.loads(lines[2])["label"]
spelling, spelling.strip().casefold()

# %% [markdown]
# Are there more labels like this? Loop over all lines. If a line can't be read, print the error and go on: a check that
# stops at the first problem hides all the others. (Wrong bytes and wrong JSON both raise a kind of `ValueError`.)

# %%
labels = []
for number, line in enumerate(lines, start=1):
    try:
        labels.append(json.loads(line).get("label"))
    except ValueError as error:
        print(f"line {number}, {type(error).__name__}: {line[:60]}")

# %% [markdown]
# Two lines can't be read. A *character encoding* is a table that maps bytes to characters. In line 17, `\xe9` is an *é*
# in an old encoding, Windows-1252 (`cp1252` in Python). JSON files must be in UTF-8, where an *é* is two bytes. Line 22
# has no closing brace. (You can't see that: only its first 60 bytes are printed.) Here are the labels of all other
# lines:

# %%
from collections import Counter

Counter(labels)

# %% [markdown]
# The next function finds labels with several spellings in any file, and returns their spellings.


# %%
def label_variants(labels):
    groups = {}
    for spelling, _ in Counter(labels).most_common():
        groups.setdefault(spelling.strip().casefold(), []).append(spelling)
    return {label: found for label, found in groups.items() if len(found) > 1}


label_variants([label for label in labels if label is not None])

# %% [markdown]
# **Check.** The most common spelling comes first, even if the file starts with another.

# %%
assert label_variants(["A ", "a", "a", "b"]) == {"a": ["a", "A "]}
assert label_variants(["refund", "repair"]) == {}

# %% [markdown]
# ## All checks at once
#
# `own_data.read` notes each line that it can't read, and goes on. `own_data.examine` runs the check above and many
# more. It guesses the encoding of line 17, so it leaves out only line 22.

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
# training would fail, or that its score would be wrong. **Look** means that you have to decide. Three findings need an
# explanation:
#
# - **The same text with another label**: whatever the model answers, it's wrong on one of the rows.
# - **A leak**: the same text, or nearly the same, is in two splits, such as `train` and `test`. So the score also
#   rewards what the model learned by heart. Capital letters, punctuation and spaces don't make two texts different.
# - **A rare class**: one row is too little to learn a class from, and a test without that class says nothing about it.
#
# `own_data.prepare` turns rows into datasets. It refuses this file:

# %%
try:
    own_data.prepare(table, "classify", seed=lesson.seed)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Trap: a random split of rows that appear twice
#
# If training and test share rows (a *leak*), by how much can that raise the score? Use the rows of `library.csv`, and
# replace each label with a **random** one. Now there is nothing to learn. Then duplicate every row, with its label, as
# if somebody had joined two copies of a file.

# %%
import random

rng = random.Random(lesson.seed)
library = own_data.read("data/examples/library.csv")
texts = [row["message"] for row in library.rows] * 2
random_labels = [rng.choice("ABCDE") for _ in library.rows] * 2

# %% [markdown]
# A very simple classifier is enough: it finds the training row whose words are most similar, and copies its label.
# (TF-IDF counts the words of a text, and lets rare words count more.) `parts` has the row numbers of each split.
# `own_data.split_groups` keeps equal texts together.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def nearest_row(parts):
    """Give each test row the label of the nearest training row; return the accuracy."""
    chosen = {name: ([texts[i] for i in rows], [random_labels[i] for i in rows])
              for name, rows in parts.items()}
    model = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(1, metric="cosine"))
    return model.fit(*chosen["train"]).score(*chosen["test"])


# %%
order = rng.sample(range(len(texts)), len(texts))
half = len(order) // 2
at_random = {"train": order[:half], "test": order[half:]}
shares = {"train": 0.5, "test": 0.5}
together = own_data.split_groups(texts, random_labels, shares, seed=lesson.seed)
leaking, honest = nearest_row(at_random), nearest_row(together)
print(f"split at random: {leaking:.2f}, equal texts kept together: {honest:.2f}")
assert leaking > honest + 0.2

# %% [markdown]
# With five labels, a guess is right one time in five. If equal texts are kept together, the score is close to that of a
# guess. With the random split, about half of the test rows have a copy in training, and the score is much higher. With
# real labels, you couldn't tell copying from learning.
#
# ## Fix it, step by step
#
# Start with the lines that can't be read: replace the wrong byte, close the brace of line 22, and save the result under
# another name. Never overwrite the original.

# %%
from pathlib import Path
from helpers.runs import run_folder

fixed = [line.replace(b"\xe9", "é".encode()) for line in lines]
fixed[21] += b"}"
path = Path(run_folder(lesson, "fixed"), "fixed.jsonl")
path.write_bytes(b"\n".join(fixed))
table = own_data.read(path)
inspect(table).kinds()

# %% [markdown]
# Next, read the row without a label, and label it yourself: here, `refund`. Remove the row without a text. Then give
# each label one spelling. (`change(f)` replaces each row with `f(row)`. `keep(f)` keeps only the rows for which `f` is
# true. In `a | b`, the values of `b` win.)

# %%
unlabeled = [row["text"] for row in table.rows if not row.get("label")]
print(unlabeled)
table = table.change(lambda row: row | {"label": row.get("label") or "refund"})
table = table.keep(lambda row: row["text"].strip())
table = table.change(lambda row: row | {"label": row["label"].strip().casefold()})
inspect(table).kinds()

# %% [markdown]
# One text has two labels. Which one is right? No program can tell you, so read it:

# %%
paid = [row for row in table.rows if row["text"].startswith("I paid for a repair")]
tables.table(paid)

# %% [markdown]
# Suppose your rule is: if a repair was paid for but never done, the label is `refund`. Write such rules down, and
# remove the other row. Three problems remain:
# - One text is in training and in the test. Remove the training row: the less you change the test, the better you can
#   compare new scores with old ones. (`same_text` returns a text without capitals, punctuation and extra spaces.)
# - One class, `praise`, has a single row. Remove that row.
# - In one message, long e-mails follow the question. Keep only the question.

# %%
from labs.own_data.duplicates import same_text

test = {same_text(row["text"]) for row in table.rows if row["split"] == "test"}
table = table.keep(lambda row: row not in paid or row["label"] == "refund")
table = table.keep(
    lambda row: row["split"] == "test" or same_text(row["text"]) not in test)
table = table.keep(lambda row: row["label"] != "praise")
table = table.change(lambda row: row | {"text": row["text"].split(" I paste")[0]})
inspect(table)

# %% [markdown]
# **Check.** The report is empty, and the rows can become datasets.

# %%
assert inspect(table).findings == ()
own_data.prepare(table, "classify", seed=lesson.seed).num_rows

# %% [markdown]
# ## Going deeper: From spans to tagged words
#
# Many annotation tools don't split a text into words. For each entity they save a span: the position of its first
# character, the position after its last one, and its type. Here is a row as Doccano exports it. `own_data.read` splits
# the text at spaces, and turns the spans into tags:

# %%
note = {"text": "The bell of the Kestrel rattles, says Ann Lee.",
        "label": [[4, 8, "PART"], [16, 23, "BIKE"], [38, 45, "PERSON"]]}
path = Path(run_folder(lesson, "spans"), "notes.jsonl")
path.write_text(json.dumps(note), encoding="utf-8")
row = own_data.read(path).rows[0]
tables.strip({"word": row["tokens"], "tag": row["tags"]})

# %% [markdown]
# The last span ends before the period, but the last word, `Lee.`, includes the period. The whole word is tagged, and
# `own_data.examine` reports a *span that cuts a word*. Here, let the tokenizer split the text into words and
# punctuation marks.
#
# **Check.** `offsets` say where each word is in the text. With them, the tags turn back into spans.

# %%
row = own_data.read(path, words=tokenizer).rows[0]
back = own_data.spans_of(row["tags"], row["offsets"])
assert [list(span) for span in back] == row["spans"]
own_data.marked(row["text"], back)

# %% [markdown]
# If your tags follow another scheme than IOB2 (IOB1, BIOES, BILOU, or plain types), the course turns them into IOB2.
#
# ## The cell to change
#
# First run the next cell as it is; later, put in the path of *your* file. Its name is enough if the file is beside this
# notebook or in the course's folder. (In Colab or Binder, upload it first. On another day, run the cells above again.)
# `COLUMNS` maps the course's names to those of your file: here, the texts are in the column `message`. Leave out a
# column if both names are the same, or if the task doesn't need it. If a column says to which split each row belongs,
# add `"split": "name of that column"`. If your splits are in three files, write `FILE = {"train": "…", "validation":
# "…", "test": "…"}`. The second cell below has settings that you need less often. It also runs all checks.

# %%
FILE = "data/examples/library.csv"
TASK = "classify"
COLUMNS = {"text": "message", "label": "topic"}
FREEZE = "none"  # or "head-only", "first-3", "bias-only", as in lesson 06
ENCODING = None  # or the encoding's name, if the course guesses it wrong: "cp1252"

# %%
WORDS = "whitespace"  # or the variable tokenizer, which splits off punctuation
LABELS = None  # or a list: the names of labels 0, 1, 2 …, if the file has numbers
ROWS = lesson.train_rows  # to train on; None takes all
table = own_data.read(FILE, ENCODING, WORDS)
options = {"tokenizer": tokenizer, "max_length": lesson.max_length, "labels": LABELS}
own_data.examine(table, TASK, COLUMNS, **options)

# %% [markdown]
# The encoder that comes with the course was trained on English. For other languages, use the full track (lesson 00),
# and name a suitable encoder in the environment variable `COURSE_CHECKPOINT`. Set the track and the variable before you
# run the first cell.
#
# ## Split
#
# If your file has splits, `prepare` keeps them. If validation or test is missing, `prepare` takes some training rows to
# make it. If your file has none, about 70 % of the rows go to `train`, and 15 % each to `validation` and `test`; a
# class with few rows gives each part at least one. The split is *stratified*: each class has about the same share in
# every part.
#
# Some rows stay together: equal texts, all questions about one passage, and *near-duplicates*. Take every sequence of
# five words in the shorter of two texts: if more than half of them are also in the longer text, the two are
# near-duplicates.

# %%
splits = own_data.prepare(table, TASK, COLUMNS, seed=lesson.seed, labels=LABELS)
shown = min(4, len(splits["train"]))
tables.random_rows(splits["train"], count=shown, seed=lesson.seed)

# %% [markdown]
# **Check.** No text is in two parts.

# %%
held = {name: own_data.texts_of(part) for name, part in splits.items()}
assert held["train"].isdisjoint(held["validation"] | held["test"])
assert held["validation"].isdisjoint(held["test"])
splits.num_rows

# %% [markdown]
# ## What does a simple method get?
#
# That is the score to beat. The baseline depends on the task:
#
# - `classify`, `few`: the most common label; and a logistic regression on counted words (TF-IDF)
# - `tag`: a dictionary that gives each word the tag it had most often in training
# - `answer`: a model that never answers, and the model before training
# - `read`: the model before training

# %%
task = own_data.start(TASK, splits, lesson, FREEZE, ROWS)
baselines = task.baselines()
tables.table(own_data.comparison(baselines, {})[:-1])  # no trained model yet

# %% [markdown]
# ## Train
#
# `task.train()` does what the lesson of your task did, with the same functions, and freezes what `FREEZE` says. To stay
# within a minute, `own_data.start` kept at most `ROWS` training rows and, from a large file, only a sample of the
# validation and the test rows. (The baselines used the same rows.) `task.minutes()` estimates the time from a few steps.

# %%
for name, part in task.splits.items():
    print(f"{name}: {len(part)} of {len(splits[name])} rows")
print("as in lesson", task.taught, dict(task.settings) | {"learning_rate": task.rate})
print(f"training will take about {task.minutes():.1f} minutes")
history = task.train()
print(f"{task.run.seconds:.0f} s")
plots.curves(history, ["loss"], "training loss")

# %% [markdown]
# ## Was it worth it?
#
# Is the gain over the best baseline more than luck? If each of the `n` test rows has one label, a row is worth `1/n` of
# the accuracy. Take the gain in accuracy from the table (the gain printed below it is in macro F1) and multiply it by
# `n`: that many more rows are right. Even five may be luck: if two models are equally good, each row that only one of
# them gets right is like a coin toss (lesson 06), and five tosses give the same side in 1 of 16 cases. (In macro F1,
# here `f1`, a row of a rare class counts more.) If one class has most of the rows, look at macro F1 only, and try a
# loss in which rare classes count more: `cross_entropy(…, weight=…)` in a `compute_loss_func` (lesson 04).

# %%
scores = task.score()
rows = own_data.comparison(baselines, scores)
tables.table(rows)

# %%
gain, n = own_data.gain(task, rows), len(task.splits["test"])
print(f"gain in {task.main} over the best baseline: {gain:+.3f}, on {n} test rows")
if TASK in ("classify", "few") and "accuracy" in scores:  # one label per row
    print(f"one row is {1 / n:.3f} of the accuracy")

# %% [markdown]
# A negative gain is a result, too: use the baseline. If `prepare` made the splits, another seed splits the rows
# differently. With few rows, give `prepare` several seeds before you believe a difference.
#
# ## Read the mistakes
#
# Which rows does the model get wrong? As in lesson 01, look at validation rows only: if you change anything because of
# the test rows, the test is spoiled. Look for wrong labels, too.

# %%
tables.table(task.mistakes())

# %% [markdown]
# ## Save and describe
#
# **Check.** The model has the same score after saving and loading.

# %%
folder = run_folder(lesson, f"own-{TASK}")
task.save(folder)
task.load(folder)
assert task.score() == scores

# %% [markdown]
# The last line of the model card is yours to write.
#
# `predict` copies rows and puts the model's answers in place of the labels. (New rows need none. For `"tag"`, give each
# text an empty list of spans: `{"text": "…", "label": []}`.) Here it gets the first five rows of your file. (Most are
# training rows, so don't judge the model by them.) `export` saves the copies as the same kind of file (a CSV with
# commas, in UTF-8).

# %%
card = own_data.card(task, table.file, rows)
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)
if TASK != "read":  # which has no answers to write
    first = table.keep(lambda row: row in table.rows[:5])
    predictions = task.predict(first, COLUMNS)
    own_data.export(predictions, Path(folder, f"predictions{Path(table.file).suffix}"))
    print("with the model's answer:", predictions.rows[0])

# %% [markdown]
# ## Change the cell
#
# Go back to the cell, change it, and run all cells from there on. Each line below takes about a minute or less. Write
# `data/examples/` in front of each file name; `"first-0"` freezes the embeddings.
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
# with names. Keep the trained model as private as the rows: it may have learned some of them by heart. For `"answer"`,
# mark short answers: one with more tokens than two windows share (`doc_stride`, 48) may fit into no window, and then
# the model learns that there is none.
#
# ## Going deeper: Compare freezing strategies on your rows
#
# `own_data.experiment` hands your rows to lesson 06's lab, which scores models on the validation rows. Choose a
# strategy, press *Run*, and compare over seeds. It works for `classify`, with one label per row, and for `tag`, with
# tags of entities.

# %%
from labs.freezing.lab import Lab

settings = course.start("06").settings | task.settings  # the task's win
try:
    panel = Lab(own_data.experiment(task, table.file), settings).panel()
except ValueError as error:
    panel = str(error)
panel

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · Labels that nobody knows (easy, 5 minutes)
#
# A typo in a label makes a new class. The *label inventory*, here `known`, is the set of labels that a file may use.
# Return the numbers of the rows, counted from zero, whose label isn't in it.


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
# together if `strip` and `casefold` make them equal. For each row, return the most common spelling of its label,
# exactly as it is in the file, spaces included. If several spellings are equally common, return the one that comes
# first in the file.


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
# How many test rows have a text that is in `train`, too? Texts count as equal if they differ only in capitals, in the
# white space between two words (spaces, tabs, newlines), or in white space at the start or the end. A text that is
# twice in the test counts twice, because both rows are scored.


# %% tags=["exercise"]
def leaked_rows(train: list[str], test: list[str]) -> int:
    """Return the number of test rows whose text is also in train."""
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
# you how well the model does on *new* customers. `groups[i]` is the customer of row `i`. Take the customers in the
# order in which they first appear, and put *all* rows of a customer into the test. Stop when the test has at least
# `test_rows` rows (if that is 0, it stays empty), or when no customer is left. Return the numbers of the test rows,
# from low to high: `split_by_group(["Ann", "Bo", "Ann", "Cy"], 2)` is `[0, 2]`.


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
# <details><summary>Hint</summary>Choose the groups in one loop, then collect their rows in a second one.</details>
#
# Now the project. Bring a file in which rows belong together: by author, day, patient or product. Choose about 15% of
# the rows as test rows with your function (`prepare` takes as many), add a column that says `test` or `train` for each
# row, and name it as `split` in `COLUMNS`. Then train again without `split`. How much higher is the score of a split
# that ignores groups?
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
# - Fix a copy, step by step, and inspect it again after each step.
# - Split so that rows that belong together stay together.
# - Know what a simple method gets, and how much one test row counts.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *JSON Lines* (JSONL): a file format with one JSON object per line.
# - *CoNLL format*: a file format with one word and its tag per line, and an empty line after each sentence.
# - *Character encoding*: a table that maps bytes to characters, such as UTF-8.
# - *Label inventory*: the set of labels that a file may use.
# - *Leak* (leakage): a text, or nearly the same one, in two splits, so that the score also rewards what was learned by
#   heart.
# - *Stratified*: split so that each class has about the same share in every part.
# - *Near-duplicate*: a text that shares much of its wording with another one.
#
# Next: [10 · Update old code](10_update_old_code.ipynb).
