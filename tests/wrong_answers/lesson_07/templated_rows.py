"""Answers to lesson 07, Exercise 5 · More words, more templates."""

from itertools import cycle, islice, product


def rows_of_all_words(words, templates):
    return [
        (template.format(word), name)
        for name in words
        for word in words[name]
        for template in templates
    ]


def rows_cut(words, templates):
    count = min(len(found) for found in words.values())
    return rows_of_all_words({name: found[:count] for name, found in words.items()}, templates)


def rows_with_the_last_word(words, templates):
    count = max(len(found) for found in words.values())
    return [
        (template.format(words[name][min(place, len(words[name]) - 1)]), name)
        for name in words
        for place in range(count)
        for template in templates
    ]


def rows_with_the_first_word(words, templates):
    count = max(len(found) for found in words.values())
    return [
        (template.format(found[place] if place < len(found) else found[0]), name)
        for name, found in words.items()
        for place in range(count)
        for template in templates
    ]


def rows_turned(words, templates):
    return [(name, text) for text, name in rows_with_product(words, templates)]


def rows_without_class(words, templates):
    return [text for text, _ in rows_with_product(words, templates)]


def rows_in_a_list_a_class(words, templates):
    rows = {name: [] for name in words}
    for text, name in rows_with_product(words, templates):
        rows[name].append((text, name))
    return list(rows.values())


def rows_labelled_by_word(words, templates):
    count = max(len(found) for found in words.values())
    rows = []
    for found in words.values():
        for word in islice(cycle(found), count):
            rows += [(template.format(word), word) for template in templates]
    return rows


def rows_by_template(words, templates):
    count = max(len(found) for found in words.values())
    rows = []
    for name, found in words.items():
        for template in templates:
            rows += [(template.format(word), name) for word in islice(cycle(found), count)]
    return rows


def rows_with_product(words, templates):
    most = len(max(words.values(), key=len))
    rows = []
    for name, found in words.items():
        pairs = product(islice(cycle(found), most), templates)
        rows.extend([template.format(word), name] for word, template in pairs)
    return rows


WRONG = {
    "unbalanced": (rows_of_all_words, "differ in their number"),
    "cut": (rows_cut, "words are lost"),
    "last word": (rows_with_the_last_word, "the last word fills up"),
    "first word": (rows_with_the_first_word, "the first word fills up"),
    "turned": (rows_turned, "before the text"),
    "no class": (rows_without_class, "the classes are missing"),
    "a list a class": (rows_in_a_list_a_class, "a list for each class"),
    "labelled by word": (rows_labelled_by_word, "the word is not the class"),
    "by template": (rows_by_template, "templates come first"),
}

SECOND = rows_with_product
