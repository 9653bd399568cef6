"""Opens the app: `python app.py --help` lists the options."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from taiyi.config import QUANTIZATIONS, Settings, load_settings
from taiyi.errors import InputError, TaiyiError
from taiyi.language import LANGUAGES


def parser() -> argparse.ArgumentParser:
    """The options; what is left out comes from the environment (TAIYI_MODEL, ...), a settings file, or the defaults."""
    options = argparse.ArgumentParser(
        prog="app.py", description="Taiyi: a bilingual biomedical assistant on your own machine."
    )
    options.add_argument(
        "--model",
        metavar="NAME_OR_PATH",
        help="a folder, a hub name, or openai:http://HOST:PORT/v1#NAME (vllm: for vLLM); default: the bundled one",
    )
    options.add_argument("--adapter", metavar="DIR", help="a PEFT adapter to put on the model")
    options.add_argument("--quantize", choices=QUANTIZATIONS, help="load in 4 or 8 bits (bitsandbytes)")
    options.add_argument("--host", help="address to serve on; default: the environment's, else 127.0.0.1")
    options.add_argument("--port", type=int, help="default: the environment's, else 7860")
    options.add_argument(
        "--share", action="store_const", const=True, help="also make a public link (leaves the machine!)"
    )
    options.add_argument("--auth", metavar="USER:PASSWORD", help="ask for these before showing the page")
    options.add_argument("--lang", choices=LANGUAGES, help="language of the page at first; default: zh")
    options.add_argument("--mcp", action="store_const", const=True, help="offer the tasks as MCP tools, too")
    options.add_argument("--config", metavar="FILE", help="a YAML file of settings")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 2 where something must be mended first."""
    try:
        settings = load_settings(vars(parser().parse_args(arguments)), os.environ)
        check_port(settings)
        serve(settings)
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def check_port(settings: Settings) -> None:
    """Raises InputError if another program already serves on the port: better now than after the model has loaded."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise InputError(
                f"Can't serve on {settings.host}:{settings.port} ({error.strerror}); choose another with --port."
            ) from error


def serve(settings: Settings) -> None:
    """Load the models and serve the page."""
    from taiyi.assistant import load_assistant
    from taiyi.ui.build import create_ui, launch_options

    assistant = load_assistant(settings)
    page = create_ui(assistant, lang=settings.lang)
    try:
        page.launch(
            server_name=settings.host,
            server_port=settings.port,
            share=settings.share,
            auth=settings.credentials,
            mcp_server=settings.mcp,
            **launch_options(),
        )
    finally:
        assistant.close()


if __name__ == "__main__":
    sys.exit(main())
