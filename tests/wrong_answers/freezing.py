"""Answers to the exercises of helpers/checks/freezing.py, as learners write them: wrong ones, and right ones in another style."""

import re
from itertools import combinations

import numpy as np


def names_without_head(names, pattern):
    return [name for name in names if name.startswith("bert") and re.search(pattern, name)]


def names_that_start(names, pattern):
    kept = []
    for name in names:
        if re.match(pattern, name) or not name.startswith("bert."):
            kept.append(name)
    return kept


def names_in_full(names, pattern):
    return [n for n in names if re.fullmatch(pattern, n) or n.startswith("classifier")]


def names_by_text(names, pattern):
    return [name for name in names if pattern in name or "classifier" in name]


def megabytes_of_all(parts):
    return sum(count for count, _ in parts) * 16 / 1_000_000


def megabytes_of_trained(parts):
    return sum(16 * count for count, trains in parts if trains) / 1e6


def megabytes_without_gradients(parts):
    weights = sum(count for count, _ in parts)
    return (weights + 2 * sum(count for count, trains in parts if trains)) * 4 / 1e6


def megabytes_without_adam(parts):
    return sum(count * 4 * (1 + trains) for count, trains in parts) / 1e6


def megabytes_of_two_to_the_twenty(parts):
    return sum(count * 4 * (1 + 3 * trains) for count, trains in parts) / 1024 / 1024


def by_layer(parameters):
    """Return for each layer whether anything of it trains."""
    trains = {}
    for name, flag in parameters:
        if ".layer." in name:
            layer = int(name.split(".layer.")[1].split(".")[0])
            trains[layer] = trains.get(layer, False) or flag
    return trains


def embeddings_train(parameters):
    return any(flag and name.startswith("bert.embeddings") for name, flag in parameters)


def layers_without_embeddings(parameters):
    count = 0
    for _, trains in sorted(by_layer(parameters).items()):
        if trains:
            break
        count += 1
    return count


def layers_anywhere(parameters):
    if embeddings_train(parameters):
        return None
    return list(by_layer(parameters).values()).count(False)


def layers_frozen_in_part(parameters):
    if embeddings_train(parameters):
        return None
    frozen = set()
    for name, flag in parameters:
        if ".layer." in name and not flag:
            frozen.add(int(name.split(".")[3]))
    count = 0
    while count in frozen:
        count += 1
    return count


def layers_as_text(parameters):
    if embeddings_train(parameters):
        return None
    trains = {str(layer): flag for layer, flag in by_layer(parameters).items()}
    count = 0
    for layer in sorted(trains):
        if trains[layer]:
            return count
        count += 1
    return count


def passes(layers, boundaries, epochs, seeds, backward=2):
    """Return plain and cached passes without any caching pass."""
    plain = cached = 0
    for boundary in boundaries:
        left = layers if boundary is None else layers - boundary
        plain += (layers + backward * left) * epochs * seeds
        cached += (left + backward * left) * epochs * seeds
    return plain, cached


def highest(boundaries):
    return max([0, *filter(None, boundaries)])


def passes_each_caching(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + sum(filter(None, boundaries))


def passes_caching_by_seed(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + seeds * highest(boundaries)


def passes_back_to_the_start(layers, boundaries, epochs, seeds):
    _, cached = passes(layers, boundaries, epochs, seeds)
    return 3 * layers * len(boundaries) * epochs * seeds, cached + highest(boundaries)


def passes_with_light_backward(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds, backward=1)
    return plain, cached + highest(boundaries)


def all_signs(count):
    return np.array(np.meshgrid(*[[1, -1]] * count)).reshape(count, -1).T


def luck_of_one_side(first, second):
    gaps = np.subtract(first, second)
    return float(np.mean(all_signs(len(gaps)) @ gaps >= gaps.sum()))


def luck_without_the_seen(first, second):
    gaps = np.subtract(first, second)
    return float(np.mean(abs(all_signs(len(gaps)) @ gaps) > abs(gaps.sum())))


def luck_of_signs(first, second):
    gaps = np.sign(np.subtract(first, second))
    return float(np.mean(abs(all_signs(len(gaps)) @ gaps) >= abs(gaps.sum())))


def luck_of_torn_pairs(first, second):
    pool = np.array([*first, *second])
    seen, gaps = abs(np.mean(first) - np.mean(second)), []
    for chosen in combinations(range(len(pool)), len(first)):
        inside = np.isin(np.arange(len(pool)), chosen)
        gaps.append(abs(pool[inside].mean() - pool[~inside].mean()))
    return float(np.mean(np.array(gaps) >= seen - 1e-9))


# Right answers in another style than the solution's


def names_with_filter(names, pattern):
    fits = re.compile(pattern).search
    return tuple(filter(lambda name: not name.startswith("bert.") or fits(name), names))


def megabytes_with_numpy(parts):
    table = np.array(parts, dtype=float).reshape(-1, 2)
    return (4 * table[:, 0] * (1 + 3 * table[:, 1])).sum() / 1e6


def layers_by_the_first_that_trains(parameters):
    training = [name for name, flag in parameters if flag]
    if any(".embeddings." in name for name in training):
        return None
    numbers = [int(m[1]) for name in training if (m := re.search(r"layer\.(\d+)", name))]
    everything = [int(m[1]) for name, _ in parameters if (m := re.search(r"layer\.(\d+)", name))]
    return min(numbers, default=max(everything) + 1)


def passes_with_a_formula(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return [np.int64(plain), np.int64(cached + highest(boundaries))]


def luck_with_numpy(first, second):
    gaps = np.subtract(first, second)
    return np.mean(abs(all_signs(len(gaps)) @ gaps) >= abs(gaps.sum()))


WRONG = {
    "check_names_to_train": {
        "no head": (names_without_head, "the head is missing"),
        "start": (names_that_start, "only tried at the start"),
        "full": (names_in_full, "must be all of the name"),
        "text": (names_by_text, "taken as plain text"),
    },
    "check_training_megabytes": {
        "all": (megabytes_of_all, "as if it trained"),
        "trained only": (megabytes_of_trained, "what is frozen is left out"),
        "no gradients": (megabytes_without_gradients, "one of them is missing"),
        "no Adam": (megabytes_without_adam, "Adam's averages are missing"),
        "2 ** 20": (megabytes_of_two_to_the_twenty, "a million bytes here"),
    },
    "check_frozen_layers": {
        "no embeddings": (layers_without_embeddings, "the embeddings are forgotten"),
        "anywhere": (layers_anywhere, "behind a trained one"),
        "in part": (layers_frozen_in_part, "although some of it trains"),
        "as text": (layers_as_text, "layer 10 comes before layer 2"),
    },
    "check_sweep_passes": {
        "no caching": (passes, "the caching pass is missing"),
        "each": (passes_each_caching, "each strategy caches for itself"),
        "each seed": (passes_caching_by_seed, "again with every seed"),
        "to the start": (passes_back_to_the_start, "goes through frozen layers"),
        "light": (passes_with_light_backward, "costs two passes"),
    },
    "check_luck": {
        "one side": (luck_of_one_side, "only one side"),
        "strict": (luck_without_the_seen, "the one seen is one of them"),
        "signs": (luck_of_signs, "looks at signs only"),
        "torn": (luck_of_torn_pairs, "the pairs are torn apart"),
    },
}

SECOND = {
    "check_names_to_train": names_with_filter,
    "check_training_megabytes": megabytes_with_numpy,
    "check_frozen_layers": layers_by_the_first_that_trains,
    "check_sweep_passes": passes_with_a_formula,
    "check_luck": luck_with_numpy,
}
