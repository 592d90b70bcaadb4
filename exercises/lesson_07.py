"""Lesson 07's exercises."""

import itertools
import json
import pickle
from collections import Counter
from functools import wraps

import numpy as np
from safetensors.numpy import save

from exercises.table import exercise


def rows_of_labels(rng):
    labels = [["pos", "pos", "neg", "neg"], ["pos", "neg", "neg"], ["pos"] * 3, ["pos"], []]
    labels += [[rng.choice("xyz") for _ in range(rng.randrange(2, 20))] for _ in range(30)]
    return [(row,) for row in labels]


@exercise(rows_of_labels)
def pair_counts(labels):
    """
    a row paired with itself is counted. Leave these pairs out.
        combinations → combinations_with_replacement
    each pair is counted twice: the first row with the second, and the second with the first.
        combinations → permutations
    each pair is counted twice, and so is each row with itself. Any two rows make one pair.
        combinations(labels, 2) → product(labels, labels)
    alike and different are swapped. Alike has the same label.
        "alike": sum(alike), "different" → "different": sum(alike), "alike"
    only neighboring rows are paired. Any two rows make a pair.
        combinations(labels, 2) → pairwise(labels)
    only every second row is paired with its neighbor. Any two rows make a pair.
        itertools.combinations(labels, 2) → zip(labels[::2], labels[1::2])
    `different` includes the alike pairs. A pair is of one kind only.
        len(alike) - sum(alike) → len(alike)
    you return one number for both kinds. Return a dictionary.
        = sum(right(labels).values())
    """
    alike = [one == other for one, other in itertools.combinations(labels, 2)]
    return {"alike": sum(alike), "different": len(alike) - sum(alike)}


def runs(rng):
    cases = [(16, 4, 1, 40), (16, 4, 1, 39), (8, 16, 2, 9), (32, 4, 3, 10), (5, 4, 1, 5)]
    cases += [(4, 16, 3, 5), (4, 16, 1, 5), (4, 16, 1, 600)]
    return cases + [tuple(map(rng.randrange, (4, 1, 1, 1), (40, 17, 5, 600))) for _ in range(30)]


@exercise(runs)
def affordable_iterations(rows, batch_size, epochs, steps):
    """
    an iteration makes two pairs per row: one alike, one different.
        2 * rows → rows
    the epochs are missing: each goes through all pairs again.
        steps // epochs → steps
    a step is a batch of pairs, not a single pair.
        * batch_size // → //
    the result is rounded to the nearest number. Round down: an iteration that does not fit takes too many steps.
        = round(steps // epochs * batch_size / (2 * rows))
        = round(steps * batch_size / (2 * rows * epochs))
    `num_iterations` is a whole number. Round down.
        = steps // epochs * batch_size / (2 * rows)
        = steps * batch_size / (2 * rows * epochs)
    each epoch ends with its own last batch. Divide the steps by the epochs first, and round down.
        = steps * batch_size // (2 * rows * epochs)
    a last batch that is not full takes a step too.
        = ((steps // epochs + 1) * batch_size - 1) // (2 * rows)
    a run of exactly `steps` steps still fits: at most, not less than.
        steps // epochs → (steps - 1) // epochs
    the pairs of each iteration are batched separately. All pairs of an epoch are batched together.
        = steps // epochs // -(-2 * rows // batch_size)
    """
    return steps // epochs * batch_size // (2 * rows)


class Refusal(str):  # a ValueError as a result that no learner returns by chance
    said = ""  # the error's message: shown, not compared

    def __repr__(self):
        return f"{self}: {self.said}" if self.said else str(self)


def or_refused(function):
    """Return the function with a ValueError, raised or returned, as a result that can be compared."""

    @wraps(function)
    def answered(*arguments):
        try:
            result = function(*arguments)
        except ValueError as error:
            refusal = Refusal("a ValueError")
            refusal.said = str(error)
            return refusal
        returned = isinstance(result, ValueError) or result is ValueError
        return Refusal("a ValueError that is not raised") if returned else result

    return answered


def labels_in_order(rng):
    few = [("neg neg neg pos pos", [4, 1, 0, 3, 2], 2), ("neg neg neg pos", [2, 0, 3, 1], 2)]
    few += [("a b c", [2, 0, 1], 1), ("a b", [1, 0], 2)]
    few += [("neg neg neg pos pos pos", [1, 0, 3, 2, 5, 4], 2), ("x y z x y", [3, 2, 0, 4, 1], 2)]
    cases = [(labels.split(), order, per_class) for labels, order, per_class in few]
    for _ in range(25):
        labels = [rng.choice("xyz") for _ in range(rng.randrange(8, 30))]
        cases.append((labels, rng.sample(range(len(labels)), len(labels)), rng.randrange(1, 5)))
    return cases


@exercise(labels_in_order, or_refused)
def draw_few(labels, order, per_class):
    """
    the function returns nothing. Did you forget `return`?
        return taken → return
    a class has too few rows, and no error is raised. Raise a ValueError.
        raise ValueError("too few rows of a class") → pass
    the ValueError is returned, not raised. Use `raise`.
        raise ValueError → return ValueError
    when a class has too few rows, something is returned. Raise a ValueError.
        raise ValueError("too few rows of a class") → return []
        raise ValueError("too few rows of a class") → return None
    there may be enough rows in all but too few of one class. Compare with what you took.
        min(Counter(labels).values()) < per_class → len(labels) < per_class * len(set(labels))
    it expects two classes. Count those among all labels.
        min(Counter(labels).values()) < per_class → len(taken) < 2 * per_class
    a class with just enough rows is refused. Only one with fewer is too small.
        min(Counter(labels).values()) < per_class → min(Counter(labels).values()) <= per_class
    rows are returned in the order of the data set. Follow `order`.
        in order → in range(len(labels))
    rows are returned class by class. Keep the order in which you met them.
        return taken → return sorted(taken, key=lambda row: labels[row])
    it takes the first rows of any class. Count each class.
        = order[: per_class * len(set(labels))]
        return taken → return order[: per_class * len(set(labels))]
    it takes `per_class` rows in all. Take that many of each class.
        = order[:per_class]
    a class has one row too many. Stop at `per_class`: less than, not at most.
        seen[label] < per_class → seen[label] <= per_class
    these are labels. Return the numbers of the rows.
        taken.append(row) → taken.append(label)
    these are positions in `order`. Return the row numbers at these positions.
        taken.append(row) → taken.append(order.index(row))
    the label is looked up by the position in `order`. Row number r has the label `labels[r]`.
        label = labels[row] → label = labels[order.index(row)]
    """
    taken, seen = [], Counter()
    for row in order:
        label = labels[row]
        if seen[label] < per_class:
            taken.append(row)
            seen[label] += 1
    if min(Counter(labels).values()) < per_class:
        raise ValueError("too few rows of a class")
    return taken


def embeddings(rng):
    cases = [
        (np.array([[1.0, 0.0], [0.0, 1.0]]), ["neg", "pos"], np.array([[3.0, 1.0], [1.0, 3.0]])),
        (np.array([[0.0, 9.0], [1.0, 0.2]]), ["b", "a"], np.array([[2.0, 1.0], [0.1, 0.2]])),
        (np.array([[4.0, 0.0], [1.0, 1.0]]), ["pos", "neg"], np.array([[1.0, 0.9], [0.1, 0.0]])),
    ]
    numbers = np.random.default_rng(rng.randrange(2**32))
    for _ in range(8):
        labels = numbers.permutation(list("aaaaaabbbccc")).tolist()
        length = numbers.uniform(0.2, 5, size=(12, 1))  # embeddings are not of one length
        cases.append((numbers.normal(size=(12, 3)) * length, labels, numbers.normal(size=(25, 3))))
    # float32, as encoders give
    return [(np.float32(train), labels, np.float32(new)) for train, labels, new in cases]


@exercise(embeddings)
def nearest_centroid(train, labels, new):
    """
    this is the dot product, not the cosine: a class whose rows are close together has a longer centroid and wins.
        unit(np.stack(means)) → np.stack(means)
    long embeddings pull the centroid toward them. Scale each training row to length 1 first.
        unit(train) → train
    rows and centroids keep their length: this is the dot product, not the cosine.
        unit(train) → train ; unit(np.stack(means)) → np.stack(means)
    this is a sum, not a mean, and it is not scaled to length 1: the largest class wins.
        unit(np.stack(means)) → np.stack(means) ; .mean( → .sum(
    this picks the smallest distance. Cosine compares directions.
        unit(train) → train ; unit(new) @ unit(np.stack(means)).T → -np.linalg.norm(new[:, None] - means, axis=-1)
        unit(train) → train ; unit(new) @ unit(np.stack(means)).T → -np.linalg.norm(unit(new)[:, None] - means, axis=-1)
    this picks the smallest distance to centroids of different lengths. Scale them to length 1, too.
        unit(new) @ unit(np.stack(means)).T → -np.linalg.norm(unit(new)[:, None] - means, axis=-1)
        unit(new) @ unit(np.stack(means)).T → -np.linalg.norm(new[:, None] - means, axis=-1)
    this picks the class with the lowest similarity. Take the highest: `argmax`.
        argmax → argmin
    lengths are computed per column. Each row is an embedding: `axis=1, keepdims=True`.
        axis=-1 → axis=0
    these are positions of classes. Return the names of the classes.
        [classes[place] → [place
    names and centroids are in different orders. Use one list of classes for both.
        [classes[place] → [list(dict.fromkeys(labels))[place]
    the position of a class is looked up in `labels`. Look it up in the list of classes.
        [classes[place] → [labels[place]
    this finds the nearest training row. Take the mean of each class.
        unit(np.stack(means)) → unit(train) ; [classes[place] → [labels[place]
    """

    def unit(rows):
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    classes = sorted(set(labels))
    means = [unit(train)[np.array(labels) == name].mean(axis=0) for name in classes]
    scores = unit(new) @ unit(np.stack(means)).T
    return [classes[place] for place in scores.argmax(axis=1)]


def words_and_templates(rng):
    films = ["This film is {}", "A {} film", "I found it {}.", "{}!"]
    pool = ["dull", "flat", "poor", "warm", "rich", "fine", "neat", "rare", "loud"]
    cases = [
        ({"neg": ["dull"], "pos": ["fine"]}, films[:1]),
        ({"neg": ["dull", "flat", "poor"], "pos": ["fine", "warm"]}, films[:2]),
        ({"neg": ["dull"], "pos": ["warm", "fine", "rare"]}, films[:2]),
        ({"neg": ["dull", "flat"], "pos": ["warm", "fine", "rare", "rich"]}, films[:1]),
    ]
    for _ in range(20):
        words = {name: rng.sample(pool, rng.randrange(1, 6)) for name in ("neg", "pos", "mixed")}
        cases.append((words, rng.sample(films, rng.randrange(1, 4))))
    return cases


@exercise(words_and_templates)
def templated_rows(words, templates):
    """
    classes have different numbers of rows. In a class with fewer words, start again with its first word.
        range(most) → range(len(found))
    words are lost. Continue until the class with the most words is done, not the one with the fewest.
        max( → min(
    the last word is repeated. Start again with the first.
        place % len(found) → min(place, len(found) - 1)
    only the first word is repeated. After it comes the second word again, and so on.
        place % len(found) → place if place < len(found) else 0
    the class comes before the text. Return (text, class).
        = [(name, text) for text, name in right(words, templates)]
    the classes are missing. Return (text, class) for each text.
        = [text for text, name in right(words, templates)]
    there is a list for each class. Put all rows into one list.
        = [[row for row in right(words, templates) if row[1] == name] for name in words]
    the word is returned as the class. The class of `terrible` is `neg`.
        ]), name) → ]), found[place % len(found)])
    templates come first. Word by word: all templates of a word, then the next word.
        for place in range(most) → for first in templates ; for template in templates → for place in range(most) ; template.format → first.format
    """
    most = max(len(found) for found in words.values())
    return [
        (template.format(found[place % len(found)]), name)
        for name, found in words.items()
        for place in range(most)
        for template in templates
    ]


def header_reversed(content):
    """Return a safetensors file with its header's entries in reverse: a JSON object has no order."""
    size = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:size])
    text = json.dumps(dict(reversed(header.items()))).encode()
    return len(text).to_bytes(8, "little") + text + content[size:]


def files(rng):
    numbers = np.random.default_rng(rng.randrange(2**32))

    def array():
        return numbers.normal(size=numbers.integers(1, 4, size=2)).astype(np.float32)

    good, short = save({"coef": array(), "intercept": array()}), pickle.dumps([1.0, 2.0])
    marked = header_reversed(save({"a": array(), "b": array()}, {"format": "pt"}))
    contents = [good, save({"a": array()}, {"format": "pt"}), b"", good[:5]]
    contents += [short, pickle.dumps({"a": 1}, protocol=0), marked, marked[:-1]]
    contents += [save({f"layer.{i}.weight": array() for i in range(9)})]
    contents += [good[7::-1] + good[8:], good[:5] + b"\x01" + good[6:]]
    wide = save({"a": np.zeros((10, 10), np.float32)})  # 400 bytes, more than its header has
    contents += [wide, wide[:400], wide[:408], wide[:-8]]
    contents += [b"PK\x03\x04" + bytes(40), good[:-1], good + b"\x00", bytes(8), b"{}" * 20]
    bodies = [(len(short), short), (2, b"[]"), (999, b"{}"), (2, b"{}")]
    strange = b'{"a":1}', b'{"a":{}}', b'{"a":{"data_offsets":[]}}', b"12"
    mixed = b'{"a":{"data_offsets":[0,"x"]},"b":{"data_offsets":[0,0]}}'
    bodies += [(len(header), header) for header in (*strange, mixed)]
    contents += [good + short, *(size.to_bytes(8, "little") + body for size, body in bodies)]
    for _ in range(5):
        made = save({f"t{i}": array() for i in range(rng.randrange(1, 4))})
        contents += [made, made[: rng.randrange(8, len(made))], rng.randbytes(30)]
    return [(content,) for content in contents]


@exercise(files)
def is_safetensors(content):
    """
    a file that is no pickle need not be safetensors. Check for what a good file has, not for signs of a bad one.
        = not content.startswith((pickle.PROTO, b"PK"))
    the length of the header is read with the highest byte first. The lowest comes first.
        "little" → "big"
    the header is not read. Eight bytes and a plausible length prove nothing.
        = 8 + int.from_bytes(content[:8], "little") <= len(content)
    the end is not checked: the file may be cut off, or continue after its last tensor.
        return max(ends, default=0) == len(content) - 8 - size → return True
    bytes after the last tensor are accepted. The file must end where the last tensor ends.
        default=0) == → default=0) <=
    a file that is cut off is accepted. A good file has all bytes of its last tensor.
        default=0) == → default=0) >=
    the tensor that the header lists last need not be last in the file. Take the largest end.
        max(ends, default=0) → [0, *ends][-1]
    a header without tensors is valid: nothing follows it.
        default=0 → default=-1
    `data_offsets` count from the end of the header. The eight bytes and the header come before.
        == len(content) - 8 - size → == len(content)
        == len(content) - 8 - size → == len(content) - size
        == len(content) - 8 - size → == len(content) - 8
    only part of the length is read. It takes eight bytes.
        content[:8] → content[:1]
        content[:8] → content[:4]
    the result is `False` even for a good file. Is the first check too strict?
        = False
    `__metadata__` is not a tensor and has no `data_offsets`. Leave it out.
        header.pop("__metadata__", None) → pass
    """
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        return False
    try:
        header = json.loads(content[8 : 8 + size])
        header.pop("__metadata__", None)
        ends = [entry["data_offsets"][1] for entry in header.values()]
        return max(ends, default=0) == len(content) - 8 - size
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return False
