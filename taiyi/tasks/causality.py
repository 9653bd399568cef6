"""Relations of a cause to its effect: `(cause, effect, type)`, as replies of `relations` are written.

The types are the causal ones of a corpus, such as `Cause`, `Enable`, `Prevent` and `Hinder` (MIMICause).
"""

from __future__ import annotations

from taiyi.tasks.relation import RelationTask


class CausalityTask(RelationTask):
    """What brings about, enables or prevents what. The head of a relation is the cause or condition, the tail what it
    acts on."""

    id = "causality"
