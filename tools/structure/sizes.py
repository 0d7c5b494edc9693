"""Measures of size: modules, functions, folders, tables in code, lines withheld from the formatter."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tools.structure.modules import Count, Module, Occurrence, line_occurrence

_FORMATTER_EXCEPTION = re.compile(r"#\s*fmt:\s*(skip|off)\b")


def long_modules(modules: Sequence[Module], most_lines: int) -> Count:
    """Modules of more than `most_lines` lines, blank lines and comments included."""
    return Count.of(
        [Occurrence(module.path, 1, f"{len(module.lines)} lines") for module in modules if len(module.lines) > most_lines]
    )


def long_functions(modules: Sequence[Module], most_lines: int) -> Count:
    """Functions of more than `most_lines` lines from `def` to the last line, docstring included, decorators excluded."""
    return Count.of(
        [
            Occurrence(module.path, function.lineno, f"{function.name}: {_height(function)} lines")
            for module in modules
            for function in module.functions()
            if _height(function) > most_lines
        ]
    )


def crowded_folders(modules: Sequence[Module], most_modules: int) -> Count:
    """Folders with more than `most_modules` modules directly inside, `__init__.py` aside."""
    sizes = Counter(module.path.parent for module in modules if not module.is_package)
    return Count.of([Occurrence(folder, 1, f"{size} modules") for folder, size in sizes.items() if size > most_modules])


def literal_data_lines(modules: Sequence[Module], least_lines: int) -> Count:
    """Lines of tables written as Python.

    A table is an outermost dict, list, tuple, set or string of at least `least_lines` lines at module or class level, also as an argument
    of a call there. Docstrings, `__all__` and the bodies of functions and lambdas do not count.
    """
    tables = _tables(modules, least_lines)
    return Count(
        sum(_height(literal) for _, literal in tables),
        tuple(
            Occurrence(module.path, literal.lineno, f"{_height(literal)} lines: {module.lines[literal.lineno - 1].strip()}")
            for module, literal in tables
        ),
    )


def unexplained_tables(modules: Sequence[Module], least_lines: int, reasons: Mapping[str, str]) -> Count:
    """Tables written as Python in modules without a reason for it. `reasons`: by path of the module."""
    return Count.of(
        [
            Occurrence(module.path, literal.lineno, f"{_height(literal)} lines: {module.lines[literal.lineno - 1].strip()}")
            for module, literal in _tables(modules, least_lines)
            if str(module.path) not in reasons
        ]
    )


def _tables(modules: Sequence[Module], least_lines: int) -> list[tuple[Module, ast.expr]]:
    """Every table written as Python, with its module."""
    return [
        (module, literal)
        for module in modules
        for expression in _static_expressions(module.tree.body)
        for literal in _outermost_literals(expression, least_lines)
    ]


def formatter_exceptions(modules: Sequence[Module]) -> Count:
    """Comments that switch the formatter off, for one statement or from there on."""
    return Count.of(
        [
            line_occurrence(module, token.start[0])
            for module in modules
            if "fmt:" in module.text
            for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
            if token.type == tokenize.COMMENT and _FORMATTER_EXCEPTION.search(token.string)
        ]
    )


def _height(node: ast.stmt | ast.expr) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _static_expressions(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Values and bare calls at module or class level, those under `if`, `for`, `with` and `try` included."""
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                pass
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.AugAssign(value=value):
                yield value
            case ast.Expr(value=ast.Call() as value):
                yield value
            case ast.ClassDef(body=inner) | ast.With(body=inner):
                yield from _static_expressions(inner)
            case ast.If(body=inner, orelse=alternative) | ast.For(body=inner, orelse=alternative):
                yield from _static_expressions([*inner, *alternative])
            case ast.Try(body=inner, handlers=handlers, orelse=alternative, finalbody=final):
                yield from _static_expressions([*inner, *alternative, *final])
                for handler in handlers:
                    yield from _static_expressions(handler.body)


def _outermost_literals(node: ast.AST, least_lines: int) -> Iterator[ast.expr]:
    if isinstance(node, ast.expr) and _is_literal(node) and _height(node) >= least_lines:
        yield node
    elif not isinstance(node, ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _outermost_literals(child, least_lines)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (str, bytes))
    return isinstance(node, (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.JoinedStr))
