"""Checks of one conversation, a function each, and the kinds of problems that they find."""

from __future__ import annotations

from finetune.data.checks.characters import damaged
from finetune.data.checks.contacts import contacts
from finetune.data.checks.endings import Endings, broken_off
from finetune.data.checks.extraction import read_back
from finetune.data.checks.prompts import other_language
from finetune.data.checks.row import Check, Kind, Problem, Row, kinds
from finetune.data.checks.turns import empty_turns

CHECKS: tuple[Check, ...] = (empty_turns, read_back, broken_off, damaged, contacts, other_language)

__all__ = ["CHECKS", "Check", "Endings", "Kind", "Problem", "Row", "kinds"]
