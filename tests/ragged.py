"""A child of the tests, to be started by torchrun: processes gather rows of different width."""

import sys

import torch
from accelerate import Accelerator

accelerator = Accelerator(cpu=True)
row = torch.zeros(1, 3 + accelerator.process_index)
if sys.argv[1] == "padded":
    row = accelerator.pad_across_processes(row, dim=1)
print(tuple(accelerator.gather(row).shape))
accelerator.end_training()
