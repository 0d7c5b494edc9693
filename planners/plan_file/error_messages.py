"""Validation errors of a plan in the user's terms: what was found, what was expected, and where."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planners.plan.cross_references import Fault, nearest
from planners.plan.model import EpisodePlan, FactText, Line

__all__ = ["drop_empty_keys", "explain_errors"]

_Path = tuple[str | int, ...]
_LINE: Final = "expected a line of dialogue, `speaker (emotion): text`"


def drop_empty_keys(data: Any) -> Any:
    """`data` without empty keys: `facts:` alone means the same as no `facts`; `mara:` in the cast is an entry without details."""
    return _without_empty_keys(data, EpisodePlan)


def _without_empty_keys(data: Any, expected: Any) -> Any:
    expected = _without_none(expected)
    if isinstance(data, list):
        return [_without_empty_keys(item, _step(expected, index)) for index, item in enumerate(data)]
    if not isinstance(data, dict) or _model(expected) is Line:
        return data
    inside = {key: (value, _step(expected, key)) for key, value in data.items()}
    if _model(expected) is not None:
        return {
            key: _without_empty_keys(value, then) for key, (value, then) in inside.items() if value is not None or then is None
        }
    return {
        key: {} if value is None and _model(then) is not None else _without_empty_keys(value, then)
        for key, (value, then) in inside.items()
    }


def explain_errors(error: ValidationError) -> list[Fault]:
    """Every validation error as a fault, in the order of the plan's fields."""
    errors = error.errors(include_url=False)
    inside = {fault["loc"][:length] for fault in errors for length in range(len(fault["loc"]))}
    # pydantic also reports a list whose entries are all invalid as too short
    return [_explain_error(fault) for fault in errors if not (fault["type"] == "too_short" and fault["loc"] in inside)]


def _explain_error(error: ErrorDetails) -> Fault:
    """Turn one validation error into a fault at its place in the plan."""
    path, kind, value = error["loc"], error["type"], error["input"]
    if path and path[-1] == "[key]":
        return Fault(path[:-1], _bad_id(str(path[-2])), "key")
    expected = _expected(path)
    if kind == "extra_forbidden":
        names = _names(_expected(path[:-1]))
        return Fault(path, f"unknown key ‘{path[-1]}’; expected one of: {', '.join(names)}{nearest(str(path[-1]), names)}", "key")
    if kind == "missing" and isinstance(path[-1], int):
        return Fault(path[:-1], f"expected three parts, [{', '.join(_part_names(_expected(path[:-1]))[:3])}]")
    if kind == "missing":
        return Fault(path[:-1], f"the key ‘{path[-1]}’ is missing here; add the line `{path[-1]}: …`")
    if kind == "literal_error":
        words = [str(word) for word in get_args(_without_none(expected))]
        name = _part_names(_expected(path[:-1]))[path[-1]] if isinstance(path[-1], int) else path[-1]
        message = f"`{name}` cannot be ‘{value}’; expected one of: {', '.join(words)}{nearest(str(value), words)}"
        return Fault(path, message, _line_part(path))
    return Fault(path, _explain(error, expected), _line_part(path))


def _explain(error: ErrorDetails, expected: Any) -> str:
    """Explain one validation error in the user's terms."""
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    if _model(expected) in (Line, FactText) and not kind.startswith("value_error"):
        return f"{_LINE if _model(expected) is Line else 'expected a fact, `entity.attribute = value`'}, found {_quoted(value)}"
    match kind:
        case "value_error":
            speaker = str(next(iter(value), "")).partition("(")[0].strip() if isinstance(value, dict) else ""
            hint = f"; {_bad_id(speaker)}" if speaker and not speaker.islower() else ""
            return str(limits.get("error", error["msg"])) + hint
        case "string_type":
            return f"expected text, found {_quoted(value)}" + (f'; put it in quotes: "{value}"' if _is_scalar(value) else "")
        case "string_pattern_mismatch":
            return _bad_pattern(str(value), str(limits.get("pattern", "")))
        case "string_too_short":
            return "expected a text, found an empty one"
        case "string_too_long":
            return f"expected at most {limits['max_length']} characters, found {len(str(value))}"
        case "string_unicode":
            return "found a character that is no text (half of a surrogate pair); delete it"
        case "too_short" | "too_long":
            bound = f"at least {limits['min_length']}" if kind == "too_short" else f"at most {limits['max_length']}"
            return f"expected {bound} entries, found {limits['actual_length']}"
        case "greater_than_equal" | "less_than_equal" | "less_than":
            sign, limit = {"g": ("at least", "ge"), "less_than_equal": ("at most", "le")}.get(
                kind if kind == "less_than_equal" else kind[0], ("less than", "lt")
            )
            return f"expected {sign} {limits[limit]}, found {value}"
    return f"expected {_type_name(kind)}, found {_quoted(value)}"


def _type_name(kind: str) -> str:
    for start, description in (
        ("tuple", "a list"),
        ("dict", "a mapping of names"),
        ("model", "a mapping with keys"),
        ("int", "a whole number"),
        ("float", "a number"),
        ("bool", "true or false"),
        ("finite", "a finite number"),
    ):
        if kind.startswith(start):
            return description
    return f"something else ({kind})"


def _bad_pattern(value: str, pattern: str) -> str:
    if pattern.startswith(("^[a-z][a-z0-9_]", "^[a-z0-9][a-z0-9_.")):
        return _bad_id(value)
    if "x00" in pattern:
        return f"the text contains a control character: {ascii(value)[:60]}; delete it"
    return f'expected a ratio such as "16:9", found ‘{value}’'


def _bad_id(text: str) -> str:
    mended = "".join(character if character.isascii() and character.isalnum() else "_" for character in text.lower()).strip("_")[
        :40
    ]
    hint = f"; did you mean ‘{mended}’?" if mended and mended != text and mended[0].isalpha() else ""
    return f"‘{text[:60]}’ is not an id; expected small letters, digits and _, beginning with a letter, at most 40{hint}"


def _quoted(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping (is there a `: ` in a text? then put the text in quotes)" if len(value) == 1 else "a mapping"
    return f"the text ‘{str(value)[:60]}’"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, bool | int | float)


def _line_part(path: _Path) -> Literal["key", "value"]:
    return "key" if len(path) > 2 and path[-3] == "lines" and path[-1] in ("speaker", "emotion") else "value"


def _names(expected: Any) -> list[str]:
    model = _model(expected)
    return list(model.model_fields) if model is not None else []


def _expected(path: _Path) -> Any:
    """The type that the models expect at `path`, or None if they expect no value there."""
    expected: Any = EpisodePlan
    for step in path:
        expected = _step(expected, step)
    return expected


def _step(expected: Any, step: str | int) -> Any:
    """The type that the models expect one key or index below `expected`."""
    expected = _without_none(expected)
    model = _model(expected)
    if model is not None:
        field = model.model_fields.get(str(step))
        return None if field is None else field.annotation
    arguments = get_args(expected)
    origin = get_origin(expected)
    if origin in (dict, Mapping) and arguments:
        return arguments[1]
    if _part_names(expected):
        hints = list(get_type_hints(expected, include_extras=True).values())
        return hints[step] if isinstance(step, int) and step < len(hints) else None
    if origin is tuple and arguments:
        many = arguments[-1] is Ellipsis
        return arguments[0] if many else arguments[step] if isinstance(step, int) and step < len(arguments) else None
    return None


def _part_names(expected: Any) -> tuple[str, ...]:
    """Names of the parts of a named tuple such as a relation; empty for every other type."""
    return tuple(getattr(_without_none(expected), "_fields", ()))


def _model(expected: Any) -> type[BaseModel] | None:
    """The pydantic model that `expected` is, or None."""
    return expected if isinstance(expected, type) and issubclass(expected, BaseModel) else None


def _without_none(expected: Any) -> Any:
    """The type inside `Annotated[…]` and `… | None`."""
    if hasattr(expected, "__metadata__"):
        return _without_none(get_args(expected)[0])
    if get_origin(expected) in (Union, types.UnionType):
        return _without_none(next(option for option in get_args(expected) if option is not type(None)))
    return expected
