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
# # 05 · Answer questions with doc stride
#
# You want to move out. How many weeks ahead must you tell the landlord? The contract is long, and the encoder reads
# only 512 tokens, so it never sees the later pages. And if the contract doesn't say, the model still answers.
#
# **What you'll do.** Make the model point at the answer in a passage of any length, or say that there is none.
#
# **What you'll learn**
# - cut a long passage into overlapping windows
# - turn an answer's characters into token positions, and back
# - choose the best possible answer over all windows
# - decide when *not* to answer
# - score exact match and F1, and read the errors
#
# **What you'll need.** Lesson 03. 125 minutes of reading and exercises; *Going deeper* can wait. The notebook takes a
# little less than two minutes on two CPU cores, longer on one, and 1.4 GB of memory.

# %%
from helpers import course

lesson = course.start("05")
lesson

# %% [markdown]
# In *extractive question answering*, the answer is a *span*, a piece of a given text. That text is the *passage*; the
# data set calls it `context`. The model writes nothing. It points: the answer starts here and ends there.
#
# ## Passages, questions, answers
#
# The rows have the format of SQuAD, a data set of questions about Wikipedia. An answer is its text and the position of
# its first character. Validation rows can list several accepted answers; the second cell underlines the first answer.

# %%
from helpers import data, plots, tables


def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


passages = data.load(lesson.dataset)
train = draw(passages["train"], lesson.train_rows, lesson.seed)
validation = draw(passages["validation"], lesson.evaluation_rows, lesson.seed)

# %%
shown = next(row for row in validation if row["answers"]["text"])
start, text = shown["answers"]["answer_start"][0], shown["answers"]["text"][0]
print(shown["question"], shown["answers"])
tables.passage(shown["context"], truth=(start, start + len(text)))

# %% [markdown]
# Since SQuAD 2.0 (`squad_v2`), some questions have **no** answer in their passage. The passage is about the same topic,
# but leaves out what is asked for.

# %%
unanswerable = validation.filter(lambda row: not row["answers"]["text"])
print(f"{len(unanswerable)} of {len(validation)} validation questions have no answer")
columns = ["title", "question", "answers"]
tables.random_rows(unanswerable.select_columns(columns), 3, lesson.seed)

# %% [markdown]
# ## One question by hand
#
# Answers are given in characters, but the model points at tokens. Tokenize question and passage together, and two lists
# connect tokens and characters:
#
# - `sequence_ids` tells where a token comes from: 0 is the question, 1 the passage, `None` (shown as –) a special
#   token.
# - `offset_mapping` gives two numbers per token: where its first character is, and where its last one ends. In the
#   passage, characters count from 0 again, so look at `sequence_ids` first.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
question = "Who drew the map?"
context = "The map was drawn by Jan Mayer."
pair = tokenizer(question, context, return_offsets_mapping=True)
offsets, sequence = pair["offset_mapping"], pair.sequence_ids()
tables.strip({"position": range(len(offsets)), "token": pair.tokens(),
              "from": sequence, "characters": [f"{s}–{e}" for s, e in offsets]})

# %% [markdown]
# A passage token belongs to the answer if at least one character of the token is in the answer. The model must learn
# two positions: those of the answer's first and last token.
#
# **Check.** Cut the passage from the first character of the answer's first token to the last character of its last
# token. You get the answer, without the period.

# %%
answer_start, answer_end = context.index("Jan Mayer"), context.index(".")
held = [token for token, (first, last) in enumerate(offsets)
        if sequence[token] == 1 and first < answer_end and answer_start < last]
assert context[offsets[held[0]][0] : offsets[held[-1]][1]].strip() == "Jan Mayer"

# %% [markdown]
# ## A long passage becomes windows
#
# If you truncate a long passage, you lose every answer after the cut. Take the question whose answer is furthest from
# the beginning:

# %%
answerable = validation.filter(lambda row: row["answers"]["text"])
far = max(answerable, key=lambda row: row["answers"]["answer_start"][0])
print(far["question"], "→", far["answers"]["text"][0])

# %% [markdown]
# Three arguments of the tokenizer cut the passage into overlapping *windows*, here of at most 192 tokens:
#
# - `truncation="only_second"`: cut the passage, never the question;
# - `return_overflowing_tokens`: put the rest into further windows, each with the question in front;
# - `stride`: how many tokens of the passage a window shares with the one before. This course calls the overlap
#   `doc_stride`.

# %%
size = {"max_length": lesson.max_length, "doc_stride": lesson.doc_stride}
cut = {"truncation": "only_second", "max_length": lesson.max_length,
       "return_overflowing_tokens": True, "return_offsets_mapping": True}
windows = tokenizer(far["question"], far["context"], stride=lesson.doc_stride, **cut)
plots.windows(windows)

# %% [markdown]
# Each row is a window: *CLS*, the special token in front, then the question and a part of the passage. If the overlap
# is at least as long as the answer, at least one window holds the whole answer.
#
# **Check.** Two neighboring windows share exactly `doc_stride` passage tokens. (The code leaves out a window's last
# token, SEP.)

# %%
from itertools import pairwise

begin, shared = windows.sequence_ids(0).index(1), lesson.doc_stride
for one, two in pairwise(windows["input_ids"]):
    assert one[-1 - shared : -1] == two[begin : begin + shared]


# %% [markdown]
# ### Trap: a stride that is no step
#
# Usually a stride is how far you move on. Windows of 192 tokens with an overlap of 48 seem to move on by 144, so you
# write `stride=144`. What do you get?

# %%
step = lesson.max_length - lesson.doc_stride
mistaken = tokenizer(far["question"], far["context"], stride=step, **cut)
print(len(mistaken["input_ids"]), "windows instead of", len(windows["input_ids"]))
plots.windows(mistaken)

# %% [markdown]
# In tokenizers, `stride` is the **overlap**. Each window moves on by its passage tokens minus the overlap, now by only
# 33 tokens. You get no error, so draw your windows.
#
# ## Answer positions
#
# What should the model learn for a window that does *not* contain the answer? By convention, it points at CLS: "not
# here". It also points at CLS if the window has only a part of the answer, or if the question has no answer. In the
# code, `answer` is the answer's start and end in characters, `(0, 0)` if there is none. The pair `tokens` gives the
# window's first passage token and the position after its last one. In both pairs, the end is exclusive; in the result,
# it's the answer's last token.


# %%
def answer_positions(offsets, tokens, answer, cls_index):
    start, end = answer
    held = [t for t in range(*tokens) if offsets[t][0] < end and start < offsets[t][1]]
    if not held or start < offsets[held[0]][0] or offsets[held[-1]][1] < end:
        return cls_index, cls_index
    return held[0], held[-1]


# %% [markdown]
# `prepare_train_features` does this for a batch of rows; its code is in *Going deeper*. (A window that goes into the
# model is called a *feature*.) Where should the model point in each window of the long passage?

# %%
from helpers.qa import prepare_train_features

far_batch = {key: [value] for key, value in far.items()}
targets = prepare_train_features(far_batch, tokenizer, **size)
spans = zip(targets["start_positions"], targets["end_positions"], strict=True)
plots.windows(windows, list(spans))

# %% [markdown]
# ## Train for a minute
#
# How far does a short training get? The first cell cuts the windows, and counts the targets at CLS. The second puts
# `Trainer` into a function, since you'll train twice. The third trains `scratch`, the encoder with a new head.
#
# This head has two outputs per token, for start and end. Finding the start means choosing one position of the window.
# So each position is a class, and the loss is a cross-entropy. The same holds for the end; the model's loss is the mean
# of both.

# %%
import numpy as np
from transformers import DataCollatorWithPadding

collator = DataCollatorWithPadding(tokenizer)
encoded = train.map(prepare_train_features, batched=True,
                    fn_kwargs={"tokenizer": tokenizer, **size},
                    remove_columns=train.column_names)
at_cls = np.mean([start == 0 for start in encoded["start_positions"]])
print(f"{len(train)} questions, {len(encoded)} windows, {at_cls:.0%} point at CLS")

# %%
from helpers.runs import measured, release, run_folder
from transformers import Trainer, TrainingArguments, set_seed


def fit(model, dataset):
    """Train a model in place; return the seconds it took."""
    arguments = TrainingArguments(
        output_dir=run_folder(lesson), seed=lesson.seed, num_train_epochs=lesson.epochs,
        learning_rate=lesson.learning_rate, weight_decay=0.01, warmup_steps=0.1,
        per_device_train_batch_size=lesson.batch_size,
        logging_steps=lesson.logging_steps, save_strategy="no",
        train_sampling_strategy="group_by_length",
        bf16=lesson.precision == "bf16", use_cpu=lesson.device.startswith("CPU"),
        report_to="none", dataloader_pin_memory=False)
    trainer = Trainer(model, arguments, train_dataset=dataset, data_collator=collator)
    with measured() as run:
        trainer.train()
    release(trainer)
    return run.seconds


# %%
import torch
from helpers import encoder
from transformers import AutoModelForQuestionAnswering


def new_model():
    """Return the pretrained encoder with a new head."""
    return AutoModelForQuestionAnswering.from_pretrained(
        lesson.checkpoint, dtype=torch.float32)


encoder.hide_load_report()
set_seed(lesson.seed)
scratch = new_model()
seconds = fit(scratch, encoded.select(range(min(lesson.minute_windows, len(encoded)))))
print(f"{seconds:.0f} s")

# %% [markdown]
# A model that guesses among 192 positions has a loss of ln 192 ≈ 5.3. The loss starts near that and falls far below.
# But look at one batch:

# %%
batch = collator([encoded[i] for i in range(min(8, len(encoded)))]).to(scratch.device)
scratch.eval()
with torch.no_grad():
    output = scratch(**batch)
print("start and end logits:", output.start_logits.shape, output.end_logits.shape)
tables.strip({"it points at": output.start_logits.argmax(-1).tolist(),
              "it should point at": batch["start_positions"].tolist()})

# %% [markdown]
# In window after window, the model points at 0, which is CLS. More than half of all targets are there, so "not here" is
# what a new head learns first. Spans need more time and data.
#
# ### Start from a model that knows the task
#
# `checkpoints/minilm-qa` holds an *adapter*, a small file of learned changes to this encoder, and a head, both trained
# on 2,482 answerable questions of SQuAD's development set. (So don't score the adapter on that set.) `encoder.load`
# merges the adapter into the encoder and adds the head.


# %%
def starting_model():
    """Return the encoder with the adapter, or with a new head where there is none."""
    return encoder.load(lesson.trained) if lesson.trained else new_model()


# %%
set_seed(lesson.seed)
trained = starting_model()
print(f"{fit(trained, encoded):.0f} s")

# %% [markdown]
# ## The best legal span
#
# How do logits become an answer? Take the question about the map again:

# %%
inputs = tokenizer(question, context, return_tensors="pt").to(trained.device)
trained.eval()
with torch.no_grad():
    output = trained(**inputs)
start_logits, end_logits = output.start_logits[0].cpu(), output.end_logits[0].cpu()
begin, end = sequence.index(1), len(sequence) - 1
plots.logits(pair.tokens(), start_logits, end_logits, (begin, end))

# %% [markdown]
# Why not take the highest start and the highest end? Here both are at CLS, which isn't text. And chosen separately, the
# end may come before the start. So score **pairs**: `grid[i, j]` is the start logit of passage token i plus the end
# logit of passage token j.
#
# In the code, `length[i, j]` is the span's number of tokens, below 1 if the end comes before the start. A pair is
# *legal* if its length is from 1 to `max_answer_length`. Choose that limit by your own answers: a longer one can never
# be predicted.

# %%
grid = start_logits[begin:end, None] + end_logits[None, begin:end]
length = torch.arange(len(grid)) - torch.arange(len(grid))[:, None] + 1
grid[(length < 1) | (length > lesson.max_answer_length)] = -torch.inf
plots.span_scores(grid, pair.tokens()[begin:end])

# %% [markdown]
# Each colored square is a legal span, and the frame marks the best. Sort the squares for the *n-best list*, the best
# answers in order:

# %%
order = grid.flatten().argsort(descending=True)[:5].tolist()
places = [divmod(place, len(grid)) for place in order]
tables.table([{"text": context[offsets[begin + i][0] : offsets[begin + j][1]],
               "score": grid[i, j].item()} for i, j in places])

# %% [markdown]
# ## From windows to an answer
#
# `prepare_validation_features` keeps what turns tokens back into text: which question a window belongs to, which of its
# tokens are passage, and which characters each token covers. `window_logits` runs the model over all windows and
# returns start and end logits.

# %%
from helpers.qa import prepare_validation_features
from helpers.spans import window_logits

features = validation.map(prepare_validation_features, batched=True,
                          fn_kwargs={"tokenizer": tokenizer, **size},
                          remove_columns=validation.column_names)
search = {"n_best": lesson.n_best, "max_answer_length": lesson.max_answer_length}
logits = window_logits(features[:], trained, tokenizer)
crossed = np.mean(logits[1].argmax(axis=1) < logits[0].argmax(axis=1))
print(logits[0].shape, f"{crossed:.0%} of the highest ends stand before the start")

# %% [markdown]
# `score_windows` finds each window's best legal span. It tries only the `n_best` highest starts and ends: 20 × 20 pairs
# instead of about 170 × 170.
#
# The *null score* is the score of "not here": CLS's start logit plus its end logit. Here is the far question, one row
# per window; `start` and `end` are now characters of the passage:

# %%
from helpers.spans import score_windows

table = score_windows(features, *logits, **search)
mine = table[table["id"] == far["id"]]
mine.assign(text=[far["context"][line.start : line.end] for line in mine.itertuples()])

# %% [markdown]
# The answer is the best span of all windows. Is it right here? Which null score counts for the whole question? A window
# that lacks the answer is right to say "not here". The question has no answer only if all windows say so. So the window
# that is least sure of "not here" decides: the **lowest** null score counts. Here only one window holds the answer, so
# it should have the lowest. Does it? (If not, the rule is still right; the model has learned too little.)
#
# The next function does this for every question. It sorts the windows by score and keeps the first, and takes the
# lowest null score. If no span is legal, the score is −∞, and the text is empty.

# %%
from helpers.spans import check_ids


def score_predictions(
    examples, features, start_logits, end_logits, *, n_best=20, max_answer_length=30
):
    check_ids(examples, features)
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    windows = score_windows(features, start_logits, end_logits, **options)
    windows = windows.sort_values(
        ["score", "start", "end"], ascending=[False, True, True]
    )
    best = windows.drop_duplicates("id").set_index("id")
    best["null_score"] = windows.groupby("id")["null_score"].min()
    best = best.loc[list(examples["id"])]
    best.loc[np.isinf(best["score"]), ["start", "end"]] = 0
    places = zip(examples["context"], best["start"], best["end"], strict=True)
    best.insert(0, "text", [context[start:end] for context, start, end in places])
    return best


# %%
best = score_predictions(validation, features, *logits, **search)
best.head()

# %% [markdown]
# ## Exact match and F1
#
# *Exact match* asks whether the text equals an accepted answer, except for capitals, punctuation and articles. *F1* is
# twice the number of shared words, divided by the number of words in both texts. For an unanswerable question, only the
# empty text is right.
#
# A question's *doubt* is its null score minus the score of its best span. If the doubt is above a *threshold* (also
# called null threshold), the metric replaces the answer by the empty text. The metric's misleading name for doubt is
# `no_answer_probability`.
#
# **Check.** What did training bring? With an infinite threshold, no answer is replaced. With minus infinity, all are:
# this row, *never answers*, is a baseline. *From scratch* has the new head; expect an F1 on answerable questions below
# 15.

# %%
from helpers.metrics import load_metric

metric = load_metric("squad_v2")


def squad_scores(best, threshold):
    """Return SQuAD 2.0's figures, in percent, at a null threshold."""
    predictions = [
        {"id": line.Index, "prediction_text": line.text,
         "no_answer_probability": line.null_score - line.score}
        for line in best.itertuples()]
    references = list(validation.select_columns(["id", "answers"]))
    return metric.compute(predictions=predictions, references=references,
                          no_answer_threshold=threshold)


# %%
def predict(model):
    """Return a model's best spans for the validation questions."""
    found = window_logits(features[:], model.to(trained.device), tokenizer)
    return score_predictions(validation, features, *found, **search)


candidates = {"never answers": (best, -np.inf),
              "from scratch": (predict(scratch), np.inf),
              "before training": (predict(starting_model()), np.inf),
              "trained": (best, np.inf)}
results = {name: squad_scores(*candidate) for name, candidate in candidates.items()}
lesson.expect("F1 from scratch", results["from scratch"]["HasAns_f1"], below=15)
columns = ["HasAns_exact", "HasAns_f1", "NoAns_f1", "f1"]
tables.table([{"candidate": name} | {key: figures[key] for key in columns}
              for name, figures in results.items()])

# %% [markdown]
# On answerable questions (`HasAns`), **the new head learned next to nothing**. With the adapter, the model finds
# answers even before you train it.
#
# Don't trust the last column alone. If you never answer, all unanswerable questions (`NoAns`) are right. If you always
# answer, nearly all are wrong. (A text of only punctuation and articles counts as empty.)
#
# ## When not to answer
#
# With a higher threshold, the model answers more often. That helps answerable questions and hurts the others. Where do
# you set it? Zero looks natural, but the null score and the score of the best span may come from different windows,
# which aren't on one scale. Another threshold can be better. The metric finds the one with the best F1 *on these
# questions*, so this F1 is too high. In Exercise 5, you choose the threshold on one half and measure on the other.
#
# Does doubt tell the two kinds apart? The first cell compares every unanswerable question with every answerable one. It
# prints how often the unanswerable one has more doubt; 50% is chance. The second cell tries many thresholds: at the
# lowest, the model almost never answers; at the highest, always.

# %%
doubt = best["null_score"] - best["score"]
has = np.array([bool(row["answers"]["text"]) for row in validation])
more = doubt.to_numpy()[~has][:, None] > doubt.to_numpy()[has]
print(f"an unanswerable question has more doubt in {more.mean():.0%} of the pairs")

# %%
chosen = squad_scores(best, np.inf)["best_f1_thresh"]
names = {"answerable": "HasAns_f1", "unanswerable": "NoAns_f1", "all": "f1"}
curve = []
for threshold in sorted([chosen, *np.quantile(doubt, np.linspace(0, 1, 41))]):
    scores = squad_scores(best, threshold)
    curve.append({"threshold": threshold, **{k: scores[v] for k, v in names.items()}})
plots.thresholds(curve, chosen)

# %% [markdown]
# Here doubt tells nothing: the curve of all questions is hardly higher in the middle than at its ends. Why? Most
# windows that point at CLS belong to answerable questions, so the model learns "not in this window", but not "no
# answer". The adapter saw no unanswerable questions, and your training adds only a few. Many recipes therefore train on
# only some of the windows without the answer, but on all windows of unanswerable questions.
#
# If a threshold helps, choose it by what a wrong answer costs *you*.
#
# ## Going deeper: Read the errors
#
# `postprocess_predictions` applies the threshold and returns one text per question:


# %%
def postprocess_predictions(
    examples, features, start_logits, end_logits, *, n_best=20, max_answer_length=30,
    allow_no_answer=False, null_threshold=0.0,
):
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    best = score_predictions(examples, features, start_logits, end_logits, **options)
    if allow_no_answer:
        best.loc[best["null_score"] - best["score"] > null_threshold, "text"] = ""
    return best["text"].to_dict()


# %% [markdown]
# There are four kinds of error:
#
# - **invented**: the passage has no answer, but the model gives one
# - **withheld**: the passage has an answer, but the model gives none
# - **extent**: the text shares only some words with an accepted answer
# - **elsewhere**: no word is right
#
# Read the errors with the least doubt first: there the model was surest of its text. Is the model wrong, is the
# question ambiguous, or is a fair answer not accepted?

# %%
from helpers.metrics import best_score, exact, word_f1


def kind_of_error(said, accepted):
    """Return what is wrong with a text; "right" if nothing is."""
    if best_score(exact, said, accepted or [""]):
        return "right"
    if not (said and accepted):
        return "invented" if said else "withheld"
    return "extent" if best_score(word_f1, said, accepted) else "elsewhere"


# %%
from collections import Counter

texts = postprocess_predictions(validation, features, *logits, **search,
                                allow_no_answer=True, null_threshold=chosen)
judged = [{"kind": kind_of_error(texts[row["id"]], row["answers"]["text"]),
           "question": row["question"], "said": texts[row["id"]],
           "accepted": " | ".join(row["answers"]["text"]), "doubt": doubt[row["id"]]}
          for row in validation]
print(Counter(line["kind"] for line in judged))

# %%
wrong = [line for line in judged if line["kind"] != "right"]
tables.table(sorted(wrong, key=lambda line: line["doubt"])[:10])

# %% [markdown]
# ## Ask it anything
#
# `answer` finds the best span for one question. Its `score` is a sum of logits, not a probability; compare it with
# `null_score`. The function always answers, unless you pass `allow_no_answer=True`, and a `null_threshold` if you like.
#
# **Check.** Add the sentence about the map to the end of the long passage, and ask who drew it. Cut from `start` to
# `end`, and you get the answer's text.

# %%
from helpers.qa import answer

haystack = far["context"] + " " + context
found = answer("Who drew the map?", haystack, trained, tokenizer, **size, **search)
assert haystack[found.start : found.end] == found.text
found

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · From tokens to text (easy, 5 minutes)
#
# `offsets` holds the characters of each token of a passage, end exclusive. The answer begins with token `start` and
# ends with token `end`. Return its text as it stands in the passage, or the empty text if the end comes before the
# start.


# %% tags=["exercise"]
def answer_text(context: str, offsets: list[tuple], start: int, end: int) -> str:
    """Return the text from the first character of `start` to the last one of `end`."""
    ### BEGIN SOLUTION
    return context[offsets[start][0] : offsets[end][1]]
    ### END SOLUTION


# %%
import exercises

exercises.check(answer_text)

# %% [markdown]
# <details><summary>Hint</summary>Cut the passage once. What is a slice that ends before it starts?</details>
#
# ### Exercise 2 · Count the windows (easy, 10 minutes)
#
# How many windows does each passage need? `sizes` are the passages' lengths in tokens. A window holds CLS, the
# question, SEP, a part of the passage and SEP, at most `max_length` tokens in all. Neighbors share `doc_stride` tokens.
# With a question of 9 tokens, windows of 192 and an overlap of 48, passages of 100 and 400 tokens give `[1, 3]`.


# %% tags=["exercise"]
def count_windows(sizes: list, question: int, max_length: int, doc_stride: int) -> list:
    """Return how many windows each passage is cut into."""
    ### BEGIN SOLUTION
    room = max_length - question - 3
    left = [max(0, passage - room) for passage in sizes]
    return [1 + -(-rest // (room - doc_stride)) for rest in left]
    ### END SOLUTION


# %%
exercises.check(count_windows)

# %% [markdown]
# <details><summary>Hint</summary>How many passage tokens fit into the first window? How many new ones does each further
# window add?</details>
#
# ### Exercise 3 · Answer, or say nothing (medium, 15 minutes)
#
# Each window of a question is a dictionary with `text` (its best span), `score` and `null_score`. Return the text with
# the best score, or `""` if the doubt is above the threshold. The doubt is the null score of the whole question minus
# the best score. No two scores are equal.


# %% tags=["exercise"]
def answer_or_nothing(windows: list[dict], threshold: float) -> str:
    """Return a question's answer over all its windows, empty where in doubt."""
    ### BEGIN SOLUTION
    best = max(windows, key=lambda window: window["score"])
    null_score = min(window["null_score"] for window in windows)
    return "" if null_score - best["score"] > threshold else best["text"]
    ### END SOLUTION


# %%
exercises.check(answer_or_nothing)

# %% [markdown]
# <details><summary>Hint</summary>A question has no answer only if every window says so. So which window's null score
# decides, the highest or the lowest?</details>
#
# ### Exercise 4 · F1 of one answer (medium, 20 minutes)
#
# Rebuild the metric for one question. `normalize` is given: `normalize("The Bay, of Ishan!")` is `"bay of ishan"`. F1
# is twice the number of shared words, divided by the words of both texts together. If a word occurs three times in one
# text and twice in the other, it's shared twice. The best accepted answer counts. If `accepted` is empty, a text that
# is empty after `normalize` scores 1, any other 0.


# %% tags=["exercise"]
def answer_f1(said: str, accepted: list[str]) -> float:
    """Return the best word F1 of a text against the accepted answers."""
    from collections import Counter

    from helpers.metrics import normalize

    ### BEGIN SOLUTION
    words = Counter(normalize(said).split())
    if not accepted:
        return float(not words)
    scores = []
    for text in accepted:
        wanted = Counter(normalize(text).split())
        shared, total = (words & wanted).total(), (words + wanted).total()
        scores.append(2 * shared / total if total else 1.0)
    return max(scores)
    ### END SOLUTION


# %%
exercises.check(answer_f1)

# %% [markdown]
# <details><summary>Hint</summary><code>Counter(a) & Counter(b)</code> keeps the words that both have, as often as both
# have them.</details>
#
# ### Exercise 5 · An honest threshold (a small project, 30 minutes)
#
# For each question you get its doubt, its F1 if you keep the text, and its F1 if you empty it. Return the threshold
# with the highest mean F1. Texts whose doubt is *above* it are emptied. Try the doubts themselves, and `float("-inf")`,
# which empties all texts. If several thresholds are equally good, return the lowest.


# %% tags=["exercise"]
def best_threshold(doubts: list, kept: list, emptied: list) -> float:
    """Return the null threshold with the highest mean F1."""
    ### BEGIN SOLUTION
    def mean_f1(threshold):
        rows = zip(doubts, kept, emptied, strict=True)
        return sum(none if doubt > threshold else some for doubt, some, none in rows)

    return max(sorted({float("-inf"), *doubts}), key=mean_f1)
    ### END SOLUTION


# %%
exercises.check(best_threshold)

# %% [markdown]
# <details><summary>Hint</summary>First write the mean F1 at one threshold. Then try every candidate, the lowest first;
# <code>max</code> keeps the first of equals.</details>
#
# Now the project. Split the validation questions into two halves **by title**, so that no passage is in both. On one
# half, call `best_threshold` with the doubts, with `answer_f1` of each `best["text"]`, and with `answer_f1` of `""`.
# Compute the mean F1 on the other half. Then swap the halves. Finally, choose the threshold on all questions, and
# compute the mean F1 on the same ones. How much higher is it than the mean of your two halves?
#
# ## Going deeper: Behind the functions
#
# Here is the code of what you imported from `helpers.qa`. `question_first` tells the order of question and passage, and
# `without_spaces` is for tokenizers that count the space before a word as part of it. Functions named `check_…` only
# refuse wrong input.

# %%
from helpers.qa import check_room, question_first, without_spaces


def tokenize_pairs(questions, contexts, tokenizer, max_length=384, doc_stride=120):
    check_room(questions, tokenizer, max_length, doc_stride)
    first = question_first(tokenizer)
    windows = tokenizer(
        list(questions if first else contexts),
        list(contexts if first else questions),
        truncation="only_second" if first else "only_first",
        max_length=max_length,
        stride=doc_stride,
        padding=False if first else "max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    return without_spaces(windows, contexts, 1 if first else 0)


# %% [markdown]
# For training, `owners` tells which row each window was cut from, and `context_tokens` returns the pair `tokens` from
# above. `answer_spans` returns the characters of each row's first answer, without spaces around it.

# %%
from helpers.qa import answer_spans, check_answers, context_tokens


def prepare_train_features(examples, tokenizer, max_length=384, doc_stride=120):
    check_answers(examples)
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    offsets = features.pop("offset_mapping")
    tokens = [context_tokens(features, row, tokenizer) for row in range(len(owners))]
    context = [
        spans[slice(*where)] for spans, where in zip(offsets, tokens, strict=True)
    ]
    answers = answer_spans(examples["answers"], owners, context)
    features["start_positions"], features["end_positions"] = [], []
    for row, owner in enumerate(owners):
        cls = features["input_ids"][row].index(tokenizer.cls_token_id)
        start, end = answer_positions(offsets[row], tokens[row], answers[owner], cls)
        features["start_positions"].append(start)
        features["end_positions"].append(end)
    return features


# %% [markdown]
# For validation, the windows keep their offsets:


# %%
def prepare_validation_features(examples, tokenizer, max_length=384, doc_stride=120):
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    features["example_id"] = [examples["id"][owner] for owner in owners]
    features["context_tokens"] = [
        context_tokens(features, row, tokenizer) for row in range(len(owners))
    ]
    features["cls_index"] = [
        ids.index(tokenizer.cls_token_id) for ids in features["input_ids"]
    ]
    return features


# %% [markdown]
# `answer` does all of this for a single question, and applies the threshold.

# %%
from helpers.qa import Answer


def answer(
    question, context, model, tokenizer, *, max_length=384, doc_stride=120,
    allow_no_answer=False, null_threshold=0.0, **search,
):
    examples = {"id": ["0"], "question": [question], "context": [context]}
    features = prepare_validation_features(examples, tokenizer, max_length, doc_stride)
    logits = window_logits(features, model, tokenizer)
    table = score_predictions(examples, features, *logits, **search)
    (best,) = table.to_dict("records")
    if allow_no_answer and best["null_score"] - best["score"] > null_threshold:
        best |= {"text": "", "start": 0, "end": 0}
    return Answer(**best)


# %% [markdown]
# ### Trap: the minimum that keeps the maximum
#
# Well-known notebooks want the lowest null score. The comparison below keeps the highest instead. Then the best span
# must beat the null score of *every* window, even of those that rightly say "not here". With threshold 0, how many
# questions get no answer by each rule?

# %%
minimum = None
for null_score in mine["null_score"]:
    if minimum is None or minimum < null_score:  # the trap
        minimum = null_score
print(f"kept {minimum:.2f}, lowest {min(mine['null_score']):.2f}")
top, nulls = (table.groupby("id")[name] for name in ("score", "null_score"))
lowest, highest = ((null > top.max()).sum() for null in (nulls.min(), nulls.max()))
print(f"without an answer by the lowest: {lowest}, by the highest: {highest}")
if len(table) >= 2 * len(validation):  # passages of several windows
    lesson.expect("questions without an answer by the highest", highest, above=lowest)

# %% [markdown]
# ### A tokenizer that pads on the left
#
# The encoder XLNet reads the passage first, and its tokenizer pads on the left, which moves all tokens. So for such a
# tokenizer, the functions above put the passage first, and pad before they compute positions. The far question's
# targets, as text:

# %%
left = AutoTokenizer.from_pretrained(lesson.checkpoint, padding_side="left")
padded = prepare_train_features(far_batch, left, **size)
parts = [padded[key] for key in ("input_ids", "start_positions", "end_positions")]
[left.decode(ids[start : end + 1]) for ids, start, end in zip(*parts, strict=True)]

# %% [markdown]
# ### What the overlap saves
#
# Without the overlap, which of up to 300 training questions would lose their answer?


# %%
def holds(example, overlap):
    """Tell whether one of the example's windows holds its answer whole."""
    held = prepare_train_features(
        {key: [value] for key, value in example.items()},
        tokenizer, max_length=lesson.max_length, doc_stride=overlap)
    return any(held["start_positions"])


# %%
sample = draw(passages["train"], 300, lesson.seed)
sample = [row for row in sample if row["answers"]["text"]]
print("lost without overlap:", [row["question"] for row in sample if not holds(row, 0)])
assert all(holds(row, lesson.doc_stride) for row in sample)

# %% [markdown]
# ### Trap: a pipeline that is gone
#
# Old tutorials begin with a pipeline that version 5 of transformers removed. Use `answer` from *Ask it anything*
# instead.

# %%
from transformers import pipeline

try:
    pipeline("question-answering", model=trained, tokenizer=tokenizer)
except KeyError as error:
    print("KeyError:", str(error)[:70], "…")

# %% [markdown]
# ## Going deeper: Compare with published notebooks
#
# Published notebooks train `distilbert-base-uncased` on all of SQuAD 1.1, 87,599 answerable questions, with settings
# such as these:

# %%
classic = {"encoder": "distilbert/distilbert-base-uncased", "max_length": 384,
           "doc_stride": 120, "batch_size": 12, "n_best": 20, "max_answer_length": 30}
ours = {name: getattr(lesson, name) for name in classic}
tables.table([{"run": "classic", **classic}, {"run": lesson.track, **ours}])

# %% [markdown]
# The full track trains DistilBERT on SQuAD 2.0.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Cut a long passage into windows; `stride` is the overlap. Draw them.
# - A window without the whole answer points at CLS.
# - Score legal pairs of start and end, over all windows of a question.
# - For "no answer", take the *lowest* null score. Choose the threshold on other questions than those you report.
# - A falling loss may only mean "not here". Report answerable and unanswerable questions separately, next to a
#   baseline.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Extractive question answering*: finding the piece of a text that answers a question.
# - *Span*: a piece of a text, given by its start and its end.
# - *Passage*: the text that may hold the answer.
# - *`sequence_ids`*: which text each token comes from: 0 the question, 1 the passage, `None` neither.
# - *`offset_mapping`*: the characters that each token covers, end exclusive.
# - *Window*: a question and a part of its passage, together short enough for the model.
# - *CLS*: the special token in front, the target of a window without the answer.
# - *`doc_stride`*: how many tokens two neighboring windows share. Tokenizers call it `stride`.
# - *Feature of a window* (feature): a tokenized window, as the model gets it.
# - *Adapter*: a small file of learned changes to a model.
# - *n-best list*: the best answers in order, with their scores.
# - *Null score*: the score of no answer: CLS's start logit plus its end logit.
# - *Exact match*: whether two answers are equal, except for capitals, punctuation and articles.
# - *F1 of an answer* (F1): twice the shared words, divided by the words of both answers.
# - *Doubt*: null score minus the score of the best span.
# - *Threshold*: the doubt above which the model gives no answer.
#
# Next: [06 · Freeze part of a model](06_freeze_part_of_a_model.ipynb), and see what that costs and saves.
