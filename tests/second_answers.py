"""A right answer to each exercise in another style than the lesson's solution, named like the exercise."""

import ast
import itertools
import json
import math
import re
import struct
from collections import Counter
from itertools import cycle, islice, pairwise, product

import numpy as np
import torch
from seqeval.metrics.sequence_labeling import get_entities

from helpers.metrics import exact, normalize, word_f1
from helpers.ner import IGNORE_INDEX

# Lesson 00


def decode_label(label, names):
    return np.array(names)[label]


def label_counts(labels, names):
    counts = np.bincount(np.array(labels, dtype=int), minlength=len(names))
    return Counter(dict(zip(names, counts, strict=True)))


def majority_baseline(train_labels, labels):
    commonest = torch.tensor(train_labels).bincount().argmax()
    return (torch.tensor(labels) == commonest).double().mean()


# Lesson 01


def confident_mistakes(logits, references, count):
    exponents = np.exp(logits.astype(np.float32))
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    rows = np.argsort(-probabilities.max(axis=1))
    return rows[(probabilities.argmax(axis=1) != references)[rows]][:count]


def confusion_counts(predictions, references):
    cells = torch.tensor(references) * 2 + torch.tensor(predictions)
    return dict(zip(("tn", "fp", "fn", "tp"), cells.bincount(minlength=4), strict=True))


def padding_share(lengths, batch_size):
    rows = np.zeros((len(lengths), max(lengths)), dtype=bool)
    for row, length in enumerate(lengths):
        rows[row, :length] = True
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    padding = [(~batch[:, batch.any(axis=0)]).sum() for batch in batches]
    return np.sum(padding) / (np.sum(padding) + rows.sum())


def training_steps(rows, batch_size, epochs):
    return np.ceil(np.float64(rows) / batch_size).astype(np.int64) * epochs


# Lesson 02


def continue_label(label, names):
    inside = {name: index for index, name in enumerate(names) if name.startswith("I-")}
    return np.int64(inside.get(names[label].replace("B-", "I-"), label))


def keep_first(labels, word_ids):
    words = np.array([-1 if word is None else word for word in word_ids])
    later = np.append(False, (words[1:] == words[:-1]) & (words[1:] >= 0))
    return np.where(later, IGNORE_INDEX, labels)


def labels_of_words(labels, word_ids, words):
    votes = [Counter() for _ in range(words)]
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and label != IGNORE_INDEX:
            votes[word][label] += 1
    return [vote.most_common(1)[0][0] if vote else IGNORE_INDEX for vote in votes]


def read_columns(row, features):
    names = [features[tags].feature.int2str(row[tags]) for tags in ("pos_tags", "chunk_tags")]
    return np.array([row["tokens"], *names]).T


def words_lost(word_ids, words):
    return np.int64(sum(word not in word_ids for word in range(words)))


# Lesson 03


def count_entities(names):
    firsts = [name[2:] for name in names if name.startswith("B-")]
    kinds, counts = np.unique(firsts, return_counts=True)
    return dict(zip(kinds.tolist(), counts, strict=True))


def entity_counts(predicted, reference):
    found, true = get_entities(predicted), get_entities(reference)
    right = np.sum([entity in true for entity in found], dtype=int)
    return {"reference": len(true), "predicted": len(found), "right": right}


def find_entities(names):
    return tuple(
        [kind, np.int64(first), np.int64(last + 1)] for kind, first, last in get_entities(names)
    )


def hide_names(text, entities):
    pieces, done = [], 0
    for entity in entities:
        pieces += [text[done : entity["start"]], "[", entity["entity_group"], "]"]
        done = entity["end"]
    return "".join([*pieces, text[done:]])


def label_confusions(predictions, references):
    truths, guesses = map(itertools.chain.from_iterable, (references, predictions))
    counts = Counter(zip(truths, guesses, strict=True))
    return Counter({pair: np.int64(n) for pair, n in counts.items() if pair[0] != pair[1]})


# Lesson 04


def batch_loss(means, counts):
    counts = torch.tensor(counts, dtype=torch.double)
    return torch.tensor(means, dtype=torch.double).nan_to_num() @ counts / counts.sum()


def gather_rows(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        tensors = [torch.tensor(row) for batch in batches for row in batch]
        rows += torch.nn.utils.rnn.pad_sequence(tensors, True, pad).tolist()
    return tuple(map(tuple, rows[:count]))


def optimizer_steps(run):
    steps = 0
    for _ in range(run["epochs"]):
        left = run["rows"]
        while left > 0:
            left -= run["batch_size"] * run["processes"] * run["accumulation"]
            steps += 1
    return np.int64(steps)


def repeated_rows(rows, batch_size, processes):
    dealt = 0
    while dealt < rows:
        dealt += min(batch_size, rows - dealt) if processes == 1 else batch_size * processes
    return np.int64(dealt - rows)


def stop_early(scores, patience):
    for epoch in range(1, len(scores) + 1):
        best = int(np.argmax(scores[:epoch])) + 1
        if epoch - best >= patience:
            break
    return [best, np.int64(epoch)]


# Lesson 05


def answer_f1(said, accepted):
    if not accepted:
        return int(normalize(said) == "")
    return np.max([max(word_f1(said, text), exact(said, text)) for text in accepted])


def answer_or_nothing(windows, threshold):
    order = np.argsort([window["score"] for window in windows])  # of equals, the last
    best = windows[order[-1]]
    doubt = np.min([window["null_score"] for window in windows]) - best["score"]
    return best["text"] if doubt <= threshold else ""


def answer_text(context, offsets, start, end):
    if end < start:
        return ""
    kept = range(offsets[start][0], offsets[end][1])
    return "".join(sign for place, sign in enumerate(context) if place in kept)


def best_threshold(doubts, kept, emptied):
    best, best_mean = None, -1
    for threshold in [-math.inf, *sorted(doubts)]:
        mean = 0.0  # rounded anew at each question
        for place, doubt in enumerate(doubts):
            score = emptied[place] if doubt > threshold else kept[place]
            mean += (score - mean) / (place + 1)
        if mean > best_mean:
            best, best_mean = threshold, mean
    return np.float64(best)


def count_windows(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    counts = np.ones(len(passages), dtype=int)
    for row, passage in enumerate(passages):
        end = room
        while end < passage:
            end += room - doc_stride
            counts[row] += 1
    return counts


# Lesson 06


def frozen_layers(parameters):
    training = [name for name, flag in parameters if flag]
    if any(".embeddings." in name for name in training):
        return None
    numbers = [int(m[1]) for name in training if (m := re.search(r"layer\.(\d+)", name))]
    everything = [int(m[1]) for name, _ in parameters if (m := re.search(r"layer\.(\d+)", name))]
    return min(numbers, default=max(everything) + 1)


def luck(first, second):
    gaps = np.subtract(first, second)
    signs = np.array(list(product([1, -1], repeat=len(gaps))))
    return np.mean(abs(signs @ gaps) >= abs(gaps.sum()))


def names_to_train(names, pattern):
    fits = re.compile(pattern).search
    return tuple(filter(lambda name: not name.startswith("bert.") or fits(name), names))


def sweep_passes(layers, boundaries, epochs, seeds):
    plain, cached = 0, max([0, *filter(None, boundaries)])
    for boundary in boundaries:
        left = layers if boundary is None else layers - boundary
        plain += (layers + 2 * left) * epochs * seeds
        cached += 3 * left * epochs * seeds
    return [np.int64(plain), np.int64(cached)]


def lora_parameters(shapes, rank):
    total = 0
    for shape in shapes:
        for side in shape:
            total += side * rank
    return total


def training_megabytes(parts):
    table = np.array(parts, dtype=float).reshape(-1, 2)
    return (4 * table[:, 0] * (1 + 3 * table[:, 1])).sum() / 1e6


# Lesson 07


def affordable_iterations(rows, batch_size, epochs, steps):
    number = 0
    while math.ceil(2 * rows * (number + 1) / batch_size) * epochs <= steps:
        number += 1
    return np.int64(number)


def draw_few(labels, order, per_class):
    names = [labels[row] for row in order]
    if any(names.count(name) < per_class for name in names):
        raise ValueError("too few")
    return tuple(
        row for place, row in enumerate(order) if names[:place].count(names[place]) < per_class
    )


def is_safetensors(content):
    try:
        (size,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + size])
        ends = [value["data_offsets"][1] for name, value in header.items() if name[:2] != "__"]
        return max([0, *ends]) + size + 8 == len(content)
    except Exception:
        return False


def nearest_centroid(train, labels, new):
    names = sorted(set(labels))
    rows = torch.nn.functional.normalize(torch.tensor(train), dim=1)
    which = torch.tensor([names.index(label) for label in labels])
    middle = torch.stack([rows[which == place].mean(0) for place in range(len(names))])
    scores = torch.cosine_similarity(torch.tensor(new)[:, None], middle[None], dim=-1)
    return [names[place] for place in scores.argmax(1)]


def pair_counts(labels):
    _, owner = np.unique(labels, return_inverse=True)
    above = np.triu(np.ones((len(labels), len(labels)), dtype=bool), k=1)
    same = owner[:, None] == owner
    return {"different": (above & ~same).sum(), "alike": (above & same).sum()}


def templated_rows(words, templates):
    most = len(max(words.values(), key=len))
    rows = []
    for name, found in words.items():
        pairs = product(islice(cycle(found), most), templates)
        rows.extend([template.format(word), name] for word, template in pairs)
    return rows


# Lesson 08


def count_fates(before, after, labels, mask_id):
    before, after, labels = map(np.array, (before, after, labels))
    chosen = labels != IGNORE_INDEX
    return {
        "untouched": (~chosen).sum(),
        "hidden": (chosen & (after == mask_id)).sum(),
        "kept": (chosen & (after == before)).sum(),
        "random": (chosen & (after != before) & (after != mask_id)).sum(),
    }


def cut_blocks(texts, size, cls_id, sep_id):
    ids = [token for text in texts for token in text]
    places = [*range(0, len(ids), size - 2), len(ids)]
    return [[cls_id, *ids[start:end], sep_id] for start, end in pairwise(places) if start < end]


def number_words(tokens, special):
    starts = [token not in special and not token.startswith("##") for token in tokens]
    return [
        -1 if token in special else int(sum(starts[: place + 1])) - 1
        for place, token in enumerate(tokens)
    ]


def perplexity(losses, counts):
    return np.exp(np.dot(losses, counts) / np.sum(counts))


# Lesson 09


def plain(text):
    return " ".join(text.split()).lower()


def leaked_rows(train, test):
    rows = Counter(map(plain, test))
    return sum(rows[text] for text in set(map(plain, train)))


def one_spelling(labels):
    counts, best = Counter(labels), {}
    keys = [label.strip().lower() for label in labels]
    for label, key in zip(labels, keys, strict=True):
        if counts[label] > counts[best.get(key, "nothing")]:
            best[key] = label
    return [best[key] for key in keys]


def split_by_group(groups, test_rows):
    taken, total = set(), 0
    for group in groups:
        if group not in taken and total < test_rows:
            taken.add(group)
            total += groups.count(group)
    return tuple(row for row, group in enumerate(groups) if group in taken)


def unknown_labels(labels, known):
    return np.flatnonzero(~np.isin(np.array(labels, dtype=str), np.array(known, dtype=str)))


# Lesson 10


def find_old_names(source, old_names):
    tree = ast.dump(ast.parse(source))
    used = re.findall(r"(?:alias\(name|keyword\(arg|attr)='(\w+)'", tree)
    return [name for name in sorted(old_names) if name in used]


def namespaced(name, homes):
    return {name: name, **homes}[name]


def rename_keywords(source, renames):
    lines = itertools.accumulate(map(len, source.splitlines(keepends=True)), initial=0)
    nodes, begins = ast.walk(ast.parse(source)), list(lines)
    words = [node for node in nodes if isinstance(node, ast.keyword) and node.arg in renames]
    places = {begins[word.lineno - 1] + word.col_offset: word.arg for word in words}
    for place, name in sorted(places.items(), reverse=True):
        source = source[:place] + renames[name] + source[place + len(name) :]
    return source


def translate_arguments(old):
    steps = old.get("warmup_steps")
    new = {
        "eval_strategy": old.get("evaluation_strategy"),
        "use_cpu": old.get("no_cuda"),
        "train_sampling_strategy": "group_by_length" if old.get("group_by_length") else None,
        "warmup_steps": steps or old.get("warmup_ratio", steps),
    }
    gone = {"evaluation_strategy", "no_cuda", "group_by_length", "warmup_ratio", "warmup_steps"}
    gone.add("overwrite_output_dir")
    new |= {name: value for name, value in old.items() if name not in gone}
    return {name: value for name, value in new.items() if value is not None}
