"""Search in memory by meaning and by words.

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
from memory.schema.branch_lineage import Lineage
from memory.schema.tables import AppearanceRow, EntityRow, SceneRow, SpanRow, ThreadRow

if TYPE_CHECKING:
    from memory.queries.embeddings import TextEncoder
    from memory.queries.scene_vectors import SceneVectors

__all__ = ["HIT_KINDS", "HitKind", "SearchHit", "SearchResults", "search", "spoken", "stems"]

HitKind = Literal["scene", "entity", "fact", "thread"]
HIT_KINDS: Final[tuple[HitKind, ...]] = get_args(HitKind)

_FUSION: Final = 60
_SATURATION: Final = 1.2
_LENGTH_WEIGHT: Final = 0.75
_LIKE_ENOUGH: Final = 0.15
"""The lowest cosine of a hit. Without it every text would match every scene."""
_BY_MEANING: Final = 100
_CANDIDATES: Final = 20_000
_WORD: Final = re.compile(r"\w+")
_NOT_PLAIN: Final = re.compile(r"[^\x00-\x7f]+|ss")
_NOT_TEXT: Final = frozenset({"look", "voice", "motion", "light", "sheet"})
"""Attributes that hold numbers for painters and models; nobody searches for them."""
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        "a d ll m re s t ve an and are as at be been but by did do does for from had has have he her him his how i in is it its me my not of on "
        "or our she so that the their them then there they this to us was we were what when where which who whom why will with you your",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One hit of a search."""

    kind: HitKind
    what: str
    """The scene's id, the entity's id, `entity.attribute`, or the thread's id."""
    text: str
    position: StoryPosition | None
    """The position of the scene, of the entity's first appearance, of the fact's beginning, or of the thread's opening."""
    score: float = 0.0
    by_meaning: int | None = None
    """Its rank by meaning, from 1; None: it does not match by meaning."""
    by_words: int | None = None


class SearchResults(tuple[SearchHit, ...]):
    """The hits of a search, best first. `note` says why only words were compared; empty: meaning was, too."""

    note: str

    def __new__(cls, hits: Iterable[SearchHit], note: str = "") -> SearchResults:
        """Keep `hits` in the order given."""
        self = super().__new__(cls, hits)
        self.note = note
        return self


@dataclass(frozen=True, slots=True)
class _Document:
    """A row as a document of the search by words; `words` are stems."""

    hit: SearchHit
    words: Sequence[str]


def search(
    connection: Connection,
    lineage: Lineage,
    text: str,
    *,
    encoder: TextEncoder | None,
    kinds: Collection[HitKind] = HIT_KINDS,
    entity: str | None = None,
    episode: int | None = None,
    limit: int = 10,
    vectors: SceneVectors,
) -> SearchResults:
    """Everything on the branch that matches `text`, best first, at most `limit`.

    `entity` keeps hits about that entity, `episode` those that happen or begin in that episode. Without `encoder`, if it cannot
    be loaded, or if memory has no vectors of it, only words are compared, and `note` says so. `vectors` caches the scenes'
    vectors from one search to the next. Raises MemoryFault if a kind or the entity is unknown.
    """
    if wrong := sorted(set(kinds) - set(HIT_KINDS)):
        raise MemoryRefusal(f"cannot search for {', '.join(wrong)}; expected some of: {', '.join(HIT_KINDS)}")
    scope = _Scope(connection, lineage, entity, episode)
    words = _ranked_by_words(scope, text, kinds)
    scenes, note = _ranked_by_meaning(scope, text, encoder, vectors) if "scene" in kinds else ([], "")
    return SearchResults(_fused(scenes, words)[: max(limit, 0)], note)


def _fused(by_meaning: Sequence[SearchHit], by_words: Sequence[SearchHit]) -> list[SearchHit]:
    """Fuse both rankings. Of equal scores the hit that comes first in the story wins."""
    hits: dict[tuple[Any, ...], SearchHit] = {}
    for way, ranking in (("by_meaning", by_meaning), ("by_words", by_words)):
        for rank, hit in enumerate(ranking, start=1):
            identity = (hit.kind, hit.what, hit.position, hit.text)
            known = hits.get(identity, hit)
            ranked: dict[str, Any] = {way: rank}
            hits[identity] = replace(known, score=known.score + 1 / (_FUSION + rank), **ranked)
    return sorted(hits.values(), key=lambda hit: (-hit.score, hit.position or StoryPosition(0), hit.kind, hit.what, hit.text))


# By meaning


def _ranked_by_meaning(
    scope: _Scope, text: str, encoder: TextEncoder | None, vectors: SceneVectors
) -> tuple[list[SearchHit], str]:
    """The scenes closest to `text` in meaning, best first; or none, and the reason."""
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
    hits: list[SearchHit] = []
    for start in range(0, len(near), _BY_MEANING):  # a filter may drop most of them
        chunk = near[start : start + _BY_MEANING]
        known = dict(_scenes(scope, SceneRow.id.in_(chunk)))
        hits += [known[row] for row in chunk if row in known]
        if len(hits) >= _BY_MEANING:
            break
    return hits[:_BY_MEANING], ""


# By words


def _ranked_by_words(scope: _Scope, text: str, kinds: Collection[HitKind]) -> list[SearchHit]:
    """Everything in which a word of `text` occurs, ranked by BM25."""
    words = stems(text)
    terms = list(dict.fromkeys(word for word in words if word not in _COMMON) or dict.fromkeys(words))
    if not terms:
        return []
    documents: list[_Document] = []
    total = 0
    for kind, collect in _COLLECTORS.items():
        if kind in kinds:
            count, matching = collect(scope, terms)
            total += count
            documents += matching
    return [document.hit for document in _bm25(documents, terms, total)]


def _bm25(documents: Sequence[_Document], terms: Sequence[str], total: int) -> list[_Document]:
    """The documents that contain a term, best first. `total` is the size of the whole collection."""
    counts = [Counter(document.words) for document in documents]
    frequency = {word: sum(word in count for count in counts) for word in terms}
    mean_length = sum(len(document.words) for document in documents) / len(documents) if documents else 1.0
    scored = []
    for document, count in zip(documents, counts, strict=True):
        damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * len(document.words) / max(mean_length, 1.0))
        score = sum(
            _inverse_frequency(frequency[word], total) * count[word] * (_SATURATION + 1) / (count[word] + damping)
            for word in terms
            if word in count
        )
        if score:
            scored.append((score, document))
    scored.sort(key=lambda pair: (-pair[0], pair[1].hit.position or StoryPosition(0), pair[1].hit.kind, pair[1].hit.what))
    return [document for _, document in scored]


def _inverse_frequency(documents: int, total: int) -> float:
    """The BM25 weight of a word that occurs in `documents` of `total`."""
    return math.log(1 + (max(total, documents) - documents + 0.5) / (documents + 0.5))


def stems(text: str) -> list[str]:
    """The words of `text`, with plurals as singulars: stories -> story, raincoats -> raincoat."""
    return [_stem(word) for word in _WORD.findall(text.casefold().replace("_", " "))]


def _stem(word: str) -> str:
    """A word without the ending of a plural."""
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _holds(column: Any, terms: Iterable[str], *, as_json: bool = False) -> ColumnElement[bool]:
    """An SQL condition: rows whose text may contain one of the terms. It is a superset: stems are compared afterwards.

    Databases disagree about capitals outside ASCII (SQLite folds none), and the capital of ß is SS. For words with such letters
    the condition uses the longest plain ASCII piece, or, without one, the usual spellings of the word.
    """
    spellings = dict.fromkeys(spelling for word in terms for spelling in _spellings(word))
    patterns = (json.dumps(spelling)[1:-1] if as_json else spelling for spelling in spellings)
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in patterns))


def _spellings(word: str) -> tuple[str, ...]:
    root = word[:-1] if word.endswith("y") and len(word) > 3 else word
    plain = max(_NOT_PLAIN.split(root), key=len)
    if len(plain) >= 3:
        return (plain,)
    return (root,) if root.isascii() else (root, root.capitalize(), root.upper())


class _Scope:
    """The rows that a search may see: those of one branch, optionally of one entity or one episode."""

    def __init__(self, connection: Connection, lineage: Lineage, entity: str | None, episode: int | None) -> None:
        self.connection = connection
        self.lineage = lineage
        self.episode = episode
        self.entity = None if entity is None else _entity_row(connection, entity)

    def rows(self, branch: Any, position: Any) -> ColumnElement[bool]:
        """An SQL condition: the branch sees the row, and the row is in the episode."""
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
        """The number of rows of a query."""
        return self.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _entity_row(connection: Connection, entity: str) -> int:
    row = connection.execute(select(EntityRow.id).where(EntityRow.slug == entity)).scalar()
    if row is None:
        known = connection.scalars(select(EntityRow.slug).order_by(EntityRow.slug).limit(40))
        raise MemoryRefusal(f"no entity {entity!r}; known: {', '.join(known) or 'none'}")
    return row


def _scenes(scope: _Scope, where: ColumnElement[bool]) -> Iterator[tuple[int, SearchHit]]:
    """The scenes that fulfil a condition: row and hit."""
    for row in scope.connection.execute(_scene_query(scope).where(where).limit(_CANDIDATES)):
        text = f"{row.title}: {row.synopsis}" if row.title and row.synopsis else row.title or row.synopsis
        yield row.id, SearchHit(kind="scene", what=row.scene_id, text=text, position=row.position)


def _scene_query(scope: _Scope) -> Select[*tuple[Any, ...]]:
    query = select(SceneRow.id, SceneRow.scene_id, SceneRow.title, SceneRow.synopsis, SceneRow.position).where(
        scope.rows(SceneRow.branch_id, SceneRow.position)
    )
    return query if scope.entity is None else query.where(scope.present(SceneRow.branch_id, SceneRow.position))


def _scene_documents(scope: _Scope, terms: Sequence[str]) -> tuple[int, list[_Document]]:
    where = or_(_holds(SceneRow.title, terms), _holds(SceneRow.synopsis, terms))
    return scope.count(_scene_query(scope)), [_Document(hit, stems(hit.text)) for _, hit in _scenes(scope, where)]


def _entity_documents(scope: _Scope, terms: Sequence[str]) -> tuple[int, list[_Document]]:
    """Entities that contain a term. Entities are few: all that the branch knows are read, with their latest name and description."""
    term_set = set(terms)
    seen = select(AppearanceRow.entity_id, func.min(AppearanceRow.position).label("debut")).where(
        scope.rows(AppearanceRow.branch_id, AppearanceRow.position)
    )
    debuts: dict[int, StoryPosition] = dict(scope.connection.execute(seen.group_by(AppearanceRow.entity_id)).all())
    spans = select(SpanRow.entity_id, SpanRow.attribute, SpanRow.value, SpanRow.since).where(
        scope.lineage.sees(SpanRow.branch_id, SpanRow.since), SpanRow.attribute.in_(("name", "description"))
    )
    texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
    first_stated: dict[int, StoryPosition] = {}
    for row, attribute, value, since in scope.connection.execute(spans.order_by(SpanRow.since)):
        texts[row][attribute] = str(value)
        if scope.episode is None:
            first_stated.setdefault(row, since)
    documents = []
    for row, slug in scope.connection.execute(select(EntityRow.id, EntityRow.slug).order_by(EntityRow.slug)):
        position = debuts.get(row, first_stated.get(row))
        if position is None or scope.entity not in (None, row):
            continue
        name, description = texts[row].get("name", ""), texts[row].get("description", "")
        text = f"{name or slug}: {description}" if description else name or slug
        words = [*stems(slug), *stems(name), *stems(description)]
        documents.append(_Document(SearchHit(kind="entity", what=slug, text=text, position=position), words))
    return len(documents), [document for document in documents if not term_set.isdisjoint(document.words)]


def _fact_documents(scope: _Scope, terms: Sequence[str]) -> tuple[int, list[_Document]]:
    """Facts that contain a term: each value of an attribute once, at the first position where it held."""
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
    attributes = _holds(SpanRow.attribute, terms)
    values = _holds(type_coerce(SpanRow.value, Text), terms, as_json=True)
    documents: dict[tuple[str, str, str], _Document] = {}
    for row in scope.connection.execute(query.where(or_(attributes, values)).order_by(SpanRow.since).limit(_CANDIDATES)):
        relation = row.attribute.startswith(RELATION)
        value = spoken_relation(row.value) if relation else spoken(row.value)
        text = f"{row.slug} {value} {row.attribute.removeprefix(RELATION)}" if relation else value
        hit = SearchHit(kind="fact", what=f"{row.slug}.{row.attribute}", text=text, position=row.since)
        words = stems(text) if relation else [*stems(row.slug), *stems(row.attribute), *stems(value)]
        documents.setdefault((row.slug, row.attribute, value), _Document(hit, words))
    return scope.count(query), list(documents.values())


def spoken(value: FactValue) -> str:
    """The words of a fact's value: the texts in it, in order."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {spoken(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(spoken(item) for item in value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _thread_documents(scope: _Scope, terms: Sequence[str]) -> tuple[int, list[_Document]]:
    query = select(ThreadRow.thread, ThreadRow.text, ThreadRow.position).where(
        scope.rows(ThreadRow.branch_id, ThreadRow.position), ThreadRow.text.is_not(None)
    )
    if scope.entity is not None:
        query = query.where(scope.present(ThreadRow.branch_id, ThreadRow.position))
    where = or_(_holds(ThreadRow.text, terms), _holds(ThreadRow.thread, terms))
    rows = scope.connection.execute(query.where(where).order_by(ThreadRow.position, ThreadRow.id).limit(_CANDIDATES))
    documents = [
        _Document(SearchHit(kind="thread", what=thread, text=text or "", position=position), [*stems(thread), *stems(text or "")])
        for thread, text, position in rows
    ]
    return scope.count(query), documents


_COLLECTORS: Final = {
    "scene": _scene_documents,
    "entity": _entity_documents,
    "fact": _fact_documents,
    "thread": _thread_documents,
}
