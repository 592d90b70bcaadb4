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
# **What you'll do.** Take code or a book of 2020 to 2023, find what no longer holds, and write today's form.
#
# **What you'll learn**
# - tell three ways in which code grows old: it fails, it warns, it silently does something else
# - look up over a hundred old forms, each run here beside its new form
# - prove a change by running it, without a network
# - find and rename old names in a source, by its syntax and not by its letters
#
# **What you'll need.** Lesson 01; lessons 03 and 07 help. 95 minutes of reading and exercises. The notebook runs in
# half a minute on two CPU cores, trains next to nothing and needs 1 GB of memory.

# %%
from helpers import course, tables
from labs.old_code import changes
from labs.old_code.table import old_and_new

lesson = course.start("10")
lesson

# %% [markdown]
# You have an old notebook on the desk, and its second cell fails. This page is the place to look. It holds a table of
# old and new forms, by topic. Every row is *run* on this page: the old form first, then the new one.
#
# **Words first.** A *deprecation* is an announcement: a form still works, and will go. A *silent change* is worse: the old
# form runs, says nothing, and does something else than it did. A *pinned version* is a version that is named exactly, so
# that everybody installs the same. The tables below hold for the versions pinned in `constraints.txt`.

# %%
from importlib.metadata import version

packages = ["transformers", "datasets", "evaluate", "huggingface_hub", "accelerate",
            "setfit", "sentence-transformers", "torch"]
tables.table([{"package": name, "installed here": version(name)} for name in packages])

# %% [markdown]
# The tests run this page at every change of the course and each Monday, and each row once more by itself. When a
# library changes again, this page is the first to tell.
#
# ## One change by hand
#
# A book of 2022 writes `evaluation_strategy`. Run it, and catch what happens:

# %%
from transformers import TrainingArguments

try:
    TrainingArguments("unused", evaluation_strategy="epoch")
except TypeError as error:
    print(type(error).__name__, error, sep=": ")

# %% [markdown]
# The argument has a shorter name today:

# %%
TrainingArguments("unused", eval_strategy="epoch").eval_strategy.value

# %% [markdown]
# That is one row: an old piece of source, a new piece, and what each of them does. For a hundred rows we need a function
# that runs a piece of source. It starts with an empty namespace, so that no row leans on another. Python's module `ast`
# reads source into a *syntax tree*, a tree of statements and expressions; with it the last line can be told apart. Where
# that line is an expression, the function returns its value, as a notebook's cell does.

# %%
import ast


def attempt(source, setup=""):
    namespace = {}
    exec(setup, namespace)
    *first, last = ast.parse(source).body
    try:
        exec(compile(ast.Module(first, []), "<row>", "exec"), namespace)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), "<row>", "eval"), namespace)
        exec(compile(ast.Module([last], []), "<row>", "exec"), namespace)
    except Exception as error:
        return error


# %% [markdown]
# `setup` runs before and holds what both forms share, such as imports. An error is not raised but returned, as a result
# like any other.

# %%
setup = "from transformers import TrainingArguments"
old = attempt('TrainingArguments("unused", no_cuda=True)', setup)
new = attempt('TrainingArguments("unused", use_cpu=True).device', setup)
print(repr(old), repr(new), sep="\n")

# %% [markdown]
# ## A row of the table, and how it can fail
#
# Each row is a `Change`. It tells what the old form does: `error`, `warns` or `silent`. It also tells a part of what must
# be seen. So a row does not pass because *some* error occurs; it has to be the error that is told.

# %%
row = changes.find("warmup_ratio")
print(row.old, row.error, row.tells, row.new, row.gives, sep="\n")
old_and_new([changes.run(row)])

# %% [markdown]
# `run` puts both halves through `attempt`, and meanwhile keeps every warning and every line of a log. An old form that
# warns is not silent.
#
# Some changes are younger than the libraries you may have. Such a row is not run. The table says *not yet*, and from
# which version on the change holds.
#
# **Checkpoint.** Would we notice if a library changed again? Tell the row something wrong, and it must be marked. Here are
# two false rows: an old form that is said to fail and works, and a new form that fails.

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
# The change that meets everybody: `ds["text"]` was a list, and is a `Column`, which reads its values when asked. Much
# code does not notice. A tokenizer does.

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
# A slice of a `Column`, or `list` around it, is a list again:

# %%
len(tokenizer(list(reviews["text"]))["input_ids"]), type(reviews["text"][:]).__name__

# %% [markdown]
# All changes of data sets that we know of, run now. A tick says that the half did what the row tells. The set-up is left
# out; `print(changes.find("columns added").setup)` shows that of a row.

# %%
outcomes = {}
outcomes["datasets"] = [changes.run(change) for change in changes.rows("datasets")]
old_and_new(outcomes["datasets"])

# %% [markdown]
# ### Names have owners
#
# Books load `squad` and `imdb`. Today a data set is named with its owner. How an address is *read* needs no network, so
# it can be run: the bare name is refused, the full names are read.

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
# What is only *read*, not run here, since it takes the Hub: who owns each set; that `load_dataset("squad")` ends in this
# refusal; that `eriktks/conll2003` and `leondz/wnut_17` were loading scripts, with a copy in the branch
# `revision="refs/convert/parquet"`; that `lhoestq/conll2003` is a copy without a script; and that sets such as
# `tner/mit_movie_trivia` load by their files, `load_dataset("json", data_files="hf://datasets/tner/mit_movie_trivia/…")`.
# The course's own full track relies on such names; they are in `helpers/data.py`.
#
# ## Metrics
#
# `load_metric` moved into a package of its own, `evaluate`. By a name it asks the Hub, so the new form below loads a file.
# This course ships its metrics that way (lesson 03).

# %%
outcomes["metrics"] = [changes.run(change) for change in changes.rows("metrics")]
old_and_new(outcomes["metrics"])

# %% [markdown]
# ## Arguments of training
#
# `TrainingArguments` lost many names. They fail all in the same way, at once, and are quickly mended. One needs a thought:
# `warmup_ratio=0.1` becomes `warmup_steps=0.1`. Below 1 the number is a share of the steps, from 1 on it is a
# number of them:

# %%
steps = {value: TrainingArguments("unused", warmup_steps=value).get_warmup_steps(1000)
         for value in (0.1, 0.99, 1.0, 100)}
assert steps == {0.1: 100, 0.99: 990, 1.0: 1, 100: 100}
steps

# %%
outcomes["arguments"] = [changes.run(change) for change in changes.rows("arguments")]
old_and_new(outcomes["arguments"])

# %% [markdown]
# ## Trainer and Accelerator
#
# A method that you override gets more arguments than it did. Lesson 01's `Trainer` with a loss of your own, as of 2022,
# fails in its first step. `small` makes a model of one layer with random weights, `encoded` six short texts.

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
# One more argument mends it, the number of labels in all accumulated batches, for a loss that divides by it. Take
# `**more`, and the next new argument will not hurt either:


# %%
class NewTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **more):
        outputs = model(**inputs)
        return (outputs.loss, outputs) if return_outputs else outputs.loss


trainer = NewTrainer(small(), arguments(), train_dataset=encoded())
assert trainer.train().global_step == 1

# %%
outcomes["trainer"] = [changes.run(change) for change in changes.rows("trainer")]
old_and_new(outcomes["trainer"])

# %% [markdown]
# ## Collators and masking
#
# The collator for whole words became an argument, and wants more than before: offsets, rows of one length, and a
# Trainer that does not drop the offsets. Lesson 08 writes one that wants less.

# %%
outcomes["collators"] = [changes.run(change) for change in changes.rows("collators")]
old_and_new(outcomes["collators"])

# %% [markdown]
# ## Tokenizers
#
# Here is the worst silent change that we found. A BERT tokenizer made from a vocabulary file still *works*:

# %%
from transformers import BertTokenizer
from labs.old_code.sandbox import vocabulary_file

made = BertTokenizer(vocab_file=vocabulary_file())
print(len(made), made.tokenize("a lovely film"))

# %% [markdown]
# Five tokens are left, the special ones, and every word is unknown. Training would run on nothing but `[UNK]`, and no
# message says why the score is poor. The cure is `from_pretrained`:

# %%
loaded = BertTokenizer.from_pretrained(lesson.checkpoint)
print(len(loaded), loaded.tokenize("a lovely film"))

# %%
outcomes["tokenizers"] = [changes.run(change) for change in changes.rows("tokenizers")]
old_and_new(outcomes["tokenizers"])

# %% [markdown]
# ## Models
#
# Two silent ones. A model returns an object with names. Code that unpacks it, as code for transformers 3 did, gets the
# names and not the values:

# %%
import torch

ids = torch.tensor([[101, 7592, 102]])
loss, logits = small()(ids, labels=torch.tensor([1]))
print(loss, logits, small()(ids, labels=torch.tensor([1])).loss.shape)

# %% [markdown]
# And a checkpoint loads in the number format in which it was stored, where it used to load in float32. Ask for float32
# when you train, as every lesson does:

# %%
from transformers import AutoModel
from labs.old_code.sandbox import half_precision_folder

stored = AutoModel.from_pretrained(half_precision_folder())
asked = AutoModel.from_pretrained(half_precision_folder(), dtype=torch.float32)
stored.dtype, asked.dtype

# %%
outcomes["models"] = [changes.run(change) for change in changes.rows("models")]
old_and_new(outcomes["models"])

# %% [markdown]
# ## Pipelines
#
# `question-answering` is gone, and so are summaries and translation; those for classifying and for masked words stay. A
# pipeline takes a model as it is. One that comes from training is in train mode, and the pipeline does not change that:

# %%
from transformers import pipeline

fresh = small(num_labels=3).train()
classify = pipeline("text-classification", model=fresh, tokenizer=tokenizer,
                    device="cpu")
print(classify.model.training, classify("a film") == classify("a film"))
fresh.eval()
print(classify.model.training, classify("a film") == classify("a film"))

# %%
outcomes["pipelines"] = [changes.run(change) for change in changes.rows("pipelines")]
old_and_new(outcomes["pipelines"])

# %% [markdown]
# ## The Hub
#
# Nothing on this page may reach the network. Code that would is run against a stand-in: `listening_hub` writes each
# request down instead of sending it. Now one can see *when* `push_to_hub=True` asks the Hub: at once, when the `Trainer`
# is built, long before there is anything to push.

# %%
from labs.old_code.sandbox import listening_hub

with listening_hub() as asked:
    try:
        Trainer(small(), arguments(push_to_hub=True))
    except OSError as error:
        print(error)
asked

# %% [markdown]
# So a run without a network fails before its first step. Build the Trainer without it, train, and call
# `trainer.push_to_hub()` at the end.

# %%
outcomes["hub"] = [changes.run(change) for change in changes.rows("hub")]
old_and_new(outcomes["hub"])

# %% [markdown]
# ## SetFit
#
# The last row that we look at closely was a cure once. SetFit and transformers disagreed on the name of an argument, and
# notebooks wrote `args.eval_strategy = args.evaluation_strategy`. Today the right-hand side is `None` where the arguments
# were made with the new name. We count the evaluations of a training of two steps, one due after each:

# %%
outcome = changes.run(changes.find("args.eval_strategy = args.evaluation_strategy"))
print("evaluations with the old cure and without:",
      outcome.old.value, outcome.new.value)
assert (outcome.old.value, outcome.new.value) == ("0", "2")
outcomes["setfit"] = [changes.run(change) for change in changes.rows("setfit")]
old_and_new(outcomes["setfit"])

# %% [markdown]
# ## What needs your eyes
#
# Errors and warnings tell you where to look. The silent changes do not, so here they are once more, by name:

# %%
everything = [outcome for topic in outcomes.values() for outcome in topic]
silent = [outcome.change for outcome in everything if outcome.change.does == "silent"]
tables.table([{"topic": row.topic, "silent change": row.name} for row in silent])

# %% [markdown]
# **Checkpoint.** Every row that your versions have holds, both halves. If this fails, a table above says *changed again*.

# %%
from labs.old_code.change import KINDS, TOPICS

assert list(outcomes) == list(TOPICS)
assert [outcome.change.name for outcome in everything if not outcome.holds] == []
assert len(everything) > 100
count = {kind: sum(o.change.does == kind for o in everything) for kind in KINDS}
print(len(everything), "changes:", count)

# %% [markdown]
# An order of work that has served well for a whole notebook:
#
# 1. If the old score matters, get it first, in an environment with the old versions pinned.
# 2. List the old names in the source (Exercise 3), and mend imports, arguments and methods until it runs.
# 3. Go through the silent changes above, one by one.
# 4. Run it with a handful of rows. Look at one encoded example, at `model.dtype`, and at `model.training`.
# 5. Compare the score with the old one.
#
# ## Exercises
#
# ### Exercise 1 · Give a name its owner (easy, 5 minutes)
#
# Return the name under which a data set is loaded today. `homes` maps bare names to full ones, as above. Names that it
# lacks stay as they are: formats such as `json`, folders, names that have an owner.


# %% tags=["exercise"]
def namespaced(name: str, homes: dict[str, str]) -> str:
    """Return owner/name for a bare name of `homes`, any other name unchanged."""
    ### BEGIN SOLUTION
    return homes.get(name, name)
    ### END SOLUTION


# %%
import exercises

exercises.check(namespaced)

# %% [markdown]
# <details><summary>Hint</summary><code>dict.get</code> takes a second argument: what to return where the key is
# missing.</details>
#
# ### Exercise 2 · Translate the arguments (medium, 15 minutes)
#
# You are given keyword arguments for `TrainingArguments` as of 2022. Return today's:
#
# - `evaluation_strategy` is `eval_strategy`; `no_cuda` is `use_cpu`
# - `overwrite_output_dir` is left out
# - `group_by_length` that is true becomes `train_sampling_strategy="group_by_length"`; false, it is left out
# - `warmup_ratio` becomes `warmup_steps`, unless the old arguments have `warmup_steps` above 0: that won in 2022
#
# All other arguments stay.


# %% tags=["exercise"]
def translate_arguments(old: dict) -> dict:
    """Return arguments of 2022 as today's TrainingArguments takes them."""
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
# <details><summary>Hint</summary><code>new.pop(name, default)</code> takes an argument out and returns its
# value.</details>
#
# ### Exercise 3 · Find old names (medium, 20 minutes)
#
# Which of `old_names` does a piece of source use? Count a name that is imported (`from x import name`), passed as a
# keyword (`name=`) or taken as an attribute (`x.name`). A comment, a text, a variable, or a longer name with the same
# letters is no use. Return the names sorted, each once. `ast.walk(ast.parse(source))` visits every node of the tree.


# %% tags=["exercise"]
import ast


def find_old_names(source: str, old_names: list[str]) -> list[str]:
    """Return the old names that a source imports, passes or takes, sorted."""
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
# Return the source with its keyword arguments renamed: `no_cuda=True` becomes `use_cpu=True`. Everything else stays to
# the letter: texts, comments, variables of the same name, spaces. A node of the kind `ast.keyword` knows where it begins:
# `lineno` counts lines from 1, `col_offset` columns from 0 (the sources of the check are plain ASCII). Then run it, after
# Exercise 3, on an old notebook of yours.


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
# <details><summary>Hint</summary>A new name of another length moves whatever stands behind it. Begin with the last
# keyword of the source.</details>
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Code grows old in three ways: it fails, it warns, or it silently does something else. The third kind costs most.
# - A claim about a library is worth a run: the old form, the new form, and what each of them shows.
# - A row must name the error that it expects; else any error would pass for it.
# - What would reach the network can be run against a stand-in that writes requests down.
# - Change source by its syntax tree. Letters alone cannot tell a keyword from a comment.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Deprecation*: the announcement that a form still works and will go.
# - *Silent change*: a change after which old code runs without a message and does something else.
# - *Pinned version* (pinned): a version that is named exactly, so that everybody installs the same.
# - *Syntax tree*: a source as a tree of its statements and expressions.
#
# Back to [00 · Start here](00_start_here.ipynb).
