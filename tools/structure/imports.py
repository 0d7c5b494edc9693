"""Measures of imports.

An import counts wherever it stands: at the top, inside a function, under TYPE_CHECKING. Names given to `import_module` do not count.
"""

import ast
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import networkx

from tools.structure.modules import FUNCTIONS, Count, Function, Module, Occurrence, line_occurrence


@dataclass(frozen=True)
class Import:
    """One module of the repository imported by another."""

    importer: Module
    imported: Module
    line: int


def project_imports(modules: Sequence[Module]) -> list[Import]:
    """Every import of one of `modules` by another. `from package import module` imports the module, not the package."""
    by_name = {module.name: module for module in modules}
    return [
        Import(module, by_name[name], node.lineno)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in _imported_names(module, node, by_name)
        if name != module.name
    ]


def module_cycles(modules: Sequence[Module]) -> Count:
    """Groups of modules that import each other in a circle (strongly connected components)."""
    imports = project_imports(modules)
    groups = _circles([(edge.importer.name, edge.imported.name) for edge in imports])
    return Count(len(groups), _inside(groups, [(edge.importer.name, edge.imported.name, edge) for edge in imports]))


def folder_cycles(modules: Sequence[Module]) -> Count:
    """Direct children of `episodic/` (folders, or modules of the root) that lie on an import circle."""
    imports = _imports_between_folders(modules)
    groups = _circles([(importer, imported) for importer, imported, _ in imports])
    return Count(sum(map(len, groups)), _inside(groups, imports))


def upward_imports(modules: Sequence[Module], layers: Sequence[frozenset[str]]) -> Count:
    """Pairs of direct children of `episodic/` of which the lower imports the higher. Children of one layer may import each other."""
    height = {folder: level for level, layer in enumerate(layers) for folder in layer}
    upward = [
        (importer, imported, edge)
        for importer, imported, edge in _imports_between_folders(modules)
        if importer in height and imported in height and height[importer] < height[imported]
    ]
    pairs = {(importer, imported) for importer, imported, _ in upward}
    return Count(len(pairs), tuple(_arrow(*arrow) for arrow in upward))


def folders_without_layer(modules: Sequence[Module], layers: Sequence[frozenset[str]]) -> Count:
    """Direct children of `episodic/` that the data file puts on no layer."""
    placed = frozenset[str]().union(*layers)
    first_modules: dict[str, Module] = {}
    for module in modules:
        if (folder := _folder(module)) is not None and folder not in placed:
            first_modules.setdefault(folder, module)
    return Count.of([Occurrence(module.path, 1, f"{folder} is on no layer") for folder, module in first_modules.items()])


def function_imports(modules: Sequence[Module]) -> Count:
    """Import statements inside functions."""
    occurrences = []
    for module in modules:
        lines = {
            node.lineno
            for function in module.functions()
            for node in ast.walk(function)
            if isinstance(node, (ast.Import, ast.ImportFrom))
        }
        occurrences += [line_occurrence(module, line) for line in sorted(lines)]
    return Count.of(occurrences)


def prepare_lines(modules: Sequence[Module]) -> Count:
    """Lines of the function `prepare` in `episodic/production/`, signature and docstring included."""
    module, function = _find_prepare(modules)
    return Count((function.end_lineno or 0) - function.lineno + 1, (line_occurrence(module, function.lineno),))


def prepare_imports(modules: Sequence[Module]) -> Count:
    """Modules of the repository imported by the module of `prepare`."""
    prepare_module, _ = _find_prepare(modules)
    imports = {edge.imported.name: edge for edge in project_imports(modules) if edge.importer is prepare_module}
    return Count.of([line_occurrence(prepare_module, edge.line) for edge in imports.values()])


def startup_cpu_seconds(root: Path, repeats: int = 5) -> float:
    """Median CPU time (user and system) of a process that imports `cli.main`."""
    seconds = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "import cli.main"], cwd=root, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(seconds)


def _imported_names(module: Module, node: ast.Import | ast.ImportFrom, by_name: dict[str, Module]) -> Iterator[str]:
    """Names of known modules that the statement imports, each once."""
    if isinstance(node, ast.Import):
        names = {_longest_known(alias.name, by_name) for alias in node.names}
    else:
        base = _absolute_base(module, node)
        names = {f"{base}.{alias.name}" if f"{base}.{alias.name}" in by_name else base for alias in node.names}
    yield from sorted(names & by_name.keys())


def _longest_known(name: str, by_name: dict[str, Module]) -> str:
    """`a.b` for `a.b.c` if only `a.b` is a module of the repository."""
    while name and name not in by_name:
        name = name.rpartition(".")[0]
    return name


def _absolute_base(module: Module, node: ast.ImportFrom) -> str:
    """The module named after `from`, with leading dots resolved."""
    if not node.level:
        return node.module or ""
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    parents = package[: len(package) - node.level + 1]
    return ".".join([*parents, node.module] if node.module else parents)


def _folder(module: Module) -> str | None:
    """The direct child of `episodic/` that contains the module: a folder, or the stem of a module of the root."""
    parts = module.path.with_suffix("").parts
    return parts[1] if parts[0] == "episodic" else None


def _imports_between_folders(modules: Sequence[Module]) -> list[tuple[str, str, Import]]:
    pairs = [(_folder(edge.importer), _folder(edge.imported), edge) for edge in project_imports(modules)]
    return [
        (importer, imported, edge)
        for importer, imported, edge in pairs
        if importer is not None and imported is not None and importer != imported
    ]


def _circles(edges: Sequence[tuple[str, str]]) -> list[set[str]]:
    graph = networkx.DiGraph(edges)
    return [group for group in networkx.strongly_connected_components(graph) if len(group) > 1]


def _inside(groups: Sequence[set[str]], edges: Sequence[tuple[str, str, Import]]) -> tuple[Occurrence, ...]:
    """The imports of which both ends lie on the same circle, circle by circle."""
    return tuple(
        _arrow(importer, imported, edge)
        for group in groups
        for importer, imported, edge in edges
        if importer in group and imported in group
    )


def _arrow(importer: str, imported: str, edge: Import) -> Occurrence:
    return Occurrence(edge.importer.path, edge.line, f"{importer} -> {imported}: {edge.importer.lines[edge.line - 1].strip()}")


def _find_prepare(modules: Sequence[Module]) -> tuple[Module, Function]:
    """The longest function `prepare` at module level in `episodic/production/`; LookupError if there is none."""
    candidates = [
        (module, node)
        for module in modules
        if module.path.parts[:2] == ("episodic", "production")
        for node in module.tree.body
        if isinstance(node, FUNCTIONS) and node.name == "prepare"
    ]
    if not candidates:
        raise LookupError("episodic/production/ defines no function `prepare`; the measures `prepare_*` need it")
    return max(candidates, key=lambda candidate: (candidate[1].end_lineno or 0) - candidate[1].lineno)
