"""Lesson 05's exercises."""

import math
from collections import Counter
from itertools import pairwise

from exercises.table import exercise
from helpers.metrics import normalize


def token_spans(rng):
    context = "Drawn by Jan Mayer."
    offsets = [(0, 5), (6, 8), (9, 12), (13, 16), (16, 18), (18, 19)]
    cases = [(context, offsets, *span) for span in ((2, 4), (0, 0), (0, 5), (4, 1), (3, 2))]
    for _ in range(30):
        context, offsets = "", []
        for word in rng.choices(["The", "map", "Zwingmann", "of", "sheepmeat", "Rua"], k=6):
            cuts = [0, *sorted(rng.sample(range(1, len(word)), rng.choice([0, 0, 1]))), len(word)]
            offsets += [(len(context) + a, len(context) + b) for a, b in pairwise(cuts)]
            context += word
            if rng.random() < 0.3:
                offsets.append((len(context), len(context) + 1))
                context += ","
            context += rng.choice([" ", " ", "  "])
        span = sorted(rng.choices(range(len(offsets)), k=2), reverse=rng.random() < 0.2)
        cases.append((context, offsets, *span))
    return cases


@exercise(token_spans)
def answer_text(context, offsets, start, end):
    """
    the last token is left out. `end` is the last token itself, not the one after it.
        offsets[end][1] → offsets[:end][-1][1]
    the text stops where its last token begins. Take that token's second number, its end.
        offsets[end][1] → offsets[end][0]
    a character too many at the end. The second number of a token is exclusive, as in a slice: add nothing.
        offsets[end][1] → offsets[end][1] + 1
        offsets[end][1] → offsets[end][1] + (start <= end)
    a span of one token is lost. `start` and `end` may be the same token.
        = right(context, offsets, start, end) if start != end else ""
    where there is no span it returns None. Return the empty text.
        = right(context, offsets, start, end) or None
    tokens are not words: a word may have several, and so may its comma. Look them up in `offsets`.
        = " ".join(context.split()[start : end + 1])
    the spaces between the words are lost. Cut the passage once, from character to character.
        = "".join(context[first:last] for first, last in offsets[start : end + 1])
    a word of several sub-tokens falls apart. Cut the passage once, from character to character.
        = " ".join(context[first:last] for first, last in offsets[start : end + 1])
    start and end are tokens, not characters. Look their characters up in `offsets`.
        = context[start:end]
    start and end are tokens, not characters, the end inclusive. Look them up in `offsets`.
        = context[start : end + 1]
    an end before its start is no span. Do not swap them: return the empty text.
        = right(context, offsets, *sorted((start, end)))
    """
    return context[offsets[start][0] : offsets[end][1]]


def passages_and_windows(rng):
    cases = [([400, 100], 9, 192, 48), ([*range(180, 192), 312, 313], 9, 192, 48)]
    cases += [([500], 12, 384, 120), ([1], 10, 64, 1), ([5, 100], 9, 192, 48)]
    for _ in range(25):
        width, question = rng.randrange(60, 400), rng.randrange(4, 25)
        overlap = rng.randrange(1, (width - question - 3) // 2)
        sizes = [rng.randrange(5, 1200) for _ in range(rng.randrange(1, 4))]
        cases.append((sizes, question, width, overlap))
    return cases


@exercise(passages_and_windows)
def count_windows(sizes, question, max_length, doc_stride):
    """
    doc_stride is taken for the step. It is the overlap: a window moves on by its room less the overlap.
        room - doc_stride → doc_stride
        1 + math.ceil(max(0, size - room) / step) → math.ceil(size / doc_stride)
    the step is too long. A window moves on by its room less doc_stride, not by max_length less doc_stride.
        room - doc_stride → max_length - doc_stride
    question and special tokens are left out. Every window holds them too.
        max_length - question - 3 → max_length
    the special tokens are forgotten: CLS, and SEP twice.
        question - 3 → question
    a special token is missing, or two. There are three: CLS, and SEP behind the question and behind the passage.
        question - 3 → question - 2
        question - 3 → question - 1
    the question is left out. Every window holds all of it.
        max_length - question → max_length
    the last, shorter window is missing. Round up.
        math.ceil → math.floor
    the last window holds nothing new. The first window fills its whole room; only the others add a step.
        1 + math.ceil(max(0, size - room) / step) → math.ceil(size / step)
        1 + math.ceil(max(0, size - room) / step) → 1 + size // step
    a passage that just fills its windows gets one too many. Round up instead of adding one.
        1 + math.ceil(max(0, size - room) / step) → 2 + (size - room) // step if size > room else 1
    a passage much shorter than the room gives zero windows, or fewer. It makes one.
        max(0, size - room) → (size - room)
    the first window is not counted. Add it to the others.
        1 + math.ceil → math.ceil
        1 + math.ceil(max(0, → math.ceil(max(1,
    it does not round. A short window is a window: round up.
        math.ceil( → (
    the windows do not overlap. Each moves on by its room less doc_stride.
        room - doc_stride → room
    it gives one number for all passages. Return a list, one number per passage.
        = sum(right(sizes, question, max_length, doc_stride))
    """
    room = max_length - question - 3  # CLS, and a SEP after the question and after the passage
    step = room - doc_stride
    return [1 + math.ceil(max(0, size - room) / step) for size in sizes]


def window(text: str, score: float, null_score: float) -> dict:
    return {"text": text, "score": score, "null_score": null_score}


NOTHING = window("", 0.0, 0.0)


def sure(windows, threshold):
    """Return the windows that have little doubt of their own; where none has, one that says nothing."""
    return [w for w in windows if w["null_score"] - w["score"] <= threshold] or [NOTHING]


def windows_and_threshold(rng):
    cases = [
        ([window("Jan Mayer", 9.0, 1.0), window("June", -2.0, 8.0)], 0.0),
        ([window("June", -2.0, 9.0), window("1672", 2.0, 9.5), window("map", 4.0, 10.0)], 0.0),
        ([window("Jan Mayer", 3.0, 12.0), window("June", 2.0, 1.0), window("Anna", 1.0, 9.0)], 0.0),
        ([window("Anna", 6.0, 9.0), window("June", 1.0, 1.0)], 0.0),  # the mean is another mistake
        ([window("Anna", 4.0, 2.0), window("June", 1.0, 3.0)], 0.0),
        ([window("Anna", -2.0, -5.0), window("June", -3.0, -4.0)], 0.0),
        ([window("Anna", -2.0, 5.0)], 1.0),
        ([window("Anna", 5.0, 9.0), window("June", -3.0, 4.0)], 0.0),  # each window is in doubt
        ([window("June", 1.0, 0.0), window("Anna", 4.0, 9.0), window("map", 2.0, 5.0)], 0.0),
        ([window("June", 1.0, 5.0), window("Anna", 4.0, 9.0), window("map", 2.0, 0.0)], 0.0),
    ]
    cases.append(([window("Anna", 1.0, 2.5)], 2.0))  # the score alone is below the threshold
    for null, threshold in ((6.0, 2.0), (6.5, 2.0), (3.0, -2.0), (3.0, 2.0), (5.0, 2.0)):
        cases.append(([window("Anna", 4.0, null)], threshold))
    for _ in range(38):
        more = rng.randrange(0, 50)  # else a null score is below the best score nearly always
        scores = rng.sample(range(-20, 40), rng.randrange(1, 6))
        windows = [window(f"span {s}", s / 4, (more + rng.randrange(-20, 40)) / 4) for s in scores]
        cases.append((windows, rng.randrange(-12, 12) / 4))
    return cases


@exercise(windows_and_threshold)
def answer_or_nothing(windows, threshold):
    """
    it keeps the highest null score. One window that sees the answer is enough: keep the lowest.
        min(nulls) → max(nulls)
    it looks at the null score of the best span's window only. Take the lowest over all windows.
        min(nulls) → best["null_score"]
    it looks at the null score of the first window, or of the last, only. Take the lowest over all windows.
        min(nulls) → nulls[0]
        min(nulls) → nulls[-1]
    each window is judged by its own doubt. A question has one doubt: the lowest null score minus the best score.
        = max(sure(windows, threshold), key=lambda window: window["score"])["text"]
        = max(sure(windows, threshold), key=lambda window: window["score"] - window["null_score"])["text"]
        = sure(windows, threshold)[0]["text"]
        min(nulls) - best["score"] → min(w["null_score"] - w["score"] for w in windows)
    it averages the null scores. Take the lowest.
        min(nulls) → sum(nulls) / len(nulls)
    the doubt has the wrong sign. It is the null score minus the span's score.
        min(nulls) - best["score"] → best["score"] - min(nulls)
        min(nulls) - best["score"] → best["score"] - min(nulls) ; doubt > → doubt <
    the null score alone is compared. The doubt is that minus the best span's score.
        min(nulls) - best["score"] → min(nulls)
    the best score alone is compared. The doubt is the lowest null score minus that.
        doubt > threshold → best["score"] < threshold
        doubt > threshold → best["score"] <= threshold
    it answers where it should be silent. The text is empty where the doubt is above the threshold.
        doubt > → doubt <=
    at the threshold itself the text is still kept: empty only above it.
        doubt > → doubt >=
    the threshold is not used. Compare the doubt with it.
        doubt > threshold → doubt > 0
    it always answers. The text is empty where the doubt is above the threshold.
        > threshold → > math.inf
    a score is compared with 0 first. All may be below it: start from the first window, or from `float('-inf')`.
        max(windows → max([NOTHING, *windows]
        min(nulls) → min(0, *nulls)
        = right([NOTHING, *windows], threshold)
    where it says nothing it returns None. Return the empty text.
        "" if → None if
    it returns a whole window. Return its text.
        else best["text"] → else best
    """
    best = max(windows, key=lambda window: window["score"])
    nulls = [window["null_score"] for window in windows]
    doubt = min(nulls) - best["score"]
    return "" if doubt > threshold else best["text"]


def said_and_accepted(rng):
    vocabulary = ["the", "Bay", "of", "Ishan", "a", "bay,", "the", "of", "soup", "ginger.", "two"]
    cases = [("the Bay of Ishan", ["Bay of Ishan"]), ("Ishan", ["the Bay of Ishan", "Ishan"])]
    cases += [("bay bay soup", ["bay soup"]), ("", []), ("Ishan", []), ("", ["Ishan"])]
    cases += [("two two", ["two two", "two"]), ("clams", ["ginger soup"]), ("the", [])]
    for _ in range(40):
        said, *texts = [" ".join(rng.choices(vocabulary, k=rng.randrange(1, 7))) for _ in range(4)]
        accepted = [text for text in texts if normalize(text)][: rng.randrange(4)]
        cases.append((said, accepted))
    return cases


@exercise(said_and_accepted)
def answer_f1(said, accepted):
    """
    articles, capitals and punctuation count. Normalize both texts first.
        normalize(said) → said ; normalize(text) → text
    only one of the two texts is normalized. Normalize the other too.
        normalize(text) → text
        normalize(said) → said
    it counts characters. `split()` the texts into words first.
        normalize(said).split() → normalize(said) ; normalize(text).split() → normalize(text)
    it compares sets. A word counts as often as both have it: compare Counters.
        shared.total() → len(shared) ; len(words) + len(wanted) → len(set(words)) + len(set(wanted))
    the shared words are a set. A word counts as often as both have it: compare Counters.
        shared.total() → len(shared)
    a word said twice counts twice, even if the answer has it once. Compare Counters.
        shared.total() → sum(word in wanted for word in words)
    it divides by the union of the words. Add up the words of both texts.
        len(words) + len(wanted) → (Counter(words) | Counter(wanted)).total()
    that is half of F1, at most 0.5. Count the shared words twice, once for each text.
        2 * shared → shared
    only the first accepted answer is looked at. Take the best of all.
        in accepted: → in accepted[:1]:
    only the last accepted answer counts. Take the best of all.
        in accepted: → in accepted[-1:]:
    it averages over the accepted answers. Take the best.
        max(scores) → sum(scores) / len(scores)
    that is precision, the share of its words that are right. Divide twice the shared words by those of both.
        2 * shared.total() / (len(words) + len(wanted)) → shared.total() / len(words)
    that is recall, the share of the wanted words. Divide twice the shared words by those of both.
        2 * shared.total() / (len(words) + len(wanted)) → shared.total() / len(wanted)
    an empty text scores 0 for an unanswerable question. If no answer is accepted, it is right.
        float(not words) → 0.0
    with no accepted answer any text scores 1. Only the empty one does.
        float(not words) → 1.0
    an empty text scores 1 although there is an answer. It does so only if none is accepted.
        = right(said, accepted) if said else 1.0
        = right(said, accepted) if normalize(said) else 1.0
    with no accepted answer, "the" scores 0. It is empty once normalized, so it scores 1.
        float(not words) → float(not said)
    with no accepted answer it returns True or False. Return a number: `float(...)`.
        float(not words) → not words
    it is all or nothing. F1 gives a share for shared words.
        2 * shared.total() / (len(words) + len(wanted)) → float(words == wanted)
    """
    words = normalize(said).split()
    if not accepted:
        return float(not words)
    scores = []
    for text in accepted:
        wanted = normalize(text).split()
        shared = Counter(words) & Counter(wanted)
        scores.append(2 * shared.total() / (len(words) + len(wanted)))
    return max(scores)


def questions(rng):
    cases = [([-3.0, 1.0, 4.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0])]
    cases += [([-1.0, 2.0], [0.0, 0.0], [1.0, 1.0]), ([5.0, -2.0], [1.0, 0.0], [0.0, 1.0])]
    cases += [([-2.0, 0.0, 3.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]), ([1.0], [0.0], [0.0])]
    cases += [([2.0, 2.0, 1.0], [1.0, 0.5, 1.0], [0.0, 0.0, 0.0])]
    cases += [([-4.0, -1.0, 1.5, 2.5], [1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 1.0])]
    cases += [([3.0, 0.0, -2.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0])]
    cases += [([1.0, 1.0], [1.0, 0.0], [0.0, 1.0])]  # a threshold parts no equal doubts
    while len(cases) < 48:
        rows = []
        for _ in range(rng.randrange(1, 16)):
            doubt, kept = rng.randrange(-24, 24) / 7, rng.choice([0.0, 0.5, 1.0, 1.0])
            rows.append((doubt, kept, 0.0) if rng.random() < 0.6 else (doubt + 2, 0.0, 1.0))
        candidates = {-math.inf, *(doubt for doubt, _, _ in rows)}
        scores = [[e if doubt > c else k for doubt, k, e in rows] for c in candidates]
        best = [row for row in scores if sum(row) == max(map(sum, scores))]
        if best.count(best[0]) == len(best):  # equally good thresholds are so however one sums
            cases.append(tuple(map(list, zip(*rows, strict=True))))
    return cases


@exercise(questions)
def best_threshold(doubts, kept, emptied):
    """
    the wrong texts are emptied. Empty those whose doubt is above the threshold.
        = right(doubts, emptied, kept)
    it looks only at the kept texts. An empty text earns F1 too, if there is no answer.
        none if → 0 if
    a text whose doubt equals the threshold is emptied. Only above it.
        doubt > → doubt >=
    of equally good thresholds it takes the highest. Take the lowest.
        *doubts}) → *doubts}, reverse=True)
    of equally good thresholds it takes the first of the list. Take the lowest: sort the candidates.
        sorted({-math.inf, *doubts}) → [-math.inf, *doubts]
        sorted({-math.inf, *doubts}) → [*doubts, -math.inf]
    it never empties every text. float('-inf') is a candidate too.
        sorted({-math.inf, *doubts}) → sorted(doubts)
        sorted({-math.inf, *doubts}) → doubts
    if every threshold scores 0, it takes none of them. Start below 0: then the lowest one wins.
        = right(doubts, kept, emptied) if any(kept + emptied) else None
        = right(doubts, kept, emptied) if any(kept + emptied) else 0.0
    the doubts are sorted without their F1s. Sort the candidates only, in a list of their own.
        = right(sorted(doubts), kept, emptied)
    that is the position of the threshold among the candidates. Return the threshold itself.
        = [-math.inf, *sorted(doubts)].index(right(doubts, kept, emptied))
    it returns the F1, not the threshold that gives it.
        return max( → return max(map(total, ; , key=total) → )) / len(doubts)
        return max( → return max(map(total, ; , key=total) → ))
    """

    def total(threshold):
        rows = zip(doubts, kept, emptied, strict=True)
        return sum(none if doubt > threshold else some for doubt, some, none in rows)

    return max(sorted({-math.inf, *doubts}), key=total)
