"""Files from the Hub: whole and unchanged, or one error that says why and what to do."""

import hashlib
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

PATIENCE = 15  # seconds that the same request may be repeated


def download(repository: str, revision: str | None, remedy: str = "", **options) -> str:
    """Return a folder with files of a repository, each with the hash that the Hub names.

    Raises ValueError: the Hub refuses. Raises ConnectionError: it's out of reach, or files arrived cut short or
    changed; they are no longer in the cache. Both end with `remedy`.
    """
    try:
        with _patience():
            folder = huggingface_hub.snapshot_download(repository, revision=revision, **options)
        links = filter(Path.is_symlink, Path(folder).rglob("*"))
        if changed := [file.name for file in links if _removed(file)]:
            raise OSError(f"{', '.join(changed)} arrived changed and had to be removed")
    except Exception as error:  # of any layer, from the disk to a proxy
        first = error
        while first.__cause__ and not isinstance(first, HfHubHTTPError):
            first = first.__cause__
        status = getattr(getattr(first, "response", None), "status_code", None)
        refused = status in (401, 403, 404) or isinstance(first, HFValidationError)
        login = "Check the name, log in if not everybody may read it (hf auth login)"
        again = "Try again, once past any login page of your network"
        raise (ValueError if refused else ConnectionError)(
            f"{repository!r} is neither a folder nor something that the Hub gives: "
            f"{type(first).__name__}, {' '.join(str(first).split())}. {login if refused else again}, "
            "unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR to a folder "
            f"that holds the files as the Hub does. {remedy}".rstrip()
        ) from error
    return folder


def _removed(file: Path) -> bool:
    """Remove a file that is not what its name in the cache says, SHA-256 or git's SHA-1; tell whether it was."""
    blob = file.parent / file.readlink()
    hashes = {64: hashlib.sha256(), 40: hashlib.sha1(b"blob %d\0" % blob.stat().st_size)}
    if len(blob.name) not in hashes:
        return False  # a mirror of the Hub may have names of its own
    with open(blob, "rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashes[len(blob.name)]).hexdigest()
    if found != blob.name:
        blob.resolve().unlink()
    return found != blob.name


@contextmanager
def _patience():
    """Let the Hub's client give up, in half a minute, where nobody answers or it is told to wait."""
    client, began, answers = huggingface_hub.get_session(), {}, {}

    def send(request, **options):
        key = request.method, request.url, request.headers.get("Range")
        if time.monotonic() > began.setdefault(key, time.monotonic()) + PATIENCE:
            raise TimeoutError(f"{answers.get(key, 'no answer')} within {PATIENCE} seconds")
        answers[key] = response = type(client).send(client, request, **options)
        if response.status_code == 429:
            wait = response.headers.get("Retry-After", 300)
            raise OSError(f"429, too many requests: come back in {wait} seconds")
        return response

    with patch.object(client, "send", send):
        yield
