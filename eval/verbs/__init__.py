"""The commands of `python -m eval`, one module each: `add_arguments(parser)` and `main(args) -> exit code`."""
