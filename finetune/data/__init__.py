"""Instruction data: corpora as conversations to learn from, without duplicates and without what is tested on."""
