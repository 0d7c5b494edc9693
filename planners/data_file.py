"""Read the data files that ship beside the code: YAML checked against a pydantic model.

They are read by libyaml, which takes a tenth of the time that the reader of users' files takes. It reads YAML 1.1: a plain `no` or `on` is a
truth value there, which a model that expects a text refuses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

__all__ = ["DataFile", "WordList", "parse_data", "parse_yaml", "read_data_file"]


def _split_words(value: Any) -> Any:
    """The words of a text, with spaces for underscores; any other value as it is."""
    return tuple(word.replace("_", " ") for word in value.split()) if isinstance(value, str) else value


WordList = Annotated[tuple[str, ...], BeforeValidator(_split_words)]
"""Words separated by spaces in one YAML text, or a YAML list. An underscore stands for a space inside an entry."""


class DataFile(BaseModel):
    """Base class of the tables in one data file: every key is known and no table changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def parse_yaml(text: str) -> object:
    """The plain values of a YAML text that ships. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders


Tables = TypeVar("Tables", bound=DataFile)


def read_data_file(path: Path, tables: type[Tables]) -> Tables:
    """Read a YAML file into its model. Raises ValueError naming the file and the first entry that does not fit."""
    return parse_data(path, path.read_text("utf-8"), tables)


def parse_data(path: Path, text: str, tables: type[Tables], *, entry: str | None = None) -> Tables:
    """Parse the text of a file, or of one entry in it, into its model. Raises ValueError as `read_data_file` does."""
    try:
        return tables.model_validate(parse_yaml(text))
    except yaml.YAMLError as err:
        raise ValueError(f"{path}: {entry or 'the file'} is not YAML: {err}") from err
    except ValidationError as err:
        problem = err.errors(include_url=False)[0]
        keys = [*([] if entry is None else [entry]), *(str(key) for key in problem["loc"])]
        raise ValueError(f"{path}: {'.'.join(keys) or 'the file'}: {problem['msg']}") from err
