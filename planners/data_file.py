"""Read the data files that ship beside the code: YAML checked against a pydantic model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = ["DataFile", "WordList", "read_data_file"]


def _split_words(value: Any) -> Any:
    """The words of a text, with spaces for underscores; any other value as it is."""
    return tuple(word.replace("_", " ") for word in value.split()) if isinstance(value, str) else value


WordList = Annotated[tuple[str, ...], BeforeValidator(_split_words)]
"""Words separated by spaces in one YAML text, or a YAML list. An underscore stands for a space inside an entry."""


class DataFile(BaseModel):
    """Base class of the tables in one data file: every key is known and no table changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Tables = TypeVar("Tables", bound=DataFile)


def read_data_file(path: Path, tables: type[Tables]) -> Tables:
    """Read a YAML file into its model. Raises ValueError naming the file and the first entry that does not fit."""
    try:
        return tables.model_validate(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))
    except YAMLError as err:
        raise ValueError(f"{path}: the file is not YAML: {err}") from err
    except ValidationError as err:
        problem = err.errors(include_url=False)[0]
        entry = ".".join(str(key) for key in problem["loc"]) or "the file"
        raise ValueError(f"{path}: {entry}: {problem['msg']}") from err
