"""What would load from outside is found wherever it stands; what loads nothing is let be."""

from __future__ import annotations

import pytest

from linemap.maps.page import loads_outside

HOST = "far.example"


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://far.example/a.js"></script>',
        "<SCRIPT SRC=//far.example/a.js></SCRIPT>",
        '<link rel="stylesheet" href="https://far.example/a.css">',
        '<img src="http://far.example/a.png">',
        '<img srcset="https://far.example/a.png 2x">',
        '<iframe src="https://far.example/"></iframe>',
        '<object data="https://far.example/a"></object>',
        '<video poster="https://far.example/a.png"></video>',
        '<form action="https://far.example/"></form>',
        '<div style="background: url(https://far.example/a.png)"></div>',
        "<style>@import 'https://far.example/a.css';</style>",
        "<style>p { background: url( 'https://far.example/a.png' ) }</style>",
        '<svg><image xlink:href="https://far.example/a.png"/></svg>',
        '<base href="https://far.example/">',
        '<meta http-equiv="refresh" content="0; url=https://far.example/">',
        "<script>fetch('https://far.example/a.json')</script>",
        "<script>L.tileLayer(`https://{s}.far.example/{z}/{x}/{y}.png`)</script>",
    ],
)
def test_what_loads_is_found(html: str) -> None:
    assert any(HOST in found for found in loads_outside(html))


@pytest.mark.parametrize(
    "html",
    [
        "<p>plain text about https://far.example/</p>",
        '<a href="https://far.example/">a link to click</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>',
        "<script>document.createElementNS('http://www.w3.org/2000/svg', 'g')</script>",
        "<style>p { background: url(data:image/png;base64,AAAA) }</style>",
        "<script>var said = \"<a href='https://far.example/'>source</a>\";</script>",
    ],
)
def test_what_loads_nothing_is_let_be(html: str) -> None:
    assert loads_outside(html) == []


def test_the_script_of_a_map_is_looked_through() -> None:
    assert loads_outside("", "var a = 'https://far.example/x.png';") == [
        "https://far.example/x.png (a script)"
    ]


def test_a_relative_file_is_outside_too() -> None:
    assert loads_outside('<img src="picture.png">') == ["picture.png (<img src>)"]
