"""Answers to lesson 10, Exercise 4 · Rename keywords in place."""

import ast
import io
import re
import tokenize


def everywhere(source, renames):
    return re.sub("|".join(map(re.escape, renames)), lambda match: renames[match[0]], source)


def before_an_equals_sign(source, renames):
    return re.sub(r"\b(\w+)(?= *=[^=])", lambda match: renames.get(match[1], match[1]), source)


class _Rename(ast.NodeTransformer):
    def __init__(self, renames):
        self.renames = renames

    def visit_keyword(self, node):
        self.generic_visit(node)
        return ast.keyword(self.renames.get(node.arg, node.arg), node.value)


def written_anew(source, renames):
    return ast.unparse(ast.fix_missing_locations(_Rename(renames).visit(ast.parse(source))))


def _places(source, renames):
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword))
    return sorted((n.lineno - 1, n.col_offset, n.arg) for n in nodes if n.arg in renames)


def _cut(source, renames, places):
    lines = source.split("\n")
    for line, start, name in places:
        text = lines[line]
        lines[line] = text[:start] + renames[name] + text[start + len(name) :]
    return "\n".join(lines)


def from_the_front(source, renames):
    return _cut(source, renames, _places(source, renames))


def the_first_one(source, renames):
    return _cut(source, renames, _places(source, renames)[:1])


def replaced_before_equals(source, renames):
    for old in renames:
        source = source.replace(old + "=", renames[old] + "=")
    return source


def whole_lines(source, renames):
    lines = source.splitlines()
    for row, _, name in _places(source, renames):
        lines[row] = lines[row].replace(name, renames[name])
    return "\n".join(lines) + "\n" * source.endswith("\n")


def first_in_the_line(source, renames):
    lines = source.split("\n")
    for row, _, name in reversed(_places(source, renames)):
        before, _, after = lines[row].partition(name)
        lines[row] = before + renames[name] + after
    return "\n".join(lines)


def as_the_tree_walks(source, renames):
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
    places = [(n.lineno - 1, n.col_offset, n.arg) for n in nodes if n.arg in renames]
    return _cut(source, renames, places)


def as_the_tree_walks_back(source, renames):
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
    places = [(n.lineno - 1, n.col_offset, n.arg) for n in nodes[::-1] if n.arg in renames]
    return _cut(source, renames, places)


def old_name_kept(source, renames):
    lines = source.split("\n")
    for row, start, name in _places(source, renames)[::-1]:
        lines[row] = lines[row][:start] + renames[name] + lines[row][start:]
    return "\n".join(lines)


def length_of_the_new(source, renames):
    lines = source.split("\n")
    for row, start, name in _places(source, renames)[::-1]:
        end = start + len(renames[name])
        lines[row] = lines[row][:start] + renames[name] + lines[row][end:]
    return "\n".join(lines)


def last_newline_lost(source, renames):
    text = _cut(source, renames, _places(source, renames)[::-1])
    return "\n".join(text.splitlines())


def stripped(source, renames):
    return _cut(source, renames, _places(source, renames)[::-1]).strip()


def renamed_by_token(source, renames):
    places = {(line + 1, start) for line, start, _ in _places(source, renames)}
    lines, shift = source.split("\n"), {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start in places:
            line, start = token.start[0] - 1, token.start[1] + shift.get(token.start[0], 0)
            new = renames[token.string]
            lines[line] = lines[line][:start] + new + lines[line][start + len(token.string) :]
            shift[token.start[0]] = shift.get(token.start[0], 0) + len(new) - len(token.string)
    return "\n".join(lines)


WRONG = {
    "everywhere": (everywhere, "texts, comments and variables change too"),
    "before an equals sign": (before_an_equals_sign, "whatever stands before an equals sign"),
    "replaced before it": (replaced_before_equals, "whatever stands before an equals sign"),
    "whole lines": (whole_lines, "whole lines change"),
    "first in the line": (first_in_the_line, "the first such name changes"),
    "tree's order": (as_the_tree_walks, "later keywords of a line are cut"),
    "tree's order, back": (as_the_tree_walks_back, "a call inside a call"),
    "old name kept": (old_name_kept, "the old name stays behind"),
    "new length": (length_of_the_new, "as much is cut out as the new name"),
    "last newline": (last_newline_lost, "the newline at the end is lost"),
    "stripped": (stripped, "outer spaces and newlines"),
    "unparsed": (written_anew, "comments and layout are lost"),
    "from the front": (from_the_front, "later keywords of a line are cut"),
    "the first": (the_first_one, "only the first keyword is renamed"),
}

SECOND = renamed_by_token
