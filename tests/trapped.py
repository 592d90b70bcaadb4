"""A child of the tests, to be started by a launcher: the traps of several processes, both halves.

It imports little: what a launcher sets is judged by the test that started it.
"""

import json
import os
import sys

import torch
from accelerate import Accelerator

SET = ("MASTER_ADDR", "WORLD_SIZE")


def rows_of(accelerator, gather):
    """Return how many of 11 rows arrive, in batches of 2 a process."""
    loader = accelerator.prepare(torch.utils.data.DataLoader(range(11), batch_size=2))
    return sum(len(gather(batch)) for batch in loader)


def main(half):
    accelerator = Accelerator(cpu=True)
    row = torch.zeros(1, 3 + accelerator.process_index)
    seen = {"processes": accelerator.num_processes}
    seen["set"] = {name: os.environ[name] for name in SET if name in os.environ}
    seen["gather"] = rows_of(accelerator, accelerator.gather)
    seen["gather_for_metrics"] = rows_of(accelerator, accelerator.gather_for_metrics)
    padded = accelerator.pad_across_processes(row, dim=1)
    seen["width"] = list(accelerator.gather(padded).shape)
    if accelerator.is_main_process:
        print(json.dumps(seen), flush=True)
    if half == "wrong width":
        accelerator.gather(row)  # aborts
    accelerator.end_training()


if __name__ == "__main__":
    main(sys.argv[1])
