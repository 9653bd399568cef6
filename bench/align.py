"""Alignment against langextract's: time over sizes, and a probe of what each calls found.

    python -m venv .bench && .bench/bin/pip install -r bench/requirements.txt
    .bench/bin/python -m bench.align [--max-chars 10000] [--seed 1]

Both align the same mentions to the same text in one process, one thread; langextract with its default settings and
each of its two tokenizers. The text is that of the probe with its words in random order and three of four replaced by
made-up names; mentions are pieces of it in its order (eight of ten as written, one in upper case, one with a word that
isn't there). The probe, `data/align_probe.yaml`, says for 60 mentions in each language where each should be found, or
that it is an invention; a "weaker state" is our "part" and langextract's "lesser" and "fuzzy". Results go to standard
output.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from langextract.core import data as langextract_data
from langextract.core import tokenizer as langextract_tokenizer
from langextract.resolver import WordAligner

from taiyi.align import Aligner

PROBE_FILE = Path(__file__).parent / "data" / "align_probe.yaml"
CHARS_PER_MENTION = 10
REPEATS = 3
INVENTED_WORD = {"en": " xanthogranuloma", "zh": "黄瘤样变"}

# A mention's place, None where it was not placed, and whether it is in a weaker state than found as written (or, ours,
# after normalisation).
Found = tuple[tuple[int, int] | None, bool]
Align = Callable[[str, Sequence[str]], list[Found]]


@dataclass(frozen=True)
class Probed:
    """A mention of the probe: its right place, or None where it is an invention."""

    surface: str
    status: str
    place: tuple[int, int] | None


def taiyi(text: str, surfaces: Sequence[str]) -> list[Found]:
    """Ours, with the n-th naming at the n-th occurrence."""
    return [
        ((p.spans[0].start, p.spans[0].end) if p.spans else None, p.status == "part")
        for p in Aligner(text).place(surfaces, "generated")
    ]


def langextract(tokenizer: langextract_tokenizer.Tokenizer) -> Align:
    """langextract's aligner with one of its tokenizers."""

    def align(text: str, surfaces: Sequence[str]) -> list[Found]:
        extractions = [langextract_data.Extraction("mention", surface) for surface in surfaces]
        (aligned,) = WordAligner().align_extractions([extractions], text, tokenizer_impl=tokenizer)
        exact = langextract_data.AlignmentStatus.MATCH_EXACT
        return [
            ((e.char_interval.start_pos, e.char_interval.end_pos), e.alignment_status != exact)
            if e.char_interval
            else (None, False)
            for e in aligned
        ]

    return align


ALIGNERS: dict[str, Align] = {
    "taiyi": taiyi,
    "langextract, default tokenizer": langextract(langextract_tokenizer.RegexTokenizer()),
    "langextract, Unicode tokenizer": langextract(langextract_tokenizer.UnicodeTokenizer()),
}


def read_probe() -> dict[str, list[tuple[str, list[Probed]]]]:
    """Texts with their mentions, by language."""
    rows = yaml.safe_load(PROBE_FILE.read_text(encoding="utf-8"))
    return {
        lang: [(row["text"], [_probed(row["text"], *mention) for mention in row["mentions"]]) for row in texts]
        for lang, texts in rows.items()
    }


def _probed(text: str, surface: str, status: str, nth: int = 0, found: str | None = None) -> Probed:
    if status in ("part", "absent"):
        return Probed(surface, status, None)
    wanted = found or surface
    start = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text)][nth - 1]
    return Probed(surface, status, (start, start + len(wanted)))


def probe(align: Align, texts: list[tuple[str, list[Probed]]]) -> Counter[str]:
    """How many mentions of each state were placed, placed rightly, and called exact."""
    counts: Counter[str] = Counter()
    for text, mentions in texts:
        found = align(text, [mention.surface for mention in mentions])
        for mention, (place, is_weaker) in zip(mentions, found, strict=True):
            kind = mention.status if mention.place else "invention"
            counts[kind] += 1
            counts[f"{kind} right"] += mention.place is not None and place == mention.place
            counts[f"{kind} called found"] += place is not None and not is_weaker
            counts[f"{kind} weaker"] += is_weaker
    return counts


def made_up(lang: str, rng: random.Random) -> str:
    """A name of its own: Latin syllables, or Han characters."""
    if lang == "en":
        return "".join(rng.choice("bcdfglmnprstvx") + rng.choice("aeiou") for _ in range(rng.randrange(2, 6)))
    return "".join(chr(rng.randrange(0x4E00, 0x9FA0)) for _ in range(rng.randrange(1, 4)))


def sample(lang: str, n_chars: int, rng: random.Random) -> tuple[str, list[str]]:
    """A text of `n_chars` characters and a mention for every ten of them, in the text's order."""
    source = " ".join(text for text, _ in read_probe()[lang])
    pieces = source.split() if lang == "en" else re.findall(r"\w{1,4}|\W", source)
    text = ""
    while len(text) < n_chars:
        text += made_up(lang, rng) if rng.randrange(4) else rng.choice(pieces)
        text += " " if lang == "en" else ""
    text = text[:n_chars]
    words = [match.span() for match in re.finditer(r"\w+" if lang == "en" else r"\w", text)]
    surfaces = []
    for first in sorted(rng.randrange(len(words)) for _ in range(n_chars // CHARS_PER_MENTION)):
        last = min(first + rng.randrange(1 if lang == "en" else 2, 4 if lang == "en" else 9), len(words)) - 1
        surface = text[words[first][0] : words[max(first, last)][1]]
        kind = rng.randrange(10)
        surfaces.append(surface.upper() if kind == 0 else surface + INVENTED_WORD[lang] if kind == 1 else surface)
    return text, surfaces


def seconds(align: Align, text: str, surfaces: Sequence[str]) -> float:
    """Wall time of an alignment, everything derived from the text included: the best of REPEATS runs."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        align(text, surfaces)
        best = min(best, time.perf_counter() - started)
    return best


def speed_lines(max_chars: int, seed: int) -> Iterator[str]:
    """A line a language, size and aligner."""
    sizes = [max_chars // 4, max_chars // 2, max_chars]
    for lang in ("en", "zh"):
        for name, align in ALIGNERS.items():
            # Ours goes on, to show its growth: the others would take many minutes there.
            for n_chars in [*sizes, 4 * max_chars, 16 * max_chars] if name == "taiyi" else sizes:
                text, surfaces = sample(lang, n_chars, random.Random(seed))
                yield f"{lang}\t{name}\t{n_chars}\t{len(surfaces)}\t{seconds(align, text, surfaces):.4f}"


def probe_lines() -> Iterator[str]:
    """A line a language and aligner."""
    for lang, texts in read_probe().items():
        for name, align in ALIGNERS.items():
            c = probe(align, texts)
            yield (
                f"{lang}\t{name}\t{c['verbatim right']}/{c['verbatim']}\t{c['normalised right']}/{c['normalised']}\t"
                f"{c['invention called found']}/{c['invention']}\t{c['invention weaker']}/{c['invention']}"
            )


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--max-chars", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    args = options.parse_args(arguments)
    print("lang\taligner\tverbatim right\tnormalised right\tinventions called found\tinventions in a weaker state")
    for line in probe_lines():
        print(line, flush=True)
    print("lang\taligner\tcharacters\tmentions\tseconds")
    for line in speed_lines(args.max_chars, args.seed):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
