"""Measures of missing types: string keys, untyped mappings, dependencies taken by position."""

import ast
from collections.abc import Sequence

from tools.structure.modules import Count, Module, Occurrence, line_occurrence

_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"})


def string_keys(modules: Sequence[Module]) -> Count:
    """Values read by a literal string key: `request["shot"]`. Annotations, assignments to a key and `del` do not count."""
    occurrences = []
    for module in modules:
        annotations = {id(node) for annotation in _annotations(module.tree) for node in ast.walk(annotation)}
        occurrences += [
            line_occurrence(module, node.lineno)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
            and id(node) not in annotations
        ]
    return Count.of(sorted(occurrences))


def untyped_mappings(modules: Sequence[Module]) -> Count:
    """`dict[str, Any]` and `Mapping[str, Any]` in annotations, type aliases and casts, however deep."""
    return Count.of(
        sorted(
            line_occurrence(module, node.lineno)
            for module in modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Subscript) and _is_untyped_mapping(node)
        )
    )


def positional_needs(modules: Sequence[Module], names: frozenset[str]) -> Count:
    """Dependencies of a task taken by position in `episodic/production/`.

    Counts an index that is a number, a calculation or a slice, `pop()` and `pop(number)`, and unpacking, on a variable of `names`. An index
    that is a string or a name does not count, so a mapping by role passes.
    """
    return Count.of(
        sorted(
            Occurrence(module.path, node.lineno, ast.unparse(node))
            for module in modules
            if module.path.parts[:2] == ("episodic", "production")
            for node in ast.walk(module.tree)
            if isinstance(node, (ast.expr, ast.stmt)) and _takes_by_position(node, names)
        )
    )


def _annotations(tree: ast.Module) -> list[ast.expr]:
    candidates = [
        annotation
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
    ]
    return [annotation for annotation in candidates if isinstance(annotation, ast.expr)]


def _is_untyped_mapping(node: ast.Subscript) -> bool:
    container = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return (
        container in _MAPPINGS
        and isinstance(node.slice, ast.Tuple)
        and [ast.unparse(element).removeprefix("typing.") for element in node.slice.elts] == ["str", "Any"]
    )


def _takes_by_position(node: ast.AST, names: frozenset[str]) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=index) if name in names:
            return _is_position(index)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop"), args=arguments) if name in names:
            return not arguments or _is_position(arguments[0])
        case ast.Assign(targets=[ast.Tuple() | ast.List()], value=ast.Name(id=name)):
            return name in names
    return False


def _is_position(index: ast.expr) -> bool:
    if isinstance(index, ast.Constant):
        return isinstance(index.value, int)
    return isinstance(index, (ast.Slice, ast.UnaryOp, ast.BinOp))
