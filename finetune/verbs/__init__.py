"""The commands of `python -m finetune`, one module each: `add_arguments(parser)` and `main(args) -> exit code`."""
