"""Which wrong item was said in the stead of which missed one: errors by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from eval.judging.base import CaseError
from eval.judging.counting import Item

Difference = Callable[[Item, Item], int | None]
"""0 where a missed and a wrong item differ in type alone, by how many characters where in borders, None otherwise."""


def paired_errors(
    missed: Iterable[Item], wrong: Iterable[Item], difference: Difference, shown: Callable[[Item], str]
) -> Iterator[CaseError]:
    """One error a missed item, beside the wrong one that is nearest to it, if any; then one a wrong item that is left.

    No item stands in two errors.
    """
    left, extra = set(missed), set(wrong)
    pairs = ((difference(gold, said), gold, said) for gold in left for said in extra)
    near = sorted((apart, gold, said) for apart, gold, said in pairs if apart is not None)
    for apart, gold, said in near:
        if gold in left and said in extra:
            left.remove(gold)
            extra.remove(said)
            yield CaseError("border" if apart else "type", shown(gold), shown(said))
    yield from (CaseError("missing", gold=shown(gold)) for gold in sorted(left))
    yield from (CaseError("invented", predicted=shown(said)) for said in sorted(extra))
