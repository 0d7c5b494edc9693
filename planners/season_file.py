"""The outline of a season, `season.yaml`: one prompt for each episode. The format is `episodic/season@1`.

`episodic plan PROMPT --episodes N` writes it, the user edits it, and `episodic next` takes the prompt of the next episode from it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from memory.suggestions import did_you_mean
from planners.errors import SeasonError
from planners.plan.model import EntityId, EpisodePlan, Text
from planners.plan_file.read_write import yaml_text
from planners.plan_file.yaml_tree import Node, Place, read_tree

__all__ = [
    "MOST_EPISODES",
    "SEASON_FORMAT",
    "SEASON_SCHEMA_FILE",
    "Season",
    "SeasonEpisode",
    "outline_episode",
    "read_season",
    "season_schema_text",
    "season_text",
]

SEASON_FORMAT: Final = "episodic/season@1"
SEASON_SCHEMA_FILE: Final = Path(__file__).with_name("season.schema.json")
"""The schema as it ships. Point an editor at it: `# yaml-language-server: $schema=…`."""
MOST_EPISODES: Final = 100
_MAX_BYTES: Final = 2**20
_MAX_NODES: Final = 20_000
_FAULTS_SHOWN: Final = 20


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeasonEpisode(_Part):
    """One episode of the outline. Only its prompt decides what is planned; the rest tells what to expect."""

    number: Annotated[int, Field(ge=1, le=MOST_EPISODES)]
    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    title: Text | None = None
    happens: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    """What happens, a sentence each."""
    opens: dict[EntityId, Text] = {}
    """Story threads that are open after the episode and were not before: id and question."""
    closes: tuple[EntityId, ...] = ()
    """Threads of earlier episodes that it closes."""


class Season(_Part):
    """The episodes of a season in their order."""

    format: Literal["episodic/season@1"] = SEASON_FORMAT
    title: Text
    episodes: Annotated[tuple[SeasonEpisode, ...], Field(min_length=1, max_length=MOST_EPISODES)]

    def prompt(self, number: int) -> str | None:
        """The prompt of an episode; None if the outline does not have it."""
        return next((episode.prompt for episode in self.episodes if episode.number == number), None)


def outline_episode(number: int, prompt: str, plan: EpisodePlan) -> SeasonEpisode:
    """The outline of an episode from its plan."""
    events = [text for scene in plan.scenes for text in scene.events.values() if not text.startswith("(")]
    opened = {thread: text for scene in plan.scenes for thread, text in scene.opens.items()}
    closed = [thread for scene in plan.scenes for thread in scene.closes]
    return SeasonEpisode(
        number=number,
        prompt=prompt,
        title=plan.title,
        happens=tuple(events or [scene.synopsis for scene in plan.scenes if scene.synopsis])[:200],
        opens={thread: text for thread, text in opened.items() if thread not in closed},
        closes=tuple(dict.fromkeys(thread for thread in closed if thread not in opened)),
    )


def season_text(season: Season) -> str:
    """The outline as a user would write it."""
    comments = [
        "The outline of a season. `episodic next` plans each episode from its prompt here, which you may change.",
        "What is below a prompt tells what to expect; it is not read again.",
    ]
    data = {"format": season.format} | season.model_dump(mode="json", exclude_defaults=True)
    return "".join(f"# {line}\n" for line in comments) + yaml_text(data)


def read_season(path: Path) -> Season:
    """Read and check an outline. Raises SeasonError with every fault (up to 20)."""
    try:
        if path.is_file() and path.stat().st_size > _MAX_BYTES:
            raise SeasonError(f"{path}:1:1: the file has more than {_MAX_BYTES // 2**20} MiB; expected the outline of a season")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as err:
        raise SeasonError(f"{path}: the outline cannot be read: {err.strerror or err}") from err
    except UnicodeDecodeError as err:
        raise SeasonError(f"{path}: the outline is not in the encoding UTF-8: {err}") from err
    tree, faults = read_tree(text, max_nodes=_MAX_NODES)
    if tree is None or faults:
        raise _season_error(path, [(fault.place, fault.message) for fault in faults])
    data = tree.data()
    format_name = data.get("format") if isinstance(data, dict) else None
    if format_name != SEASON_FORMAT:
        expected = f"expected `format: {SEASON_FORMAT}`"
        raise _season_error(
            path, [(tree.place_at(["format"]), f"{expected}, found {format_name!r}" if format_name else expected)]
        )
    try:
        season = Season.model_validate(data)
    except ValidationError as err:
        raise _season_error(path, [_explain(tree, fault["loc"], fault) for fault in err.errors(include_url=False)]) from err
    numbers = [episode.number for episode in season.episodes]
    double = [index for index, number in enumerate(numbers) if number in numbers[:index]]
    if double:
        faults_of_numbers = [
            (tree.place_at(["episodes", index, "number"]), f"episode {numbers[index]} is there twice") for index in double
        ]
        raise _season_error(path, faults_of_numbers)
    return season


def _explain(tree: Node, loc: tuple[str | int, ...], fault: Any) -> tuple[Place, str]:
    """A validation error at its place in the user's terms."""
    place, key = tree.place_at(loc), ".".join(map(str, loc))
    if fault["type"] == "extra_forbidden":
        names = list((SeasonEpisode if loc[0] == "episodes" else Season).model_fields)
        return place, f"unknown key ‘{loc[-1]}’{did_you_mean(str(loc[-1]), names)} Expected one of: {', '.join(names)}"
    if fault["type"] == "missing":
        return place, f"the key ‘{loc[-1]}’ is missing here; add the line `{loc[-1]}: …`"
    return place, f"{key}: {fault['msg'][0].lower()}{fault['msg'][1:]}, found {str(fault['input'])[:60]!r}"


def _season_error(path: Path, faults: list[tuple[Place, str]]) -> SeasonError:
    lines = [f"{path}:{place.line}:{place.column}: {message}" for place, message in sorted(faults)]
    more = len(lines) - _FAULTS_SHOWN
    return SeasonError("\n".join(lines[:_FAULTS_SHOWN] + ([f"… and {more} more"] if more > 0 else [])))


def season_schema_text() -> str:
    """The contents of `SEASON_SCHEMA_FILE`."""
    schema = Season.model_json_schema()
    schema["required"] = ["format", *schema["required"]]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SEASON_FORMAT}
    text = {"title": "The outline of a season of episodic"}
    return json.dumps(head | schema | text, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SEASON_SCHEMA_FILE.write_text(season_schema_text(), encoding="utf-8")
