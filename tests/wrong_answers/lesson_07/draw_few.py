"""Answers to lesson 07, Exercise 3 · Draw k a class."""


def draw_in_silence(labels, order, per_class):
    taken = []
    for row in order:
        if sum(labels[other] == labels[row] for other in taken) < per_class:
            taken.append(row)
    return taken


def draw_from_the_top(labels, order, per_class):
    taken = draw_in_silence(labels, list(range(len(labels))), per_class)
    if len(taken) != per_class * len(set(labels)):
        raise ValueError
    return taken


def draw_class_by_class(labels, order, per_class):
    taken = []
    for name in sorted(set(labels)):
        found = [row for row in order if labels[row] == name][:per_class]
        if len(found) < per_class:
            raise ValueError(name)
        taken.extend(found)
    return taken


def draw_any(labels, order, per_class):
    wanted = per_class * len(set(labels))
    return [row for place, row in enumerate(order) if place < wanted]


def draw_or(otherwise):
    """Return an answer that does something else than raise where a class is too small."""

    def drawn(labels, order, per_class):
        if any(labels.count(name) < per_class for name in labels):
            return otherwise
        return draw_in_silence(labels, order, per_class)

    return drawn


def draw_if_enough_in_all(labels, order, per_class):
    if len(labels) < per_class * len(set(labels)):
        raise ValueError("too few rows")
    return draw_in_silence(labels, order, per_class)


def draw_where_rows_are_left(labels, order, per_class):
    if any(labels.count(name) <= per_class for name in labels):
        raise ValueError("too few rows")
    return draw_in_silence(labels, order, per_class)


def draw_of_two_classes(labels, order, per_class):
    taken = draw_in_silence(labels, order, per_class)
    if len(taken) < per_class * 2:
        raise ValueError("too few rows")
    return taken


def draw_any_if_enough(labels, order, per_class):
    draw_by_rank(labels, order, per_class)
    return order[: per_class * len(set(labels))]


def draw_in_all(labels, order, per_class):
    return order[:per_class]


def draw_one_too_many(labels, order, per_class):
    if any(labels.count(name) < per_class for name in labels):
        raise ValueError("too few rows")
    taken = []
    for row in order:
        if sum(labels[other] == labels[row] for other in taken) <= per_class:
            taken.append(row)
    return taken


def draw_labels(labels, order, per_class):
    return [labels[row] for row in draw_by_rank(labels, order, per_class)]


def draw_places(labels, order, per_class):
    counts, taken = dict.fromkeys(labels, 0), []
    for place, row in enumerate(order):
        if counts[labels[row]] < per_class:
            taken.append(place)
            counts[labels[row]] += 1
    if min(counts.values()) < per_class:
        raise ValueError("too few rows")
    return taken


def draw_by_zip(labels, order, per_class):
    counts, taken = dict.fromkeys(labels, 0), []
    for row, label in zip(order, labels, strict=True):
        if counts[label] < per_class:
            taken.append(row)
            counts[label] += 1
    if min(counts.values()) < per_class:
        raise ValueError("too few rows")
    return taken


def draw_by_rank(labels, order, per_class):
    names = [labels[row] for row in order]
    if any(names.count(name) < per_class for name in names):
        raise ValueError("too few")
    return tuple(
        row for place, row in enumerate(order) if names[:place].count(names[place]) < per_class
    )


WRONG = {
    "in silence": (draw_in_silence, "nobody is told"),
    "from the top": (draw_from_the_top, "in the order of the data set"),
    "class by class": (draw_class_by_class, "come class by class"),
    "any": (draw_any, "whatever their class"),
    "any if enough": (draw_any_if_enough, "whatever their class"),
    "in all": (draw_in_all, "rows in all. Take"),
    "returned": (draw_or(ValueError("too few")), "the ValueError is returned"),
    "text": (draw_or("ValueError"), "inputs differ"),
    "None": (draw_or(None), "something is returned"),
    "empty": (draw_or([]), "something is returned"),
    "enough in all": (draw_if_enough_in_all, "enough rows in all, and"),
    "two classes": (draw_of_two_classes, "it expects two classes"),
    "just enough": (draw_where_rows_are_left, "just enough rows is refused"),
    "one too many": (draw_one_too_many, "one row too many"),
    "labels": (draw_labels, "these are labels"),
    "places": (draw_places, "these are places in `order`"),
    "zip": (draw_by_zip, "the label at its place"),
}

SECOND = draw_by_rank
