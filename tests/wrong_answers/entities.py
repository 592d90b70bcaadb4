"""Answers to the exercises of helpers/checks/entities.py, as learners write them: wrong ones, and right ones in another style."""

import itertools
import re
from collections import Counter

import numpy as np


def entities_closed_by_the_next_word(names):
    entities, start = [], None
    for i, name in enumerate(names):
        if start is not None and not name.startswith("I-"):
            entities.append((names[start][2:], start, i))
            start = None
        if name.startswith("B-"):
            start = i
    return entities


def entities_by_runs_of_a_type(names):
    entities = []
    for i, name in enumerate(names):
        if name == "O":
            continue
        if entities and entities[-1][0] == name[2:] and entities[-1][2] == i:
            entities[-1] = (name[2:], entities[-1][1], i + 1)
        else:
            entities.append((name[2:], i, i + 1))
    return entities


def entities_to_the_last_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith("B-"):
            entities.append([name[2:], i, i])
        elif name.startswith("I-"):
            entities[-1][2] = i
    return [tuple(entity) for entity in entities]


def entities_word_by_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith(("B-", "I-")):
            _, kind = name.split("-")
            entities.append((kind, i, i + 1))
    return entities


def spans(names):
    """Return (type, start, end) of each entity, right: what the wrong counts below start from."""
    starts = [i for i, name in enumerate(names) if name.startswith("B-")]
    ends = [
        next((i for i in range(start + 1, len(names)) if names[i][0] != "I"), len(names))
        for start in starts
    ]
    return [(names[start][2:], start, end) for start, end in zip(starts, ends, strict=True)]


def counts_of_tokens(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess == truth and guess != "O":
            right += 1
    return {
        "right": right,
        "predicted": len(predicted) - predicted.count("O"),
        "reference": len(reference) - reference.count("O"),
    }


def counts_without_types(predicted, reference):
    found, true = spans(predicted), spans(reference)
    places = [(start, end) for _, start, end in true]
    right = sum((start, end) in places for _, start, end in found)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_first_word(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess.startswith("B-") and guess == truth:
            right += 1
    found, true = spans(predicted), spans(reference)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_of_the_other(predicted, reference):
    found, true = spans(reference), spans(predicted)
    right = len([entity for entity in found if entity in true])
    return {"right": right, "predicted": len(found), "reference": len(true)}


def hidden_from_the_left(text, entities):
    for entity in entities:
        start, end = entity["start"], entity["end"]
        text = text[:start] + "[" + entity["entity_group"] + "]" + text[end:]
    return text


def hidden_wherever_they_stand(text, entities):
    words = [(text[entity["start"] : entity["end"]], entity) for entity in entities]
    for word, entity in words:
        text = text.replace(word, "[" + entity["entity_group"] + "]")
    return text


def hidden_by_the_pipeline_s_word(text, entities):
    for entity in entities:
        text = text.replace(entity["word"], f"[{entity['entity_group']}]")
    return text


def hidden_in_the_changed_text(text, entities):
    for entity in entities:
        word = text[entity["start"] : entity["end"]]
        text = text.replace(word, "[" + entity["entity_group"] + "]")
    return text


def hidden_with_the_character_after(text, entities):
    for entity in entities[::-1]:
        rest = text[entity["end"] + 1 :]
        text = text[: entity["start"]] + f"[{entity['entity_group']}]" + rest
    return text


def confusions_predicted_first(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for pair in zip(predicted, reference, strict=True):
            if pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
    return counts


def confusions_with_right_answers(predictions, references):
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        counts.update(zip(reference, predicted, strict=True))
    return counts


def confusions_counted_once(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = 1
    return counts


def types_by_word(names):
    counts = {}
    for name in names:
        if name != "O":
            kind = name.split("-")[1]
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def types_with_their_b(names):
    return Counter(name for name in names if name[0] == "B")


def label_counts(names):
    return {name: names.count(name) for name in set(names)}


def types_seen(names):
    return {name[2:]: 1 for name in names if name.startswith("B-")}


def types_of_runs(names):
    return Counter(kind for kind, _, _ in entities_by_runs_of_a_type(names))


def entities_together(names):
    return len([name for name in names if name.startswith("B-")])


def entities_with_their_length(names):
    return [(kind, start, len(range(start, end))) for kind, start, end in spans(names)]


def entities_with_their_b(names):
    return [(names[start], start, end) for _, start, end in spans(names)]


def entities_up_to_o(names):
    runs = itertools.groupby(enumerate(names), key=lambda pair: pair[1] == "O")
    found = [list(run) for outside, run in runs if not outside]
    return [(run[0][1][2:], run[0][0], run[-1][0] + 1) for run in found]


def entities_reopened(names):
    entities, start = [], None
    for i, name in enumerate([*names, "O"]):
        if name.startswith("B-"):
            start = i
        elif name == "O" and start is not None:
            entities.append((names[start][2:], start, i))
            start = None
    return entities


def counts_by_last_word(predicted, reference):
    found, true = (
        {(kind, end) for kind, _, end in spans(names)} for names in (predicted, reference)
    )
    return {"right": len(found & true), "predicted": len(found), "reference": len(true)}


def counts_of_overlaps(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = 0
    for kind, start, end in found:
        places = set(range(start, end))
        right += any(kind == k and places & set(range(s, e)) for k, s, e in true)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_type(predicted, reference):
    found, true = (Counter(kind for kind, *_ in spans(names)) for names in (predicted, reference))
    right = sum(min(found[kind], true[kind]) for kind in found)
    return {"right": right, "predicted": sum(found.values()), "reference": sum(true.values())}


def hidden_without_brackets(text, entities):
    for entity in reversed(entities):
        text = text[: entity["start"]] + entity["entity_group"] + text[entity["end"] :]
    return text


def hidden_as_whole_words(text, entities):
    for entity in entities:
        text = re.sub(r"\b" + entity["word"] + r"\b", "[" + entity["entity_group"] + "]", text)
    return text


def hidden_at_the_first_place(text, entities):
    for entity in entities:
        before, _, after = text.partition(entity["word"])
        text = before + "[" + entity["entity_group"] + "]" + after
    return text


def confusions_without_o(predictions, references):
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth and guess != "O" and truth != "O":
                counts[truth, guess] += 1
    return counts


def confusions_of_one_sentence(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = counts.get((truth, guess), 0) + 1
        return counts
    return counts


# Right answers in another style than the solution's


def entities_as_lists(names):
    return tuple([kind, np.int64(start), np.int64(end)] for kind, start, end in spans(names))


def counts_with_numpy(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = np.sum([entity in true for entity in found], dtype=int)
    return {"reference": len(true), "predicted": len(found), "right": right}


def hidden_in_pieces(text, entities):
    pieces, done = [], 0
    for entity in entities:
        pieces += [text[done : entity["start"]], "[", entity["entity_group"], "]"]
        done = entity["end"]
    return "".join([*pieces, text[done:]])


def confusions_as_a_counter(predictions, references):
    truths, guesses = map(itertools.chain.from_iterable, (references, predictions))
    counts = Counter(zip(truths, guesses, strict=True))
    return Counter({pair: np.int64(n) for pair, n in counts.items() if pair[0] != pair[1]})


def types_with_numpy(names):
    firsts = [name[2:] for name in names if name.startswith("B-")]
    kinds, counts = np.unique(firsts, return_counts=True)
    return dict(zip(kinds.tolist(), counts, strict=True))


WRONG = {
    "check_count_entities": {
        "words": (types_by_word, "it counts words. An entity"),
        "with B-": (types_with_their_b, "its keys are label names"),
        "labels": (label_counts, "O among them"),
        "once": (types_seen, "a type counts once"),
        "runs": (types_of_runs, "of one type side by side"),
        "one number": (entities_together, "it gives one number"),
    },
    "check_find_entities": {
        "end lost": (entities_closed_by_the_next_word, "reaches the end of the sentence is lost"),
        "touching": (entities_by_runs_of_a_type, "side by side become one"),
        "last word": (entities_to_the_last_word, "the end is the last word"),
        "word by word": (entities_word_by_word, "an entity of its own"),
        "length": (entities_with_their_length, "the third number is a length"),
        "with B-": (entities_with_their_b, "the type still has its B-"),
        "up to O": (entities_up_to_o, "an entity ends at O only"),
        "reopened": (entities_reopened, "the first of them is lost"),
    },
    "check_entity_counts": {
        "tokens": (counts_of_tokens, "it counts tokens"),
        "no types": (counts_without_types, "the type is not compared"),
        "first word": (counts_by_first_word, "the extent is not compared"),
        "swapped": (counts_of_the_other, "predicted and reference are swapped"),
        "last word": (counts_by_last_word, "the first word is not compared"),
        "overlaps": (counts_of_overlaps, "overlaps a true one"),
        "by type": (counts_by_type, "how many there are of each type"),
    },
    "check_hide_names": {
        "from the left": (hidden_from_the_left, "offsets shift"),
        "wherever they stand": (hidden_wherever_they_stand, "inside other words too"),
        "the pipeline's word": (hidden_by_the_pipeline_s_word, "inside other words too"),
        "changed text": (hidden_in_the_changed_text, "a text that has already changed"),
        "character after": (hidden_with_the_character_after, "already the place after the last"),
        "no brackets": (hidden_without_brackets, "the brackets are missing"),
        "whole words": (hidden_as_whole_words, "replaces whole words"),
        "first place": (hidden_at_the_first_place, "the first place where the word stands"),
    },
    "check_label_confusions": {
        "predicted first": (confusions_predicted_first, "the key is (predicted, reference)"),
        "right answers": (confusions_with_right_answers, "right answers are among them"),
        "once": (confusions_counted_once, "each pair counts once"),
        "no O": (confusions_without_o, "errors with O are left out"),
        "one sentence": (confusions_of_one_sentence, "the first sentence only"),
    },
}

SECOND = {
    "check_count_entities": types_with_numpy,
    "check_find_entities": entities_as_lists,
    "check_entity_counts": counts_with_numpy,
    "check_hide_names": hidden_in_pieces,
    "check_label_confusions": confusions_as_a_counter,
}
