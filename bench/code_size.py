"""How large the product's code is: files, lines, functions, and names that stand twice.

python -m bench.code_size
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

PACKAGE = Path(__file__).parents[1] / "reporter"
LOCAL = PACKAGE / "local"


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def main() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in modules(PACKAGE) if LOCAL not in path.parents}
    lines = {path: len(text.splitlines()) for path, text in texts.items() if text}
    trees = [ast.parse(text) for text in texts.values()]
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for tree in trees for node in functions(tree)]
    imports = sum(
        (node.end_lineno or 0) - node.lineno + 1
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    longest = max(lines, key=lambda path: lines[path])
    print("reporter/ without local/")
    print(f"{len(lines):>7,} files, half of them of at most {median(lines.values()):.0f} lines")
    print(f"{sum(lines.values()):>7,} lines, {imports:,} of them imports")
    print(f"{lines[longest]:>7,} lines in the longest file, {longest.relative_to(PACKAGE)}")
    print(
        f"{len(lengths):>7,} functions: lines at the median {median(lengths):.0f}, at the 90th percentile ",
        end="",
    )
    print(f"{quantiles(lengths, n=10)[-1]:.0f}, at most {max(lengths)}")


if __name__ == "__main__":
    main()
