"""The reader of Bicep can be trusted: it takes what is right, and refuses what is not."""

from pathlib import Path

import pytest

from tests.infra.bicep import Declaration, Malformed, Template, entries, tokenize


def template(tmp_path: Path, text: str) -> Template:
    path = tmp_path / "made.bicep"
    path.write_text(text, encoding="utf-8")
    return Template(path)


@pytest.mark.parametrize(
    "wrong",
    [
        "var a = [",
        "var a = {]",
        "var a = )",
        "var a = 'not ended\n",
        "var a = '${b'",
        "var a = 'x\\q'",
        'var a = "double"',
    ],
)
def test_text_that_is_no_bicep_is_refused(wrong: str):
    with pytest.raises(Malformed):
        list(tokenize(wrong))


def test_comments_and_strings_hide_brackets():
    list(tokenize("// {\n/* ( */ var a = '}' // ]\n"))


def test_names_inside_strings_are_used_names(tmp_path: Path):
    read = template(tmp_path, "param a string\nvar b = 'x-${toLower('y${a}')}'\n")

    assert sorted(read.words) == ["a", "toLower"]


def test_keys_members_and_decorators_are_no_used_names(tmp_path: Path):
    read = template(tmp_path, "@secure()\nparam a object\nvar b = {\n  c: a.d.e\n}\n")

    assert read.words == ("a",)
    assert read.named("param")["a"].decorators == {"secure"}


def test_a_condition_is_no_key(tmp_path: Path):
    read = template(tmp_path, "var a = {\n  b: c ? d : null\n  e: 1\n}\n")

    found = entries(read.named("var")["a"].body)
    assert [token.text for token in found["b"]] == ["c", "?", "d", ":", "null"]
    assert list(found) == ["b", "e"]


def test_what_a_loop_goes_through_is_used(tmp_path: Path):
    read = template(tmp_path, "var a = []\nvar b = [\n  for c in a: {\n    d: c\n  }\n]\n")

    assert read.words == ("for", "c", "in", "a", "c")


def test_nested_resources_are_found(tmp_path: Path):
    read = template(
        tmp_path,
        "resource a 'T/a@1' = {\n  name: 'x'\n\n  resource b 'bs' = {\n    name: 'y'\n  }\n}\n"
        "resource c 'T/c@1' existing = {\n  name: 'z'\n}\n",
    )

    found = read.named("resource")
    assert [(name, declared.target) for name, declared in found.items()] == [
        ("a", "T/a@1"),
        ("b", "bs"),
        ("c", "T/c@1"),
    ]
    assert [declared.is_existing for declared in found.values()] == [False, False, True]
    assert _texts(found["b"], "name") == ["y"]


def _texts(declared: Declaration, *path: str) -> list[str]:
    return [token.text for token in declared.object_at(*path)]
