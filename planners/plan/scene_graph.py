"""One scene as a graph: who and what is there, and how they stand to each other.

Nodes are entity ids with `kind` (character, location, prop), `name`, `description`, `character_kind` and `state`; the graph itself
carries `scene`, `title`, `time`, `weather`, `mood`, `goal` and `light`. Edges are keyed by their relation and say where they come
from (`source`): `place`, `plan`, `canon`, `state` or `dialogue`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import networkx

from memory.model.canon import STORY, Canon
from memory.model.facts import FactValue
from planners.plan.model import NARRATOR, EpisodePlan, Scene, Shot

__all__ = ["GraphDiff", "SceneGraph", "diff", "scene_graph", "to_mermaid", "to_text", "validate"]

SceneGraph: TypeAlias = networkx.MultiDiGraph

Edge = tuple[str, str, str]
"""Subject, relation, object."""

_HOLDING: Final = ("holding", "holds", "carrying")


def scene_graph(plan: EpisodePlan, scene_index: int, canon: Canon | None = None) -> SceneGraph:
    """The graph of one scene of a plan whose references hold, on top of what `canon` knows from earlier episodes.

    Facts and relations of the plan's earlier scenes still hold here unless a later one replaces them. Raises IndexError.
    """
    scene = plan.scenes[scene_index]
    scenes = plan.scenes[: scene_index + 1]
    graph = networkx.MultiDiGraph(
        scene=scene.id,
        title=scene.title or "",
        time=scene.time,
        weather=scene.weather,
        mood=scene.mood,
        goal=scene.goal,
        light=scene.lighting.model_dump(exclude_none=True),
    )
    states = _states_after(scenes, canon)
    for entity in _entities(plan, scene, states):
        graph.add_node(entity, **_node_attributes(plan, entity, canon), state=MappingProxyType(states.get(entity, {})))
    for person in scene.people():
        graph.add_edge(person, scene.at, key="at", source="place")
    for (subject, other), (words, source) in _relations(scenes, canon).items():
        if subject in graph and other in graph:
            for word, strength in words.items():
                graph.add_edge(subject, other, key=word, source=source, strength=strength)
    for holder, prop in _held_props(states):
        if holder in graph and prop in graph:
            graph.add_edge(holder, prop, key="holds", source="state")
    for (speaker, addressee), shots in _shots_by_addressee(scene).items():
        graph.add_edge(speaker, addressee, key="speaks_to", source="dialogue", shots=tuple(shots))
    return graph


def validate(graph: SceneGraph) -> list[str]:
    """What cannot be in one place and time; empty for a sound graph."""
    kinds: dict[str, str | None] = dict(graph.nodes(data="kind"))
    faults = [f"{node}: has no kind; expected a character, location or prop" for node, kind in kinds.items() if kind is None]
    locations = [node for node, kind in kinds.items() if kind == "location"]
    stages = {other for _, other, key in graph.edges(keys=True) if key == "at"}
    if not locations:
        faults.append("no location: a scene needs a place")
    if len(stages) > 1:
        faults.append(f"several places at once: {', '.join(sorted(stages))}; expected one")
    holders: dict[str, str] = {}
    for subject, other, key in graph.edges(keys=True):
        if subject == other:
            faults.append(f"{subject} {key} {other}: nothing stands in a relation to itself")
        if key == "at" and kinds.get(other) != "location":
            faults.append(f"{subject} at {other}: {other} is a {kinds.get(other)}; expected a location")
        if key == "speaks_to" and not kinds.get(subject) == kinds.get(other) == "character":
            faults.append(f"{subject} speaks_to {other}: both must be characters")
        if key == "holds" and holders.setdefault(other, subject) != subject:
            faults.append(f"{other} is held by {holders[other]} and by {subject}; expected one of them")
    nowhere = (node for node, kind in kinds.items() if kind == "character" and not _is_at(graph, node))
    talking = {node for subject, other, key in graph.edges(keys=True) if key == "speaks_to" for node in (subject, other)}
    return faults + [f"{node}: speaks here but is nowhere; expected an `at` edge" for node in nowhere if node in talking]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDiff:
    """What differs from one scene to another."""

    came: tuple[str, ...]
    left: tuple[str, ...]
    changed: Mapping[str, Mapping[str, tuple[FactValue, FactValue]]]
    """By entity and attribute: the value before and after."""
    begun: tuple[Edge, ...]
    ended: tuple[Edge, ...]

    def __bool__(self) -> bool:
        return bool(self.came or self.left or self.changed or self.begun or self.ended)


def diff(before: SceneGraph, after: SceneGraph) -> GraphDiff:
    """What has changed from `before` to `after`, entities and edges in order of their names."""
    changed = {}
    for entity in sorted(before.nodes & after.nodes):
        old, new = _flat(before.nodes[entity]), _flat(after.nodes[entity])
        differs = {
            name: (old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)
        }
        if differs:
            changed[entity] = MappingProxyType(differs)
    old_edges, new_edges = set(_edges(before)), set(_edges(after))
    return GraphDiff(
        came=tuple(sorted(after.nodes - before.nodes)),
        left=tuple(sorted(before.nodes - after.nodes)),
        changed=MappingProxyType(changed),
        begun=tuple(sorted(new_edges - old_edges)),
        ended=tuple(sorted(old_edges - new_edges)),
    )


def to_mermaid(graph: SceneGraph) -> str:
    """The graph as a Mermaid flowchart: people round, places as houses, props square."""
    shapes = {"character": ("([", "])"), "location": ("[/", "\\]"), "prop": ("[", "]")}
    names = {node: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node, data in graph.nodes(data=True):
        opening, closing = shapes.get(data.get("kind"), ("[", "]"))
        lines.append(f'  {names[node]}{opening}"{_label(str(data.get("name", node)))}"{closing}')
    lines += [f'  {names[subject]} -- "{_label(relation)}" --> {names[other]}' for subject, relation, other in _edges(graph)]
    return "\n".join(lines) + "\n"


def to_text(graph: SceneGraph) -> str:
    """The graph in lines of words, for a terminal."""
    head = f"{graph.graph.get('scene', 'scene')}: {graph.graph.get('time', '')}, {graph.graph.get('weather', '')}, {graph.graph.get('mood', '')}"
    lines = [head]
    for node, data in graph.nodes(data=True):
        state = ", ".join(f"{name} = {value}" for name, value in data.get("state", {}).items())
        lines.append(f"  {node} ({data.get('kind')})" + (f": {state}" if state else ""))
    lines += [f"  {subject} {relation} {other}" for subject, relation, other in _edges(graph)]
    return "\n".join(lines) + "\n"


def _states_after(scenes: tuple[Scene, ...], canon: Canon | None) -> dict[str, dict[str, FactValue]]:
    """By entity: the attributes that hold after the given scenes."""
    states: dict[str, dict[str, FactValue]] = {}
    for known in (canon.characters, canon.locations, canon.props) if canon else ():
        states |= {entity: dict(entry.state) for entity, entry in known.items()}
    for scene in scenes:
        for fact in scene.facts:
            states.setdefault(fact.entity, {})[fact.attribute] = fact.value
    return states


def _entities(plan: EpisodePlan, scene: Scene, states: Mapping[str, Mapping[str, FactValue]]) -> Iterator[str]:
    """Ids of all entities in the scene: characters, location, held props, and subjects of its facts and relations."""
    people = scene.people()
    entities = dict.fromkeys((*people, scene.at))
    entities.update(dict.fromkeys(end for relation in scene.relations for end in (relation.subject, relation.object)))
    entities.update(dict.fromkeys(fact.entity for fact in scene.facts))
    entities.update(dict.fromkeys(prop for holder, prop in _held_props(states) if holder in people and prop in plan.props))
    for nobody in (NARRATOR, STORY):
        entities.pop(nobody, None)
    yield from entities


def _node_attributes(plan: EpisodePlan, entity: str, canon: Canon | None) -> dict[str, str | None]:
    """Node attributes of an entity: kind, name and description from the plan, else from the canon."""
    member, character = plan.cast.get(entity), canon.characters.get(entity) if canon else None
    planned = member or plan.locations.get(entity) or plan.props.get(entity)
    known = character or (canon.locations.get(entity) or canon.props.get(entity) if canon else None)
    name = (planned and planned.name) or (known.name if known else entity.replace("_", " ").capitalize())
    description = (planned and planned.description) or (known.description if known else "")
    attributes: dict[str, str | None] = {"kind": _entity_kind(plan, entity, canon), "name": name, "description": description}
    if member or character:
        attributes["character_kind"] = (member and member.kind) or (character.kind if character else "human")
    return attributes


def _entity_kind(plan: EpisodePlan, entity: str, canon: Canon | None) -> str | None:
    """Kind of an entity in the plan, else in the canon, else None."""
    for source in (plan, canon):
        if source is None:
            continue
        if entity in (source.cast if isinstance(source, EpisodePlan) else source.characters):
            return "character"
        if entity in source.locations:
            return "location"
        if entity in source.props:
            return "prop"
    return None


def _relations(scenes: tuple[Scene, ...], canon: Canon | None) -> dict[tuple[str, str], tuple[dict[str, float], str]]:
    """By pair: relations of the first to the second after the given scenes, with strength and source. A later scene replaces a pair's relations."""
    standings: dict[tuple[str, str], tuple[dict[str, float], str]] = {}
    for known in canon.relationships if canon else ():
        standings.setdefault((known.subject, known.object), ({}, "canon"))[0][known.relation] = known.strength
    for scene in scenes:
        stated: dict[tuple[str, str], tuple[dict[str, float], str]] = {}
        for subject, word, other, strength in scene.relations:
            stated.setdefault((subject, other), ({}, "plan"))[0][word] = strength
        standings |= stated
    return standings


def _held_props(states: Mapping[str, Mapping[str, FactValue]]) -> Iterator[tuple[str, str]]:
    """Pairs of holder and prop id, read from states such as `lamp` or `the red lamp`."""
    for holder, state in states.items():
        for value in (state.get(attribute) for attribute in _HOLDING):
            if isinstance(value, str):
                words = "_".join(re.findall(r"[a-z0-9]+", re.sub(r"^(the|a|an|her|his|their|its)\s+", "", value.lower())))
                yield holder, words


def _shots_by_addressee(scene: Scene) -> dict[tuple[str, str], list[str]]:
    """By speaker and addressee: ids of the shots. The addressees are the others in the frame, else the previous speaker, else all others present."""
    addressed: dict[tuple[str, str], list[str]] = {}
    before: str | None = None
    for shot in scene.shots:
        framed = _characters_in_frame(shot)
        for line in shot.lines:
            if line.speaker == NARRATOR:
                continue
            others = [character for character in framed if character != line.speaker]
            others = others or ([before] if before and before != line.speaker else [])
            for other in others or [character for character in scene.people() if character != line.speaker]:
                shots = addressed.setdefault((line.speaker, other), [])
                if shot.id not in shots:
                    shots.append(shot.id)
            before = line.speaker
    return addressed


def _characters_in_frame(shot: Shot) -> tuple[str, ...]:
    speakers = (line.speaker for line in shot.lines if line.speaker != NARRATOR)
    return tuple(dict.fromkeys(shot.focus or (*shot.action, *speakers)))


def _is_at(graph: SceneGraph, node: str) -> bool:
    return any(key == "at" for _, _, key in graph.out_edges(node, keys=True))


def _edges(graph: SceneGraph) -> list[Edge]:
    return [(subject, key, other) for subject, other, key in graph.edges(keys=True)]


def _flat(data: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The attributes of a node, with those of its state beside them."""
    state = data.get("state")
    return {name: value for name, value in data.items() if name != "state"} | (dict(state) if isinstance(state, Mapping) else {})


def _label(text: str) -> str:
    return text.replace('"', "#quot;").replace("\n", " ")
