"""Joins between shots in a small rendered episode: lines over cuts, lips, and match cuts."""

import re
import shutil
from itertools import pairwise

import av
import numpy as np
import pytest

from episodic.backbones.speech_cue import LIP_HZ
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR
from episodic.consistency.match_cut import EASED_S, head_of, mismatch
from episodic.production.files.stem_file import read_stem
from episodic.production.files.take_file import read_take
from episodic.production.steps.parts.match_cut import match_before
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio

FPS = 12
PLAN = """format: episodic/plan@1
title: Joins
seed: 5
cast:
  mara: {kind: human, description: "old lighthouse keeper, grey braid, yellow raincoat"}
  tom: {kind: human, description: "young fisherman, red cap"}
locations:
  shore: {description: rocky shore below the lighthouse}
scenes:
  - id: s01
    at: shore
    shots:
      - id: asks
        size: medium_close
        focus: [mara]
        lines: [{mara: Is anybody out there tonight?}]
      - id: answers
        size: medium_close
        focus: [tom]
        sound: j_cut
        lines: [{tom: "Only me, Mara."}, {tom: "And the tide is turning, as it does."}]
      - id: listens
        size: wide
        focus: [mara, tom]
        sound: l_cut
        action: {mara: smiles}
      - id: near
        size: medium_close
        focus: [tom]
        seconds: 1.5
      - id: far
        size: full
        focus: [tom]
        transition: match_cut
        lines: [{tom: Good night then.}]
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory, render):
    series = Series.create(
        tmp_path_factory.mktemp("joins") / "series", SeriesSettings(title="Joins", backbone="stage", size="160x90", fps=FPS)
    )
    series.plan_path(1).parent.mkdir(parents=True)
    series.plan_path(1).write_text(PLAN)
    render(series)
    return series


class RenderedEpisode:
    """The takes, the dialogue and the subtitles of the episode."""

    def __init__(self, series):
        (ready,) = Studio(series).status()
        self.folder, self.keys = series.artifacts.folder, ready.graph.keys
        self.shots = {shot.id: self.take(shot.id) for shot in ready.plan.scenes[0].shots}
        ends = np.cumsum([request.frames for request, _ in self.shots.values()])
        self.cut_s = dict(zip(self.shots, np.array([0, *ends[:-1]]) / FPS, strict=True))
        self.dialogue = np.concatenate(list(read_stem(series.episode_folder(1) / "stems" / "dialogue.flac")))
        self.subtitles = (series.episode_folder(1) / "episode.srt").read_text()

    def take(self, shot):
        return read_take(self.folder(self.keys[f"shoot:{shot}"]) / "take.safetensors")

    def level(self, begin, end):
        """Root mean square of the dialogue between two times of the film, in seconds."""
        return float(np.sqrt(np.mean(np.square(self.dialogue[round(begin * 48_000) : round(end * 48_000)]))))

    def lines(self):
        """Start and end of every line in the film, in seconds."""
        return [
            (self.cut_s[shot] + cue.start_s, self.cut_s[shot] + cue.start_s + len(cue.lips) / LIP_HZ)
            for shot, (request, _) in self.shots.items()
            for cue in request.speech
        ]


@pytest.fixture(scope="module")
def episode(rendered):
    return RenderedEpisode(rendered)


def mouth(request, take, who):
    """Return how open a performer's mouth is in a take, 0 to 1, at `LIP_HZ`."""
    slot = [performer.id for performer in request.performers].index(who)
    stored = [number for number, channel in enumerate(ACTOR) if channel.name.startswith("mouth_open_")]
    return take.arrays["latent"][slot][:, stored].ravel() * ACTOR[stored[0]].scale + ACTOR[stored[0]].offset


def in_phase(opening, lips, start_s):
    """Correlate a mouth with a line that begins at `start_s`. Returns the correlation on time and the best one at other times."""
    at = np.arange(len(opening)) / LIP_HZ

    def fit(late_s):
        expected = np.interp(at - start_s - late_s, np.arange(len(lips)) / LIP_HZ, lips[:, 0], left=0.0, right=0.0)
        return float(np.corrcoef(opening, expected)[0, 1]) if expected.std() else 0.0

    return fit(0.0), max(fit(late) for late in (-0.5, -0.375, -0.25, 0.25, 0.375, 0.5))


def test_in_a_j_cut_the_line_is_heard_before_its_picture(episode):
    cut = episode.cut_s["answers"]
    begin = cut + episode.shots["answers"][0].speech[0].start_s
    assert 0.25 < cut - begin <= 0.5
    said_before = episode.lines()[0][1]
    assert episode.level(begin + 0.05, cut) > 20 * episode.level(said_before + 0.15, begin - 0.02)


def test_in_a_j_cut_the_lips_follow_the_rest_of_the_line(episode):
    request, take = episode.shots["answers"]
    first, second = request.speech
    opening = mouth(request, take, "tom")
    ticks = slice(0, int(second.start_s * LIP_HZ))
    right, other = in_phase(opening[ticks], first.lips, first.start_s)
    assert right > 0.8
    assert right > other


def test_in_an_l_cut_the_line_and_the_visible_lips_continue_in_the_next_picture(episode):
    cut = episode.cut_s["listens"]
    end = episode.lines()[2][1]
    assert 0.3 < end - cut <= 0.7
    assert episode.level(cut, end - 0.1) > 20 * episode.level(end + 0.4, episode.lines()[3][0] - 0.05)
    request, take = episode.shots["listens"]
    line = episode.shots["answers"][0].speech[-1]
    opening = mouth(request, take, "tom")
    right, other = in_phase(opening, line.lips, end - cut - len(line.lips) / LIP_HZ)
    assert right > 0.7
    assert right > other
    assert opening[round((end - cut + 0.4) * LIP_HZ) :].max() < opening.max() / 2


def test_lines_never_overlap(episode):
    lines = episode.lines()
    assert all(begin - end > 0.2 for (_, end), (begin, _) in pairwise(lines))


def test_subtitles_begin_with_their_lines(episode):
    times = re.findall(r"(\d+):(\d+):(\d+),(\d+) -->", episode.subtitles)
    starts = [int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in times]
    assert np.allclose(starts, [begin for begin, _ in episode.lines()], atol=0.002)
    assert "<i>" not in episode.subtitles


def whites(backbone, request, take, who):
    """Yield a take's masks of a performer as pictures."""
    for sight in backbone.observe(request, take, range(request.frames), 180):
        yield np.repeat(np.where(sight.masks[who], 255, 0).astype(np.uint8)[..., None], 3, axis=2)


def matched_frames(backbone, before, shot, frames):
    """The frames of a shot, reframed to begin where the take before ended."""
    matched = match_before(backbone, before, shot, iter(frames))
    assert matched is not None
    return list(matched)


def head_box(mask):
    """The box around the head of a figure that is in the frame."""
    box = head_of(mask)
    assert box is not None
    return box


def test_a_match_cut_begins_at_the_previous_framing_and_settles(episode):
    backbone = Stage()
    (request, take), before = episode.shots["far"], episode.shots["near"]
    plain = list(whites(backbone, request, take, "tom"))
    (end,) = backbone.observe(before[0], before[1], [before[0].frames - 1], 180)
    matched = matched_frames(backbone, before, (request, take), plain)
    before_head = head_box(end.masks["tom"])
    cut_head, matched_head = head_box(plain[0][..., 0] > 127), head_box(matched[0][..., 0] > 127)
    assert np.hypot(before_head.x - matched_head.x, before_head.y - matched_head.y) < 0.03
    assert mismatch(before_head, matched_head) < 0.75 * mismatch(before_head, cut_head)
    settled = round(EASED_S * FPS)
    assert all(np.array_equal(a, b) for a, b in zip(matched[settled:], plain[settled:], strict=True))
    assert not np.array_equal(matched[0], plain[0])


def test_the_film_shows_the_match_cut(episode):
    backbone = Stage()
    request, take = episode.shots["far"]
    frames = list(backbone.develop(request, take))
    matched = matched_frames(backbone, episode.shots["near"], (request, take), frames)
    with av.open(str(episode.folder(episode.keys["picture:far"]) / "picture.mp4")) as box:
        shown = [frame.to_ndarray(format="rgb24").astype(float) for frame in box.decode(video=0)]
    assert len(shown) == request.frames
    assert np.abs(shown[0] - matched[0]).mean() < 0.5 * np.abs(shown[0] - frames[0]).mean()
    assert np.abs(shown[-1] - frames[-1]).mean() < 8


@pytest.fixture
def edited(rendered, tmp_path):
    """A function that changes the plan's text and returns the ids of stale tasks."""

    def edit(before, after):
        shutil.copytree(rendered.root, tmp_path / "series")
        series = Series.open(tmp_path / "series")
        text = series.plan_path(1).read_text()
        assert text.count(before) == 1
        series.plan_path(1).write_text(text.replace(before, after))
        (ready,) = Studio(series).status()
        return {stale_task.task.id for stale_task in ready.stale}

    return edit


def shots(*names):
    return {f"{kind}:{name}" for name in names for kind in ("shoot", "picture", "survey")} | {"mix:s01", "cut"}


def test_removing_a_j_cut_makes_two_shots_their_mix_and_the_cut_stale(edited):
    assert edited("sound: j_cut\n", "sound: straight\n") == shots("asks", "answers")


def test_removing_an_l_cut_makes_two_shots_their_mix_and_the_cut_stale(edited):
    assert edited("sound: l_cut\n", "sound: straight\n") == shots("answers", "listens")


def test_removing_a_match_cut_makes_only_the_picture_and_the_cut_stale(edited):
    assert edited("transition: match_cut\n", "transition: cut\n") == {"picture:far", "cut"}


def test_editing_a_line_over_a_cut_makes_both_shots_stale(edited):
    assert edited("as it does.", "as it always does.") == shots("answers", "listens") | {"speech:answers/2"}


def test_a_movement_continued_over_a_match_cut_is_shot_from_the_previous_take(rendered, tmp_path, render):
    shutil.copytree(rendered.root, tmp_path / "series")
    series = Series.open(tmp_path / "series")
    plan = series.plan_path(1)
    plan.write_text(plan.read_text().replace("transition: match_cut\n", "transition: match_cut\n        continues: true\n"))
    render(series)
    episode = RenderedEpisode(series)
    assert episode.shots["far"][1].notes["received"]["frames"] == ["take:near"]


def test_a_match_cut_without_masks_becomes_a_plain_cut_and_is_reported(tmp_path, render):
    series = Series.create(tmp_path / "series", SeriesSettings(title="Joins", backbone="cards", size="128x72", fps=8))
    series.plan_path(1).parent.mkdir(parents=True)
    series.plan_path(1).write_text(PLAN)
    texts = [event.text for event in render(series) if event.text]
    assert any("shot far: its match cut is a plain cut" in text for text in texts)
