"""The tabs, in the order in which the page shows them.

A tab is a module with `ID` (a key of the locale tables and of the page's addresses) and `build(page)`, which lays it
out and wires it; what happens on a click are functions of the module, from values to values.
"""

from __future__ import annotations

from taiyi.ui.tabs import (
    chat,
    choose,
    classify,
    compare,
    entities,
    events,
    passage,
    relations,
    report,
    title,
    translate,
)

TABS = (chat, passage, entities, relations, events, classify, choose, compare, translate, report, title)
