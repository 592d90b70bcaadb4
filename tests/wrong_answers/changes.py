"""Answers to the exercises of helpers/checks/changes.py and rewriting.py, as learners write them."""

import ast
import io
import re
import tokenize

# namespaced


def only_known_names(name, homes):
    return homes.get(name)


def known_names_or_none(name, homes):
    if name in homes:
        return homes[name]


def by_the_last_part(name, homes):
    last = name.rsplit("/", 1)[-1]
    return homes.get(last, name)


def the_owner(name, homes):
    if name not in homes:
        return name
    return homes[name].partition("/")[0]


def replaced_in_order(name, homes):
    for bare in homes:
        if bare in name:
            name = name.replace(bare, homes[bare])
    return name


def as_it_was(name, homes):
    return str(name)


# translate_arguments

RENAMED = {"evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu"}


def _mended(old, skip=()):
    new = {}
    for name, value in old.items():
        if name in skip:
            new[name] = value
        elif name in RENAMED:
            new[RENAMED[name]] = value
        elif name == "group_by_length":
            if value:
                new["train_sampling_strategy"] = "group_by_length"
        elif name == "warmup_ratio":
            if old.get("warmup_steps", 0) <= 0:
                new["warmup_steps"] = value
        elif name == "warmup_steps" and value == 0 and "warmup_ratio" in old:
            pass
        elif name != "overwrite_output_dir":
            new[name] = value
    return new


def ratio_over_steps(old):
    new = _mended(old)
    if "warmup_ratio" in old:
        new["warmup_steps"] = old["warmup_ratio"]
    return new


def ratio_kept(old):
    new = _mended({name: value for name, value in old.items() if name != "warmup_ratio"})
    if "warmup_ratio" in old and not old.get("warmup_steps"):
        new["warmup_ratio"] = old["warmup_ratio"]
    return new


def folder_kept(old):
    return _mended(old, skip=("overwrite_output_dir",))


def sampling_by_flag(old):
    new = _mended(old)
    if "group_by_length" in old:
        new["train_sampling_strategy"] = old["group_by_length"]
    return new


def old_names_kept(old):
    return _mended(old, skip=RENAMED)


# find_old_names


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


# rename_keywords


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


# Right answers in another style than the solution's


def namespaced_by_case(name, homes):
    if name in homes and "/" not in name:
        return homes[name]
    return name


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
    "check_namespaced": {
        "known names only": (only_known_names, "names that `homes` lacks are lost"),
        "no way back": (known_names_or_none, "names that `homes` lacks are lost"),
        "the last part": (by_the_last_part, "is looked up by its last part"),
        "the owner": (the_owner, "it returns the owner alone"),
        "parts replaced": (replaced_in_order, "it replaces parts of names"),
        "unchanged": (as_it_was, "it returns the name unchanged"),
    },
    "check_translate_arguments": {
        "ratio over steps": (ratio_over_steps, "the ratio replaces a number of warm-up steps"),
        "ratio kept": (ratio_kept, "`warmup_ratio` is still there"),
        "folder kept": (folder_kept, "`overwrite_output_dir` is still there"),
        "a flag": (sampling_by_flag, "gets True or False"),
        "old names": (old_names_kept, "keep their old names"),
    },
    "check_find_old_names": {
        "letters": (letters, "finds names inside longer ones"),
        "whole words": (whole_words, "it finds whole words"),
        "no keywords": (no_keywords, "keywords such as"),
        "no attributes": (no_attributes, "attributes such as"),
        "no imports": (no_imports, "imports are missed"),
    },
    "check_rename_keywords": {
        "everywhere": (everywhere, "texts, comments and variables change too"),
        "before an equals sign": (before_an_equals_sign, "whatever stands before an equals sign"),
        "unparsed": (written_anew, "comments and layout are lost"),
        "from the front": (from_the_front, "cut in the wrong place"),
        "the first": (the_first_one, "only the first keyword is renamed"),
    },
}

SECOND = {
    "check_namespaced": namespaced_by_case,
    "check_translate_arguments": _mended,
    "check_find_old_names": found_by_a_visitor,
    "check_rename_keywords": renamed_by_token,
}
