"""Is every term of the glossary defined once, and introduced where the course first uses it?"""

from __future__ import annotations

import re

from tools.glossary import Lesson, Term, Use, finder

EMPHASIS = re.compile(r"(?<![*\w])(\*{1,2})(?=[^\s*])(.{1,60}?)(?<=[^\s*])\1(?![*\w])", re.DOTALL)


def is_introduced(text: str, use: re.Match) -> bool:
    """Tell whether a use stands emphasised (or as code, for a name of code) in a sentence of six words or more."""
    begin = max(
        (m.end() for m in re.finditer(r"[.!?]\s|\n\n|\n- ", text[: use.start()])), default=0
    )
    end = re.compile(r"[.!?](\s|$)|\n\n|\Z").search(text, use.end()).start()
    emphasised = any(
        m.start() < use.start() and use.end() < m.end() for m in EMPHASIS.finditer(text)
    )
    return (emphasised or "`" in use[0]) and len(text[begin:end].split()) >= 6


def problems(lessons: list[Lesson]) -> list[str]:
    """Return what breaks the rule that a term is defined once, and introduced where it is first used."""
    terms = [term for lesson in lessons for term in lesson.terms]
    find, found = finder(terms), []
    for place in sorted({t.anchor for t in terms if sum(t.anchor == o.anchor for o in terms) > 1}):
        homes = ", ".join(term.lesson for term in terms if term.anchor == place)
        found.append(f"{place} is defined more than once: lessons {homes}")
    seen: set[Term] = set()
    for lesson in lessons:
        for cell, text in lesson.cells[1:]:
            for use, meant in find(text):
                place = f"lesson {lesson.number}, cell {cell}"
                found += _early(lesson, place, (use, meant), seen)
                for term in meant:
                    if term.lesson == lesson.number and term not in seen:
                        seen.add(term)
                        if not is_introduced(text, use):
                            found.append(
                                f"{place}: {use[0]!r} stands here first; "
                                "say what it means, and set it in *italics*"
                            )
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
