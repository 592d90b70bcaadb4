"""Answers to lesson 06, Exercise 3 · Find the boundary from names."""

import re


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


def layers_or_zero(parameters):
    return 0 if embeddings_train(parameters) else layers_without_embeddings(parameters)


def layers_by_word_embeddings(parameters):
    if any(flag and "word_embeddings" in name for name, flag in parameters):
        return None
    return layers_without_embeddings(parameters)


def layers_or_none(parameters):
    if not embeddings_train(parameters) and (count := layers_without_embeddings(parameters)):
        return count
    return None


def first_training(parameters, default):
    """Return the first layer of which something trains."""
    if embeddings_train(parameters):
        return None
    return min((layer for layer, flag in by_layer(parameters).items() if flag), default=default)


def layers_none_where_none_trains(parameters):
    return first_training(parameters, None)


def layers_zero_where_none_trains(parameters):
    return first_training(parameters, 0)


def layers_last_where_none_trains(parameters):
    return first_training(parameters, max(by_layer(parameters)))


def layers_up_to_the_last_frozen(parameters):
    if embeddings_train(parameters):
        return None
    return max([-1, *(layer for layer, flag in by_layer(parameters).items() if not flag)]) + 1


def layers_overwritten(parameters):
    if embeddings_train(parameters):
        return None
    trains = {}
    for name, flag in parameters:
        if match := re.search(r"layer\.(\d+)", name):
            trains[int(match[1])] = flag
    return next((layer for layer in sorted(trains) if trains[layer]), len(trains))


def layers_by_the_smallest_text(parameters):
    if embeddings_train(parameters):
        return None
    training = [name.split(".")[3] for name, flag in parameters if flag and ".layer." in name]
    return int(min(training)) if training else len(by_layer(parameters))


def layers_found_in_longer_names(parameters):
    if embeddings_train(parameters):
        return None
    for layer in range(len(by_layer(parameters))):
        if any(flag for name, flag in parameters if f"layer.{layer}" in name):
            return layer
    return len(by_layer(parameters))


def layers_of_one_digit(parameters):
    if embeddings_train(parameters):
        return None
    trains = {}
    for name, flag in parameters:
        if match := re.search(r"layer\.(\d)", name):
            trains.setdefault(int(match[1]), []).append(flag)
    return next((layer for layer in sorted(trains) if any(trains[layer])), len(trains))


def layers_by_the_first_that_trains(parameters):
    training = [name for name, flag in parameters if flag]
    if any(".embeddings." in name for name in training):
        return None
    numbers = [int(m[1]) for name in training if (m := re.search(r"layer\.(\d+)", name))]
    everything = [int(m[1]) for name, _ in parameters if (m := re.search(r"layer\.(\d+)", name))]
    return min(numbers, default=max(everything) + 1)


WRONG = {
    "no embeddings": (layers_without_embeddings, "the embeddings are forgotten"),
    "anywhere": (layers_anywhere, "behind a trained one"),
    "in part": (layers_frozen_in_part, "although some of it trains"),
    "as text": (layers_as_text, "layer 10 comes before layer 2"),
    "smallest text": (layers_by_the_smallest_text, "layer 10 comes before layer 2"),
    "0 for None": (layers_or_zero, "it returns 0. Return `None`"),
    "word embeddings": (layers_by_word_embeddings, "is overlooked"),
    "None for 0": (layers_or_none, "the answer is 0"),
    "none trains: None": (layers_none_where_none_trains, "there are, not `None`"),
    "none trains: 0": (layers_zero_where_none_trains, "there are, not 0"),
    "none trains: the last": (layers_last_where_none_trains, "there are, not the last"),
    "last frozen": (layers_up_to_the_last_frozen, "behind a trained one"),
    "overwritten": (layers_overwritten, "one parameter of a layer"),
    "layer.1": (layers_found_in_longer_names, "layer 10 is taken for layer 1"),
    "one digit": (layers_of_one_digit, "layer 10 is taken for layer 1"),
}

SECOND = layers_by_the_first_that_trains
