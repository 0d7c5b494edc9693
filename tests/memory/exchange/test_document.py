"""Export and import of a memory: complete, byte for byte, with every faulty document refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from memory.errors import MemoryFault
from memory.exchange.document import export, import_, read, write
from memory.exchange.rows import SECTIONS
from memory.model.canon import Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.schema.connection import Database
from memory.schema.tables import SceneRow, Table
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")
STORM = EntityRecord(id="storm", kind="character", character_kind="spirit")
LAMP_ROOM = EntityRecord(id="lamp_room", kind="location")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def says(value: FactValue, since: StoryPosition, until: StoryPosition | None = None, attribute: str = "wearing") -> Fact:
    return Fact(entity="mara", attribute=attribute, value=value, since=since, until=until)


def scene(number: int, *facts: Fact, branch: str = "main", key: str = "k", **more: Any) -> SceneRecord:
    take = TakeRecord(
        shot_id=f"s{number}.1",
        artifact=f"{number:064x}",
        seed=2**53 + number,
        embeddings=(
            EmbeddingRecord(
                kind="look", entity="mara", vector=(0.1, -0.7, number / 3), encoder="look-1", likeness=0.93, verified=False
            ),
        ),
        key_frames=(
            KeyFrame(
                frame=7,
                artifact=f"{number:064x}",
                file="key.png",
                quality=1 / 3,
                novelty=0.1,
                shows={"mara": Sighting(box=(0.0, 0.1, 0.5, 1.0), likeness=None)},
            ),
        ),
        measures={"light": {"exposure_ev": 0.1}, "palette": [[0.1, 2]]},
    )
    return SceneRecord(
        position=at(number),
        scene_id=f"s{number}",
        key=key,
        branch=branch,
        title='Sturm "ü" \\ \n',
        synopsis="Mára\t☂ 𝄞",
        entities=(MARA, STORM, LAMP_ROOM),
        facts=facts,
        takes=(take,),
        text_embedding=(0.6, 0.8),
        text_encoder="text-1",
        **more,
    )


def tell(store: MemoryStore) -> None:
    """Commit a story that has every kind of row."""
    store.name_series("The Kéeper")
    related = (Relationship(subject="mara", relation="fears", object="storm"),)
    store.commit(scene(1, says("yellow", at(1)), opens={"dark": "Why?", "late": "When?"}, relations=related))
    store.commit(
        scene(2, says({"ü": [1, 2.5, None, True]}, at(2), at(4)), says("\ud800", at(2), attribute="odd"), closes=("dark",))
    )
    store.commit(scene(3, says("yellow", at(3))))
    store.commit(scene(1, says("grey", at(1)), key="again"))
    store.branch("what-if", at(3))
    store.branch("further", at(5), parent="what-if")
    store.set_fact(says("red", at(3)), branch="what-if", note="looks better")
    store.set_fact(says("green", at(2), at(9)))
    store.commit(scene(4, says("blue", at(4)), branch="what-if"))
    store.commit(scene(6, says("black", at(6)), branch="further"))
    store.merge("what-if", rule="theirs")


@contextmanager
def reading(location: str) -> Iterator[Connection]:
    database = Database(location)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


def exported(location: str) -> str:
    with reading(location) as connection:
        return "".join(export(connection))


def imported(location: str, document: Any) -> int:
    database = Database(location)
    try:
        with database.writing() as session:
            return import_(session.connection(), document)
    finally:
        database.close()


@pytest.fixture
def filled(location: str) -> str:
    with MemoryStore.open(location) as store:
        tell(store)
    return location


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """Another empty memory, always in SQLite, which must accept exports from PostgreSQL."""
    place = str(tmp_path / "other.db")
    MemoryStore.open(place, create=True).close()
    return place


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = str(tmp_path_factory.mktemp("told") / "memory.db")
    with MemoryStore.open(place, create=True) as store:
        tell(store)
    return exported(place)


def test_export_import_export_gives_the_same_bytes(filled: str, elsewhere: str, document: str) -> None:
    first = exported(filled)
    assert first == document  # whatever the database
    assert imported(elsewhere, first) == 5
    assert exported(elsewhere) == first


def test_an_import_restores_the_same_canon(location: str, document: str, elsewhere: str) -> None:
    imported(location, json.loads(document))
    assert exported(location) == document
    imported(elsewhere, document)
    with MemoryStore.open(location) as original, MemoryStore.open(elsewhere) as copy:
        for branch in ("main", "what-if", "further"):
            for number in range(9):
                assert original.as_of(at(number), branch) == copy.as_of(at(number), branch)
            assert original.history("mara", branch) == copy.history("mara", branch)
            assert original.conflicts(branch) == copy.conflicts(branch)
        assert original.branches() == copy.branches()


def test_an_import_derives_the_same_rows_as_the_store(filled: str, elsewhere: str) -> None:
    imported(elsewhere, exported(filled))
    with MemoryStore.open(filled) as original, MemoryStore.open(elsewhere) as copy:
        for branch in ("main", "what-if", "further"):
            assert original.history("mara", branch) == copy.history("mara", branch)
            assert [original.as_of(at(number), branch) for number in range(9)] == [
                copy.as_of(at(number), branch) for number in range(9)
            ]


def test_scenes_can_be_committed_after_an_import(location: str, document: str) -> None:
    imported(location, document)
    with MemoryStore.open(location) as store:
        store.commit(scene(5, says("white", at(12))))
        store.branch("third", at(2))
        assert store.as_of(at(12)).characters["mara"].state["wearing"] == "white"
        assert len(store.vectors("look", "look-1")[0]) == 0  # none of them was verified
        assert len(store.vectors("text", "text-1")[0]) == 4


def test_an_empty_memory_can_be_exported_and_imported(location: str, elsewhere: str) -> None:
    imported(elsewhere, exported(location))
    assert exported(elsewhere) == exported(location)


def test_an_import_needs_an_empty_memory(filled: str, document: str) -> None:
    with pytest.raises(MemoryFault, match=r"this memory has 5 scenes already; import goes into an empty one"):
        imported(filled, document)
    assert exported(filled) == document


def test_a_memory_with_a_branch_is_not_empty(location: str, document: str) -> None:
    with MemoryStore.open(location) as store:
        store.branch("aside", at(1))
    with pytest.raises(MemoryFault, match="has a branch 'aside' already"):
        imported(location, document)


Change = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Change:
    """Set the value at a path such as `scenes.0.title`."""

    def change(data: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        here: Any = data
        for key in way:
            here = here[key]
        here[last] = value

    return change


def twice(section: str, row: int = -1) -> Change:
    return lambda data: data[section].append(dict(data[section][row]))


def without(section: str, row: int) -> Change:
    return lambda data: data[section].pop(row)


DEEP: Any = [[]]
for _ in range(70):
    DEEP = [DEEP]

BAD: dict[str, tuple[Change, str]] = {
    "another version": (put("format", "episodic/memory@2"), r"format: found 'episodic/memory@2', this version of episodic reads"),
    "no version": (lambda data: data.pop("format"), "this is no export of a memory"),
    "a missing section": (lambda data: data.pop("takes"), "the document: 'takes' is missing"),
    "a strange section": (put("scense", []), "the document: unknown name 'scense'; did you mean 'scenes'"),
    "a section that is no list": (put("scenes", {}), r"scenes: expected a list of rows"),
    "a row that is no object": (put("scenes.1", "s1"), r"scenes\[1\]: expected an object"),
    "a missing field": (lambda data: data["scenes"][1].pop("key"), r"scenes\[1\]: 'key' is missing"),
    "a strange field": (put("scenes.1.keys", "k"), r"scenes\[1\]: unknown name 'keys'; did you mean 'key'"),
    "a wrong type": (put("scenes.1.title", 3), r"scenes\[1\]\.title: expected a text, found 3; put it in quotes"),
    "a position that does not exist": (
        put("statements.3.since", "1:x"),
        r"statements\[3\]\.since: expected a position EPISODE:SCENE",
    ),
    "a position spelled another way": (put("statements.3.since", "01:3"), r"statements\[3\]\.since: expected a position"),
    "a position too far": (put("scenes.0.position", "1000000:1"), r"scenes\[0\]\.position: expected a position"),
    "a span that never holds": (put("statements.1.until", "1:0"), r"statements\[1\]: holds from 1:2 until 1:0, which is never"),
    "a scene twice": (twice("scenes"), r"scenes\[5\]: there is a scene at 1:6 on further already; remove one"),
    "a branch twice": (twice("branches"), r"branches\[3\]: there is a branch 'further' already; rename one"),
    "main missing": (without("branches", 0), r"branches\[0\]: found branch 'what-if'; expected 'main' first"),
    "no branches": (put("branches", []), "branches: expected 'main' first, found none"),
    "an unknown parent": (put("branches.1.parent", "mian"), r"branches\[1\]: names branch 'mian', which is not there"),
    "branches in a ring": (
        put("branches.1.parent", "further"),
        r"branches\[1\]: names branch 'further', which is not there; branches come",
    ),
    "a fork before the parent's": (
        put("branches.2.forked_at", "1:2"),
        r"branches\[2\]: 'further' forks at 1:2, where 'what-if' is not",
    ),
    "a fork without a place": (put("branches.2.forked_at", None), r"branches\[2\]: 'further' has parent 'what-if' and fork None"),
    "an entity twice": (twice("entities"), r"entities\[3\]: there is an entity 'storm' already"),
    "a location that is human": (
        put("entities.0.character_kind", "human"),
        r"entities\[0\]: 'lamp_room' is a location with character_kind",
    ),
    "an unknown kind": (put("entities.0.kind", "planet"), r"entities\[0\]\.kind: expected one of character, location, prop"),
    "a kind that is no text": (put("entities.0.kind", ["prop"]), r"entities\[0\]\.kind: expected one of"),
    "an unknown entity in a scene": (
        put("scenes.0.entities", ["marra"]),
        r"scenes\[0\]: names entity 'marra', which is not there; did you mean",
    ),
    "an entity twice in a scene": (put("scenes.0.entities", ["mara", "mara"]), r"scenes\[0\]\.entities: names 'mara' twice"),
    "an unknown entity in a fact": (
        put("statements.2.entity", "marra"),
        r"statements\[2\]: names entity 'marra'.*did you mean 'mara'",
    ),
    "a scene on an unknown branch": (put("scenes.0.branch", "nowhere"), r"scenes\[0\]: names branch 'nowhere'"),
    "a scene before the fork": (put("scenes.4.position", "1:1"), r"scenes\[4\]: 1:1 lies before the fork of further \(1:5\)"),
    "a commit of no scene": (put("commits.0.position", "3:9"), r"commits\[0\]: names a scene at 3:9 on main, which is not there"),
    "two commits of one scene": (
        put("commits.1.position", "1:2"),
        r"commits\[1\]: the scene at 1:2 on main has a commit already",
    ),
    "commits out of order": (
        put("commits.2.number", 9),
        r"commits\[2\]: has number 9; commits count from 1 in order; expected 3",
    ),
    "a fact of no commit": (put("statements.0.commit", 99), r"statements\[0\]: names commit 99, which is not there"),
    "an unknown evidence": (
        put("statements.0.evidence", "rumour"),
        r"statements\[0\]\.evidence: expected one of planned, seen, user",
    ),
    "a value too deep": (put("statements.0.value", DEEP), r"statements\[0\]\.value: is nested deeper than 64 levels"),
    "a number too long": (put("statements.0.value", 10**400), r"statements\[0\]\.value: holds a number of more than 300 digits"),
    "a number beyond all bounds": (
        put("statements.0.value", [1e999]),
        r"statements\[0\]\.value: holds a number that is not finite",
    ),
    "a relation to nobody": (
        put("statements.0.attribute", "relation:marra"),
        r"statements\[0\]: names entity 'marra'.*did you mean 'mara'",
    ),
    "an attribute too long": (
        put("statements.0.attribute", "x" * 161),
        r"statements\[0\]\.attribute: expected 1 to 160 characters, found 161",
    ),
    "a text with NUL": (put("scenes.0.title", "a\0b"), r"scenes\[0\]\.title: holds a character that no database takes"),
    "half a character": (put("scenes.0.title", "\ud800"), r"scenes\[0\]\.title: holds a character that no database takes"),
    "a thread of no commit": (put("threads.0.commit", 99), r"threads\[0\]: names commit 99"),
    "a take of no scene": (put("takes.0.scene", "7:7"), r"takes\[0\]: names a scene at 7:7 on main"),
    "a seed too large": (put("takes.0.seed", 2**63), r"takes\[0\]\.seed: expected a whole number"),
    "measures that are no object": (put("takes.0.measures", []), r"takes\[0\]\.measures: expected an object"),
    "a key frame of no take": (put("key_frames.0.take", 99), r"key_frames\[0\]: names take 99, which is not there"),
    "an artifact elsewhere": (put("takes.0.artifact", "../.."), r"takes\[0\]\.artifact: expected the key of an artifact"),
    "a picture elsewhere": (
        put("key_frames.0.artifact", "ab/etc"),
        r"key_frames\[0\]\.artifact: expected the key of an artifact",
    ),
    "a picture outside its artifact": (
        put("key_frames.0.file", "../key.png"),
        r"key_frames\[0\]\.file: expected the name of a file",
    ),
    "a box of three": (put("key_frames.0.shows.mara.box", [0, 0, 1]), r"key_frames\[0\]\.shows: expected a box"),
    "a sighting of nobody": (put("key_frames.0.shows", {"No One": {}}), r"key_frames\[0\]\.shows: names 'No One'"),
    "a quality that is true": (
        put("key_frames.0.quality", True),
        r"key_frames\[0\]\.quality: expected a finite number, found True",
    ),
    "a vector that is no base64": (put("embeddings.0.vector", "%%%"), r"embeddings\[0\]\.vector: is not base64"),
    "a vector of five bytes": (put("embeddings.0.vector", "AAAAAAA="), r"embeddings\[0\]\.vector: is 5 bytes"),
    "a vector that is infinite": (
        put("embeddings.0.vector", "AACAfwAAgH8AAIB/"),
        r"embeddings\[0\]\.vector: holds a number that is not",
    ),
    "vectors of two sizes": (
        put("embeddings.2.vector", "AACAPw=="),
        r"embeddings\[2\]: has 1 dimensions; embeddings\[0\] of the same",
    ),
    "an embedding of another scene's take": (
        put("embeddings.0.take", 2),
        r"embeddings\[0\]: is of scene 1:2 on main, its take of",
    ),
    "an embedding of nobody known": (put("embeddings.0.entity", "nobody"), r"embeddings\[0\]: names entity 'nobody'"),
    "the rule": (put("series.0.name", "rule"), r"series\[0\]: 'rule' is derived"),
    "a title twice": (twice("series"), r"series\[1\]: 'title' is there already"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_document_is_refused_with_row_reason_and_remedy(what: str, document: str, elsewhere: str) -> None:
    data = json.loads(document)
    change, expected = BAD[what]
    change(data)
    with pytest.raises(MemoryFault, match=expected) as caught:
        imported(elsewhere, data)
    assert ";" in caught.value.message  # what is wrong; what helps
    with reading(elsewhere) as connection:
        for table in (each for each in Table.metadata.sorted_tables if each.name not in ("branches", "series")):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "": "line 1, column 1: this is not JSON",
        "[1, 2]": "this is no export of a memory",
        '{"format": "episodic/memory@1",': "the file may be cut short",
        "[" * 100_000: "nested too deep",
        '{"format": 1, "format": 2}': "has the name 'format' twice",
        '{"format": NaN}': "NaN is not a JSON number",
        '{"format": ' + "9" * 5000 + "}": "cannot be read",
    }.items(),
)
def test_a_file_in_another_format_is_refused(text: str, expected: str, elsewhere: str) -> None:
    with pytest.raises(MemoryFault, match=expected):
        imported(elsewhere, text)


def test_a_document_is_one_row_per_line(document: str) -> None:
    rows = [line.rstrip(",") for line in document.splitlines() if line.startswith("{") and not line.startswith('{"format"')]
    assert len(rows) == sum(len(section) for name, section in json.loads(document).items() if name != "format")
    assert all(isinstance(json.loads(row), dict) for row in rows)


def test_a_file_is_written_atomically(tmp_path: Path, document: str) -> None:
    path = tmp_path / "memory.json"
    write(path, [document])
    assert read(path) == document

    def breaks() -> Iterator[str]:
        yield "half of"
        raise MemoryFault("the database went away")

    with pytest.raises(MemoryFault, match="went away"):
        write(path, breaks())
    assert read(path) == document
    assert os.listdir(tmp_path) == ["memory.json"]  # noqa: PTH208


def test_an_unreadable_or_unwritable_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MemoryFault, match=r"no-such: cannot be read \(No such file"):
        read(tmp_path / "no-such")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(MemoryFault, match=r"binary: not text \(byte 0\)"):
        read(tmp_path / "binary")
    with pytest.raises(MemoryFault, match="cannot be written"):
        write(tmp_path / "no" / "folder.json", ["x"])
    with (tmp_path / "large").open("wb") as file:
        file.truncate(3 * 1024**3)
    with pytest.raises(MemoryFault, match="3,221,225,472 bytes or more; a memory of at most"):
        read(tmp_path / "large")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_an_endless_file_is_refused_without_reading_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory.exchange.document.MOST_BYTES", 1000)
    with pytest.raises(MemoryFault, match="a memory of at most 1,000 bytes"):
        read(Path("/dev/zero"))


def test_export_sees_scenes_in_story_order(filled: str) -> None:
    rows = json.loads(exported(filled))["scenes"]
    assert [(row["branch"], row["position"]) for row in rows] == [
        ("main", "1:1"),
        ("main", "1:2"),
        ("main", "1:3"),
        ("what-if", "1:4"),
        ("further", "1:6"),
    ]
    with reading(filled) as connection:
        assert connection.execute(select(func.count()).select_from(SceneRow)).scalar_one() == 5


def test_the_documentation_names_every_field_and_its_example_is_valid(elsewhere: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "memory-format.md").read_text(encoding="utf-8")
    parts = {part.split("`")[1]: part for part in page.split("\n### ")[1:]}
    assert list(parts) == list(SECTIONS)
    for section, fields in SECTIONS.items():
        listed = [
            name.strip(" `")
            for line in parts[section].splitlines()
            if line.startswith("| `")
            for name in line.split("|")[1].split(",")
        ]
        assert listed == list(fields), section
    example = page.split("```json\n")[1].split("```")[0]
    imported(elsewhere, example)
    assert exported(elsewhere) == example
