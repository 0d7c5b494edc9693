"""Finding things in memory again: by what they mean and by the words they use.

Two ranked lists become one by reciprocal rank: G. V. Cormack, C. L. A. Clarke, S. Büttcher, "Reciprocal Rank Fusion Outperforms
Condorcet and Individual Rank Learning Methods", SIGIR 2009 (`score` = sum of 1 / (60 + rank), ranks from 1).

- **Meaning**: cosine of the text's vector with the vectors of scenes that the same encoder wrote; exact, over all of them.
- **Words**: Okapi BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework", 2009; k1 = 1.2, b = 0.75) over scenes,
  entities, facts and threads as one collection. The database finds the rows in which a word occurs at all, the same way on SQLite
  and PostgreSQL; plural and singular agree (D. Harman's S stemmer, 1991).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, func, or_, select, type_coerce

from memory.errors import MemoryFault, MemoryRefusal
from memory.model.entities import RELATION, spoken_relation
from memory.model.facts import FactValue, StoryPosition
from memory.queries.scene_vectors import SceneVectors
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import AppearanceRow, EntityRow, SceneRow, SpanRow, ThreadRow

if TYPE_CHECKING:
    from memory.queries.embeddings import TextEncoder

__all__ = ["KINDS", "Findings", "Found", "FoundKind", "search", "spoken", "stems"]

FoundKind = Literal["scene", "entity", "fact", "thread"]
KINDS: Final[tuple[FoundKind, ...]] = get_args(FoundKind)

_FUSION: Final = 60
_SATURATION: Final = 1.2
_LENGTH_WEIGHT: Final = 0.75
_LIKE_ENOUGH: Final = 0.15
"""Below this cosine a scene does not mean the same; without a floor every scene would be found by every text."""
_BY_MEANING: Final = 100
_CANDIDATES: Final = 20_000
_WORD: Final = re.compile(r"\w+")
_NOT_PLAIN: Final = re.compile(r"[^\x00-\x7f]+|ss")
_NOT_TEXT: Final = frozenset({"look", "voice", "motion", "light", "sheet"})
"""Attributes that hold numbers for painters and models, nothing anybody would search for."""
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        "a d ll m re s t ve an and are as at be been but by did do does for from had has have he her him his how i in is it its me my not of on "
        "or our she so that the their them then there they this to us was we were what when where which who whom why will with you your",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something memory holds that answers a search."""

    kind: FoundKind
    what: str
    """The scene's id, the entity's id, `entity.attribute`, or the thread's id."""
    text: str
    position: StoryPosition | None
    """Of the scene; where an entity was first seen; since when a fact holds; where a thread was opened."""
    score: float = 0.0
    by_meaning: int | None = None
    """Its rank among all by meaning, from 1; None: not found that way."""
    by_words: int | None = None


class Findings(tuple[Found, ...]):
    """What a search found, best first. `note` says why it was by words only; empty: meaning counted, too."""

    note: str

    def __new__(cls, found: Iterable[Found], note: str = "") -> Findings:
        """Hold `found` in the order given."""
        self = super().__new__(cls, found)
        self.note = note
        return self


@dataclass(frozen=True, slots=True)
class _Document:
    """A row as the search by words sees it; `words` are stems."""

    found: Found
    words: Sequence[str]


def search(
    connection: Connection,
    lineage: Lineage,
    text: str,
    *,
    encoder: TextEncoder | None,
    kinds: Collection[FoundKind] = KINDS,
    entity: str | None = None,
    episode: int | None = None,
    limit: int = 10,
    vectors: SceneVectors | None = None,
) -> Findings:
    """Everything on the branch that `text` could be about, best first, at most `limit`.

    `entity` keeps what has to do with that entity, `episode` what happens or begins in that episode. Without `encoder`, without
    vectors of its own in memory, or if it cannot be had, words alone decide, and `note` says so. `vectors` keeps the scenes'
    vectors from one search to the next. Raises MemoryFault if a kind or the entity is unknown.
    """
    if wrong := sorted(set(kinds) - set(KINDS)):
        raise MemoryRefusal(f"cannot search for {', '.join(wrong)}; expected some of: {', '.join(KINDS)}")
    scope = _Scope(connection, lineage, entity, episode)
    words = _ranked_by_words(scope, text, kinds)
    scenes, note = _ranked_by_meaning(scope, text, encoder, vectors or SceneVectors()) if "scene" in kinds else ([], "")
    return Findings(_fused(scenes, words)[: max(limit, 0)], note)


def _fused(by_meaning: Sequence[Found], by_words: Sequence[Found]) -> list[Found]:
    """Both rankings as one. Ties go to what comes first in the story."""
    found: dict[tuple[Any, ...], Found] = {}
    for way, ranking in (("by_meaning", by_meaning), ("by_words", by_words)):
        for rank, one in enumerate(ranking, start=1):
            identity = (one.kind, one.what, one.position, one.text)
            known = found.get(identity, one)
            ranked: dict[str, Any] = {way: rank}
            found[identity] = replace(known, score=known.score + 1 / (_FUSION + rank), **ranked)
    return sorted(found.values(), key=lambda one: (-one.score, one.position or StoryPosition(0), one.kind, one.what, one.text))


# By meaning


def _ranked_by_meaning(scope: _Scope, text: str, encoder: TextEncoder | None, vectors: SceneVectors) -> tuple[list[Found], str]:
    """Scenes like `text`, best first; or none, and the reason."""
    if encoder is None:
        return [], "by words only: no text encoder was given"
    if not text.strip():
        return [], ""
    try:
        query = encoder.encode([text])[0]
    except MemoryFault as err:
        return [], f"by words only: {err.message}"
    rows = vectors.most_like(scope.connection, scope.lineage, encoder.name, query.tolist(), count=None)
    if not rows.count:
        return [], f"by words only: no scene on this branch has a vector of {encoder.name}"
    near = [scene for scene, cosine in rows if cosine >= _LIKE_ENOUGH]
    found: list[Found] = []
    for start in range(0, len(near), _BY_MEANING):  # a filter may drop most of them
        chunk = near[start : start + _BY_MEANING]
        known = dict(_scenes(scope, SceneRow.id.in_(chunk)))
        found += [known[row] for row in chunk if row in known]
        if len(found) >= _BY_MEANING:
            break
    return found[:_BY_MEANING], ""


# By words


def _ranked_by_words(scope: _Scope, text: str, kinds: Collection[FoundKind]) -> list[Found]:
    """Everything in which a word of `text` occurs, by BM25."""
    every = stems(text)
    wanted = list(dict.fromkeys(word for word in every if word not in _COMMON) or dict.fromkeys(every))
    if not wanted:
        return []
    documents: list[_Document] = []
    total = 0
    for kind, collect in _COLLECTORS.items():
        if kind in kinds:
            count, found = collect(scope, wanted)
            total += count
            documents += found
    return [one.found for one in _bm25(documents, wanted, total)]


def _bm25(documents: Sequence[_Document], wanted: Sequence[str], total: int) -> list[_Document]:
    """Those of `documents` that hold a wanted word, best first. `total` counts the rest of the collection, too."""
    counts = [Counter(one.words) for one in documents]
    holding = {word: sum(word in count for count in counts) for word in wanted}
    usual = sum(len(one.words) for one in documents) / len(documents) if documents else 1.0
    scored = []
    for one, count in zip(documents, counts, strict=True):
        damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * len(one.words) / max(usual, 1.0))
        score = sum(
            math.log(1 + (max(total, holding[word]) - holding[word] + 0.5) / (holding[word] + 0.5))
            * count[word] * (_SATURATION + 1) / (count[word] + damping)
            for word in wanted
            if word in count
        )  # fmt: skip
        if score:
            scored.append((score, one))
    scored.sort(key=lambda pair: (-pair[0], pair[1].found.position or StoryPosition(0), pair[1].found.kind, pair[1].found.what))
    return [one for _, one in scored]


def stems(text: str) -> list[str]:
    """The words of `text`, plurals as singulars: stories -> story, raincoats -> raincoat."""
    return [_stem(word) for word in _WORD.findall(text.casefold().replace("_", " "))]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _holds(column: Any, wanted: Iterable[str], *, as_json: bool = False) -> ColumnElement[bool]:
    """An SQL condition: rows whose text may hold one of the words; a superset, for the stems decide.

    Databases disagree about capitals outside ASCII (SQLite folds none), and ß is a capital SS: of words with such letters the
    longest plain piece is looked for, or where there is none, the word in its usual spellings.
    """
    spellings = dict.fromkeys(each for word in wanted for each in _spellings(word))
    patterns = (json.dumps(each)[1:-1] if as_json else each for each in spellings)
    return or_(*(column.icontains(each, autoescape=True) for each in patterns))


def _spellings(word: str) -> tuple[str, ...]:
    root = word[:-1] if word.endswith("y") and len(word) > 3 else word
    plain = max(_NOT_PLAIN.split(root), key=len)
    if len(plain) >= 3:
        return (plain,)
    return (root,) if root.isascii() else (root, root.capitalize(), root.upper())


class _Scope:
    """Which rows a search may see: of one branch, and perhaps of one entity or one episode."""

    def __init__(self, connection: Connection, lineage: Lineage, entity: str | None, episode: int | None) -> None:
        self.connection = connection
        self.lineage = lineage
        self.episode = episode
        self.entity = None if entity is None else _entity_row(connection, entity)

    def rows(self, branch: Any, position: Any) -> ColumnElement[bool]:
        """An SQL condition: the branch sees the row, and it lies in the episode."""
        parts = [self.lineage.sees(branch, position)]
        if self.episode is not None:
            parts += [position >= StoryPosition(self.episode), position < StoryPosition(self.episode + 1)]
        return and_(*parts)

    def present(self, branch: Any, position: Any) -> ColumnElement[bool]:
        """An SQL condition: the entity takes part in the scene of the row's branch and position."""
        return (
            select(AppearanceRow.scene_id)
            .where(AppearanceRow.entity_id == self.entity, AppearanceRow.branch_id == branch, AppearanceRow.position == position)
            .exists()
        )

    def count(self, query: Select[*tuple[Any, ...]]) -> int:
        return self.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _entity_row(connection: Connection, entity: str) -> int:
    row = connection.execute(select(EntityRow.id).where(EntityRow.slug == entity)).scalar()
    if row is None:
        known = connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug).limit(40))
        raise MemoryRefusal(f"no entity {entity!r}; known: {', '.join(known) or 'none'}")
    return row


def _scenes(scope: _Scope, where: ColumnElement[bool]) -> Iterator[tuple[int, Found]]:
    for row in scope.connection.execute(_scene_query(scope).where(where).limit(_CANDIDATES)):
        text = f"{row.title}: {row.synopsis}" if row.title and row.synopsis else row.title or row.synopsis
        yield row.id, Found(kind="scene", what=row.scene_id, text=text, position=row.position)


def _scene_query(scope: _Scope) -> Select[*tuple[Any, ...]]:
    query = select(SceneRow.id, SceneRow.scene_id, SceneRow.title, SceneRow.synopsis, SceneRow.position).where(
        scope.rows(SceneRow.branch_id, SceneRow.position)
    )
    return query if scope.entity is None else query.where(scope.present(SceneRow.branch_id, SceneRow.position))


def _scene_documents(scope: _Scope, wanted: Sequence[str]) -> tuple[int, list[_Document]]:
    where = or_(_holds(SceneRow.title, wanted), _holds(SceneRow.synopsis, wanted))
    return scope.count(_scene_query(scope)), [_Document(one, stems(one.text)) for _, one in _scenes(scope, where)]


def _entity_documents(scope: _Scope, wanted: Sequence[str]) -> tuple[int, list[_Document]]:
    """Entities are few, so all that the branch knows are read, with their latest name and description."""
    wanted_words = set(wanted)
    seen = select(AppearanceRow.entity_id, func.min(AppearanceRow.position).label("debut")).where(
        scope.rows(AppearanceRow.branch_id, AppearanceRow.position)
    )
    debuts: dict[int, StoryPosition] = dict(scope.connection.execute(seen.group_by(AppearanceRow.entity_id)).all())
    said = select(SpanRow.entity_id, SpanRow.attribute, SpanRow.value, SpanRow.since).where(
        scope.lineage.sees(SpanRow.branch_id, SpanRow.since), SpanRow.attribute.in_(("name", "description"))
    )
    texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
    told: dict[int, StoryPosition] = {}
    for row, attribute, value, since in scope.connection.execute(said.order_by(SpanRow.since)):
        texts[row][attribute] = str(value)
        if scope.episode is None:
            told.setdefault(row, since)
    found = []
    for row, slug in scope.connection.execute(select(EntityRow.id, EntityRow.slug).order_by(EntityRow.slug)):
        position = debuts.get(row, told.get(row))
        if position is None or scope.entity not in (None, row):
            continue
        name, description = texts[row].get("name", ""), texts[row].get("description", "")
        text = f"{name or slug}: {description}" if description else name or slug
        words = [*stems(slug), *stems(name), *stems(description)]
        found.append(_Document(Found(kind="entity", what=slug, text=text, position=position), words))
    return len(found), [one for one in found if not wanted_words.isdisjoint(one.words)]


def _fact_documents(scope: _Scope, wanted: Sequence[str]) -> tuple[int, list[_Document]]:
    """Everything that ever held, each value of an attribute once, at the first time it held."""
    query = (
        select(EntityRow.slug, SpanRow.attribute, SpanRow.value, SpanRow.since)
        .join(EntityRow, EntityRow.id == SpanRow.entity_id)
        .where(
            scope.rows(SpanRow.branch_id, SpanRow.since),
            SpanRow.attribute.not_in(_NOT_TEXT | {"name", "description"}),
        )
    )
    if scope.entity is not None:
        query = query.where(SpanRow.entity_id == scope.entity)
    attributes = _holds(SpanRow.attribute, wanted)
    values = _holds(type_coerce(SpanRow.value, Text), wanted, as_json=True)
    found: dict[tuple[str, str, str], _Document] = {}
    for row in scope.connection.execute(query.where(or_(attributes, values)).order_by(SpanRow.since).limit(_CANDIDATES)):
        relation = row.attribute.startswith(RELATION)
        said = spoken_relation(row.value) if relation else spoken(row.value)
        text = f"{row.slug} {said} {row.attribute.removeprefix(RELATION)}" if relation else said
        one = Found(kind="fact", what=f"{row.slug}.{row.attribute}", text=text, position=row.since)
        words = stems(text) if relation else [*stems(row.slug), *stems(row.attribute), *stems(said)]
        found.setdefault((row.slug, row.attribute, said), _Document(one, words))
    return scope.count(query), list(found.values())


def spoken(value: FactValue) -> str:
    """A fact's value as people say it: the texts in it, in order."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {spoken(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(spoken(each) for each in value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _thread_documents(scope: _Scope, wanted: Sequence[str]) -> tuple[int, list[_Document]]:
    query = select(ThreadRow.thread, ThreadRow.text, ThreadRow.position).where(
        scope.rows(ThreadRow.branch_id, ThreadRow.position), ThreadRow.text.is_not(None)
    )
    if scope.entity is not None:
        query = query.where(scope.present(ThreadRow.branch_id, ThreadRow.position))
    where = or_(_holds(ThreadRow.text, wanted), _holds(ThreadRow.thread, wanted))
    rows = scope.connection.execute(query.where(where).order_by(ThreadRow.position, ThreadRow.id).limit(_CANDIDATES))
    found = [
        _Document(Found(kind="thread", what=thread, text=text or "", position=position), [*stems(thread), *stems(text or "")])
        for thread, text, position in rows
    ]
    return scope.count(query), found


_COLLECTORS: Final = {
    "scene": _scene_documents,
    "entity": _entity_documents,
    "fact": _fact_documents,
    "thread": _thread_documents,
}
