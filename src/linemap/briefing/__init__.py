"""A brief of a release: two or three pages to read and print, as HTML and as PDF."""

from __future__ import annotations

from linemap.briefing.content import Content, Number, Picture, Section, Sentence, Table
from linemap.briefing.pages import Brief, brief

__all__ = ["Brief", "Content", "Number", "Picture", "Section", "Sentence", "Table", "brief"]
