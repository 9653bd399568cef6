"""From a mixture to a folder of instruction data that describes itself: files, report, manifest.

All is written in a folder aside and renamed when complete, so a folder under the final name is always whole.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import taiyi
from eval.sets import load_sets
from finetune.data.build import FILES, Build
from finetune.data.leaks import LeakFilter, texts_at_hand
from finetune.data.lint import lint_file
from finetune.data.mixture import Missing, Mixture, files_of, missing_of, read_mixture
from finetune.data.report import report_content, report_markdown
from finetune.data.tally import Kept, Measure, SourceCounts
from finetune.overlap import Fingerprints
from taiyi.errors import InputError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What to make: from which mixture and data, where, and with what seed; `fingerprints` are files of own test sets'
    segment hashes. `tokenizer` is a model's folder or name whose tokens lengths are counted in; None counts characters.
    """

    mixture_file: Path
    data_dir: Path
    out: Path
    seed: int = 0
    limit: int | None = None
    skip_missing: bool = False
    tokenizer: str | None = None
    fingerprints: tuple[Path, ...] = ()

    @property
    def command(self) -> str:
        """The command that makes the same data again, but for where it is read and written."""
        options = [f"--mixture {self.mixture_file}", f"--seed {self.seed}"]
        options += [f"--limit {self.limit}"] if self.limit else []
        options += ["--skip-missing"] if self.skip_missing else []
        return " ".join(("python -m finetune prepare --data DIR", *options, "--out DIR"))


def plan(preparation: Preparation) -> tuple[Mixture, list[Missing]]:
    """The mixture of what is at hand, and what isn't.

    Raises InputError where rows are missing that may not be skipped, naming all of them, where nothing is at hand, and
    where the mixture trains on what evaluation reports on.
    """
    if not preparation.data_dir.is_dir():
        raise InputError(f"There is no folder {preparation.data_dir}; name the one that the corpora's files are under.")
    mixture = read_mixture(preparation.mixture_file)
    check_reported(mixture)
    missing = missing_of(mixture, preparation.data_dir)
    names = {row.corpus for row in missing}
    if missing and not preparation.skip_missing:
        listed = "\n".join(f"  {row}" for row in missing)
        raise InputError(
            f"{preparation.mixture_file} names {len(missing)} corpora that are not under {preparation.data_dir}; put "
            f"them there, take their rows out, or let --skip-missing go on without them:\n{listed}"
        )
    if len(names) == len(mixture.rows):
        raise InputError(f"None of the corpora of {preparation.mixture_file} is under {preparation.data_dir}.")
    return replace(mixture, rows=tuple(row for row in mixture.rows if row.corpus not in names)), missing


def check_reported(mixture: Mixture) -> None:
    """Raises InputError where a row trains on a split, or a part of one, that evaluation reports on."""
    for eval_set in load_sets().values():
        for source in (*eval_set.test, *eval_set.dev):
            for row in mixture.rows:
                if (source.corpus, source.split) != (row.corpus, row.split):
                    continue
                if source.part is None:
                    raise InputError(
                        f"The mixture trains on {row.name}, which the evaluation of {eval_set.name} reports on; take "
                        "the row out."
                    )
                if source.part not in mixture.aside(row).held_out:
                    raise InputError(
                        f"The mixture trains on all of {row.name}, but the evaluation of {eval_set.name} reports on "
                        f"its part {source.part!r}; name that in held_out."
                    )


def leak_filter(preparation: Preparation) -> LeakFilter:
    """The filter against all test sets, and against the development parts that are reported on, where at hand."""
    texts = {**texts_at_hand(preparation.data_dir), **texts_at_hand(preparation.data_dir, "dev")}
    return LeakFilter(Fingerprints.of_tests(preparation.data_dir, preparation.fingerprints), texts)


def prepare(preparation: Preparation) -> Iterator[str]:
    """Make the folder; yields lines that tell how far it is. Raises InputError where it can't be written."""
    mixture, missing = plan(preparation)
    measure = _measure(preparation.tokenizer)
    with _written(preparation.out) as folder:
        yield f"{len(mixture.rows)} corpora; {len(missing)} are missing"
        build = Build(
            mixture,
            preparation.data_dir,
            folder,
            leak_filter(preparation),
            Kept(measure),
            preparation.seed,
            preparation.limit,
        )
        for counts in build.run():
            yield f"{counts.row.name}: {counts.made:,} instructions of {counts.documents:,} documents"
        shutil.rmtree(folder / "spool")
        unit = "tokens" if preparation.tokenizer else "characters"
        content = {"settings": _settings(preparation)} | report_content(build.counts, build.kept, missing, unit)
        content["lint"] = _linted(folder)
        _write_json(folder / "report.json", content)
        (folder / "report.md").write_text(report_markdown(content), encoding="utf-8", newline="\n")
        _write_json(folder / MANIFEST, _manifest(preparation, mixture, build.counts, folder))
    kept = {part: sum(getattr(counts, part) for counts in build.counts) for part in ("train", "dev")}
    yield f"{kept['train']:,} instructions to train on and {kept['dev']:,} beside them are in {preparation.out}"


@contextmanager
def _written(out: Path) -> Iterator[Path]:
    """A folder that becomes `out` when all went well, and goes when not. A former output of the same kind is replaced.

    Raises InputError where `out` holds something else, another run is making it, or the disk can't be written.
    """
    if out.exists() and not (out / MANIFEST).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there and was not made by prepare; name another folder for --out.")
    aside = out.with_name(out.name + ".part")
    if aside.exists():
        raise InputError(f"{aside} is there: another run is making {out}, or was killed; wait for it, or remove it.")
    try:
        aside.mkdir(parents=True)
        yield aside
        _put(aside, out)
    except OSError as error:
        if error.filename and not Path(error.filename).is_relative_to(out.parent):
            raise InputError(f"{error.filename}: the file cannot be read ({error.strerror}).") from error
        raise InputError(
            f"{out}: the instructions cannot be written ({error.strerror}); name a folder that can be written, with "
            "room, for --out."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put(aside: Path, out: Path) -> None:
    """Give a folder its name; what had it goes."""
    former = out.with_name(out.name + ".old")
    shutil.rmtree(former, ignore_errors=True)
    if out.exists():
        out.replace(former)
    aside.replace(out)
    shutil.rmtree(former, ignore_errors=True)


def _measure(tokenizer: str | None) -> Measure:
    if tokenizer is None:
        return len
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(tokenizer)
    except (OSError, ValueError) as error:
        raise InputError(f"There is no tokenizer {tokenizer}: {str(error).splitlines()[0]}") from error
    return lambda text: len(loaded(text, add_special_tokens=False)["input_ids"])


def _linted(folder: Path) -> dict[str, int]:
    """How often each kind of finding comes in the files."""
    found = Counter(
        finding.kind
        for name in FILES.values()
        if (folder / name).stat().st_size
        for finding in lint_file(folder / name)
    )
    return dict(found.most_common())


def _settings(preparation: Preparation) -> dict[str, Any]:
    return {
        "command": preparation.command,
        "mixture": str(preparation.mixture_file),
        "seed": preparation.seed,
        "limit": preparation.limit,
        "skip_missing": preparation.skip_missing,
        "tokenizer": preparation.tokenizer,
        "fingerprints": [path.name for path in preparation.fingerprints],
    }


def _manifest(
    preparation: Preparation, mixture: Mixture, counts: Sequence[SourceCounts], folder: Path
) -> dict[str, Any]:
    """What the data was made of and with, and the hashes of its files."""
    sources = dict.fromkeys(path for row in mixture.rows for path in files_of(row, preparation.data_dir))
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {
        "settings": _settings(preparation) | {"mixture_rows": asdict(mixture)},
        "versions": {"taiyi": taiyi.__version__, "python": platform.python_version(), "numpy": np.__version__},
        "sources": {path.name: _sha256(path) for path in sources if path.is_file()},
        "counts": {source.row.name: {"train": source.train, "dev": source.dev} for source in counts},
        "files": {path.name: _sha256(path) for path in files},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
