"""Changes in huggingface_hub."""

from labs.old_code.change import Change, gone

LISTEN = """\
from transformers import Trainer
from labs.old_code.sandbox import arguments, listening_hub, small"""


ROWS = (
    Change(
        topic="hub",
        name="push_to_hub=True",
        setup=LISTEN,
        old="with listening_hub():\n    Trainer(small(), arguments(push_to_hub=True))",
        does="error",
        error="HubNotReached",
        tells="POST /api/repos/create",
        new="""\
with listening_hub() as asked:
    trainer = Trainer(small(), arguments())
asked, callable(trainer.push_to_hub)""",
        gives="([], True)",
        note="The repository is made when the Trainer is built. Push after training instead.",
    ),
    Change(
        topic="hub",
        name="notebook_login",
        setup="from huggingface_hub import notebook_login\nfrom labs.old_code.sandbox import listening_hub",
        old="with listening_hub():\n    notebook_login(skip_if_logged_in=False)",
        does="error",
        error="HubNotReached",
        tells="POST /oauth/device",
        new="""\
from unittest.mock import patch
from huggingface_hub import get_token
with patch.dict("os.environ", HF_TOKEN="mine"):
    token = get_token()
token""",
        gives="'mine'",
        note="It shows a code and asks until you have typed it in a browser. Where nobody sits, set HF_TOKEN.",
    ),
    gone(
        "hub",
        "Repository",
        "from huggingface_hub import HfApi\ncallable(HfApi().upload_folder)",
        "True",
        where="huggingface_hub",
    ),
    Change(
        topic="hub",
        name="Repository.push_to_hub(blocking=False)",
        setup="from labs.old_code.sandbox import folder, half_precision_folder, listening_hub",
        old="from huggingface_hub import Repository\nRepository(folder(), clone_from='mine/model')",
        does="error",
        error="ImportError",
        tells="cannot import name 'Repository'",
        new="""\
from huggingface_hub import HfApi
with listening_hub() as asked:
    future = HfApi(token="mine").upload_folder(repo_id="mine/model", run_as_future=True,
                                               folder_path=half_precision_folder())
    failed = future.exception(timeout=60)
type(future).__name__, type(failed).__name__""",
        gives="('Future', 'HubNotReached')",
        note="A Future: training goes on, result() waits and raises what went wrong.",
    ),
    gone(
        "hub",
        "HfFolder",
        "from huggingface_hub import get_token, login\ncallable(get_token)",
        "True",
        where="huggingface_hub",
    ),
    gone(
        "hub",
        "cached_download",
        "from huggingface_hub import hf_hub_download",
        where="huggingface_hub",
    ),
    gone("hub", "ModelFilter", "from huggingface_hub import list_models", where="huggingface_hub"),
    gone(
        "hub", "DatasetFilter", "from huggingface_hub import list_datasets", where="huggingface_hub"
    ),
    Change(
        topic="hub",
        name="create_repo(name=, organization=)",
        setup="from huggingface_hub import create_repo\nfrom labs.old_code.sandbox import listening_hub",
        old='create_repo(name="model", organization="mine")',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'name'",
        new="""\
with listening_hub() as asked:
    try:
        create_repo("mine/model")
    except OSError:
        pass
asked""",
        gives="['POST /api/repos/create']",
    ),
    Change(
        topic="hub",
        name="use_auth_token of the Hub",
        setup="from huggingface_hub import hf_hub_download",
        old='hf_hub_download("mine/model", "config.json", use_auth_token=True)',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'use_auth_token'",
        new="import inspect\n'token' in inspect.signature(hf_hub_download).parameters",
        gives="True",
    ),
    Change(
        topic="hub",
        name="HfApi().set_access_token",
        setup="from huggingface_hub import HfApi",
        old='HfApi().set_access_token("mine")',
        does="error",
        error="AttributeError",
        tells="has no attribute 'set_access_token'",
        new='HfApi(token="mine").token',
        gives="'mine'",
    ),
    Change(
        topic="hub",
        name="except requests.HTTPError",
        setup="from huggingface_hub.errors import HfHubHTTPError",
        old="import requests\nissubclass(HfHubHTTPError, requests.HTTPError)",
        does="silent",
        tells="False",
        new="issubclass(HfHubHTTPError, OSError)",
        gives="True",
        note="An old except clause catches nothing. Catch HfHubHTTPError.",
    ),
)
