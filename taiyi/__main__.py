"""The shell: `python -m taiyi TASK [options] FILE...` prints one JSON object a document.

    python -m taiyi entities --types Chemical,Disease abstract.txt
    python -m taiyi entities --types 疾病,药物 --predictor both notes.jsonl > found.jsonl
    echo "阿司匹林能退烧吗" | python -m taiyi classify --types 病情诊断,功效作用,注意事项 -
    python -m taiyi similarity --text-b "Does honey help a cough?" question.txt
    python -m taiyi datasets [--lang zh|en] [--task NER] [--json]

FILE is a text file (one document), a .jsonl of {"id", "text"} (one a line), a .docx or .pdf, PubTator, BioC or brat
(.pubtator, .xml, a .zip of pairs; see taiyi/formats), or - for standard input. --format writes one of these in place of
JSON lines; of two answers, --differences writes where they differ, over all documents:

    python -m taiyi entities --types Chemical,Disease --format brat abstracts.pubtator > found.zip
    python -m taiyi entities --types Chemical,Disease --predictor both --differences differences.csv abstracts.pubtator

Results go to standard output, everything else to standard error. The exit code is 0 when every document was answered,
1 when some could not be (their objects carry an issue "failed"), 2 when nothing could start. `datasets` lists the 140
datasets of the paper's collection, and which of them the readers here read; it needs no model.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from taiyi import catalogue
from taiyi.agreement import Comparison, agreement
from taiyi.assistant import CHOICES, Assistant, load_assistant
from taiyi.commands import exit_with
from taiyi.config import QUANTIZATIONS, load_settings
from taiyi.document import Document
from taiyi.engine.base import SamplingParams
from taiyi.errors import EngineError, FormatError, InputError, Issue, TaiyiError
from taiyi.formats import differences, iter_texts, losses, write_documents
from taiyi.language import LANGUAGES
from taiyi.predictors.base import Result
from taiyi.predictors.comparing import second_opinion
from taiyi.predictors.threshold import above
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

SUFFIX_BY_FORMAT = {
    "json": ".json",
    "csv": ".csv",
    "brat": ".zip",
    "pubtator": ".pubtator",
    "bioc-json": ".bioc.json",
    "bioc-xml": ".xml",
}


def parser() -> argparse.ArgumentParser:
    """All options; each task takes those that it needs and ignores none silently."""
    options = argparse.ArgumentParser(
        prog="python -m taiyi", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("task", choices=sorted(TASKS), metavar="TASK", help=", ".join(sorted(TASKS)))
    options.add_argument("files", nargs="+", metavar="FILE")
    options.add_argument("--types", default="", help="types, relations, event types or classes, comma-separated")
    options.add_argument("--roles", default="", help="events: the roles asked for, comma-separated")
    options.add_argument("--options", nargs="+", default=[], metavar="OPTION", help="choose: the options, in order")
    options.add_argument("--question", default="", help="passage: the question about the text")
    options.add_argument("--text-b", default="", help="similarity, entailment: the second text")
    options.add_argument("--multi", action="store_true", help="classify: several classes may hold")
    options.add_argument("--lang", choices=LANGUAGES, help="language of the prompt; default: that of the text")
    options.add_argument("--text-lang", choices=LANGUAGES, help="language of the text; default: detected")
    options.add_argument("--occurrences", choices=("all", "first", "generated"), default="all")
    options.add_argument("--scheme", default="", help="entities: the corpus as which to mark, e.g. ncbi_disease")
    options.add_argument("--predictor", choices=CHOICES, default="auto", help="who answers; default: auto")
    options.add_argument("--threshold", type=float, default=0.0, help="leave out items that score less; default: 0")
    options.add_argument("--format", choices=("jsonl", *SUFFIX_BY_FORMAT), default="jsonl", help="default: jsonl")
    options.add_argument("--differences", metavar="FILE", help="with both: write where the two differ (.csv or .json)")
    options.add_argument("--model", metavar="NAME_OR_PATH", help="folder, hub name, or openai:http://HOST:PORT/v1#NAME")
    options.add_argument("--adapter", metavar="DIR")
    options.add_argument("--quantize", choices=QUANTIZATIONS)
    options.add_argument("--max-new-tokens", type=int, default=SamplingParams().max_new_tokens)
    options.add_argument("--temperature", type=float, default=SamplingParams().temperature)
    options.add_argument("--seed", type=int)
    options.add_argument("--limit", type=int, help="stop after so many documents")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer every document of every file, or list the datasets; the exit code says how it went."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["datasets"]:
        return list_datasets(given[1:])
    args = parser().parse_args(given)
    try:
        _check(args)
        assistant = load_assistant(load_settings(vars(args), os.environ))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        return 1 if _answer_all(assistant, islice(_documents(args.files), args.limit), args) else 0
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        assistant.close()


def list_datasets(arguments: Sequence[str]) -> int:
    """Print the catalogue, or the part of it asked for: a table, or JSON lines."""
    options = argparse.ArgumentParser(prog="python -m taiyi datasets", description=catalogue.__doc__)
    options.add_argument("--lang", choices=LANGUAGES, help="only the datasets of this language")
    options.add_argument("--task", default="", help="only those for a task: NER, RE, TC, EE, QA, QA-sqa, TP-ss, ...")
    options.add_argument("--json", action="store_true", help="one JSON object a dataset")
    args = options.parse_args(arguments)
    in_lang = [dataset for dataset in catalogue.load_catalogue() if args.lang in (None, dataset.lang)]
    chosen = [dataset for dataset in in_lang if not args.task or dataset.is_for(args.task)]
    if not chosen:
        known = sorted({task for dataset in in_lang for task in dataset.tasks})
        print(f"None of these datasets is for {args.task!r}; their tasks are {', '.join(known)}.", file=sys.stderr)
        return 2
    for line in catalogue.table(chosen) if not args.json else (_json(dataset.to_dict()) for dataset in chosen):
        print(line)
    return 0


def _json(row: object) -> str:
    return json.dumps(row, ensure_ascii=False)


def _documents(files: Iterable[str]) -> Iterator[tuple[str, str | FormatError]]:
    """(id, text) of each document; a file that can't be read stands there as its error, and the next one follows."""
    for name in files:
        if name == "-":
            yield "stdin", sys.stdin.read()
            continue
        try:
            yield from iter_texts(name)
        except FormatError as error:
            yield Path(name).name, error


def _check(args: argparse.Namespace) -> None:
    """Raises InputError for options that can't be followed, before anything is loaded."""
    if args.differences and args.predictor != "both":
        raise InputError("--differences compares two answers; add --predictor both.")
    if args.differences and Path(args.differences).suffix not in (".csv", ".json"):
        raise InputError(f"--differences writes .csv or .json, not {Path(args.differences).name}.")
    if args.format == "brat" and sys.stdout.isatty():
        raise InputError("brat's files come as a zip; send it to a file: … --format brat > found.zip")


def _answer_all(
    assistant: Assistant, documents: Iterable[tuple[str, str | FormatError]], args: argparse.Namespace
) -> int:
    """How many documents failed. One that fails doesn't stop the rest."""
    from tqdm import tqdm

    results: list[Result] = []
    n_failed = 0
    for document_id, text in tqdm(documents, unit=" documents", file=sys.stderr, disable=not sys.stderr.isatty()):
        try:
            result = _answer(assistant, document_id, text, args)
            row = result.to_dict()
        except (InputError, FormatError, EngineError) as error:
            n_failed += 1
            print(f"{document_id}: {error}", file=sys.stderr)
            row = {"id": document_id, "issues": [Issue("failed", str(error)).to_dict()]}
        else:
            if args.format != "jsonl" or args.differences:
                results.append(result)
        if args.format == "jsonl":
            print(_json(row), flush=True)
    if args.format != "jsonl":
        _write_documents([result.document for result in results], SUFFIX_BY_FORMAT[args.format])
    if args.differences:
        _write_differences(results, Path(args.differences))
    return n_failed


def _answer(assistant: Assistant, document_id: str, text: str | FormatError, args: argparse.Namespace) -> Result:
    if isinstance(text, FormatError):
        raise text
    request = make_request(
        args.task,
        text,
        lang=args.lang,
        text_lang=args.text_lang,
        labels=_listed(args.types),
        roles=_listed(args.roles),
        options=args.options,
        question=args.question,
        text_b=args.text_b,
        multi=args.multi,
        occurrences=args.occurrences,
        scheme=args.scheme,
        document_id=document_id,
    )
    params = SamplingParams(args.max_new_tokens, args.temperature, seed=args.seed)
    return above(assistant.answer(request, choice=args.predictor, params=params), args.threshold)


def _write_documents(documents: Sequence[Document], suffix: str) -> None:
    """All documents in one file on standard output; what it can't hold is said."""
    sys.stdout.buffer.write(write_documents(documents, suffix))
    sys.stdout.flush()
    for issue in losses(documents, suffix):
        print(f"The format {suffix} has no place for {issue.detail}.", file=sys.stderr)


def _write_differences(results: Sequence[Result], path: Path) -> None:
    """The differences over all documents, and their number on standard error."""
    compared = second_opinion(results) or Comparison("", "", agreement(()))
    content = differences.write_csv([compared]) if path.suffix == ".csv" else differences.write_json(compared)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FormatError(f"{path} cannot be written ({error.strerror}).") from error
    found = compared.agreement
    f1 = "unknown" if found.f1 is None else f"{found.f1:.3f}"
    print(f"F1 of one against the other {f1}, {len(found.differences)} differences: {path}", file=sys.stderr)


def _listed(value: str) -> list[str]:
    return [item for item in value.replace("，", ",").split(",") if item.strip()]


if __name__ == "__main__":
    exit_with(main)
