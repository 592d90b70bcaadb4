"""A script to be started by a launcher: the traps of several processes, both halves; at last, two of them abort.

It imports little: what a launcher sets is judged by the test that started it.
"""

import json
import os

import torch
from accelerate import Accelerator

accelerator = Accelerator(cpu=True)
row = torch.zeros(1, 3 + accelerator.process_index)  # of another width in each process


def rows_of(gather):
    """Return how many of 11 rows arrive, in batches of 2 a process."""
    loader = accelerator.prepare(torch.utils.data.DataLoader(range(11), batch_size=2))
    return sum(len(gather(batch)) for batch in loader)


names = ("MASTER_ADDR", "WORLD_SIZE")
seen = {"processes": accelerator.num_processes}
seen["set"] = {name: os.environ[name] for name in names if name in os.environ}
seen["gather"] = rows_of(accelerator.gather)
seen["gather_for_metrics"] = rows_of(accelerator.gather_for_metrics)
seen["width"] = list(accelerator.gather(accelerator.pad_across_processes(row, dim=1)).shape)
if accelerator.is_main_process:
    print(json.dumps(seen), flush=True)
accelerator.gather(row)
accelerator.end_training()
