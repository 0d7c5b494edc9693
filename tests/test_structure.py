"""Each structural measure counts its fault in a small planted source, and nothing in a sound one."""

import subprocess
from pathlib import PurePosixPath
from textwrap import dedent

import pytest

from tools.structure import __main__ as command
from tools.structure import imports, names, sizes, weak_types
from tools.structure.modules import Codebase, Count, Module, Occurrence, read_codebase
from tools.structure.rules import load_rules
from tools.structure.table import MEASURES, Measure

LAYERS = [frozenset({"errors", "seeds"}), frozenset({"sound", "cut"}), frozenset({"production"})]


def planted(path, text):
    return Module(PurePosixPath(path), dedent(text))


def lines_of(count):
    return [occurrence.line for occurrence in count.occurrences]


# imports


def test_two_modules_that_import_each_other_are_one_cycle():
    count = imports.module_cycles(
        [planted("memory/facts.py", "import memory.store\n"), planted("memory/store.py", "from memory import facts\n")]
    )
    assert (count.value, len(count.occurrences)) == (1, 2)


@pytest.mark.parametrize(
    "hidden",
    [
        "def read():\n    from memory.store import MemoryStore\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from memory.store import MemoryStore\n",
        "from .store import MemoryStore\n",
        "from . import store\n",
        "import memory.store.sessions\n",
    ],
)
def test_a_hidden_import_closes_a_cycle(hidden):
    modules = [planted("memory/facts.py", hidden), planted("memory/store.py", "import memory.facts\n")]
    assert imports.module_cycles(modules).value == 1


def test_a_chain_of_imports_is_no_cycle():
    modules = [planted("memory/a.py", "import memory.b\n"), planted("memory/b.py", "import os\nimport memory.c\n")]
    assert imports.module_cycles([*modules, planted("memory/c.py", "")]).value == 0


def test_folders_on_a_cycle_are_counted_even_if_no_module_is_on_one():
    count = imports.folder_cycles(
        [
            planted("episodic/sound/mix.py", "import episodic.cut.muxer\n"),
            planted("episodic/cut/muxer.py", ""),
            planted("episodic/cut/edit.py", "import episodic.sound.audio\n"),
            planted("episodic/sound/audio.py", ""),
        ]
    )
    assert count.value == 2
    assert count.occurrences[0] == Occurrence(
        PurePosixPath("episodic/sound/mix.py"), 1, "sound -> cut: import episodic.cut.muxer"
    )


def test_an_import_of_a_higher_layer_is_one_arrow_per_pair_of_folders():
    count = imports.upward_imports(
        [
            planted("episodic/sound/mix.py", "import episodic.production.graph\n"),
            planted("episodic/sound/audio.py", "def load():\n    import episodic.production.graph\n"),
            planted("episodic/production/graph.py", "import episodic.sound.mix\nimport episodic.errors\n"),
            planted("episodic/cut/muxer.py", "import episodic.sound.mix\n"),
            planted("episodic/errors.py", ""),
        ],
        LAYERS,
    )
    assert (count.value, len(count.occurrences)) == (1, 2)


def test_a_folder_without_a_layer_is_reported():
    modules = [planted("episodic/sound/mix.py", ""), planted("episodic/misc/bag.py", ""), planted("memory/facts.py", "")]
    assert [occurrence.text for occurrence in imports.folders_without_layer(modules, LAYERS).occurrences] == [
        "misc is on no layer"
    ]


def test_imports_inside_functions_are_counted_once_each():
    source = """\
        import os

        def outer():
            import re
            def inner():
                from pathlib import Path
    """
    assert lines_of(imports.function_imports([planted("memory/facts.py", source)])) == [4, 6]


def test_prepare_is_measured_by_its_lines_and_by_the_modules_it_imports():
    modules = [
        planted(
            "episodic/production/prepare.py",
            """\
            import os
            from memory.facts import Fact
            from memory.facts import Span

            def prepare():
                import memory.store
                return Fact
            """,
        ),
        planted("memory/facts.py", ""),
        planted("memory/store.py", ""),
    ]
    assert imports.prepare_lines(modules).value == 3
    assert imports.prepare_imports(modules).value == 2


def test_a_missing_prepare_is_an_error_and_not_zero():
    with pytest.raises(LookupError, match="prepare"):
        imports.prepare_lines([planted("episodic/production/produce.py", "")])


# names


def test_gerunds_and_participles_in_module_names_are_counted():
    paths = ["memory/holding.py", "memory/known_canon.py", "memory/staging.py", "memory/seed.py", "memory/recall.py"]
    count = names.verb_module_names(
        [planted(path, "") for path in paths], irregular=frozenset({"known"}), nouns=frozenset({"staging", "seed"})
    )
    assert [(str(occurrence.path), occurrence.text) for occurrence in count.occurrences] == [
        ("memory/holding.py", "holding"),
        ("memory/known_canon.py", "known"),
    ]


def test_a_file_name_may_be_used_twice_and_not_three_times():
    twice = [planted("memory/cards.py", ""), planted("cli/cards.py", "")]
    common = [planted(f"{folder}/errors.py", "") for folder in ("memory", "cli", "planners")]
    assert names.repeated_stems([*twice, *common], 2, frozenset({"errors"})).value == 0
    count = names.repeated_stems([*twice, *common, planted("planners/cards.py", "")], 2, frozenset({"errors"}))
    assert (count.value, len(count.occurrences)) == (1, 3)


@pytest.mark.parametrize(
    "binding",
    [
        "one = 1",
        "one: int = 1",
        "one += 1",
        "first, *one = line",
        "for one in shots: pass",
        "print([shot for one in shots])",
        "print(one := 1)",
        "def one(): pass",
        "def draw(one): pass",
        "def draw(*, one=None): pass",
        "print(lambda one: 1)",
        "class one: pass",
        "class Shot:\n    one: int",
        "shot.one = 1",
        "import numpy as one",
        "with open(file) as one: pass",
        "try:\n    pass\nexcept OSError as one:\n    pass",
        "match shot:\n    case [_, one]: pass",
        "match shot:\n    case [*one]: pass",
        "match shot:\n    case {**one}: pass",
    ],
)
def test_a_placeholder_word_counts_where_it_is_bound(binding):
    assert names.placeholder_names([planted("memory/facts.py", binding)], frozenset({"one"})).value == 1


@pytest.mark.parametrize("use", ["print(one)", "print(shot.one)", "draw(one=1)", "'one'", "everyone = one_shot = 1"])
def test_a_placeholder_word_does_not_count_where_it_is_used(use):
    assert names.placeholder_names([planted("memory/facts.py", use)], frozenset({"one"})).value == 0


DRAW_A_LINE = "def _draw(canvas):\n    return canvas.line()\n"
DRAW_A_CURVE = "class Pen:\n    def _draw(self):\n        return self.curve()\n"


def test_a_private_name_with_two_meanings_needs_docstrings():
    count = names.ambiguous_private_names([planted("cli/line.py", DRAW_A_LINE), planted("cli/pen.py", DRAW_A_CURVE)], 2)
    assert (count.value, len(count.occurrences)) == (1, 2)


@pytest.mark.parametrize(
    "other",
    [
        DRAW_A_LINE,
        DRAW_A_LINE.replace("_draw", "_paint"),
        DRAW_A_CURVE.replace("_draw", "__draw__"),
        DRAW_A_CURVE.replace("_draw", "draw"),
    ],
)
def test_a_private_name_with_one_meaning_needs_none(other):
    assert names.ambiguous_private_names([planted("cli/line.py", DRAW_A_LINE), planted("cli/pen.py", other)], 2).value == 0


def test_documented_private_functions_may_share_a_name():
    modules = [
        planted("cli/line.py", 'def _draw(canvas):\n    """Draw a line."""\n    return canvas.line()\n'),
        planted("cli/pen.py", 'def _draw(canvas):\n    """Draw a curve."""\n    return canvas.curve()\n'),
    ]
    assert names.ambiguous_private_names(modules, 2).value == 0


# sizes


def test_a_module_is_long_above_the_limit():
    assert sizes.long_modules([planted("cli/a.py", "x = 1\n" * 5), planted("cli/b.py", "x = 1\n" * 6)], 5).value == 1


def test_a_function_is_long_above_the_limit():
    source = "class Pen:\n    def draw(self):\n" + "        self.line()\n" * 5
    assert sizes.long_functions([planted("cli/pen.py", source)], 6).value == 0
    assert sizes.long_functions([planted("cli/pen.py", source)], 5).value == 1


def test_a_folder_is_crowded_above_the_limit():
    modules = [planted(f"cli/{name}.py", "") for name in ("__init__", "a", "b", "c")] + [planted("cli/memory/d.py", "")]
    assert sizes.crowded_folders(modules, 3).value == 0
    assert [str(occurrence.path) for occurrence in sizes.crowded_folders(modules, 2).occurrences] == ["cli"]


@pytest.mark.parametrize(
    "table",
    [
        "LANDS = {\n1: (\n2,\n),\n}\n",
        "LANDS: list[int] = [\n1,\n2,\n3,\n]\n",
        'LANDS = """\na\nb\nc\n"""\n',
        'LANDS = parse(lines="""\na\nb\nc\n""")\n',
        "class Map:\n    LANDS = (\n1,\n2,\n3,\n)\n",
        "LANDS = [land for land in (\n1,\n2,\n3,\n)]\n",
        "register([\n1,\n2,\n3,\n])\n",
        "if TINY:\n    LANDS = [\n1,\n2,\n3,\n]\n",
    ],
)
def test_a_table_at_module_or_class_level_counts_all_its_lines_once(table):
    assert sizes.literal_data_lines([planted("cli/map.py", table)], 5).value == 5
    assert sizes.literal_data_lines([planted("cli/map.py", table)], 6).value == 0


def test_a_table_needs_a_reason_to_be_python():
    modules = [planted("cli/map.py", "LANDS = [\n1,\n2,\n]\n"), planted("cli/sea.py", "SEAS = [\n1,\n2,\n]\n")]
    count = sizes.unexplained_tables(modules, 4, {"cli/map.py": "functions by name"})
    assert [str(occurrence.path) for occurrence in count.occurrences] == ["cli/sea.py"]


def test_the_list_of_exports_is_no_table():
    assert sizes.literal_data_lines([planted("cli/map.py", '__all__ = [\n"a",\n"b",\n"c",\n]\n')], 5).value == 0


@pytest.mark.parametrize(
    "other", ['"""\na\nb\nc\n"""\n', "def lands():\n    return [\n1,\n2,\n3,\n]\n", "LANDS = lambda: [\n1,\n2,\n3,\n]\n"]
)
def test_docstrings_and_literals_in_functions_are_no_tables(other):
    assert sizes.literal_data_lines([planted("cli/map.py", other)], 5).value == 0


def test_comments_that_switch_the_formatter_off_are_counted():
    source = "x = 1  # fmt: " + "skip\n# fmt: " + "off\n#fmt:" + "skip\n# fmt: on\ny = '# fmt: " + "skip'\n"
    assert lines_of(sizes.formatter_exceptions([planted("cli/a.py", source)])) == [1, 2, 3]


# weak types


def test_values_read_by_a_string_key_are_counted():
    source = """\
        a = request["shot"]["line"]
        b["shot"] = c[0] = d[name]
        del e["shot"]
        f: Literal["shot"] = g.h()["shot"]
    """
    assert lines_of(weak_types.string_keys([planted("cli/a.py", source)])) == [1, 1, 4]


def test_untyped_mappings_are_counted_however_deep():
    source = """\
        Inputs = Mapping[str, Any]
        def read(rows: list[dict[str, Any]]) -> typing.Mapping[str, typing.Any]: ...
        def count(words: dict[str, int], pair: tuple[str, Any]) -> None: ...
    """
    assert lines_of(weak_types.untyped_mappings([planted("cli/a.py", source)])) == [1, 2, 2]


@pytest.mark.parametrize(
    "access",
    [
        "needs[0]",
        "needs[-1]",
        "needs[1:]",
        "needs[: 2 * count]",
        "needs[count + 1]",
        "needs.pop()",
        "needs.pop(0)",
        "take, *sheets = needs",
    ],
)
def test_dependencies_taken_by_position_are_counted(access):
    needs = frozenset({"needs"})
    assert weak_types.positional_needs([planted("episodic/production/work.py", access)], needs).value == 1
    assert weak_types.positional_needs([planted("episodic/sound/mix.py", access)], needs).value == 0


@pytest.mark.parametrize("access", ["needs['take']", "needs[role]", "needs.pop('take')", "frames[0]", "needs.take"])
def test_dependencies_taken_by_name_are_not_counted(access):
    modules = [planted("episodic/production/work.py", access)]
    assert weak_types.positional_needs(modules, frozenset({"needs"})).value == 0


# data file and command


def test_every_measure_with_a_ceiling_has_one_in_the_data_file_and_no_other_has():
    assert sorted(load_rules().ceilings) == sorted(measure.key for measure in MEASURES if measure.has_ceiling)


def test_a_folder_stands_on_one_layer():
    folders = [folder for layer in load_rules().layers for folder in layer]
    assert len(folders) == len(set(folders))


def test_tracked_files_are_read_as_they_are_in_the_working_tree(tmp_path):
    for path in ("cli/a.py", "cli/deleted.py", "tests/b.py", "tools/c.py", "cli/note.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x = 1\n", "utf-8")
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    (tmp_path / "cli/deleted.py").unlink()
    (tmp_path / "cli/a.py").write_text("x = 2\n", "utf-8")
    (tmp_path / "cli/untracked.py").write_text("", "utf-8")
    code = read_codebase(tmp_path, ["cli"])
    assert code.source == (Module(PurePosixPath("cli/a.py"), "x = 2\n"),)
    assert [str(module.path) for module in code.tests] == ["tests/b.py"]
    assert [str(module.path) for module in code.everything] == ["cli/a.py", "tests/b.py", "tools/c.py"]


def measure_of_three_shots():
    shots = Count.of([Occurrence(PurePosixPath("cli/shot.py"), line, f"shot {line}") for line in (1, 2, 3)])
    return Measure("long_modules", "modules of more than {module_lines} lines", lambda *_: shots)


@pytest.mark.parametrize(("ceiling", "exceeded"), [(2, ["long_modules"]), (3, [])])
def test_the_table_names_the_measures_above_their_ceiling(monkeypatch, capsys, ceiling, exceeded):
    rules = load_rules()
    rules.ceilings["long_modules"] = ceiling
    monkeypatch.setattr(command, "MEASURES", [measure_of_three_shots()])
    assert command.print_table(Codebase((), (), ()), rules) == exceeded
    row = capsys.readouterr().out.splitlines()[1]
    assert "500 lines" in row
    assert row.endswith("ABOVE") == bool(exceeded)


@pytest.mark.parametrize(("exceeded", "status"), [(["long_modules"], 1), ([], 0)])
def test_the_command_fails_above_a_ceiling(monkeypatch, exceeded, status):
    monkeypatch.setattr(command, "read_codebase", lambda *_: Codebase((), (), ()))
    monkeypatch.setattr(command, "print_table", lambda *_: exceeded)
    monkeypatch.setattr(command, "print_information", lambda: None)
    assert command.main([]) == status


def test_occurrences_are_listed_line_by_line_and_by_file(monkeypatch, capsys):
    monkeypatch.setattr(command, "read_codebase", lambda *_: Codebase((), (), ()))
    monkeypatch.setitem(command.BY_KEY, "long_modules", measure_of_three_shots())
    assert command.main(["--list", "long_modules"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "cli/shot.py:1: shot 1"
    assert command.main(["--files", "long_modules"]) == 0
    assert capsys.readouterr().out.split() == ["3", "cli/shot.py"]
