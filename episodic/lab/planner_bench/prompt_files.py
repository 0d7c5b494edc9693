"""The prompts of the benchmark: a suite of annotated prompts (`prompt-suite@1`) and a list of plain ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from episodic.errors import InputError

__all__ = ["SHIPPED_SUITE", "AnnotatedEvent", "AnnotatedItem", "AnnotatedPrompt", "plain_prompts", "read_suite"]

SHIPPED_SUITE: Final = Path(__file__).with_name("data") / "prompts.yaml"
_PLAIN: Final = Path(__file__).with_name("data") / "plain_prompts.txt"


def _as_tuple(value: object) -> object:
    """A single text as a tuple of one, nothing as an empty one."""
    return () if value is None else (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class _Annotation(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class AnnotatedItem(_Annotation):
    """A member of the cast, a thing or a place that a film has to show."""

    id: str
    words: Names = ()
    count: int | Literal["many"] = 1
    kind: Names = ()
    alive: bool = False
    heard: bool = False
    time: Names = ()
    weather: Names = ()


class AnnotatedEvent(_Annotation):
    """An event that a film has to show."""

    id: str
    who: Names
    """Ids of the cast, or `any`."""
    verbs: Names
    what: Names = ()
    explicit: bool = True
    free: bool = False


class AnnotatedPrompt(_Annotation):
    """A prompt with what its film has to show."""

    id: str
    prompt: str
    form: str = "story"
    minutes: float = 1.0
    may_decline: bool = False
    cast: tuple[AnnotatedItem, ...] = ()
    things: tuple[AnnotatedItem, ...] = ()
    places: tuple[AnnotatedItem, ...] = ()
    events: tuple[AnnotatedEvent, ...] = ()


class _Suite(_Annotation):
    format: Literal["prompt-suite@1"]
    prompts: tuple[AnnotatedPrompt, ...]


def read_suite(path: Path = SHIPPED_SUITE) -> tuple[AnnotatedPrompt, ...]:
    """Read annotated prompts. Raises InputError naming the file and the first entry that does not fit."""
    try:
        content: object = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
        return _Suite.model_validate(content if isinstance(content, Mapping) else {}).prompts
    except OSError as err:
        raise InputError(f"{path}: the suite cannot be read: {err.strerror or err}") from err
    except (YAMLError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: the suite is not YAML: {err}") from err
    except ValidationError as err:
        problem = " ".join(str(err).split())[:300]
        raise InputError(f"{path}: {problem}; expected format prompt-suite@1") from err


def plain_prompts() -> tuple[str, ...]:
    """The plain prompts that ship with the package."""
    return tuple(line for line in _PLAIN.read_text("utf-8").splitlines() if line.strip())
