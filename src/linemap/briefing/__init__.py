"""What is read of a release: a brief as HTML and PDF, and tables to paste into a paper.

- `pages`: the brief as HTML and PDF.
- `compose`: the sections: each sentence and table of a brief.
- `findings`: the sections that need statistics: change over time, and how far.
- `content`: what sentences, tables and numbers of a brief are.
- `paper_table`: a table to paste into a paper.
"""

from __future__ import annotations

from linemap.briefing.content import BriefSentence, BriefTable, Content, Number, Picture, Section
from linemap.briefing.pages import Brief, brief, can_be_briefed
from linemap.briefing.paper_table import paper_table

__all__ = [
    "Brief",
    "BriefSentence",
    "BriefTable",
    "Content",
    "Number",
    "Picture",
    "Section",
    "brief",
    "can_be_briefed",
    "paper_table",
]
