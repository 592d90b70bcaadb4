"""Is every term of the glossary defined once, and introduced where the course first uses it?"""

from __future__ import annotations

import re

from tools.glossary import Lesson, Term, Use, finder

EMPHASIS = re.compile(r"(?<![*\w])(\*{1,2})(?=[^\s*])(.{1,60}?)(?<=[^\s*])\1(?![*\w])", re.DOTALL)


def is_introduced(text: str, use: re.Match) -> bool:
    """Tell whether a use stands emphasised (or as code, for a name of code) in a sentence of six words or more."""
    ends = [m.end() for m in re.finditer(r"[.!?]\s|\n\n|\n- ", text[: use.start()])]
    end = re.compile(r"[.!?](\s|$)|\n\n|\Z").search(text, use.end()).start()
    sentence = text[max(ends, default=0) : end]
    spans = (emphasis.span() for emphasis in EMPHASIS.finditer(text))
    emphasised = any(start < use.start() and use.end() < stop for start, stop in spans)
    return (emphasised or "`" in use[0]) and len(sentence.split()) >= 6


def problems(lessons: list[Lesson]) -> list[str]:
    """Return what breaks the rule that a term is defined once, and introduced where it is first used."""
    terms = [term for lesson in lessons for term in lesson.terms]
    find, found = finder(terms), []
    homes: dict[str, list[str]] = {}
    for term in terms:
        homes.setdefault(term.anchor, []).append(term.lesson)
    for anchor, numbers in homes.items():
        if len(numbers) > 1:
            found.append(f"{anchor} is defined more than once: lessons {', '.join(numbers)}")
    seen: set[Term] = set()
    for lesson in lessons:
        for cell, text in lesson.cells[1:]:
            place = f"lesson {lesson.number}, cell {cell}"
            for use, meant in find(text):
                found += _early(lesson, place, (use, meant), seen)
                new = {term for term in meant if term.lesson == lesson.number} - seen
                seen |= new
                if new and not is_introduced(text, use):
                    remedy = "say what it means, and set it in *italics*"
                    found.append(f"{place}: {use[0]!r} stands here first; {remedy}")
        for term in lesson.terms:
            place = f"lesson {lesson.number}, definition of {term.name}"
            for use in find(term.text):
                found += _early(lesson, place, use, seen)
            if term not in seen:
                found.append(f"lesson {lesson.number}: its prose never uses {term.name!r}")
    return found


def _early(lesson: Lesson, place: str, use: Use, seen: set[Term]) -> list[str]:
    """Return a complaint where every meaning of the use comes later; once a term."""
    found, meant = use
    if any(term.lesson <= lesson.number for term in meant) or seen.issuperset(meant):
        return []
    seen.update(meant)
    homes = " and ".join(term.lesson for term in meant)
    return [f"{place}: {found[0]!r} is used, and introduced only in lesson {homes}"]
