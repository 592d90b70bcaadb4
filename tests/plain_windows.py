"""Windows of a question and its context, and answers in them, in plain loops: simple enough to be believed."""


def whole_tokens(text, tokenizer):
    """Return ids and (start, end) characters of a text on its own, without special tokens."""
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return encoding["input_ids"], encoding["offset_mapping"]


def windows(question, context, tokenizer, max_length, doc_stride):
    """Return (ids, first context token, end, number of the first in the context) of each window."""
    asked, _ = whole_tokens(question, tokenizer)
    told, _ = whole_tokens(context, tokenizer)
    room = max_length - len(asked) - 3
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    made, at = [], 0
    while True:
        part = told[at : at + room]
        if tokenizer.padding_side == "right":
            ids, first = [cls, *asked, sep, *part, sep], len(asked) + 2
        else:
            ids = [cls, *part, sep, *asked, sep]
            padding = max_length - len(ids)
            ids, first = [tokenizer.pad_token_id] * padding + ids, padding + 1
        made.append((ids, first, first + len(part), at))
        if at + room >= len(told):
            return made
        at += room - doc_stride


def positions(question, context, answers, tokenizer, max_length, doc_stride):
    """Return (first, last) token of the first answer in each window; CLS where it is not whole."""
    _, spans = whole_tokens(context, tokenizer)
    wanted = []
    if answers["text"]:
        start = answers["answer_start"][0]
        end = start + len(answers["text"][0])
        wanted = [n for n, (a, b) in enumerate(spans) if a < end and b > start]
    marked = []
    for ids, first, end, at in windows(question, context, tokenizer, max_length, doc_stride):
        held = range(at, at + end - first)
        if wanted and wanted[0] in held and wanted[-1] in held:
            marked.append((wanted[0] - at + first, wanted[-1] - at + first))
        else:
            marked.append((ids.index(tokenizer.cls_token_id),) * 2)
    return marked
