"""How the code is laid out: names that are there once, and files of a size that one reads."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.code_size import LOCAL, PACKAGE, modules

MOST_LINES_IN_A_FILE = 300
MOST_LINES = 40_614  # what it has now: it grows by decision only
MOST_FILES = 219

# The same idea in two packages: of a source, of a renderer, of the local servers.
SHARED_MODULE_NAMES = {
    "__init__",
    "__main__",
    "blocks",
    "causes",
    "conditions",
    "counts",
    "errors",
    "explanation",
    "insights",
    "question",
    "source",
}


def test_a_public_type_name_stands_once():
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules(PACKAGE):
        for name in public_types(ast.parse(path.read_text(encoding="utf-8"))):
            places[name].append(str(path.relative_to(PACKAGE)))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_module_name_stands_once_but_for_the_same_idea_in_two_packages():
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules(PACKAGE):
        places[path.stem].append(str(path.relative_to(PACKAGE)))

    twice = {name for name, found in places.items() if len(found) > 1}
    assert twice == twice & SHARED_MODULE_NAMES
    assert twice == SHARED_MODULE_NAMES


def test_no_file_is_longer_than_one_reads():
    long = {str(path): lines for path in modules(PACKAGE) if (lines := length(path)) > MOST_LINES_IN_A_FILE}

    assert long == {}


def test_the_product_stays_small():
    product = [path for path in modules(PACKAGE) if LOCAL not in path.parents]

    assert len([path for path in product if length(path)]) <= MOST_FILES
    assert sum(map(length, product)) <= MOST_LINES


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def public_types(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias")):
                if not name.startswith("_"):
                    yield name
            case _:
                pass
