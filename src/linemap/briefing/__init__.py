"""What is read of a release: a brief as HTML and PDF, and tables to paste into a paper."""

from __future__ import annotations

from linemap.briefing.content import Content, Number, Picture, Section, Sentence, Table
from linemap.briefing.pages import Brief, brief, can_be_briefed
from linemap.briefing.paper_table import paper_table

__all__ = [
    "Brief",
    "Content",
    "Number",
    "Picture",
    "Section",
    "Sentence",
    "Table",
    "brief",
    "can_be_briefed",
    "paper_table",
]
