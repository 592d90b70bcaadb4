"""Answers to lesson 10, Exercise 1 · Give a name its owner."""


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


def key_error(name, homes):
    return homes[name]


def home_of_a_part(name, homes):
    for bare, home in homes.items():
        if bare in name:
            return home
    return name


def first_name_only(name, homes):
    for bare, home in homes.items():
        if name == bare:
            return home
        return name


def capitals_too(name, homes):
    return homes.get(name.strip().lower(), name)


def as_it_was(name, homes):
    return str(name)


def namespaced_by_case(name, homes):
    if name in homes and "/" not in name:
        return homes[name]
    return name


WRONG = {
    "known names only": (only_known_names, "names that `homes` lacks do not stay"),
    "no way back": (known_names_or_none, "names that `homes` lacks do not stay"),
    "the last part": (by_the_last_part, "is looked up by its last part"),
    "the owner": (the_owner, "it returns the owner alone"),
    "a key error": (key_error, "names that `homes` lacks do not stay"),
    "home of a part": (home_of_a_part, "a name for another that is a part of it"),
    "first name": (first_name_only, "only the first name of `homes`"),
    "capitals": (capitals_too, "capitals are taken for small letters"),
    "parts replaced": (replaced_in_order, "it replaces parts of names"),
    "unchanged": (as_it_was, "it returns the name unchanged"),
}

SECOND = namespaced_by_case
