"""Answers to lesson 10, Exercise 2 · Translate the arguments."""

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


def later_key_wins(old):
    renamed = RENAMED | {"warmup_ratio": "warmup_steps"}
    dropped = ("overwrite_output_dir", "group_by_length")
    new = {renamed.get(name, name): old[name] for name in old if name not in dropped}
    if old.get("group_by_length"):
        new["train_sampling_strategy"] = "group_by_length"
    return new


def zero_steps_win(old):
    new = _mended(old)
    if "warmup_steps" in old:
        new["warmup_steps"] = old["warmup_steps"]
    return new


def ratio_lost(old):
    new = _mended({name: value for name, value in old.items() if name != "warmup_ratio"})
    return new


def sampling_true(old):
    new = _mended(old)
    if "train_sampling_strategy" in new:
        new["train_sampling_strategy"] = True
    return new


def sampling_always(old):
    new = _mended(old)
    if "group_by_length" in old:
        new["train_sampling_strategy"] = "group_by_length"
    return new


def truthy_only(old):
    return {name: value for name, value in _mended(old).items() if value}


def zero_steps_dropped(old):
    new = _mended(old)
    if not new.get("warmup_steps", 1):
        del new["warmup_steps"]
    return new


WRONG = {
    "ratio over steps": (ratio_over_steps, "the ratio replaces a number of warm-up steps"),
    "later key wins": (later_key_wins, "the later of them wins"),
    "zero steps win": (zero_steps_win, "a number of 0 warm-up steps wins"),
    "zero steps dropped": (zero_steps_dropped, "keys are missing, such as 'warmup_steps'"),
    "ratio lost": (ratio_lost, "the ratio is lost"),
    "True": (sampling_true, "gets True. It takes"),
    "a key is enough": (sampling_always, "is set where grouping was off"),
    "truthy only": (truthy_only, "values that count as false"),
    "ratio kept": (ratio_kept, "`warmup_ratio` is still there"),
    "folder kept": (folder_kept, "`overwrite_output_dir` is still there"),
    "a flag": (sampling_by_flag, "gets True or False"),
    "old names": (old_names_kept, "keep their old names"),
}

SECOND = _mended
