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
# # 04 · Write the loop with Accelerate
#
# You need a loss of your own, or steps in another order, and `Trainer` has no argument for that. So you write your own
# loop. Your first version works. But on four GPUs its score counts some rows twice, and after a power cut it must start
# again from zero.
#
# **What you'll do.** Write the loop that `Trainer` runs for you, and take it from one process to two.
#
# **What you'll learn**
# - write a training loop, and say what each line is for
# - accumulate gradients exactly
# - score on several processes without counting a row twice
# - save and push each epoch without waiting
# - kill a run, resume it, and get the same weights bit for bit
#
# **What you'll need.** Lesson 03. 120 minutes of reading and exercises; *Going deeper* can wait. The notebook takes
# about a minute and a half on two CPU cores, and 1.3 GB of memory; with more processes, 2 GB in all.

# %%
from helpers import ROOT, course

lesson = course.start("04")
lesson

# %% [markdown]
# A *process* is a running program. With four GPUs, four processes train one model: each has a copy of it, and works on
# its share of the rows. In the picture, the dark green text is what several processes and long runs add to a plain
# loop.

# %%
from IPython.display import SVG

SVG(filename=ROOT / "docs" / "loop.svg")

# %% [markdown]
# ## Batches
#
# `load_task` puts the sentences, labels, model and score of lesson 03 into `task`. A *loader* (PyTorch's `DataLoader`)
# hands out the rows, batch by batch; the collator pads them. `few` is a small set for quick tests.

# %%
from helpers import ner, plots, tables
from helpers.runs import run_folder

TASK = "ner"  # or "pos", or "chunk"
task, folder = ner.load_task(lesson, TASK), run_folder(lesson)
few = task.train.select(range(lesson.few_rows))

# %%
from torch.utils.data import DataLoader


def load(rows, size=lesson.batch_size, **how):
    """Return a loader of padded batches of `size` rows."""
    return DataLoader(rows, batch_size=size, collate_fn=task.collator, **how)


batch = next(iter(load(few)))
{name: tuple(tensor.shape) for name, tensor in batch.items()}

# %% [markdown]
# ## The loop in plain PyTorch
#
# What does training need, at the least? The first cell takes one training step: `loss.backward()` computes the
# gradients, `optimizer.step()` changes the weights. `new_parts` returns a model and its optimizer. There is no dropout,
# and the head always starts from the same weights, so two runs give the same losses.
#
# The second cell does this for every batch. `zero_grad` clears the gradients, because `backward` *adds* to those that
# are there. Without it, each step follows the sum of all batches so far: nothing fails, but the model learns badly.

# %%
import torch


def new_parts():
    """Return a new model without dropout, and its optimizer."""
    model = task.new_model(dropout=0.0)
    return model, torch.optim.AdamW(model.parameters(), lr=lesson.learning_rate)


model, optimizer = new_parts()
loss = model(**batch).loss
loss.backward()
optimizer.step()
print(f"loss {loss:.3f} before the step, {model(**batch).loss:.3f} after it")

# %%
model, optimizer = new_parts()
plain = []
for batch in load(few):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    plain.append(loss.item())
plots.steps({"loss": plain}, "loss of the batch")

# %% [markdown]
# ## What `prepare` changes
#
# An `Accelerator` finds out the device and the number of processes, and `prepare` adapts your objects to both. Inside
# the loop, only one line changes: `accelerator.backward(loss)`. You don't need `.to("cuda")` for the batches of a
# prepared loader. When a loader shuffles, its *sampler* chooses the order of the rows. With
# `use_seedable_sampler=True`, the order depends only on the seed and the epoch, so a resumed run gets the same order.
#
# **Check.** On one process and a CPU, `prepare` changes nothing that matters: batch by batch, the losses are the same
# within 0.01.

# %%
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration


def new_accelerator(accumulation=1):
    """Return an Accelerator that shares each batch out among the processes."""
    return Accelerator(
        gradient_accumulation_steps=accumulation,
        dataloader_config=DataLoaderConfiguration(
            split_batches=True, use_seedable_sampler=True, data_seed=lesson.seed))


# %%
accelerator, prepared = new_accelerator(), []
model, optimizer, loader = accelerator.prepare(*new_parts(), load(few))
for batch in loader:
    loss = model(**batch).loss
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    prepared.append(loss.item())
assert torch.allclose(torch.tensor(prepared), torch.tensor(plain), atol=1e-2)
kinds = [type(part).__name__ for part in (model, optimizer, loader)]
accelerator.num_processes, accelerator.device, kinds

# %% [markdown]
# On several processes, the model comes back as a `DistributedDataParallel`: it averages the gradients of all processes
# during `backward`, so that every copy takes the same step.
#
# ## Who gets which rows?
#
# A data set has eleven rows, a batch has four, and there are two processes. The next cell shows in two tables which
# process gets which rows. A *round* is what all processes read at the same time; neighboring rounds differ in color. In
# the upper table, each process gets its own batches of four rows: that is the default. In the lower one
# (`split_batches=True`), the four rows are split among the processes.

# %% tags=["nbval-check-output"]
from helpers.loop import dealt

rows = DataLoader(range(11), batch_size=4)
each, together = (tables.shards(dealt(rows, 2, split)) for split in (False, True))
tables.Html(each + "<br>" + together)

# %% [markdown]
# Three batches become two rounds in the upper table, and stay three in the lower one. In this lesson's loop you split
# batches: then a step uses the same rows on one process, on two, or on any number that divides the batch size. Either
# way, every process needs the same number of rows, so some rows are repeated (framed) to fill the last round. To avoid
# repeats in training, drop a last batch that isn't full (`drop_last=True`).
#
# ### Count steps after `prepare`
#
# The learning rate follows a *schedule*: it rises during the first tenth of the steps (the warm-up), then falls, and
# would be zero just after the last step. `len(loader)` is the number of batches in an epoch. After `prepare` it can be
# smaller: it counts the batches of one process. Suppose that each of two processes has its own batches. If you count
# *before* `prepare`, the schedule plans about twice as many steps as the run takes:

# %%
def share(step, planned):
    """Return the share of the full rate: up for a tenth of the steps, then down."""
    warmup = planned / 10
    return min(step / warmup, (planned - step) / (planned - warmup))


plots.steps({"counted after prepare": [share(step, 50) for step in range(50)],
             "counted before": [share(step, 100) for step in range(50)]},
            "share of the full rate")

# %% [markdown]
# The run "counted before" ends at more than half its full rate: no error, just a slightly worse model. If you split
# batches, both counts are the same. (Exception: a *prepared* scheduler without `split_batches` moves on by one for each
# process at every step. Then take the count from before `prepare`.)
#
# ## Accumulate gradients
#
# What if a batch of eight doesn't fit into memory? Take four *micro-batches* of two, add up their gradients, then take
# one step: this is *gradient accumulation*. Accelerate keeps count (`with accelerator.accumulate(model):`), and its
# `backward` divides each loss by four. Is the sum of these four quarters the loss of the batch of eight? A loss is a
# mean over the labeled tokens, and the micro-batches don't have the same number of them:

# %%
from helpers.ner import IGNORE_INDEX

eight = few.select(range(8))
counts = [(batch["labels"] != IGNORE_INDEX).sum().item() for batch in load(eight, 2)]
with torch.no_grad():
    means = [model(**batch.to(model.device)).loss.item() for batch in load(eight, 2)]
    whole = model(**next(iter(load(eight, 8))).to(model.device)).loss.item()
tables.strip({"labeled tokens": counts, "loss": [f"{mean:.2f}" for mean in means]})

# %%
print(f"mean of the means {sum(means) / len(means):.4f}, mean of the batch {whole:.4f}")
model, optimizer = accelerator.free_memory(model, optimizer)  # room for what comes

# %% [markdown]
# The mean of the means isn't the mean over all tokens: a token counts more in a micro-batch with few labeled tokens.
# Several processes have the same problem: each takes its own mean. So add up the *sums* of the losses, and divide once,
# by the number of labeled tokens in the whole step. By the end of a step, the gradients have been divided twice: by the
# number of micro-batches (in `backward`), and by the number of processes (when their gradients were averaged).
# `divide_gradients` undoes both, and divides by the labeled tokens instead.
#
# In `train_epoch` you'll recognize the plain loop; `accumulate`, the sums, the schedule and *clipping* are new.
# Clipping scales the gradients of all weights together to length 1 if they are longer, so that no unusual batch moves
# the weights far. `sync_gradients` is true only in the last micro-batch of a step; in earlier ones, the prepared
# optimizer and scheduler ignore `step()` and `zero_grad()`. `reduce` adds up a number over all processes.


# %%
from torch.nn.functional import cross_entropy


def summed_loss(logits, labels):
    labels = labels.flatten()
    logits = logits.flatten(end_dim=-2)
    loss = cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="sum")
    return loss, (labels != IGNORE_INDEX).sum()


def divide_gradients(accelerator, model, labeled):
    undo = accelerator.gradient_accumulation_steps * accelerator.num_processes
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad *= undo / labeled


# %%
def train_epoch(accelerator, model, loader, optimizer, scheduler, after_step=None):
    model.train()
    losses, summed, labeled = [], 0, 0
    for batch in loader:
        with accelerator.accumulate(model):
            loss, count = summed_loss(model(**batch).logits, batch["labels"])
            accelerator.backward(loss)
            summed, labeled = summed + loss.detach(), labeled + count
            if accelerator.sync_gradients:
                labeled = accelerator.reduce(labeled).clamp(min=1)
                divide_gradients(accelerator, model, labeled)
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        if accelerator.sync_gradients:
            losses.append((accelerator.reduce(summed) / labeled).item())
            summed, labeled = 0, 0
            if after_step:
                after_step(losses[-1])
    return losses


# %% [markdown]
# ### Going deeper: Prove that it's exact
#
# **Check.** Four micro-batches of two and one batch of eight have the same loss and lead to the same weights, up to
# rounding. The proof is one step of plain gradient descent with learning rate 1: it subtracts the gradient itself from
# the weights. Clipping is off (`lambda *length: None`): it would hide a gradient that is, say, four times too large.


# %%
def one_step(size, accumulation):
    """Return the loss and the model after one step on the same eight rows."""
    accelerator, model = new_accelerator(accumulation), task.new_model(dropout=0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    parts = accelerator.prepare(model, load(eight, size), optimizer, schedule)
    accelerator.clip_grad_norm_ = lambda *length: None
    (loss,) = train_epoch(accelerator, *parts)
    accelerator.free_memory()
    return loss, model


def largest_difference(one, other):
    """Return the largest difference between the weights of two models."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max((a.detach() - b.detach()).abs().max().item() for a, b in pairs)


# %%
(large, model), (small, other) = one_step(8, 1), one_step(2, 4)
print(f"{large:.6f}, {small:.6f}; weights {largest_difference(model, other):.0e} apart")
assert max(abs(large - small), largest_difference(model, other)) < 1e-4
del model, other

# %% [markdown]
# ## Score on several processes
#
# Each process predicts its share. For a score, you need all predictions in one place. So they are *gathered*: every
# process receives the predictions of all. In `predict`, the lines with `pad_across_processes` and with
# `gather_for_metrics` each avoid a trap. To see the traps, you need two real processes, and a notebook is only one. So
# you write a small script.

# %%
from helpers.loop import Prediction


def predict(accelerator, model, loader):
    predictions, references, was_training = [], [], model.training
    model.eval()
    for batch in loader:
        with torch.no_grad():
            predicted = model(**batch).logits.argmax(dim=-1)
        both = predicted, batch["labels"]
        both = accelerator.pad_across_processes(both, dim=1, pad_index=IGNORE_INDEX)
        predicted, labels = accelerator.gather_for_metrics(both)
        predictions += predicted.tolist()
        references += labels.tolist()
    model.train(was_training)
    return Prediction(predictions, references)


# %%
# %%writefile {folder}/gather_rows.py
import sys

import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader

accelerator = Accelerator(cpu=True)
gathered, counted = [], []
for batch in accelerator.prepare(DataLoader(range(11), batch_size=2)):
    gathered += accelerator.gather(batch).tolist()
    counted += accelerator.gather_for_metrics(batch).tolist()
labels = torch.full((1, 3 + accelerator.process_index), accelerator.process_index)
if "ragged" not in sys.argv:
    labels = accelerator.pad_across_processes(labels, dim=1, pad_index=9)
accelerator.print("processes", accelerator.num_processes, "\ngather", gathered,
    "\ngather_for_metrics", counted, "\nlabels", accelerator.gather(labels).tolist())

# %% [markdown]
# ### Trap: the row that counts twice
#
# `gather` returns what all processes hold; `gather_for_metrics` returns each row of the data set once. Try both on
# eleven rows, in batches of two per process. `torch.distributed.run`, the module behind the command `torchrun`, starts
# the script twice and gives each process its number.

# %% tags=["nbval-check-output"]
from helpers.runs import run_module

script = f"{folder}/gather_rows.py"
torchrun = ("torch.distributed.run", "--standalone", "--nproc_per_node", 2)
print(run_module(*torchrun, script).stdout)

# %% [markdown]
# `gather` returned twelve rows: row 0 is there twice. `gather_for_metrics` knows how many rows there are, and drops the
# rest.
#
# ### Trap: rows of different width
#
# Look at the last line that the script printed. One process held three labels, the other four. `pad_across_processes`
# made them equally long, with a 9 that you can see; `predict` uses `IGNORE_INDEX`, which no score counts. In each
# process, the collator pads to the longest row *there*, so widths often differ. See what happens without
# `pad_across_processes`:

# %%
ragged = run_module(*torchrun, script, "ragged")
reason = [line for line in ragged.stderr.splitlines() if "what():" in line]
print(f"exit status {ragged.returncode}", *reason, sep="\n")
assert ragged.returncode != 0

# %% [markdown]
# On a CPU, the processes abort, but only if widths differ: a test with rows of equal width would have passed. On GPUs,
# the run may hang instead.
#
# ### Trap: two processes that are one
#
# Accelerate has its own command to start a script, `accelerate launch`. What happens if you give it both `--cpu` and
# `--num_processes`?

# %% tags=["nbval-check-output"]
options = ["--cpu", "--num_processes", 2]
launched = run_module("accelerate.commands.launch", *options, script)
print(launched.stdout.splitlines()[0])

# %% [markdown]
# No error, but one process did all the work (in Accelerate 1.15). `torchrun` with `Accelerator(cpu=True)`, or with the
# environment variable `ACCELERATE_USE_CPU=1`, starts as many processes as you ask for. So your script should check the
# number of processes, as `scripts/train_ner.py` does with `--expect-processes`.
#
# ## The whole run
#
# `parameter_groups` applies weight decay to matrices but not to vectors, as Trainer does. `fit` prepares, counts the
# steps, then trains and scores epoch by epoch. `set_epoch` gives each epoch its own order of rows.


# %%
def parameter_groups(model, weight_decay):
    trained = [value for value in model.parameters() if value.requires_grad]
    return [
        {"params": [value for value in trained if value.ndim > 1],
         "weight_decay": weight_decay},
        {"params": [value for value in trained if value.ndim <= 1],
         "weight_decay": 0.0}]


# %%
import math

from tqdm.auto import tqdm
from transformers import get_linear_schedule_with_warmup


def fit(accelerator, model, loader, evaluation, epochs=lesson.epochs,
        rate=lesson.learning_rate, after=None):
    """Return a row of figures for each epoch, and the loss of every step."""
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=rate, fused=True)
    model, loader, optimizer, evaluation = accelerator.prepare(
        model, loader, optimizer, evaluation)
    steps = math.ceil(len(loader) / accelerator.gradient_accumulation_steps) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(steps / 10), steps)
    scheduler, history, losses = accelerator.prepare(schedule), [], []
    with tqdm(total=steps, disable=not accelerator.is_main_process) as bar:
        for epoch in range(epochs):
            loader.set_epoch(epoch)
            new = train_epoch(accelerator, model, loader, optimizer, scheduler,
                              lambda loss: bar.update())
            scores = task.score(predict(accelerator, model, evaluation))
            history.append({"epoch": epoch + 1, "loss": sum(new) / len(new), **scores})
            losses += new
            if after:
                after(accelerator, model, history)
    accelerator.free_memory()
    return history, losses


# %% [markdown]
# ### Save and push each epoch, without waiting
#
# `wait_for_everyone` waits until all processes have arrived, and `unwrap_model` removes what `prepare` put around the
# model. Then one of them, the main process, writes the files, and a model card with the scores of this epoch.
#
# An upload takes time, but the next epoch can train meanwhile. `run_as_future=True` uploads in the background and
# returns a *future* at once; its `result()` waits for the end. Call `result()` before you write the next epoch's files,
# so that no file changes during its upload. Without a `REPOSITORY`, or without a login, `push` only lists the files.
#
# **Check.** The loss falls, and the model finds names. The last future lists what would go to the Hub.

# %%
import os
from pathlib import Path

from huggingface_hub import HfApi, get_token

REPOSITORY = None  # "your-name/news-tagger", once you are logged in: hf auth login
uploads, tagger_folder = [], run_folder(lesson, f"{TASK}-tagger")


def push(folder, message):
    """Upload a folder in the background, or only list it; return a future."""
    if REPOSITORY is None or get_token() is None:
        return HfApi().run_as_future(lambda: f"would push {sorted(os.listdir(folder))}")
    HfApi().create_repo(REPOSITORY, exist_ok=True)
    return HfApi().upload_folder(repo_id=REPOSITORY, folder_path=folder,
                                 commit_message=message, run_as_future=True)


def save_and_push(accelerator, model, history):
    """Save model, tokenizer and card, once for all processes, and push them."""
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        if uploads:
            uploads[-1].result()
        accelerator.unwrap_model(model).save_pretrained(tagger_folder)
        task.collator.tokenizer.save_pretrained(tagger_folder)
        Path(tagger_folder, "README.md").write_text(task.card(history))
        uploads.append(push(tagger_folder, f"epoch {len(history)}"))


# %%
accelerator, model = new_accelerator(), task.new_model()
rows = load(task.train, shuffle=True, drop_last=True)
history, _ = fit(accelerator, model, rows, load(task.validation), after=save_and_push)
tables.table(history)

# %%
first, last = history[0], history[-1]
lesson.expect("loss of the last epoch", last["loss"], below=first["loss"])
lesson.expect(task.main, last[task.main], above=0.2, below=1.0)
uploads[-1].result()

# %% [markdown]
# ### Trap: which list came first?
#
# In many published loops, a function `postprocess` returns two lists of the same type. Find the mistake in the next
# cell before you run it.

# %%
from helpers.metrics import load_metric
from helpers.ner import to_entities


def postprocess(prediction):
    """Return labels and predictions as names."""
    predictions, labels = to_entities(*prediction, task.label_names)
    return labels, predictions


prediction = predict(accelerator, *accelerator.prepare(model, load(task.validation)))
predictions, labels = postprocess(prediction)
swapped = load_metric("seqeval").compute(predictions=predictions, references=labels)
right = task.score(prediction)
wrong = {name: swapped[f"overall_{name}"] for name in right}
accelerator.free_memory()
assert math.isclose(wrong["precision"], right["recall"])
tables.table([{"returned": "by name", **right}, {"returned": "by place", **wrong}])

# %% [markdown]
# F1 and accuracy are right. But precision and recall are swapped, because the caller took labels for predictions.
# `Prediction` is a tuple with *named* parts, and `task.score` uses the names.
#
# ## Going deeper: The same as Trainer
#
# If the loop is right, Trainer reaches the same weights from the same batches: same seed, rows in order, no dropout.
#
# **Check.** With whole batches the two agree up to rounding; with micro-batches too, once you pass your own loss
# function (`compute_loss_func`) to Trainer. (If you override `compute_loss` instead, tell Trainer whether your loss is
# divided already: see lesson 10.)

# %%
from helpers.runs import give_back, release
from transformers import PrinterCallback, Trainer, TrainingArguments


def trainer_run(name, size, accumulation, loss_function=None):
    """Train on `few` with Trainer; compare it with `model`."""
    give_back()  # what the Trainer before has left
    arguments = TrainingArguments(
        folder, num_train_epochs=1, learning_rate=lesson.learning_rate,
        weight_decay=0.01, warmup_steps=0.1, per_device_train_batch_size=size,
        gradient_accumulation_steps=accumulation, train_sampling_strategy="sequential",
        logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True,
        dataloader_pin_memory=False)
    trainer = Trainer(task.new_model(dropout=0.0), arguments, train_dataset=few,
                      data_collator=task.collator, compute_loss_func=loss_function)
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    release(trainer)
    return {"run": name, "first loss": trainer.state.log_history[0]["loss"],
            "weights differ by": f"{largest_difference(model, trainer.model):.0e}"}


def mean_of_step(outputs, labels, num_items_in_batch):
    """Return a micro-batch's part of the mean over the labeled tokens of its step."""
    return summed_loss(outputs.logits, labels)[0] / num_items_in_batch


# %%
model, size = task.new_model(dropout=0.0), lesson.batch_size
_, losses = fit(new_accelerator(), model, load(few), load(few), epochs=1)
rows = [{"run": "this loop", "first loss": losses[0], "weights differ by": "0"},
        trainer_run("Trainer", size, 1),
        trainer_run("Trainer, micro-batches", size // 4, 4),
        trainer_run("the same, compute_loss_func", size // 4, 4, mean_of_step)]
del model
for row in (rows[1], rows[3]):
    assert abs(row["first loss"] - losses[0]) < 1e-3
    assert float(row["weights differ by"]) < lesson.learning_rate / 2
tables.table(rows)

# %% [markdown]
# What happened in the third row? With micro-batches, Trainer (in transformers 5.23) reports four times the loss. Some
# models accept an argument `num_items_in_batch` and divide the loss by it. For them, Trainer doesn't divide by the
# number of micro-batches. It wrongly believes that ours is one of them ([issue
# 47688](https://github.com/huggingface/transformers/issues/47688)), so nobody divides by four. Clipping hides the
# factor of four. Without clipping, our optimizer would nearly hide it too, because it divides each gradient by its
# usual size. But the gradient still comes from a mean of means, so the weights differ many times more than in the other
# Trainer rows.
#
# ## Going deeper: Kill it, and go on
#
# To go on after a stop as if nothing had happened, you need more than the weights. Our optimizer, *AdamW*, keeps two
# averages for every weight: of its gradient and of the gradient's square. You also need the position in the schedule
# and in the data, and the state of dropout's random numbers. `save_state` writes the prepared model, optimizer and
# scheduler, and the random numbers, but by default not the position in the data. So `scripts/train_ner.py` registers an
# object `Progress` with `register_for_checkpointing`: the epoch, the steps done in this epoch, and the losses.
#
# All that together is a *checkpoint* of the run. A run may also be killed *while it saves*. So save under another name,
# and rename the folder when everything is on the disk. Then every folder named `checkpoint-…` is complete.
# `check_target` refuses a step that is there already, `sweep` removes unfinished folders, `flush` waits until the files
# are on the disk, and `prune` deletes the oldest checkpoints. With a limit of 2 or more, it deletes one before the
# renaming, so that a kill right after the renaming never leaves one too many.
#
# `remaining` skips the batches that are done. `skip_first_batches` returns a new loader, which doesn't know the epoch,
# so call its `set_epoch`. Otherwise it takes the order of epoch 0.

# %%
from helpers.loop import check_target, checkpoints, flush, prune, sweep


def save_checkpoint(accelerator, folder, step, save_total_limit=2):
    final = Path(folder, f"checkpoint-{step:08d}")
    check_target(final, save_total_limit)
    aside = final.with_name(f"unfinished-{final.name}")
    if accelerator.is_main_process:
        sweep(folder)
    accelerator.wait_for_everyone()
    accelerator.save_state(aside)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        flush(aside)
        prune(folder, max(1, save_total_limit - 1))
        aside.rename(final)
        prune(folder, save_total_limit)
    accelerator.wait_for_everyone()
    return final


def last_checkpoint(folder):
    return max(checkpoints(folder), default=None)


def remaining(accelerator, loader, progress):
    done = progress.step * accelerator.gradient_accumulation_steps
    left = accelerator.skip_first_batches(loader, done)
    left.set_epoch(progress.epoch)
    return left


# %% [markdown]
# The script `scripts/train_ner.py` puts the functions of this lesson together. To be quick, it trains only the head and
# the last third of the encoder (`--freeze`: lesson 06), on `few`. Run it twice, with dropout, and save after every two
# steps. The first run goes to the end. (Its scores can fall while the loss falls: 48 training and 31 validation
# sentences are very few.) The second is killed in epoch 2: `SIGKILL` stops a program at once, so it can't save.

# %%
import json
import shutil

SMALL = ["scripts.train_ner", "--task", TASK, "--train-rows", len(few), "--epochs", 2,
         "--evaluation-rows", 31, "--batch-size", 8, "--learning-rate", 2e-3,
         "--freeze", "first-4", "--save-every", 2]


def into(name):
    """Return an empty folder for a run, and the words that start it."""
    shutil.rmtree(run_folder(lesson, name))
    return run_folder(lesson, name), [*SMALL, "--output", run_folder(lesson, name)]


def figures(folder):
    """Return what a run has written about itself."""
    return json.loads(Path(folder, "metrics.json").read_text())


steady, words = into("whole")
run_module(*words).check_returncode()
tables.table(figures(steady)["history"])

# %%
import signal
import time

from helpers.runs import start_module

killed, words = into("killed")
child = start_module(*words)
while child.poll() is None and not Path(killed, "checkpoint-00000008").exists():
    time.sleep(0.02)
child.send_signal(signal.SIGKILL)
assert child.wait() == -signal.SIGKILL
place = last_checkpoint(killed)
done = int(place.name.removeprefix("checkpoint-"))
print(place.name, *sorted(os.listdir(place)), sep="\n")

# %% [markdown]
# The files hold `Progress`, model, optimizer, random numbers, and schedule. With `--resume`, the script goes on from
# this checkpoint.
#
# **Check.** At the end, the weights are those of the run that was never stopped, bit for bit.

# %%
run_module(*words, "--resume").check_returncode()
first, second = figures(steady)["losses"], figures(killed)["losses"][done:]
plots.steps({"never stopped": first, "resumed": second}, "loss of the step",
            start={"resumed": done})

# %%
one, other = (Path(folder, "model", "model.safetensors") for folder in (steady, killed))
assert one.read_bytes() == other.read_bytes()

# %% [markdown]
# ## Going deeper: Two processes
#
# Start the same script with `torchrun`, and compare it with `fit` on this notebook's one process, with the same
# settings. Dropout is off: with dropout, each process draws its own random numbers, and the runs can't be the same.
#
# **Check.** Two processes took part, and scored 31 sentences, not 32. In each epoch, loss and score are close to
# those of one process.

# %%
from helpers.freezing import freeze

two, command = into("two-processes")
command += ["--dropout", 0, "--expect-processes", 2]
run_module(*torchrun, "-m", *command).check_returncode()
on_two = figures(two)
model = freeze(task.new_model(dropout=0.0), "first-4")
on_one, _ = fit(new_accelerator(), model, load(few, 8, shuffle=True, drop_last=True),
                load(task.validation.select(range(31))), epochs=2, rate=2e-3)

# %%
wanted = ("epoch", "loss", "precision", "recall", "f1", "accuracy")
tables.table([{"processes": count} | {name: row[name] for name in wanted}
              for count, rows in ((1, on_one), (2, on_two["history"]))
              for row in rows])

# %%
assert (on_two["processes"], on_two["history"][-1]["sentences"]) == (2, 31)
for row, other in zip(on_one, on_two["history"], strict=True):
    assert math.isclose(row["loss"], other["loss"], rel_tol=1e-2)
    assert abs(row[task.main] - other[task.main]) < 0.05

# %% [markdown]
# For eight GPUs or four machines, only the command changes: see [docs/scaling.md](../docs/scaling.md).
#
# ## Exercises
#
# ### Exercise 1 · How many rows come twice? (easy, 5 minutes)
#
# Each process has its own batches of `batch_size` rows, and the last round is filled up, as in the upper table of "Who
# gets which rows?". How many rows does `gather` return that `gather_for_metrics` drops? With one process, no row is
# repeated: return 0. `repeated_rows(11, 2, 2)` is 1.


# %% tags=["exercise"]
def repeated_rows(rows: int, batch_size: int, processes: int) -> int:
    """Return how many rows come again to fill the last round."""
    ### BEGIN SOLUTION
    return -rows % (batch_size * processes) if processes > 1 else 0
    ### END SOLUTION


# %%
import exercises

exercises.check(repeated_rows)

# %% [markdown]
# <details><summary>Hint</summary>A round has room for one batch per process. In Python, the remainder of a negative
# number is what is missing: <code>-11 % 4</code> is 1.</details>
#
# ### Exercise 2 · How many steps? (easy, 10 minutes)
#
# A run is a dictionary with `rows`, `batch_size` (of *each* process), `processes`, `accumulation` (micro-batches per
# step) and `epochs`. Return the number of optimizer steps. If fewer micro-batches are left at the end of an epoch, they
# still make one step. For example, with 11 rows, batches of 2, 2 processes and 3 micro-batches per step, an epoch has
# three rounds, so one step.


# %% tags=["exercise"]
def optimizer_steps(run: dict[str, int]) -> int:
    """Return the number of optimizer steps of a whole run."""
    ### BEGIN SOLUTION
    rounds = -(-run["rows"] // (run["batch_size"] * run["processes"]))
    return -(-rounds // run["accumulation"]) * run["epochs"]
    ### END SOLUTION


# %%
exercises.check(optimizer_steps)

# %% [markdown]
# <details><summary>Hint</summary>First the rounds of an epoch: each takes one batch per process. Then the steps of
# these rounds. Use <code>math.ceil</code> both times.</details>
#
# ### Exercise 3 · The mean of a large batch (easy, 10 minutes)
#
# Given the mean loss and the number of labeled tokens of each micro-batch, return the loss of the whole batch. A
# micro-batch may have no labeled tokens (PyTorch's mean over nothing is `nan`), but at least one has some.


# %% tags=["exercise"]
def batch_loss(means: list[float], counts: list[int]) -> float:
    """Return the mean loss over the labeled tokens of all micro-batches."""
    ### BEGIN SOLUTION
    pairs = zip(means, counts, strict=True)
    return sum(mean * count for mean, count in pairs if count) / sum(counts)
    ### END SOLUTION


# %%
exercises.check(batch_loss)

# %% [markdown]
# <details><summary>Hint</summary>A mean times its count is a sum, and sums add up.</details>
#
# ### Exercise 4 · Gather by hand (medium, 20 minutes)
#
# `held[process][round]` is the batch of a process in a round: a list of rows, each a list of label ids. In every round,
# the first process has the first rows. Return the rows in the data set's order, as `predict` does. Pad each row with
# `pad` to the width of the widest row of its round, in any process. Return only the first `count` rows. The rest are
# repeats; they still count for the width of the last round.


# %% tags=["exercise"]
def gather_rows(held: list[list[list[list]]], count: int, pad: int) -> list[list[int]]:
    """Return the rows of all processes in order, padded by round, each once."""
    ### BEGIN SOLUTION
    gathered = []
    for batches in zip(*held, strict=True):
        rows = [row for batch in batches for row in batch]
        width = max(map(len, rows))
        gathered += [row + [pad] * (width - len(row)) for row in rows]
    return gathered[:count]
    ### END SOLUTION


# %%
exercises.check(gather_rows)

# %% [markdown]
# <details><summary>Hint</summary><code>zip(*held)</code> gives, round by round, the batches of all processes.</details>
#
# ### Exercise 5 · Stop early (a small project, 30 minutes)
#
# How many epochs are enough? Stop when `patience` epochs in a row have brought no new best score. Given the score that
# each epoch would reach, return the best epoch up to the stop, and the number of epochs run. Epochs count from 1; an
# equal score isn't better.


# %% tags=["exercise"]
def stop_early(scores: list[float], patience: int) -> tuple[int, int]:
    """Return the best epoch and how many epochs are run."""
    ### BEGIN SOLUTION
    best = 0
    for epoch, score in enumerate(scores):
        if score > scores[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best + 1, epoch + 1
    ### END SOLUTION


# %%
exercises.check(stop_early)

# %% [markdown]
# <details><summary>Hint</summary>Remember the position of the best score so far. How far is this epoch from
# it?</details>
#
# When it's correct, build it into `fit`: after each epoch, look at the scores in `history`, stop in time, and save the
# model only if it's the best so far. Train on `few` for twenty epochs with a patience of two. Which epoch was best? All
# processes must stop in the same epoch. They do, because each uses the score from `predict`. Why is that enough?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Count steps after `prepare`, unless you prepare the scheduler and don't split batches.
# - Divide sums by labeled tokens, once, over the whole step.
# - Pad across processes, gather for metrics, and name what a function returns.
# - Check how many processes run; don't trust the command line.
# - To resume, you need weights, Adam, schedule, random numbers and position. Prove it by killing a run.
#
# **The classic run.** Like lesson 03, the full track trains `distilbert-base-uncased` on all of CoNLL-2003: 3 epochs,
# batch size 16, learning rate 2e-5. The published F1 with Trainer, 0.934, counts every sub-token (lesson 03), so don't
# compare yours with it.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Process*: a running program. Several can train one model together, each with its share of the rows.
# - *Loader* (DataLoader): what hands out the rows of a data set, batch by batch.
# - *Sampler*: what decides in which order a loader takes the rows.
# - *Schedule* (scheduler): how the learning rate changes from step to step.
# - *Micro-batch*: a part of a batch, small enough to go through the model at once.
# - *Gradient accumulation* (accumulation): adding up the gradients of several micro-batches before one step.
# - *Clipping*: scaling all gradients down together if they are longer than allowed.
# - *Round*: what all processes read at the same time, each a batch or a part of one.
# - *Gather* (gathered): collect from all processes what each of them holds.
# - *Future*: a result that will be there later.
# - *Adam* (AdamW): the usual optimizer; it keeps two averages for every weight. AdamW is Adam with weight decay.
# - *Checkpoint of a run* (checkpoint): all that a run needs to go on: weights, optimizer, schedule, random numbers,
#   position.
#
# Next: [05 · Answer questions with doc stride](05_answer_questions_with_doc_stride.ipynb), where a text is longer than
# the model can read.
