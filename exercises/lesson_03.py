"""Lesson 03's exercises."""

import random
import re  # noqa: F401  used by mistakes
from collections import Counter

from exercises.table import exercise

TYPES = ("PER", "ORG", "LOC", "MISC")


def sentence(rng: random.Random, words: int | None = None) -> list[str]:
    """Return a valid IOB2 sentence; entities touch and reach its end often."""
    names: list[str] = []
    words = words or rng.randrange(1, 12)
    while len(names) < words:
        kind = rng.choice(TYPES)
        entity = [f"B-{kind}"] + [f"I-{kind}"] * rng.randrange(3)
        names += ["O"] if rng.random() < 0.45 else entity
    return names[:words]


def sentences(rng):
    few = ["B-A I-A O B-A I-A O", "O B-LOC", "O O", "B-PER I-PER O B-LOC", "B-ORG B-ORG I-ORG"]
    few += ["B-PER B-PER", "B-ORG I-ORG B-LOC O B-ORG", "B-PER B-PER B-LOC I-LOC O B-PER O"]
    few += ["B-BAND I-BAND O", "O B-creative-work I-creative-work O"]
    return [(names.split(),) for names in few] + [(sentence(rng),) for _ in range(30)]


@exercise(lambda rng: [*sentences(rng), ([],)])
def count_entities(names):
    """
    it counts words. An entity of three words has one B-, and counts once.
        "B-" → ("B-", "I-")
    the keys are label names such as B-PER. Use the type, PER.
        name[2:] → name
    it counts the words of each label name, O included. Count only B-, by type.
        = dict(Counter(names))
    it counts all words, even O. Count only those with B-.
        name.startswith("B-") → True
        name.startswith("B-") → True ; name[2:] → name.split("-")[-1]
    each type is counted only once. Count all its entities.
        = dict.fromkeys(right(names), 1)
    two neighboring entities of the same type are counted as one. Every B- starts a new entity.
        name in names → before, name in zip(["O", *names], names) ; name.startswith("B-") → name[2:] not in ("", before[2:])
    a type with a B or a hyphen of its own, such as BAND or creative-work, is damaged. Remove only the first two characters: `[2:]`.
        name[2:] → name.strip("B-")
        name[2:] → name.split("-")[1]
        name[2:] → name.split("-")[-1]
    it gives one number. Return a dictionary with a count for each type.
        = sum(right(names).values())
    """
    return dict(Counter(name[2:] for name in names if name.startswith("B-")))


@exercise(sentences)
def find_entities(names):
    """
    an entity that reaches the end of the sentence is lost. Close it after the loop.
        [*names, "O"] → names
    two neighboring entities of the same type become one. Every B- starts a new entity.
        not name.startswith("I-") → name[2:] != names[start][2:] ; name.startswith("B-") → start is None and name != "O"
    the end is the last word. Return the place after it, as Python slices do.
        start, i) → start, i - 1)
    each word is an entity of its own. I- continues the entity before it.
        = [(name[2:], i, i + 1) for i, name in enumerate(names) if name != "O"]
    the third number is a length. Return the place after the last word.
        start, i) → start, i - start)
    the type still has its B-. Return PER, not B-PER.
        names[start][2:] → names[start]
    a type with a B or a hyphen of its own, such as BAND or creative-work, is damaged. Remove only the first two characters: `[2:]`.
        names[start][2:] → names[start].strip("B-")
        names[start][2:] → names[start].split("-")[1]
        names[start][2:] → names[start].split("-")[-1]
    an entity ends only at O. A B- also ends the entity before it, whatever its type.
        not name.startswith("I-") → name == "O" ; name.startswith("B-") → start is None and name != "O"
    when one entity directly follows another, the first one is lost. Close it before you open the next.
        not name.startswith("I-") → name == "O"
    when one entity directly follows another, the second one is lost. Its B- closes the first entity and opens the second.
        if name.startswith("B-") → elif name.startswith("B-")
    every entity ends after its first word. I- moves the end.
        start, i) → start, start + 1)
    the end is one too far. It is the place after the last word, no further.
        start, i) → start, i + 1)
        start, i) → start, min(i + 1, len(names)))
    it joins words with the same name. B-PER and the I-PER after it are one entity.
        not name.startswith("I-") → name != names[start] ; name.startswith("B-") → start is None and name != "O"
    it stops after the first entity. Is `return` inside the loop?
        = right(names)[:1]
    an entity that reaches the end of the sentence goes wrong: there is no next word to look at.
        = right(names) if names[-1] == "O" else names[len(names)]
    """
    found, start = [], None
    for i, name in enumerate([*names, "O"]):
        if start is not None and not name.startswith("I-"):
            found.append((names[start][2:], start, i))
            start = None
        if name.startswith("B-"):
            start = i
    return found


spans = find_entities.answer


def predicted_sentences(rng):
    few = [("B-PER I-PER O", "B-PER I-PER O"), ("B-PER O O", "B-PER I-PER O")]
    few += [("B-ORG I-ORG", "B-LOC I-LOC"), ("O B-ORG O", "B-ORG I-ORG O")]
    few += [("B-PER O B-PER", "O B-PER B-PER"), ("", ""), ("O O", "B-LOC O")]
    few += [("B-PER I-PER O", "B-PER O O"), ("B-LOC O B-PER", "O O B-PER")]
    cases = [(predicted.split(), reference.split()) for predicted, reference in few]
    for _ in range(30):
        reference = sentence(rng)
        predicted = reference if rng.random() < 0.4 else sentence(rng, len(reference))
        cases.append((predicted, reference))
    return cases


@exercise(predicted_sentences)
def entity_counts(predicted, reference):
    """
    it counts tokens. An entity is right only as a whole: same type, same first and last word.
        spans → (lambda names: [(i, name) for i, name in enumerate(names) if name != "O"])
        len(found & true) → sum(p == r != "O" for p, r in zip(predicted, reference))
    it compares entities by their number in the list. One missed entity shifts all that follow: compare each with all others.
        len(found & true) → sum(p == r for p, r in zip(spans(predicted), spans(reference)))
    an entity counts as right even if it is longer in the other list. Compare its end as well.
        len(found & true) → sum(predicted[start:end] == reference[start:end] for _, start, end in true)
        len(found & true) → sum(predicted[start:end] == reference[start:end] for _, start, end in found)
    `predicted` and `reference` count words. Count the entities.
        len(found) → len(predicted) ; len(true) → len(reference)
    the right entities are subtracted. `predicted` and `reference` count all entities.
        len(found) → len(found - true) ; len(true) → len(true - found)
    the type is not compared. B-ORG in place of B-LOC is wrong.
        len(found & true) → len({(start, end) for _, start, end in found} & {(start, end) for _, start, end in true})
    the end is not compared: half a name counts as right.
        len(found & true) → len({(kind, start) for kind, start, _ in found} & {(kind, start) for kind, start, _ in true})
    predicted and reference are swapped.
        = right(reference, predicted)
    the first word is not compared: an entity that begins too late counts as right.
        len(found & true) → len({(kind, end) for kind, _, end in found} & {(kind, end) for kind, _, end in true})
    an entity counts as right if it only overlaps a true one. First and last word must be the same.
        len(found & true) → sum(any(kind == k and start < e and s < end for k, s, e in true) for kind, start, end in found)
    it compares the number of entities per type. A right entity must also be in the same place.
        len(found & true) → (Counter(kind for kind, _, _ in found) & Counter(kind for kind, _, _ in true)).total()
    """
    found, true = set(spans(predicted)), set(spans(reference))
    return {"right": len(found & true), "predicted": len(found), "reference": len(true)}


def span(name: str, start: int, kind: str, word: str = "") -> dict:
    """Return an entity as a pipeline does, which joins the tokens of a name to a `word` in its own way."""
    end = start + len(name)
    return {"entity_group": kind, "word": word or name, "start": start, "end": end}


def word_of(entity, text):
    """Return the pipeline's word; fail where the text has none: what a look-up does then, depends on how it is written."""
    if entity["word"] not in text:
        raise ValueError(text)
    return entity["word"]


def texts_with_entities(rng):
    vocabulary = ["Ann", "Annual", "Ossel", "report", "in", "Port Lund", "and", "the", "Lund"]
    cases = [
        ("Ann met Bo.", [span("Ann", 0, "PER"), span("Bo", 8, "PER")]),
        ("An Annual in Ann", [span("Ann", 13, "PER")]),
        ("Nothing here", []),
        ("Lund is in Lund", [span("Lund", 11, "LOC")]),
        ("", []),
        ("Aix-les-Bains won.", [span("Aix-les-Bains", 0, "LOC", "aix - les - bains")]),
        (
            "Aix-les-Bains beat Bo.",
            [span("Aix-les-Bains", 0, "LOC", "aix - les - bains"), span("Bo", 19, "PER")],
        ),
        ("Ann, Bo, Ossel.", [span("Ann", 0, "PER"), span("Bo", 5, "PER"), span("Ossel", 9, "LOC")]),
    ]
    for _ in range(20):
        text, entities = "", []
        for word in rng.choices(vocabulary, k=rng.randrange(2, 9)):
            if word[0].isupper() and rng.random() < 0.6:
                entities.append(span(word, len(text), rng.choice(TYPES)))
            text += word + " "
        cases.append((text, entities))
    return cases


@exercise(texts_with_entities)
def hide_names(text, entities):
    r"""
    offsets shift after the first replacement. Go through the entities from the last to the first.
        reversed(entities) → entities
    it replaces the words wherever they stand, inside other words too. Cut at start and end.
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → new.replace(word_of(entity, text), hidden)
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → new.replace(text[start:end], hidden)
    it looks the words up in a text that has already changed. Cut at start and end, from the last entity to the first.
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → new.replace(new[start:end], hidden)
    `end` is already the place after the last character.
        new[end:] → new[end + 1 :]
    the brackets are missing: [PER], not PER.
        f"[{entity['entity_group']}]" → entity["entity_group"]
    it replaces whole words wherever they stand, entities or not. Cut at start and end.
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → re.sub(rf"\b{re.escape(word_of(entity, text))}\b", hidden, new)
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → re.sub(rf"\b{re.escape(text[start:end])}\b", hidden, new)
    it replaces the first place where the word stands, which need not be the entity. Cut at start and end.
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → new.replace(word_of(entity, text), hidden, 1)
        reversed(entities) → entities ; new[:start] + hidden + new[end:] → new.replace(text[start:end], hidden, 1)
    it takes the length of `word`, which the pipeline may write with other spaces. `end` says where the entity ends.
        new[end:] → new[start + len(entity["word"]) :]
    the text comes back as it was. `replace` and slices make a new text: assign it to `text`.
        = text
    it replaces only one entity. Assign each new text to `text`, and `return` it after the loop.
        = right(text, [entities[0]])
        = right(text, [entities[-1]])
    the text after the last entity is lost.
        = right(text[: entities[-1]["end"] if entities else 0], entities)
    """
    new = text
    for entity in reversed(entities):
        start, end, hidden = entity["start"], entity["end"], f"[{entity['entity_group']}]"
        new = new[:start] + hidden + new[end:]
    return new


def several_sentences(rng):
    cases = [([["O", "B-PER"]], [["B-PER", "B-PER"]]), ([["O"]], [["O"]]), ([], [])]
    cases += [([["B-LOC"], ["B-LOC", "O"]], [["B-ORG"], ["B-ORG", "O"]])]
    for _ in range(20):
        references = [sentence(rng) for _ in range(rng.randrange(1, 5))]
        predictions = [[rng.choice([name, "O", "B-LOC"]) for name in names] for names in references]
        cases.append((predictions, references))
    return cases


@exercise(several_sentences)
def label_confusions(predictions, references):
    """
    the key is (predicted, reference). Put the reference first.
        (truth, guess) for → (guess, truth) for
    right predictions are counted too. Keep only pairs that differ.
        truth != guess → True
    each pair counts once. Count how often it happens.
        = dict.fromkeys(right(predictions, references), 1)
    errors that involve O are left out. A missed or invented name is an error too.
        truth != guess → "O" != truth != guess != "O"
    it looks at the first sentence only. Is `return` inside the loop?
        = right([predictions[0]], [references[0]])
    it gives the last sentence only. Make the dictionary before the loop.
        = right([predictions[-1]], [references[-1]])
    """
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(reference, predicted, strict=True)
        counts.update((truth, guess) for truth, guess in pairs if truth != guess)
    return dict(counts)
