"""Answers to lesson 10, Exercise 3 · Find old names."""

import ast
import re


def letters(source, old_names):
    return sorted(name for name in set(old_names) if source.find(name) >= 0)


def whole_words(source, old_names):
    return [name for name in sorted(old_names) if re.search(rf"\b{name}\b", source)]


def _names(source, *kinds):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds):
            if isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names)
            else:
                yield node.arg if isinstance(node, ast.keyword) else node.attr


def _old(source, old_names, *kinds):
    found = set(_names(source, *kinds))
    return [name for name in sorted(old_names) if name in found]


def no_keywords(source, old_names):
    return _old(source, old_names, ast.ImportFrom, ast.Attribute)


def no_attributes(source, old_names):
    return _old(source, old_names, ast.ImportFrom, ast.keyword)


def no_imports(source, old_names):
    return _old(source, old_names, ast.keyword, ast.Attribute)


def only_imports(source, old_names):
    return _old(source, old_names, ast.ImportFrom)


def only_keywords(source, old_names):
    return _old(source, old_names, ast.keyword)


def only_attributes(source, old_names):
    return _old(source, old_names, ast.Attribute)


def _three(source):
    return list(_names(source, ast.ImportFrom, ast.keyword, ast.Attribute))


def first_of_an_import(source, old_names):
    tree = ast.parse(source)
    later = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names[1:]
    }
    found = set(_names(source, ast.keyword, ast.Attribute))
    return sorted((set(_three(source)) - later | found) & set(old_names))


def variables_too(source, old_names):
    names = [node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    return sorted({name for name in [*names, *_three(source)] if name in old_names})


def each_time(source, old_names):
    found = []
    for name in _three(source):
        if name in old_names:
            found.append(name)
    return sorted(found)


def all_names(source, old_names):
    return sorted(dict.fromkeys(_three(source)))


def equal_texts_too(source, old_names):
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return sorted({*(node.value for node in nodes), *_three(source)} & set(old_names))


def by_pattern(source, old_names):
    found = set()
    for name in old_names:
        if re.search(rf"\.{name}\b|[(,]\s*{name}\s*=|import.*\b{name}\b", source):
            found.add(name)
    return sorted(found)


def found_by_a_visitor(source, old_names):
    used = []

    class Visitor(ast.NodeVisitor):
        def visit_ImportFrom(self, node):
            used.extend(alias.name for alias in node.names)

        def visit_keyword(self, node):
            used.append(node.arg)
            self.generic_visit(node)

        def visit_Attribute(self, node):
            used.append(node.attr)
            self.generic_visit(node)

    Visitor().visit(ast.parse(source))
    return [name for name in sorted(old_names) if name in used]


WRONG = {
    "letters": (letters, "finds names inside longer ones"),
    "whole words": (whole_words, "it finds whole words"),
    "no keywords": (no_keywords, "keywords such as"),
    "no attributes": (no_attributes, "attributes such as"),
    "no imports": (no_imports, "imports are missed"),
    "only imports": (only_imports, "only imports are found"),
    "only keywords": (only_keywords, "only keywords are found"),
    "only attributes": (only_attributes, "only attributes are found"),
    "first of an import": (first_of_an_import, "of an import of several names"),
    "variables": (variables_too, "variables of that name count"),
    "twice": (each_time, "used twice is listed twice"),
    "all names": (all_names, "names that are not in `old_names`"),
    "equal texts": (equal_texts_too, "inputs differ"),
    "by pattern": (by_pattern, "inputs differ"),
}

SECOND = found_by_a_visitor
