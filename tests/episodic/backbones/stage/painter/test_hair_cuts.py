"""The table of hair cuts has every style that a look can name."""

from episodic.backbones.stage.painter.figures import human_hair
from episodic.looks.data_files import read_pairs


def test_every_hair_style_of_a_look_has_a_cut() -> None:
    styles = {"short", "long", "messy", *read_pairs("people/hair_styles.tsv").values()}
    assert styles - human_hair._CUTS.keys() <= {"bald"}


def test_no_cut_has_a_negative_size() -> None:
    for cut in human_hair._CUTS.values():
        assert min(cut.top, cut.side, cut.fall, cut.spread, cut.brow, cut.fringe) >= 0
