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
# # 10 · Update old code
#
# You open a notebook from 2021, and its second cell fails. You fix that, and it runs to the end. But the score is poor,
# and no message tells you why. Here you can look up both: code that fails today, and code that runs without a message
# but does something else.
#
# **What you'll do.** Take code from 2020 to 2023, find what no longer works, and write it in today's form.
#
# **What you'll learn**
# - recognize the three ways in which code grows old: it fails, it warns, or it silently does something else
# - use a table of more than a hundred old pieces of code, each run next to the code that replaces it
# - prove a change by running it, without a network
# - find and rename old names with Python's parser instead of a text search
#
# **What you'll need.** Lesson 01; lessons 03 and 07 help. 95 minutes of reading and exercises. Use the tables to look
# things up; don't read them row by row. The notebook runs in half a minute on two CPU cores and needs 1 GB of memory.

# %%
from helpers import course, tables
from labs.old_code import changes
from labs.old_code.table import old_and_new

lesson = course.start("10")
lesson

# %% [markdown]
# **Words first.** A *form* is a way to write something in code. A *deprecation* is an announcement: the old form still
# works, but it will be removed. A *silent change* is worse: the old form runs without a message, but does something
# else than before. A *pinned version* is named exactly, so that everybody installs the same one. The tables below hold
# for the versions pinned in `constraints.txt`.

# %%
from importlib.metadata import version

packages = ["transformers", "datasets", "evaluate", "huggingface_hub", "accelerate",
            "setfit", "sentence-transformers", "torch"]
tables.table([{"package": name, "installed here": version(name)} for name in packages])

# %% [markdown]
# ## One change by hand
#
# A book from 2022 uses the argument `evaluation_strategy`. Run such a line and catch the error. (`"unused"` names an
# output folder, which isn't created.)

# %%
from transformers import TrainingArguments

try:
    TrainingArguments("unused", evaluation_strategy="epoch")
except TypeError as error:
    print(type(error).__name__, error, sep=": ")

# %% [markdown]
# Today the argument has a shorter name:

# %%
TrainingArguments("unused", eval_strategy="epoch").eval_strategy.value

# %% [markdown]
# To describe a change, you need the old code, the new code, and what each of them does. To check a hundred of these,
# you need a function that runs code: `attempt`, below. Each call of it starts with an empty namespace (a new dictionary
# of names), so no variable is left over from an earlier call.
#
# Like a notebook cell, it returns the value of the last statement, if that is an expression. To find that statement,
# Python's module `ast` parses the source into a *syntax tree*, a tree of its statements and expressions.

# %%
import ast


def attempt(source, setup=""):
    namespace = {}
    exec(setup, namespace)
    try:
        *first, last = ast.parse(source).body
        exec(compile(ast.Module(first, []), "<row>", "exec"), namespace)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), "<row>", "eval"), namespace)
        exec(compile(ast.Module([last], []), "<row>", "exec"), namespace)
    except Exception as error:
        return error


# %% [markdown]
# `compile` turns a syntax tree into code that can run (`"<row>"` takes the place of a file name). `exec` runs
# statements, `eval` returns the value of an expression. `setup` is what both forms share, such as imports. If the old
# or the new code fails, the function returns the error instead of raising it. (An error of `setup` is raised.)

# %%
setup = "from transformers import TrainingArguments"
old = attempt('TrainingArguments("unused", no_cuda=True)', setup)
new = attempt('TrainingArguments("unused", use_cpu=True).device', setup)
print(repr(old), repr(new), sep="\n")

# %% [markdown]
# ## Run every row
#
# Each change is a row of a table. Run all rows now; the sections below show them by topic. The old form of a row has
# one of three marks: `error` (it fails; the tables show the type of the error), `warns`, or `silent`. (`run` blocks the
# Hub, so an old form that would ask it counts as an error.)
#
# **Check.** Every old form does what its row says, and every new form works. If a library changes again, the next cell
# fails and names the rows, and the tables below mark them.

# %%
from labs.old_code.change import KINDS, TOPICS

outcomes = {topic: [changes.run(change) for change in changes.rows(topic)]
            for topic in TOPICS}
everything = [outcome for topic in outcomes.values() for outcome in topic]
failed = [outcome.change.name for outcome in everything if not outcome.holds]
assert not failed, failed
assert len(everything) > 100
count = {kind: sum(o.change.does == kind for o in everything) for kind in KINDS}
print(len(everything), "changes:", count)

# %% [markdown]
# ## Going deeper: A row of the table, and how it can fail
#
# A row is a `Change`. A row should not pass with just any error. So it names the type of the error and a part of its
# message. The cell prints the old form, that type and part, the new form, and the value that it must return.
# (`folder()` takes the place of `"unused"` above.)

# %%
row = changes.find("warmup_ratio")
print(row.old, row.error, row.tells, row.new, row.gives, sep="\n")
old_and_new([changes.run(row)])

# %% [markdown]
# `run` puts both forms through a function like `attempt` and records all warnings and log messages. If your library is
# older than a change, the row of that change is skipped. The table then says *not yet* and names the version that
# brought the change.
#
# **Check.** Would you notice if a library changed again? Make two wrong rows on purpose: an old form that works
# although it should fail, and a new form that fails. Both must get a red ✗. The other form of each row stays right.

# %%
from dataclasses import replace

revived = replace(row, old="TrainingArguments(folder(), warmup_steps=0.1)")
broken = replace(row, new="TrainingArguments(folder(), warm_up=0.1)")
marked = [changes.run(revived), changes.run(broken)]
assert [outcome.holds for outcome in marked] == [False, False]
old_and_new(marked)

# %% [markdown]
# ## Data sets
#
# `ds["text"]` used to be a list. Now it's a `Column`, which reads its values only when you ask for them. Much code
# works with both, but a tokenizer refuses a `Column`.

# %%
from transformers import AutoTokenizer
from helpers import data

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
reviews = data.load(lesson.dataset)["validation"].select(range(8))
try:
    tokenizer(reviews["text"])
except ValueError as error:
    print(type(reviews["text"]).__name__, "->", str(error)[:60], "...")

# %% [markdown]
# A slice of a `Column` is a list again, and so is `list(...)` of it:

# %%
len(tokenizer(list(reviews["text"]))["input_ids"]), type(reviews["text"][:]).__name__

# %% [markdown]
# These are all the changes that we know of in the library `datasets`. A ✓ means that the form did what the row says.
# The text after it says what happened: `silent: False` means that the old form ran without a message and returned
# `False`. The table leaves out the setup; to see it, give the name of a row: `print(changes.find("columns
# added").setup)`.

# %%
old_and_new(outcomes["datasets"])

# %% [markdown]
# ### Names have owners
#
# Books load `squad` and `imdb`. Today you name a data set with its owner. Even without a network you can test how the
# library reads a name: it refuses `squad` and accepts `rajpurkar/squad`.

# %%
from huggingface_hub import parse_hf_uri

homes = {"imdb": "stanfordnlp/imdb", "squad": "rajpurkar/squad",
         "squad_v2": "rajpurkar/squad_v2", "wnut_17": "leondz/wnut_17",
         "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
         "conll2003": "eriktks/conll2003"}
for name, home in homes.items():
    assert parse_hf_uri(f"hf://datasets/{home}").id == home
    try:
        parse_hf_uri(f"hf://datasets/{name}")
    except ValueError as error:
        print(str(error).partition(". ")[2])

# %% [markdown]
# What follows needs the Hub, so it isn't run here. By the same rule, `load_dataset("squad")` is refused.
# `eriktks/conll2003` and `leondz/wnut_17` came with a Python script that loaded them, and such scripts no longer run.
# Add `revision="refs/convert/parquet"` to get a copy in Parquet, a file format for tables. For `tner/mit_movie_trivia`,
# name the files: `load_dataset("json", data_files="hf://datasets/tner/mit_movie_trivia/…")`.
#
# ## Metrics
#
# `load_metric` is now `load` in the package `evaluate`. `evaluate.load("accuracy")` downloads the metric from the Hub,
# so the table loads one from a file.

# %%
old_and_new(outcomes["metrics"])

# %% [markdown]
# ## Arguments of training
#
# `TrainingArguments` lost many names. Most of them fail at once and are quickly fixed, but one needs care:
# `warmup_ratio=0.1` becomes `warmup_steps=0.1`. A value below 1 is a share of the steps, here of 1000. A value of 1 or
# more is itself the number of warm-up steps:

# %%
steps = {value: TrainingArguments("unused", warmup_steps=value).get_warmup_steps(1000)
         for value in (0.1, 0.99, 1.0, 100)}
assert steps == {0.1: 100, 0.99: 990, 1.0: 1, 100: 100}
steps

# %%
old_and_new(outcomes["arguments"])

# %% [markdown]
# ## Trainer and Accelerator
#
# Some methods of `Trainer` now get more arguments. If you override one of them, your old version fails. Here is a
# `Trainer` with its own loss, written as in 2022. It fails in its first step. (`small` makes a model of one layer with
# random weights, `encoded` makes six short texts, and `arguments` makes the arguments of the training.)

# %%
from transformers import Trainer
from labs.old_code.sandbox import arguments, encoded, small


class OldTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        outputs = model(**inputs)
        return (outputs.loss, outputs) if return_outputs else outputs.loss


try:
    OldTrainer(small(), arguments(), train_dataset=encoded()).train()
except TypeError as error:
    print(error)

# %% [markdown]
# The new argument counts the labels in all micro-batches of one step; a loss can divide by it (lesson 04). `**more`
# accepts it, and whatever comes next. But if your loss ignores it, set `model_accepts_loss_kwargs` to False. Otherwise,
# Trainer assumes that your loss is already divided, and with `gradient_accumulation_steps=4` the gradients are four
# times too large, without a message. With many models, BERT among them, a plain `Trainer` does the same: see the row
# *gradient_accumulation_steps*.


# %%
class NewTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **more):
        outputs = model(**inputs)
        return (outputs.loss, outputs) if return_outputs else outputs.loss


trainer = NewTrainer(small(), arguments(), train_dataset=encoded())
trainer.model_accepts_loss_kwargs = False  # this loss is the mean of one micro-batch
assert trainer.train().global_step == 1

# %%
old_and_new(outcomes["trainer"])

# %% [markdown]
# ## Going deeper: Collators and masking
#
# To hide whole words, you once used a special collator. Now you pass `whole_word_mask=True` to
# `DataCollatorForLanguageModeling`. It needs more than before: the offsets (where each token begins and ends in the
# text), rows of equal length, and a Trainer that keeps the offsets. It also replaces every chosen token by `[MASK]`;
# the old collator kept a tenth of them and replaced a tenth at random. Lesson 08 writes a collator that needs less.

# %%
old_and_new(outcomes["collators"])

# %% [markdown]
# ## Tokenizers
#
# This is the worst silent change that we found. To make a BERT tokenizer from a vocabulary file, old code passes
# `vocab_file=`. There's no error, but look at the output:

# %%
from transformers import BertTokenizer
from labs.old_code.sandbox import vocabulary_file

made = BertTokenizer(vocab_file=vocabulary_file())
print(len(made), made.tokenize("a lovely film"))

# %% [markdown]
# Only the five special tokens are left, and every word is unknown. You would train on nothing but `[UNK]`, and no
# message would say why the score is poor. Use `from_pretrained` instead:

# %%
loaded = BertTokenizer.from_pretrained(lesson.checkpoint)
print(len(loaded), loaded.tokenize("a lovely film"))

# %%
old_and_new(outcomes["tokenizers"])

# %% [markdown]
# ## Models
#
# Two silent changes deserve a look. A model returns an object with named fields. Code for transformers 3 unpacks it,
# `loss, logits = model(...)`. Today, `loss` and `logits` are then the names of the fields. The tensor is in `.loss`;
# the cell prints its shape, empty because the loss is one number:

# %%
import torch

ids = torch.tensor([[101, 7592, 102]])
loss, logits = small()(ids, labels=torch.tensor([1]))
print(loss, logits, small()(ids, labels=torch.tensor([1])).loss.shape)

# %% [markdown]
# The second change: weights now load in the number format in which they were stored; before, they loaded in float32.
# Weights stored in 16 bits (half precision) are too coarse for the small updates of training, so ask for float32, as
# every lesson does:

# %%
from transformers import AutoModel
from labs.old_code.sandbox import half_precision_folder

stored = AutoModel.from_pretrained(half_precision_folder())
asked = AutoModel.from_pretrained(half_precision_folder(), dtype=torch.float32)
stored.dtype, asked.dtype

# %%
old_and_new(outcomes["models"])

# %% [markdown]
# ## Pipelines
#
# The pipelines for question answering, summaries and translation are gone; those that classify or that fill in a hidden
# word are still there. For summaries and translation, the new form only imports a class; the note says what to call.
#
# One row is no change: a pipeline doesn't change the mode of your model, and it didn't in transformers 4. The row is in
# the table because the trap is silent. After training, the model may still be in train mode: dropout is on, and the
# same text gets two answers. The next cell prints `training` and whether two answers are equal, first in train mode,
# then in eval mode:

# %%
from transformers import pipeline

fresh = small(num_labels=3).train()
classify = pipeline("text-classification", model=fresh, tokenizer=tokenizer,
                    device="cpu")
print(classify.model.training, classify("a film") == classify("a film"))
fresh.eval()
print(classify.model.training, classify("a film") == classify("a film"))

# %%
old_and_new(outcomes["pipelines"])

# %% [markdown]
# ## Going deeper: The Hub
#
# When does `push_to_hub=True` need a network? You can find out without a network: `listening_hub` records each request
# instead of sending it. The first request goes out when you build the `Trainer`, long before there is anything to push.

# %%
from labs.old_code.sandbox import listening_hub

with listening_hub() as asked:
    try:
        Trainer(small(), arguments(push_to_hub=True))
    except OSError as error:
        print(error)
asked

# %% [markdown]
# So without a network the run fails before its first step. Leave out `push_to_hub=True`, train, and call
# `trainer.push_to_hub()` at the end.

# %%
old_and_new(outcomes["hub"])

# %% [markdown]
# ## Going deeper: SetFit
#
# SetFit and transformers once disagreed on the name of an argument, so notebooks wrote `args.eval_strategy =
# args.evaluation_strategy`. Today, if you pass `eval_strategy=` to SetFit's `TrainingArguments`,
# `args.evaluation_strategy` is `None`: the old line switches evaluation off. The row below trains for two steps, asks
# for an evaluation after each, and counts the evaluations (an outcome keeps its value as text):

# %%
outcome = changes.run(changes.find("args.eval_strategy = args.evaluation_strategy"))
print("evaluations with the old workaround and without:",
      outcome.old.value, outcome.new.value)
assert (outcome.old.value, outcome.new.value) == ("0", "2")
old_and_new(outcomes["setfit"])

# %% [markdown]
# ## What needs your eyes
#
# Errors and warnings tell you where to look. Silent changes don't, so here they are again (with the pipeline's train
# mode, which is just as silent):

# %%
silent = [outcome.change for outcome in everything if outcome.change.does == "silent"]
tables.table([{"topic": row.topic, "silent change": row.name} for row in silent])

# %% [markdown]
# To update a whole notebook, this order works well:
#
# 1. If the old score matters, get it first, with the old versions in an environment of their own.
# 2. List the old names in the source (Exercise 3). Fix imports, arguments and methods until it runs.
# 3. Go through the silent changes above, one by one.
# 4. Run it on a few rows. Check one encoded example (it isn't full of `[UNK]`), `model.dtype` (float32 to train) and
#    `model.training` (False to predict).
# 5. Compare the score with the old one.
#
# ## Exercises
#
# ### Exercise 1 · Give a name its owner (easy, 5 minutes)
#
# Return the name under which a data set is loaded today. `homes` maps bare names to full ones, as above. Leave all
# other names as they are: formats such as `json`, folders, and names that have an owner.


# %% tags=["exercise"]
def namespaced(name: str, homes: dict[str, str]) -> str:
    """Return owner/name for a bare name in `homes`, any other name unchanged."""
    ### BEGIN SOLUTION
    return homes.get(name, name)
    ### END SOLUTION


# %%
import exercises

exercises.check(namespaced)

# %% [markdown]
# <details><summary>Hint</summary><code>dict.get</code> takes a second argument: what to return if the key is
# missing.</details>
#
# ### Exercise 2 · Translate the arguments (medium, 15 minutes)
#
# Given keyword arguments for `TrainingArguments` from 2022, return today's:
#
# - `evaluation_strategy` becomes `eval_strategy`, and `no_cuda` becomes `use_cpu`
# - `overwrite_output_dir` is left out
# - `group_by_length` becomes `train_sampling_strategy="group_by_length"` if it is true; otherwise it is left out
# - the value of `warmup_ratio` becomes `warmup_steps`; but if the old `warmup_steps` is above 0, keep that one (it had
#   priority in 2022)
#
# All other arguments stay.


# %% tags=["exercise"]
def translate_arguments(old: dict) -> dict:
    """Return arguments from 2022 in the form that today's TrainingArguments takes."""
    ### BEGIN SOLUTION
    renamed = {"evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu"}
    new = {renamed.get(name, name): value for name, value in old.items()}
    new.pop("overwrite_output_dir", None)
    if new.pop("group_by_length", False):
        new["train_sampling_strategy"] = "group_by_length"
    share = new.pop("warmup_ratio", None)
    if share is not None and not new.get("warmup_steps"):
        new["warmup_steps"] = share
    return new
    ### END SOLUTION


# %%
exercises.check(translate_arguments)

# %% [markdown]
# <details><summary>Hint</summary><code>new.pop(name, default)</code> removes an argument and returns its
# value.</details>
#
# ### Exercise 3 · Find old names (medium, 20 minutes)
#
# Which of `old_names` does a piece of source use? Count a name if it is imported (`from x import name`), passed as a
# keyword (`name=`), or accessed as an attribute (`x.name`). Ignore comments, strings, variables, parameters (`def
# f(name=1)`), and longer names that contain an old one. Return each name once, sorted. `ast.walk(ast.parse(source))`
# visits every node of the tree.


# %% tags=["exercise"]
import ast


def find_old_names(source: str, old_names: list[str]) -> list[str]:
    """Return the old names that a source imports, passes or accesses, sorted."""
    ### BEGIN SOLUTION
    used = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            used.update(alias.name for alias in node.names)
        elif isinstance(node, ast.keyword):
            used.add(node.arg)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    return sorted(used.intersection(old_names))
    ### END SOLUTION


# %%
exercises.check(find_old_names)

# %% [markdown]
# <details><summary>Hint</summary>Three kinds of nodes matter: <code>ast.ImportFrom</code> with <code>names</code>, each
# with a <code>name</code>; <code>ast.keyword</code> with <code>arg</code>; <code>ast.Attribute</code> with
# <code>attr</code>.</details>
#
# ### Exercise 4 · Rename keywords in place (a small project, 30 minutes)
#
# Return the source with its keyword arguments renamed: `no_cuda=True` becomes `use_cpu=True`. Change nothing else:
# strings, comments, variables with the same name, and spaces stay. An `ast.keyword` node knows where it starts:
# `lineno` counts lines from 1, `col_offset` counts bytes from 0. (The check uses plain ASCII, where a byte is a
# character.) Then try it on old code of yours.


# %% tags=["exercise"]
def rename_keywords(source: str, renames: dict[str, str]) -> str:
    """Return the source with keyword arguments renamed, all else unchanged."""
    ### BEGIN SOLUTION
    nodes = [node for node in ast.walk(ast.parse(source))
             if isinstance(node, ast.keyword) and node.arg in renames]
    lines = source.split("\n")
    for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        line, start = lines[node.lineno - 1], node.col_offset
        line = line[:start] + renames[node.arg] + line[start + len(node.arg):]
        lines[node.lineno - 1] = line
    return "\n".join(lines)
    ### END SOLUTION


# %%
exercises.check(rename_keywords)

# %% [markdown]
# <details><summary>Hint</summary>A longer or shorter name moves everything after it. Begin with the last keyword of the
# source.</details>
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Code grows old in three ways: it fails, it warns, or it silently does something else. The third costs you most.
# - Prove a claim about a library: run the old form and the new one, and look at what they show.
# - When you test that old code fails, name the error that you expect. Otherwise the test passes with any error.
# - To test code that needs a network, record its requests instead of sending them.
# - Use the syntax tree to find what to change in code. A text search can't tell a keyword from a comment.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Deprecation*: the announcement that a form still works but will be removed.
# - *Silent change*: a change after which old code runs without a message but does something else.
# - *Pinned version* (pinned): a version that is named exactly, so that everybody installs the same one.
# - *Syntax tree*: source as a tree of its statements and expressions.
#
# Back to [00 · Start here](00_start_here.ipynb).
