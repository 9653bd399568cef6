"""A short training in a process of its own, for a test that kills it: `python killed_run.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from finetune.nano.pack import RawBatches
from finetune.nano.train import StageConfig, train

torch.set_num_threads(1)
torch.manual_seed(3)
model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=220,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        tie_word_embeddings=True,
    )
).to(torch.bfloat16)
batches = RawBatches([(np.arange(5, 205, dtype=np.uint16), 1.0)], [5], sequences=2, length=24, repeated=0.5, seed=7)
print("training", flush=True)
train(model, StageConfig(30, 2, 24, adam_lr=0.003, muon_lr=0.01, save_every=1), batches, Path(sys.argv[1]))
