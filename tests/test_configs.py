"""The configurations for several GPUs and machines, and the page that tells how to use them."""

import re
import shlex

import pytest
import tagging
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from accelerate.utils.launch import prepare_multi_gpu_env

import helpers
from helpers import course
from scripts import command
from scripts.train_ner import LESSON

FOLDER = helpers.ROOT / "scripts" / "configs"
PAGE = (helpers.ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def launch_settings(config, *more):
    """Return what the launcher makes of a configuration: its arguments and the children's environment."""
    arguments = ["--config_file", str(config), *more, "script.py"]
    args, _, _ = _validate_launch_command(launch_command_parser().parse_args(arguments))
    args.main_process_port = args.main_process_port or 0  # a free one
    return args, prepare_multi_gpu_env(args)


@pytest.mark.parametrize(
    ("name", "kind", "machines"),
    [
        ("several_gpus", DistributedType.MULTI_GPU, 1),
        ("fsdp", DistributedType.FSDP, 1),
        ("several_machines", DistributedType.MULTI_GPU, 2),
    ],
)
def test_each_configuration_is_what_it_says_and_accelerate_knows_its_keys(name, kind, machines):
    found = sorted(config.stem for config in FOLDER.glob("*.yaml"))
    assert found == ["fsdp", "several_gpus", "several_machines"]
    loaded = load_config_from_file(str(FOLDER / f"{name}.yaml"))  # refuses unknown keys
    known = vars(launch_command_parser().parse_args(["script.py"]))
    assert [key for key in loaded.fsdp_config if key not in known] == []  # but not nested ones
    assert f"scripts/configs/{name}.yaml" in PAGE
    assert loaded.mixed_precision == "bf16"
    assert (loaded.distributed_type, loaded.num_machines) == (kind, machines)
    assert loaded.num_processes % machines == 0
    assert not loaded.use_cpu


def test_fsdp_reaches_the_plugin(monkeypatch):
    args, environment = launch_settings(FOLDER / "fsdp.yaml")
    assert args.use_fsdp
    for name, value in environment.items():
        if name.startswith("FSDP_"):
            monkeypatch.setenv(name, value)
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is True
    assert plugin.state_dict_type.name == "FULL_STATE_DICT"
    assert type(plugin.cpu_offload).__name__ == "OffloadPolicy"  # the one that leaves all in place
    plugin.set_auto_wrap_policy(tagging.tiny_model())
    assert plugin.auto_wrap_policy is not None


def test_each_machine_starts_its_share_of_processes():
    more = ("--machine_rank", "1", "--main_process_ip", "10.0.0.1")
    args, _ = launch_settings(FOLDER / "several_machines.yaml", *more)
    assert (args.nnodes, args.nproc_per_node, args.node_rank) == ("2", "8", 1)
    assert args.rdzv_endpoint == "10.0.0.1:29500"


@pytest.mark.parametrize("line", COMMANDS, ids=range(7))  # so many does the page have
def test_every_command_of_the_page_is_one_the_script_takes(line):
    words = shlex.split(line)
    arguments = words[words.index("scripts.train_ner") + 1 :]
    args = command.parse(arguments, course.start(LESSON))
    assert args.expect_processes in (None, 2, 4, 16)
    if "launch" in words:
        launcher = words[words.index("launch") + 1 : words.index("-m")]
        _validate_launch_command(launch_command_parser().parse_args([*launcher, "script.py"]))
    assert args.batch_size % (args.expect_processes or 1) == 0
