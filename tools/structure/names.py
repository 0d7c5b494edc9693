"""Measures of names: modules, bound identifiers, private functions."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tools.structure.modules import Count, Function, Module, Occurrence, line_occurrence


def verb_module_names(modules: Sequence[Module], irregular: frozenset[str], nouns: frozenset[str]) -> Count:
    """Modules named by a gerund or a participle.

    A word of the stem (split at underscores) counts if it ends in -ing or -ed or is an irregular participle, and is no established noun.
    Names of folders do not count.
    """
    occurrences = []
    for module in modules:
        verbs = [word for word in _stem(module).split("_") if _is_verb_form(word, irregular) and word not in nouns]
        if verbs:
            occurrences.append(Occurrence(module.path, 1, ", ".join(verbs)))
    return Count.of(occurrences)


def repeated_stems(modules: Sequence[Module], most_uses: int, common: frozenset[str]) -> Count:
    """File names that more than `most_uses` modules share, `common` aside."""
    by_stem: dict[str, list[Module]] = defaultdict(list)
    for module in modules:
        if _stem(module) not in common:
            by_stem[_stem(module)].append(module)
    repeated = {stem: users for stem, users in by_stem.items() if len(users) > most_uses}
    return Count(
        len(repeated),
        tuple(Occurrence(user.path, 1, f"{stem}, {len(users)} times") for stem, users in repeated.items() for user in users),
    )


def placeholder_names(modules: Sequence[Module], words: frozenset[str]) -> Count:
    """Places where a word that says nothing is bound: variable, parameter, attribute, function, class or import alias.

    A loop target, a comprehension target, `:=`, `as` and a capture of `match` bind as well. Each binding counts, each use does not.
    """
    return Count.of(
        [
            Occurrence(module.path, line, f"{name}: {module.lines[line - 1].strip()}")
            for module in modules
            for node in ast.walk(module.tree)
            for name, line in _bindings(node)
            if name in words
        ]
    )


def ambiguous_private_names(modules: Sequence[Module], least_modules: int) -> Count:
    """Names of private functions with several meanings, of which at least one is undocumented.

    A private function or method starts with a single underscore. Its name counts once if at least `least_modules` modules define
    it, two definitions differ in parameters or body, and a definition has no docstring. The undocumented definitions are listed.
    """
    definitions: dict[str, list[tuple[Module, Function]]] = defaultdict(list)
    for module in modules:
        for function in module.functions():
            if function.name.startswith("_") and not function.name.startswith("__"):
                definitions[function.name].append((module, function))
    undocumented = {
        name: [(module, function) for module, function in places if ast.get_docstring(function) is None]
        for name, places in definitions.items()
        if len({module.path for module, _ in places}) >= least_modules and len({_meaning(function) for _, function in places}) > 1
    }
    return Count(
        sum(bool(places) for places in undocumented.values()),
        tuple(
            line_occurrence(module, function.lineno) for _, places in sorted(undocumented.items()) for module, function in places
        ),
    )


def _stem(module: Module) -> str:
    return module.path.stem


def _is_verb_form(word: str, irregular: frozenset[str]) -> bool:
    return word.endswith(("ing", "ed")) or word in irregular


def _bindings(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The identifiers that the node itself binds, each with its line."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name, node.lineno
        case ast.arg(arg=name):
            yield name, node.lineno
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node.lineno
        case ast.alias(asname=str(name)):
            yield name, node.lineno
        case ast.ExceptHandler(name=str(name)):
            yield name, node.lineno
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name, node.lineno


def _meaning(function: Function) -> str:
    """Parameters and body without docstring and positions, as text to compare."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return "\n".join([ast.dump(function.args), *map(ast.dump, body)])
