from __future__ import annotations

import base64
import hashlib
import re

from fthg.report import frame


def test_a_text_in_a_style_sheet_can_end_neither_its_string_nor_the_element() -> None:
    text = frame.css_text('a"; } </style> \\ 1\n\x00é🎉')
    assert re.fullmatch(r'"(?:[A-Za-z0-9]|\\[0-9a-f]{6})*"', text)
    assert text.startswith(r'"a\000022\00003b')
    assert text.endswith(r'\01f389"')


def test_a_long_title_is_cut_in_the_footer_of_paper() -> None:
    style = frame.style(footer="a" * 500)
    assert re.search(r'content: "a{89}\\002026"', style)


def test_the_policy_allows_this_style_and_script_only() -> None:
    def allowed(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert frame.policy("p {}", "run()") == (
        f"default-src 'none'; script-src 'sha256-{allowed('run()')}'; "
        f"style-src 'sha256-{allowed('p {}')}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_scripts_are_parts_of_one_strict_function_and_are_not_escaped() -> None:
    script = frame.script(frame.FORMATS_SCRIPT, frame.FORMATS_SCRIPT)
    assert script.startswith('"use strict";\n(async () => {\n// Formats')
    assert script.endswith("})();\n")
    assert script.count("const utc = (micros) => {") == 2
    assert "&lt;" not in script


def test_no_style_or_script_could_end_its_element() -> None:
    for path in (*frame.STYLES, frame.PRINT_STYLE, frame.FORMATS_SCRIPT):
        assert "</" not in path.read_text("utf-8")
        assert "<!--" not in path.read_text("utf-8")
