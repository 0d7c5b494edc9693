"""Every measure with its key in the data file and its title."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.structure import imports, names, sizes, weak_types
from tools.structure.modules import Codebase, Count
from tools.structure.rules import Rules


@dataclass(frozen=True)
class Measure:
    """`key` names the measure in the data file and on the command line. `title` may name thresholds in braces. Without a ceiling it is information."""

    key: str
    title: str
    count: Callable[[Codebase, Rules], Count]
    has_ceiling: bool = True


MEASURES = (
    Measure("module_cycles", "import cycles between modules", lambda code, _: imports.module_cycles(code.source)),
    Measure("folder_cycles", "folders of episodic/ on an import cycle", lambda code, _: imports.folder_cycles(code.source)),
    Measure(
        "upward_imports",
        "pairs of folders of episodic/ of which the lower imports the higher",
        lambda code, rules: imports.upward_imports(code.source, rules.layers),
    ),
    Measure(
        "folders_without_layer",
        "folders and root modules of episodic/ without a layer",
        lambda code, rules: imports.folders_without_layer(code.source, rules.layers),
    ),
    Measure(
        "positional_needs",
        "dependencies of a task taken by position",
        lambda code, rules: weak_types.positional_needs(code.source, rules.dependency_lists),
    ),
    Measure("string_keys", "values read by a string key", lambda code, _: weak_types.string_keys(code.source)),
    Measure("untyped_mappings", "dict[str, Any] and Mapping[str, Any]", lambda code, _: weak_types.untyped_mappings(code.source)),
    Measure("function_imports", "imports inside functions", lambda code, _: imports.function_imports(code.source)),
    Measure("prepare_lines", "lines of `prepare`", lambda code, _: imports.prepare_lines(code.source)),
    Measure("prepare_imports", "imports of the module of `prepare`", lambda code, _: imports.prepare_imports(code.source)),
    Measure(
        "verb_module_names",
        "modules named by a gerund or a participle",
        lambda code, rules: names.verb_module_names(code.source, rules.irregular_participles, rules.nouns),
    ),
    Measure(
        "repeated_stems",
        "file names that more than {stem_uses} modules share",
        lambda code, rules: names.repeated_stems(code.source, rules.thresholds.stem_uses, rules.common_stems),
    ),
    Measure(
        "placeholder_names",
        "placeholder words as identifiers, source",
        lambda code, rules: names.placeholder_names(code.source, rules.placeholder_names),
    ),
    Measure(
        "placeholder_names_in_tests",
        "placeholder words as identifiers, tests",
        lambda code, rules: names.placeholder_names(code.tests, rules.placeholder_names),
    ),
    Measure(
        "ambiguous_private_names",
        "private names of several meanings without a docstring",
        lambda code, rules: names.ambiguous_private_names(code.source, rules.thresholds.private_name_modules),
    ),
    Measure(
        "crowded_folders",
        "folders with more than {folder_modules} modules",
        lambda code, rules: sizes.crowded_folders(code.source, rules.thresholds.folder_modules),
    ),
    Measure(
        "formatter_exceptions",
        "fmt: skip and fmt: off, all files",
        lambda code, _: sizes.formatter_exceptions(code.everything),
    ),
    Measure(
        "literal_data_lines",
        "lines of tables written as Python",
        lambda code, rules: sizes.literal_data_lines(code.source, rules.thresholds.literal_lines),
    ),
    Measure(
        "unexplained_tables",
        "tables written as Python without a reason in the data file",
        lambda code, rules: sizes.unexplained_tables(code.source, rules.thresholds.literal_lines, rules.tables_in_code),
    ),
    Measure(
        "long_modules",
        "modules of more than {module_lines} lines, source",
        lambda code, rules: sizes.long_modules(code.source, rules.thresholds.module_lines),
    ),
    Measure(
        "long_functions",
        "functions of more than {function_lines} lines, source",
        lambda code, rules: sizes.long_functions(rules.without_frozen(code.source), rules.thresholds.function_lines),
    ),
    Measure(
        "long_modules_in_tests",
        "modules of more than {module_lines} lines, tests",
        lambda code, rules: sizes.long_modules(code.tests, rules.thresholds.module_lines),
        has_ceiling=False,
    ),
    Measure(
        "long_functions_in_tests",
        "functions of more than {function_lines} lines, tests",
        lambda code, rules: sizes.long_functions(code.tests, rules.thresholds.function_lines),
        has_ceiling=False,
    ),
)
