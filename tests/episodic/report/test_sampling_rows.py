"""Takes of open video models in the report."""

import dataclasses

from episodic.report.page import Page, render_page
from episodic.report.sampling_rows import sampled_shot
from memory.model.facts import FactValue

NOTES: dict[str, FactValue] = {
    "size": [832, 480],
    "fps": 16,
    "steps": 30,
    "windows": [[0, 81, 0], [64, 49, 17]],
    "machine": {"dtype": "bfloat16", "offload": "group", "cache": "none", "tiling": "no"},
    "stepped_down": ["out of memory; continued with offload group instead of none"],
}
EMPTY = Page(
    key="k",
    series="Nights",
    episode=1,
    title="The Keeper",
    prompt="",
    settings=(),
    seconds=1.0,
    scenes=(),
    figures=(),
    plots=(),
    conflicts=(),
    sound=(),
)


def test_size_windows_machine_and_every_step_down_are_listed():
    row = sampled_shot("s01.1", NOTES)
    assert row is not None
    assert (row.size, row.steps) == ("832x480 at 16 fps", 30)
    assert row.windows == "81 frames, 49 frames, 17 of them known"
    assert row.machine == "dtype bfloat16, offload group"
    page = render_page(dataclasses.replace(EMPTY, sampled=(row,)))
    assert "out of memory; continued with offload group instead of none" in page
    assert 'id="sampled"' in page


def test_takes_of_other_backbones_are_not_listed():
    assert sampled_shot("s01.1", {"sampler": "stage-1"}) is None
    assert 'id="sampled"' not in render_page(EMPTY)
