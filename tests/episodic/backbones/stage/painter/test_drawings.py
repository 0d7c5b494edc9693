"""`Drawings` finds each procedure by its names and refuses a duplicate name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from episodic.backbones.stage.painter.drawings import Drawings


def test_a_procedure_is_found_under_each_of_its_names() -> None:
    drawings = Drawings[Callable[[], str]]()

    @drawings.draws("sofa", "armchair")
    def sofa() -> str:
        return "drawn"

    assert drawings == {"sofa": sofa, "armchair": sofa}
    assert drawings["armchair"]() == "drawn"


def test_a_second_procedure_for_a_name_is_refused() -> None:
    drawings = Drawings[Callable[[], None]]()
    drawings.draws("sofa")(lambda: None)
    with pytest.raises(ValueError, match="'sofa' is drawn by"):
        drawings.draws("sofa")(lambda: None)
