"""Answers to lesson 03, Exercise 4 · Hide the names."""

import re


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


def hidden_by_the_length_of_the_word(text, entities):
    for entity in reversed(entities):
        start, word = entity["start"], entity["word"]
        text = f"{text[:start]}[{entity['entity_group']}]{text[start + len(word) :]}"
    return text


def hidden_in_no_text(text, entities):
    for entity in entities:
        text.replace(entity["word"], f"[{entity['entity_group']}]")
    return text


def hidden_once(text, entities):
    for entity in entities:
        start, end = entity["start"], entity["end"]
        return text[:start] + "[" + entity["entity_group"] + "]" + text[end:]


def hidden_in_the_old_text(text, entities):
    hidden = text
    for entity in entities:
        start, end = entity["start"], entity["end"]
        hidden = text[:start] + "[" + entity["entity_group"] + "]" + text[end:]
    return hidden


def hidden_up_to_the_last(text, entities):
    hidden, done = "", 0
    for entity in entities:
        hidden += text[done : entity["start"]] + f"[{entity['entity_group']}]"
        done = entity["end"]
    return hidden


def hidden_with_the_last_shift(text, entities):
    shift = 0
    for entity in entities:
        start, end = entity["start"] + shift, entity["end"] + shift
        hidden = f"[{entity['entity_group']}]"
        text = text[:start] + hidden + text[end:]
        shift = len(hidden) - (end - start)
    return text


def hidden_in_pieces(text, entities):
    pieces, done = [], 0
    for entity in entities:
        pieces += [text[done : entity["start"]], "[", entity["entity_group"], "]"]
        done = entity["end"]
    return "".join([*pieces, text[done:]])


WRONG = {
    "from the left": (hidden_from_the_left, "offsets shift"),
    "wherever they stand": (hidden_wherever_they_stand, "inside other words too"),
    "the pipeline's word": (hidden_by_the_pipeline_s_word, "inside other words too"),
    "changed text": (hidden_in_the_changed_text, "a text that has already changed"),
    "character after": (hidden_with_the_character_after, "already the place after the last"),
    "no brackets": (hidden_without_brackets, "the brackets are missing"),
    "whole words": (hidden_as_whole_words, "replaces whole words"),
    "first place": (hidden_at_the_first_place, "the first place where the word stands"),
    "length of the word": (hidden_by_the_length_of_the_word, "the length of `word`"),
    "no text": (hidden_in_no_text, "the text comes back as it was"),
    "once": (hidden_once, "one entity only"),
    "old text": (hidden_in_the_old_text, "one entity only"),
    "up to the last": (hidden_up_to_the_last, "after the last entity is lost"),
    "last shift": (hidden_with_the_last_shift, "of 27 inputs differ"),
}

SECOND = hidden_in_pieces
