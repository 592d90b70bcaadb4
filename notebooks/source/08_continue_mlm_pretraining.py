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
# # 08 · Continue masked-LM pretraining
#
# **What you'll do.** Let the encoder read film reviews, without labels, and measure what it gains, what it forgets, and
# whether a classifier built on it gets better.
#
# **What you'll learn**
# - hide whole words, and check what a collator did
# - compute the loss only where there is something to guess
# - measure perplexity so that two figures can be compared
# - go on pretraining with texts of your own
# - close the loop: does the task you care about gain?
#
# **What you'll need.** Lessons 01 and 06. 100 minutes of reading and exercises. The notebook runs in about a minute and a
# half on two CPU cores and needs 1.5 GB of memory.

# %%
from helpers import course

lesson = course.start("08")
lesson

# %% [markdown]
# **Words first.** Encoders like BERT learn language by a game: some words of a text are hidden, and the model guesses
# them. That is *masked-language modelling*, and reading a large part of the web in this way is *pretraining*. The game
# needs no labels. So it can go on with *your* texts before you fine-tune: contracts, patient notes, film reviews. The
# kind of text is called the *domain*, and the method *continued pretraining* or *domain adaptation*.
#
# ## What does the encoder expect?
#
# The bundled encoder was trained to compare sentences; on the way it lost its *head* for guessing words. The course
# brings one: `checkpoints/minilm-mlm`, small changes of the encoder and a head, trained on a few hundred articles of an
# encyclopaedia. On the full track the classic checkpoint has its head still.

# %%
import torch
from helpers import encoder
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)


# %%
def start():
    """Return the masked-LM model to go on from."""
    if lesson.trained:
        return encoder.load(lesson.trained)
    return AutoModelForMaskedLM.from_pretrained(lesson.checkpoint, dtype=torch.float32)


# %% [markdown]
# The pipeline `fill-mask` shows the likeliest words for a hidden one. The first sentence is the classic one of this
# task.

# %%
from helpers import plots, tables
from transformers import pipeline

sentences = ["What a horrible [MASK]!", "This [MASK] is far too long.",
             "The [MASK] are brilliant.", "The capital of France is [MASK].",
             "She opened the [MASK] and went into the house."]
hidden = [text.replace("[MASK]", tokenizer.mask_token) for text in sentences]


# %%
def guesses(model):
    """Return the five likeliest words for each sentence."""
    fill = pipeline("fill-mask", model=model, tokenizer=tokenizer, device=model.device)
    return [", ".join(guess["token_str"] for guess in fill(text)) for text in hidden]


# %%
model = start()
guesses_before = guesses(model)
tables.table([{"sentence": text, "guesses": words}
              for text, words in zip(sentences, guesses_before, strict=True)])

# %% [markdown]
# Read the first three rows. Does the model think of films? We shall ask it again after it has read reviews.
#
# ## Texts, not rows
#
# The texts to read are the training reviews, and on the tiny track also those that nobody has labelled: for this game
# they are as good. To measure, we keep two other sets: test reviews, which the model does not read, and general prose,
# which does not speak of films.

# %%
from helpers import data


def draw(dataset, rows):
    """Return `rows` random texts, or all where there are fewer."""
    return dataset.shuffle(seed=lesson.seed).select(range(min(rows, len(dataset))))


# %%
parts = {"to read": draw(data.texts(lesson.dataset), lesson.train_rows),
         "reviews": draw(data.load(lesson.dataset, "test"), lesson.evaluation_rows),
         "general prose": draw(data.texts("general"), lesson.evaluation_rows)}
cut = {"truncation": True, "max_length": lesson.max_length}
for name, texts in parts.items():
    parts[name] = texts.map(lambda row: tokenizer(row["text"], **cut),
                            remove_columns=texts.column_names)
reading = parts["to read"]
tables.table([{"texts": name, "number": len(rows),
               "tokens": sum(map(len, rows["input_ids"]))}
              for name, rows in parts.items()])

# %% [markdown]
# Long texts are cut at `max_length` here, and the rest is not read. Exercise 4 loses nothing.
#
# ## Hide tokens, or words?
#
# The library's collator hides single tokens. Look at what that does to a rare word, which the tokenizer cuts into
# pieces. (The seed is chosen so that it happens in one short sentence.)

# %%
from transformers import DataCollatorForLanguageModeling

ids = tokenizer("An unfathomable, tedious film.")["input_ids"]
hide_tokens = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15, seed=1)
masked = hide_tokens([{"input_ids": ids}])

# %%
shown = tokenizer.convert_ids_to_tokens
sees = shown(masked["input_ids"][0].tolist())
assert set(shown(ids)) - set(sees) == {"##hom"} or "##hom" not in shown(ids)
tables.strip({"text": shown(ids), "the model sees": sees,
              "label": masked["labels"][0].tolist()})

# %% [markdown]
# `un`, `##fat` and `##able` stand around the gap: the piece can be spelled out, nobody has to read. `labels` holds the
# id of the hidden token, and IGNORE_INDEX everywhere else: as in lesson 02, such positions do not count in the loss.
#
# ### Choose whole words
#
# *Whole-word masking* chooses all tokens of a word, or none. A token that begins with `##` belongs to the word before it. (Other
# tokenizers mark where a word *begins*; the collator below asks each for its words.) So number the words of a row, draw one
# random number for each *word*, and give it to all tokens of the word. Specials and padding have the number -1 and are never
# chosen.


# %%
def choose_words(words, probability, generator=None):
    drawn = torch.rand(words.shape, generator=generator) < probability
    return drawn.gather(1, words.clamp(min=0)) & (words >= 0)


# %%
from helpers.masking import WholeWordMaskCollator

collator = WholeWordMaskCollator(tokenizer, lesson.mlm_probability)
words = collator.words(torch.tensor([ids]))

# %%
chosen = choose_words(words, 0.3, torch.Generator().manual_seed(14))
tables.strip({"text": shown(ids), "word": words[0].tolist(),
              "chosen": ["yes" if token else "" for token in chosen[0]]})

# %% [markdown]
# `words` has the shape `(batch, seq_len)`; `gather` looks up each token's draw by the number of its word. As each word is
# chosen with the same probability, the share of tokens comes out the same: 15 %, as in BERT.
#
# ### The library's own whole words
#
# The library's collator has a switch for it. It works on character offsets, and it asks more than it says:

# %%
library = DataCollatorForLanguageModeling(
    tokenizer, whole_word_mask=True, mask_replace_prob=1, random_replace_prob=0)
for columns in (["input_ids"], ["input_ids", "offset_mapping"]):
    rows = tokenizer(["A film.", "An unfathomable film."], return_offsets_mapping=True)
    try:
        library([{name: rows[name][i] for name in columns} for i in range(2)])
    except (IndexError, ValueError, TypeError) as error:
        print(f"{columns}: {type(error).__name__}")

# %% [markdown]
# Without offsets it fails; and offsets are a column that Trainer removes unless you say `remove_unused_columns=False`.
# With offsets it fails on rows of different length. Where it runs, `film.` with its full stop is one word to it, and
# every chosen token becomes `[MASK]`. `WholeWordMaskCollator` from `helpers` needs `input_ids` only, pads, chooses words as
# above, and replaces their tokens in three ways.
#
# ### What becomes of a chosen token
#
# BERT's recipe is 80/10/10: of the chosen tokens, 80 % become `[MASK]`, 10 % another token at random (never a special one),
# and 10 % stay.
# There is no `[MASK]` in the texts you will classify; thanks to the other two kinds the model cannot rest where it
# sees none. The draw is made for each token: a piece of a chosen word may stay while its neighbours are hidden.

# %%
sample = reading.select(range(12))
batch = collator(list(sample))
before = tokenizer.pad(sample[:], return_tensors="pt")["input_ids"]
plots.masks(before, batch, tokenizer.mask_token_id)

# %% [markdown]
# A row is a text. Neighbours of the same dark colour are often pieces of one word. Does the collator keep its word about
# the shares? Count over many texts, and do so with every collator you meet.
#
# **Checkpoint.** 15 % are chosen, and 80 % of these are hidden, but for chance. No special token is ever chosen.

# %%
some = reading.select(range(min(400, len(reading))))
many = collator(list(some))
truth = tokenizer.pad(some[:], return_tensors="pt")["input_ids"]
chosen, ids_after = many["labels"] >= 0, many["input_ids"]
maskable = collator.words(truth) >= 0
shares = {"chosen": chosen.sum() / maskable.sum(),
          "hidden": (ids_after == tokenizer.mask_token_id)[chosen].float().mean(),
          "left as it is": (ids_after == truth)[chosen].float().mean()}
assert abs(shares["chosen"] - lesson.mlm_probability) < 0.03
assert abs(shares["hidden"] - 0.8) < 0.06
assert not (chosen & ~maskable).any()
{name: round(share.item(), 3) for name, share in shares.items()}

# %% [markdown]
# ### Trap: the collator that forgot the attention mask
#
# A whole-word collator handed around in forums returns `input_ids` and `labels`, and nothing else. It runs. A model
# without `attention_mask` takes all positions for text, and attends to padding. The first text of the batch, with and
# without:

# %%
forgetful = {name: batch[name] for name in ("input_ids", "labels")}
real = batch["attention_mask"].bool()


def logits_of(batch):
    """Return the scores of real tokens, (tokens, vocabulary)."""
    with torch.no_grad():
        logits = model(**{k: v.to(model.device) for k, v in batch.items()}).logits
    return logits.cpu()[real]


moved = (logits_of(batch) - logits_of(forgetful)).abs().max()
print(f"logits of real tokens move by up to {moved:.1f}")
assert moved > 0.1

# %% [markdown]
# So look at a batch before you train: `print(batch.keys())` should show all three parts, and each row of the attention
# mask should cover its tokens and no more.
#
# ## The loss, where there is something to guess
#
# The head scores every token of the vocabulary, some 30,000, at every position. The loss then ignores five positions of
# six. For a small encoder that is most of the work. So take the hidden states first, keep the *masked positions*, those
# with something to guess, and score only them.


# %%
from helpers.masking import vocabulary_logits
from helpers.ner import IGNORE_INDEX
from torch.nn.functional import cross_entropy


def masked_logits(model, batch):
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    states = model.base_model(**inputs).last_hidden_state  # (batch, seq_len, hidden)
    masked = batch["labels"] != IGNORE_INDEX
    return vocabulary_logits(model, states[masked]), batch["labels"][masked]


def masked_lm_loss(model, batch):
    logits, labels = masked_logits(model, batch)
    return cross_entropy(logits, labels, reduction="sum") / max(1, len(labels))


# %% [markdown]
# The same loss? And what does it save? Both ways by turns, forward and backward, on the same batch. Gradients, and whole
# training steps on longer batches, stand in `benchmarks/README.md`.

# %%
from helpers.runs import measured

on_device = {name: value.to(model.device) for name, value in batch.items()}
ways = {"every position": lambda: model(**on_device).loss,
        "masked positions": lambda: masked_lm_loss(model, on_device)}
seconds, losses = dict.fromkeys(ways, 0.0), {}
for name in list(ways) * 3:
    with measured() as step:
        loss = ways[name]()
        loss.backward()
    seconds[name], losses[name] = seconds[name] + step.seconds, loss.item()
model.zero_grad(set_to_none=True)
ratio = seconds["every position"] / seconds["masked positions"]
print(f"{losses}\n{ratio:.1f} times as fast")
assert abs(losses["every position"] - losses["masked positions"]) < 1e-5
assert ratio > 1

# %% [markdown]
# ## Perplexity
#
# The loss is the mean surprise at a hidden word. *Perplexity* is e to the loss: a model with perplexity 100 hesitates as
# if between 100 equally likely words. We average over all masked positions of all batches, not over the means of the
# batches: these hold more or fewer of them.


# %%
from helpers.masking import Score


def score(model, batches):
    was_training, loss, right, total = model.training, 0.0, 0, 0
    model.eval()
    for batch in batches:
        batch = {name: value.to(model.device) for name, value in batch.items()}
        with torch.no_grad():
            logits, labels = masked_logits(model, batch)
        loss += cross_entropy(logits, labels, reduction="sum").item()
        right += (logits.argmax(dim=-1) == labels).sum().item()
        total += len(labels)
    model.train(was_training)
    if not total:
        raise ValueError("No position is masked. Pass a collator's batches.")
    return Score(loss / total, right / total, total)


# %% [markdown]
# ### Trap: a fresh mask each time
#
# A collator draws at each call. Measure the *same* model three times, each time with a fresh *mask*, a new choice of what is
# hidden:

# %%
from helpers.masking import mask_once

few = parts["reviews"].select(range(min(64, len(parts["reviews"]))))
luck = [score(model, mask_once(few, tokenizer, seed=i)).perplexity for i in range(3)]
print("one model, three masks:", " ".join(f"{value:.0f}" for value in luck))

# %% [markdown]
# Published notebooks compare a figure before training with one after it, each under its own mask. Part of the
# difference is then luck. The cure: mask the evaluation texts once, keep the batches, and show both models the same
# ones.

# %%
share = lesson.mlm_probability
fixed = {name: mask_once(parts[name], tokenizer, share, seed=lesson.seed)
         for name in ("reviews", "general prose")}
scores_before = {name: score(model, batches) for name, batches in fixed.items()}
again = score(model, fixed["general prose"])
assert max(luck) > min(luck)
assert again == scores_before["general prose"]
tables.table([{"texts": name, "masked": found.masked, "perplexity": found.perplexity,
               "accuracy": found.accuracy} for name, found in scores_before.items()])

# %% [markdown]
# ## Read
#
# `Trainer` does the rest, once its loss is ours. The collator draws new masks in each epoch, so the model never sees the
# same gaps twice.

# %%
from transformers import Trainer, TrainingArguments


class MaskedLMTrainer(Trainer):
    """A Trainer that scores the vocabulary at masked positions only."""

    def compute_loss(self, model, inputs, return_outputs=False, **others):
        loss = masked_lm_loss(model, inputs)
        return (loss, {}) if return_outputs else loss


# %% [markdown]
# ### Trap: ten epochs, ten copies
#
# Recipes for this task run ten epochs with `save_strategy="epoch"` and stop there. Each checkpoint holds the weights and
# twice as much of optimiser state, and none is deleted. A toy model, three short epochs:

# %%
import os
import tempfile
from transformers import BertConfig, BertForMaskedLM, PrinterCallback


def checkpoints_left(limit):
    """Train a toy model for three epochs; return the checkpoints that stay."""
    toy = BertForMaskedLM(BertConfig(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1,
        num_attention_heads=1, intermediate_size=8))
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, num_train_epochs=3, save_strategy="epoch", save_total_limit=limit,
            report_to="none", disable_tqdm=True, dataloader_pin_memory=False)
        trainer = Trainer(toy, arguments, train_dataset=sample, data_collator=collator)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        return sorted(os.listdir(folder))


# %%
without, limited = checkpoints_left(None), checkpoints_left(1)
megabytes = 3 * sum(value.nbytes for value in model.parameters()) / 1e6
print(f"no limit: {len(without)} copies, save_total_limit=1: {len(limited)}")
print(f"ten epochs of this lesson's model, all trained: {10 * megabytes:,.0f} MB")

# %% [markdown]
# We keep no checkpoint of a minute's run. For a long one, set `save_total_limit`, and read lesson 04 on what a
# checkpoint must hold.
#
# ### Train
#
# On the tiny track the embeddings stay frozen, as in lesson 06: they are half of this small model's parameters, and without
# their gradients and Adam's averages a step is faster and needs less memory. The vocabulary's scores use the same matrix, so it
# stays as well.

# %%
from helpers.freezing import freeze
from helpers.runs import release, run_folder
from transformers import set_seed
from transformers.utils.notebook import NotebookProgressCallback

arguments = TrainingArguments(
    output_dir=run_folder(lesson), seed=lesson.seed, num_train_epochs=lesson.epochs,
    learning_rate=lesson.learning_rate, weight_decay=0.01, warmup_steps=0.1,
    per_device_train_batch_size=lesson.batch_size, logging_steps=lesson.logging_steps,
    train_sampling_strategy="group_by_length", save_strategy="no",
    report_to="none", dataloader_pin_memory=False)

# %%
set_seed(lesson.seed)
model = freeze(start(), lesson.freeze)
trainer = MaskedLMTrainer(model, arguments, train_dataset=reading,
                          data_collator=collator)
with measured() as run:
    trainer.train()

# %%
trainer.remove_callback(NotebookProgressCallback)
history = trainer.state.log_history
release(trainer)
plots.curves(history, ["loss"], "training loss, each figure under new masks")

# %% [markdown]
# Each figure is the mean of a few batches under new masks, so the curve may jump by more than it falls. That is why the
# score below uses fixed masks.
#
# ## What was gained, what was forgotten
#
# The same masks as before, the trained model. **Checkpoint.** On reviews that it has not read, the perplexity falls by at
# least a fifth.

# %%
scores_after = {name: score(model, batches) for name, batches in fixed.items()}
change = {name: scores_after[name].perplexity / scores_before[name].perplexity - 1
          for name in fixed}
lesson.expect("change of perplexity on reviews", change["reviews"], below=-0.2)
columns = ("texts", "perplexity before", "after", "change", "accuracy before", "after ")
pairs = ((name, scores_before[name], scores_after[name]) for name in fixed)
rows = [(name, one.perplexity, two.perplexity, f"{change[name]:+.0%}",
         one.accuracy, two.accuracy) for name, one, two in pairs]
tables.table([dict(zip(columns, row, strict=True)) for row in rows])

# %% [markdown]
# And the general prose? Where its perplexity rises, the model has *forgotten*: reading one kind of text pulls it away
# from the others. Where it falls, general text too became easier *on average*, and an average hides single losses: the next
# table may show one. The row above says which it was here. The more you read of one kind, and the higher the learning
# rate, the more is forgotten. If the model must still serve general text, mix some of it into the reading.
#
# Ask for the words again:

# %%
answers = zip(sentences, guesses_before, guesses(model), strict=True)
tables.table([dict(zip(("sentence", "before", "after"), row, strict=True))
              for row in answers])

# %% [markdown]
# The classic run moves from *idea, dream, thing* to *movie, mess, film*. Does yours? And what has become of the
# sentences that have nothing to do with films? Look at the one on France before you say that nothing was forgotten.
#
# ## Close the loop
#
# A lower perplexity is not what we are after. **Does a classifier get better?** Lesson 06's setting answers: the same few
# labelled reviews, the same strategy (on the tiny track `head-only`) and rate, several seeds; only the encoder differs.
# There are three: the original one, the one that we started from, and the one that has read reviews. `starting_from` puts
# an encoder's weights into the setting's classifier; the pooler is the same in all three.

# %%
from collections import defaultdict
from helpers import runs
from labs.freezing.experiment import load_experiment

setting = load_experiment(course.start("06"), "test")
encoders = {"original": setting.new_model(lesson.seed), "where we started": start(),
            "has read reviews": model}
how = {"epochs": lesson.compare_epochs, "learning_rate": lesson.compare_rate}
seeds = [lesson.seed + offset for offset in range(lesson.compare_seeds)]
results = defaultdict(list)
for name, body in encoders.items():
    contender = setting.starting_from(body)
    for seed in seeds:
        found = contender.run(lesson.compare_strategy, seed=seed, **how)
        results[name].append(found.f1)
        runs.record("08", name, seed=seed, seconds=found.seconds, settings=how,
                    peak_mb=found.peak_mb, f1=found.f1)

# %%
def gains(results):
    """Print what reading brought, seed by seed; return the picture."""
    for name in ("original", "where we started"):
        pairs = zip(results["has read reviews"], results[name], strict=True)
        each = " ".join(f"{after - before:+.3f}" for after, before in pairs)
        print(f"against {name}:", each)
    return plots.bars_with_seeds(results, "macro F1, test reviews")


def cls_length(model, texts):
    """Return the mean length of the hidden state of [CLS]."""
    batch = tokenizer(texts, padding=True, return_tensors="pt", **cut).to(model.device)
    with torch.no_grad():
        states = model.eval().base_model(**batch).last_hidden_state
    return states[:, 0].norm(dim=-1).mean().item()


some = draw(data.load(lesson.dataset, "validation"), 32)["text"][:]
lengths = {name: round(cls_length(one, some), 1) for name, one in encoders.items()}
print("length of [CLS]:", lengths)
gains(results)

# %% [markdown]
# A dot is a seed. A macro F1 of a third says that a classifier gives all rows one label. In our runs on the tiny track the
# reading did not help, and both encoders that guess words were far behind the original. Why? The head sees the hidden
# state of `[CLS]`, through a frozen pooler that belongs to the original encoder. The lengths above say how large that state
# is. The smaller it is, the less a step of the head changes its answers, and this head takes few steps. So the picture says
# as much about the measuring as about the encoders.
#
# ### Look again, past the head
#
# So ask the states themselves: the mean over the tokens of a review, each unit scaled to variance 1, and a logistic
# regression. A seed draws half of the labelled rows.

# %%
def mean_states(model, texts):
    """Return the mean hidden state of each text, (texts, hidden)."""
    found = []
    for at in range(0, len(texts), 32):
        batch = tokenizer(texts[at : at + 32], padding=True, return_tensors="pt", **cut)
        batch = batch.to(model.device)
        with torch.no_grad():
            states = model.eval().base_model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        found.append((states * mask).sum(dim=1) / mask.sum(dim=1))
    return torch.cat(found).cpu().numpy()


# %%
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

labelled = draw(data.load(lesson.dataset, "train"), lesson.compare_rows)
unseen = draw(data.load(lesson.dataset, "test"), lesson.evaluation_rows)
labels = np.array(labelled["label"])

# %%
past_the_head = defaultdict(list)
for name, body in encoders.items():
    known, new = (mean_states(body, rows["text"][:]) for rows in (labelled, unseen))
    for seed in seeds:
        half = np.random.default_rng(seed).permutation(len(labels))[: len(labels) // 2]
        regression = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        said = regression.fit(known[half], labels[half]).predict(new)
        past_the_head[name].append(f1_score(unseen["label"][:], said, average="macro"))
gains(past_the_head)

# %% [markdown]
# Past the head the three encoders are much closer. Read both pictures together: *against where we started* is what the
# reading brought; *against the original* also holds what was lost when the encoder learned to guess words. The same sign
# at three seeds is a hint, no proof (lesson 06), all the more as the seeds share their rows. A gain is worth a longer run
# with more seeds, and so is a loss, which we saw on the tiny track, before you believe it. A lower perplexity is no
# promise. This encoder was made to compare sentences, and a minute of reading is no match for that. A classic encoder,
# which has never done anything but guess words, has less to lose.
#
# ## Save it, describe it
#
# `save_pretrained` writes the encoder with its head. Any lesson can start from the folder: set `COURSE_CHECKPOINT` to it
# on the full track. The card says what was read, what was gained and what was forgotten.

# %%
from pathlib import Path

folder = run_folder(lesson, "adapted")
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
lines = "\n".join(f"- {name}: perplexity {scores_before[name].perplexity:.1f} → "
                  f"{found.perplexity:.1f}" for name, found in scores_after.items())
card = f"""---
base_model: {lesson.encoder}
pipeline_tag: fill-mask
---
# Encoder that has read film reviews

Read: {len(reading)} texts ({lesson.source}), {lesson.epochs} epoch(s),
whole words masked, learning rate {lesson.learning_rate}, seed {lesson.seed},
{run.seconds:.0f} s.

{lines}
"""
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %% [markdown]
# **On your own data.** Put your texts, one a row, in place of `data.texts`. Keep a part to measure on, and a sample of
# general text to see what is forgotten. Begin with a few thousand texts and an epoch; whether it pays, only the loop above
# can say, with more seeds than three.
#
# ## Exercises
#
# ### Exercise 1 · Perplexity of batches (easy, 5 minutes)
#
# Each batch has a mean loss and a number of masked positions. Return the perplexity over all of them. A batch in which
# nothing is masked has the loss 0.0 and the count 0.


# %% tags=["exercise"]
import math


def perplexity(losses: list[float], counts: list[int]) -> float:
    """Return e to the mean loss over all masked positions."""
    ### BEGIN SOLUTION
    total = sum(loss * count for loss, count in zip(losses, counts, strict=True))
    return math.exp(total / sum(counts))
    ### END SOLUTION


# %%
import exercises

exercises.check(perplexity)

# %% [markdown]
# <details><summary>Hint</summary>A mean times its count is a sum again. Add the sums before you divide.</details>
#
# ### Exercise 2 · Number the words (easy, 10 minutes)
#
# Given the tokens of a row and the list of special tokens, return the number of each token's word, from 0; -1 for
# specials. `["[CLS]", "un", "##fat", "film", "[SEP]"]` gives `[-1, 0, 0, 1, -1]`.


# %% tags=["exercise"]
def number_words(tokens: list[str], special: list[str]) -> list[int]:
    """Return each token's word number; -1 for special tokens."""
    ### BEGIN SOLUTION
    numbers, count = [], -1
    for token in tokens:
        if token in special:
            numbers.append(-1)
            continue
        count += not token.startswith("##")
        numbers.append(count)
    return numbers
    ### END SOLUTION


# %%
exercises.check(number_words)

# %% [markdown]
# <details><summary>Hint</summary>Only a token that is neither special nor begins with <code>##</code> makes the count
# grow.</details>
#
# ### Exercise 3 · What became of each token? (medium, 15 minutes)
#
# A collator you do not know hands you a row. Count what became of its tokens: `hidden` (now the mask token), `random`
# (now another token), `kept` (chosen and left as it is), `untouched` (not chosen). Which tokens were chosen stands in
# `labels` alone. Then use it on `collator`.


# %% tags=["exercise"]
def count_fates(before: list, after: list, labels: list, mask_id: int) -> dict:
    """Return the numbers of hidden, random, kept and untouched tokens."""
    ### BEGIN SOLUTION
    counts = dict.fromkeys(("hidden", "random", "kept", "untouched"), 0)
    for old, new, label in zip(before, after, labels, strict=True):
        if label == IGNORE_INDEX:
            counts["untouched"] += 1
        elif new == mask_id:
            counts["hidden"] += 1
        else:
            counts["kept" if new == old else "random"] += 1
    return counts
    ### END SOLUTION


# %%
exercises.check(count_fates)

# %% [markdown]
# <details><summary>Hint</summary>Ask for the label first. A chosen token that looks untouched was left as it is on
# purpose.</details>
#
# ### Exercise 4 · Lose nothing of long texts (a small project, 30 minutes)
#
# This lesson cut long texts and padded short ones. Pretraining joins them: put the ids of all texts (without specials)
# one after the other, cut them into blocks of at most `size` tokens, and give each block its CLS and SEP, which count.
# The last block may be shorter. Then train on blocks of all `data.texts(lesson.dataset)`, and compare the perplexity for
# the same number of steps.


# %% tags=["exercise"]
def cut_blocks(texts: list[list[int]], size: int, cls_id: int, sep_id: int) -> list:
    """Return the joined texts in blocks of at most `size` ids, specials included."""
    ### BEGIN SOLUTION
    ids = [token for text in texts for token in text]
    room = size - 2
    return [[cls_id, *ids[at : at + room], sep_id] for at in range(0, len(ids), room)]
    ### END SOLUTION


# %%
exercises.check(cut_blocks)

# %% [markdown]
# <details><summary>Hint</summary><code>range(0, len(ids), room)</code> gives the places where blocks begin. How many
# ids of the text fit beside two specials?</details>
#
# ## Beside the classic run
#
# Published notebooks read the reviews of rotten_tomatoes with `bert-base-cased`, whole words, 15 %, 10 epochs. Their
# training loss, first and last, and that of this run:

# %%
loss = [entry["loss"] for entry in history if "loss" in entry]
tables.table([{"run": "classic", "first loss": 3.10, "last loss": 2.48},
              {"run": lesson.track, "first loss": loss[0], "last loss": loss[-1]}])

# %% [markdown]
# The rows cannot be compared with each other: other texts, another vocabulary, ten epochs against one. The classic model is
# five times as large, too, and was pretrained far longer. Run this lesson with `COURSE_TRACK=full` to train it yourself.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Hide whole words: a piece between its neighbours is spelled out, not understood.
# - Check what a collator does: keys, shares, specials.
# - Score the vocabulary at masked positions only.
# - Mask the evaluation texts once; compare both models under the same masks.
# - Measure what is forgotten, and close the loop with the task you care about.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Masked-language modelling*: guessing the hidden tokens of a text.
# - *Domain*: the kind of text at hand.
# - *Continued pretraining* (domain adaptation): pretraining that goes on, with texts of the domain.
# - *Whole-word masking*: choosing all tokens of a word to be guessed, or none.
# - *Masked position*: a place in a text whose token the model must guess.
# - *Mask*: the choice of tokens that are hidden in a text.
# - *Perplexity*: the number e to the power of the mean loss at masked positions. The model hesitates as if between so many
#   equally likely words.
# - *Forgetting* (forgotten): getting worse at what was learned before.
#
# Next: [09 · Bring your own data](09_bring_your_own_data.ipynb).
