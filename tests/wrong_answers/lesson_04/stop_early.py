"""Answers to lesson 04, Exercise 5 · Stop early."""

import numpy as np


def stop_with_ties(scores, patience):
    best, at = -1.0, 0
    for epoch, score in enumerate(scores, 1):
        if score >= best:
            best, at = score, epoch
        if epoch - at >= patience:
            break
    return at, epoch


def stop_after_falls(scores, patience):
    best, at, falls, last = -1.0, 0, 0, -1.0
    for epoch, score in enumerate(scores, 1):
        falls = falls + 1 if score < last else 0
        last = score
        if score > best:
            best, at = score, epoch
        if falls == patience:
            break
    return at, epoch


def stop_after_no_rise(scores, patience):
    last, waited = -1.0, 0
    for epoch, score in enumerate(scores, 1):
        waited = 0 if score > last else waited + 1
        last = score
        if waited >= patience or epoch == len(scores):
            return scores.index(max(scores[:epoch])) + 1, epoch
    return None


def stop_by_the_epoch_before(scores, patience):
    best, waited, epoch = 1, 0, 1
    while epoch < len(scores) and waited < patience:
        epoch += 1
        if scores[epoch - 1] > scores[epoch - 2]:
            best, waited = epoch, 0
        else:
            waited += 1
    return best, epoch


def stop_an_epoch_early(scores, patience):
    best = 0
    for epoch, score in enumerate(scores):
        if score > scores[best]:
            best = epoch
        if epoch + 1 - best >= patience:
            break
    return best + 1, epoch + 1


def stop_without_reset(scores, patience):
    best, at, waited = float("-inf"), 0, 0
    for epoch, score in enumerate(scores, 1):
        if score > best:
            best, at = score, epoch
        else:
            waited += 1
            if waited == patience:
                break
    return at, epoch


def stop_from_zero(scores, patience, at=0):
    best, waited = 0, 0
    for epoch, score in enumerate(scores, 1):
        if score > best:
            best, at, waited = score, epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return at, epoch


def stop_from_zero_at_the_first(scores, patience):
    return stop_from_zero(scores, patience, at=1)


def stop_counted_from_zero(scores, patience):
    best = 0
    for epoch, score in enumerate(scores):
        if score > scores[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(scores) - 1


def stop_with_half_a_count(scores, patience):
    best, epoch = stop_counted_from_zero(scores, patience)
    return best, epoch + 1


def stop_with_the_score(scores, patience):
    best, epoch = stop_counted_from_zero(scores, patience)
    return scores[best], epoch + 1


def stop_never(scores, patience):
    return int(np.argmax(scores)) + 1, len(scores)


def stop_an_epoch_late(scores, patience):
    at = 1
    for epoch, score in enumerate(scores, 1):
        if score > scores[at - 1]:
            at = epoch
        if epoch - at > patience:
            break
    return at, epoch


def stop_at_the_last(scores, patience):
    best, epoch, waited = -1.0, 0, 0
    while epoch < len(scores) and waited < patience:
        best, waited = (scores[epoch], 0) if scores[epoch] > best else (best, waited + 1)
        epoch += 1
    return epoch, epoch


def stop_with_the_future(scores, patience):
    _, epoch = stop_at_the_last(scores, patience)
    return int(np.argmax(scores)) + 1, epoch


def stop_by_search(scores, patience):
    for epoch in range(1, len(scores) + 1):
        best = int(np.argmax(scores[:epoch])) + 1
        if epoch - best >= patience:
            break
    return [best, np.int64(epoch)]


WRONG = {
    "ties": (stop_with_ties, "a score equal to the best"),
    "falls": (stop_after_falls, "counts falls in a row"),
    "no rise": (stop_after_no_rise, "counts falls in a row"),
    "epoch before": (stop_by_the_epoch_before, "compared with the one before it"),
    "early": (stop_an_epoch_early, "an epoch too early"),
    "no reset": (stop_without_reset, "sets it back to 0"),
    "zero": (stop_from_zero, "even if its score is 0"),
    "zero at the first": (stop_from_zero_at_the_first, "even if its score is 0"),
    "from 0": (stop_counted_from_zero, "epochs count from 1"),
    "best from 0": (stop_with_half_a_count, "epochs count from 1"),
    "score": (stop_with_the_score, "returns the best score"),
    "never": (stop_never, "it never stops"),
    "late": (stop_an_epoch_late, "an epoch too long"),
    "last": (stop_at_the_last, "returns the last epoch"),
    "future": (stop_with_the_future, "comes after the stop"),
}

SECOND = stop_by_search
