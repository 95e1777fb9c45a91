"""From articles to proposed statements, for a person to accept: rules and the gazetteer, offline.

``extract_statements`` proposes; ``in_context`` shows the sentence around one, which
no table keeps; ``write_candidates`` writes the table to review, whose accepted rows
:func:`linemap.read_statements` reads.

- `candidates`: articles read, and the table of proposals written and shown.
- `statements`: from the mentions of a page to places and proposals.
- `mentions`: where a text names places; the lists of words that extraction goes by.
- `roles`: the part that each mention plays in its sentence, numbers, and when.
"""

from __future__ import annotations

from linemap.extraction.candidates import (
    CANDIDATE_COLUMNS,
    UNCERTAIN,
    Article,
    candidate_line,
    extract_statements,
    find_mentions,
    in_context,
    read_article,
    read_articles,
    write_candidates,
)
from linemap.extraction.statements import DEFAULT_CONFIDENCE

__all__ = [
    "CANDIDATE_COLUMNS",
    "DEFAULT_CONFIDENCE",
    "UNCERTAIN",
    "Article",
    "candidate_line",
    "extract_statements",
    "find_mentions",
    "in_context",
    "read_article",
    "read_articles",
    "write_candidates",
]
