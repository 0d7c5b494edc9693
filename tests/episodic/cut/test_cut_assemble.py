"""`assemble` writes a film that reads back as planned."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import av.logging
import numpy as np
import pytest
from av.subtitles.subtitle import AssSubtitle

from episodic.cut.assemble import AAC_FRAME, Chapter, assemble
from episodic.cut.encode import encode_shot
from episodic.cut.errors import CutError
from episodic.cut.subtitles import Subtitle
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, lay_out
from tests.episodic.cut.cutting_room import CuttingRoom, decode, packets_of

ROOT = Path(__file__).parents[3]


def mixed(cutting_room: CuttingRoom, fps: int = 24, *, forced: bool = True) -> tuple[list[Segment], Timeline]:
    """Encode and lay out two scenes with every kind of transition."""
    n = fps + 7
    shots = cutting_room.shots(
        [n, n + 1, n + 30, n, n, 2 * n], ["fade", "cut", "dissolve", "dissolve", "cut", "fade"], fps, forced=forced
    )
    return shots, cutting_room.timeline([shots[:3], shots[3:]], fps)


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 50, 60])
def test_copied_frames_keep_their_packets_and_every_other_frame_is_a_blend(cutting_room: CuttingRoom, fps: int) -> None:
    shots, timeline = mixed(cutting_room, fps)
    film = cutting_room.cut(timeline)
    film_packets, film_pictures = packets_of(film), decode(film)
    assert len(film_packets) == len(film_pictures) == timeline.frames
    for span in timeline.spans:
        source = shots[span.shot].path
        place, origin = slice(span.start, span.start + span.frames), slice(span.first, span.first + span.frames)
        same_bytes = [a == b for a, b in zip(film_packets[place], packets_of(source)[origin], strict=True)]
        if span.kind == "copy":
            assert all(same_bytes)
            assert np.array_equal(np.stack(film_pictures[place]), np.stack(decode(source)[origin]))
        else:
            assert not any(same_bytes)


def test_a_dissolve_blends_evenly_from_one_shot_to_the_next(cutting_room: CuttingRoom) -> None:
    shots, timeline = mixed(cutting_room)
    pictures = decode(cutting_room.cut(timeline))
    for span in (span for span in timeline.spans if span.kind == "dissolve"):
        new = decode(shots[span.shot].path)[span.first :]
        old = decode(shots[span.under].path)[span.under_first :]
        for i in range(span.frames):
            share = (i + 1) / (span.frames + 1)
            expected = share * new[i] + (1 - share) * old[i]
            assert np.abs(pictures[span.start + i] - expected).mean() < 2.5


def test_a_fade_reaches_black_and_the_film_opens_from_black(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    luma = [picture[:108].mean() for picture in decode(cutting_room.cut(timeline))]
    assert luma[0] == pytest.approx(16, abs=1)
    fade_in = next(span for span in timeline.spans if span.kind == "fade_in" and span.start)
    assert luma[fade_in.start - 1] == pytest.approx(16, abs=1)
    assert luma[fade_in.start] == pytest.approx(16, abs=1)
    rising = luma[fade_in.start : fade_in.start + fade_in.frames + 1]
    assert all(a < b for a, b in pairwise(rising))


def test_a_shot_encoded_without_forced_keyframes_is_cut_at_the_right_frames(cutting_room: CuttingRoom) -> None:
    shots, timeline = mixed(cutting_room, forced=False)
    film = cutting_room.cut(timeline)
    pictures, film_packets = decode(film), packets_of(film)
    assert len(pictures) == timeline.frames
    for span in (span for span in timeline.spans if span.kind == "copy"):
        source = decode(shots[span.shot].path)
        error = [np.abs(pictures[span.start + i] - source[span.first + i].astype(float)).mean() for i in range(span.frames)]
        assert max(error) < 2.5
        if span.first == 0:
            assert film_packets[span.start] == packets_of(shots[span.shot].path)[0]


def test_the_same_input_gives_the_same_bytes_for_any_block_size_of_the_sound(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    cues = [Subtitle(start_s=1.0, end_s=2.0, speaker="Mara", text="Not tonight.")]
    first = cutting_room.cut(timeline, "one.mp4", cues, block=4800)
    second = cutting_room.cut(timeline, "two.mp4", cues, block=977)
    assert first.read_bytes() == second.read_bytes()


def test_title_chapters_and_subtitles_read_back(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    cues = [
        Subtitle(start_s=0.5, end_s=1.5, speaker="Mara", text="Not {tonight}.\n<Please>, „nicht“ 今夜は."),
        Subtitle(start_s=2.0, end_s=3.25, speaker="narrator", text="She was afraid.", on_screen=False),
    ]
    film = cutting_room.cut(timeline, subtitles=cues)
    with av.open(str(film)) as box:
        assert box.metadata["title"] == "A film"
        assert box.metadata["comment"] == "made by a test"
        assert "creation_time" not in box.metadata
        chapters = []
        for chapter in box.chapters():
            assert chapter["time_base"] is not None
            chapters.append((chapter["start"] * chapter["time_base"], chapter["metadata"]["title"]))
        assert chapters == [(Fraction(timeline.scenes[i].start, 24), f"Scene {i}") for i in range(2)]
        stream = box.streams.subtitles[0]
        assert stream.codec_context.name == "mov_text"
        shown = [(p.pts, p.duration, bytes(p)) for p in box.demux(stream) if p.size > 2]
    assert [(start, length) for start, length, _ in shown] == [(500, 1000), (2000, 1250)]
    texts = [sample[2 : 2 + int.from_bytes(sample[:2], "big")].decode() for _, _, sample in shown]
    assert texts == [cue.text for cue in cues]
    assert b"styl" not in shown[0][2]
    assert shown[1][2].endswith(b"styl\x00\x01\x00\x00\x00\x0f\x00\x01\x02\x10\xff\xff\xff\xff")


def test_a_decoder_reads_the_italics_and_the_line_break(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    cue = Subtitle(start_s=0.5, end_s=2.5, speaker="narrator", text="She was\nafraid.", on_screen=False)
    with av.open(str(cutting_room.cut(timeline, subtitles=[cue]))) as box:
        stream = box.streams.subtitles[0]
        shown = [subtitle for packet in box.demux(stream) if packet.size > 2 for subtitle in stream.decode(packet)]
    assert isinstance(shown[0], AssSubtitle)
    assert rb"{\i1}She was\Nafraid." in shown[0].ass


def test_the_index_precedes_the_media_data(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    data = cutting_room.cut(timeline).read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_a_player_logs_no_warning_and_meets_no_gap_in_time(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    film = cutting_room.cut(timeline, subtitles=[Subtitle(start_s=0.5, end_s=1.5, speaker="Mara", text="Hm.")])
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture() as logs, av.open(str(film), options={"err_detect": "explode"}) as box:
            times: dict[int, list[int]] = {stream.index: [] for stream in box.streams}
            for packet in box.demux(box.streams.video[0], box.streams.audio[0]):
                if packet.dts is not None:
                    times[packet.stream_index].append(packet.dts)
                packet.decode()
    finally:
        av.logging.set_level(level)
    assert logs == []
    assert {b - a for a, b in pairwise(times[0])} == {512}
    assert {b - a for a, b in pairwise(times[1])} == {AAC_FRAME}


def seconds_of(stream: av.VideoStream | av.AudioStream) -> float:
    """Return the length of a stream."""
    assert stream.duration is not None
    assert stream.time_base is not None
    return float(stream.duration * stream.time_base)


def test_sound_and_picture_are_equally_long(cutting_room: CuttingRoom) -> None:
    _, timeline = mixed(cutting_room)
    with av.open(str(cutting_room.cut(timeline))) as box:
        video, audio = box.streams.video[0], box.streams.audio[0]
        assert seconds_of(video) == pytest.approx(timeline.frames / 24, abs=1e-4)
        assert seconds_of(audio) == pytest.approx(timeline.samples / SAMPLE_RATE, abs=1e-4)
        heard = sum(frame.samples for frame in box.decode(audio))
    assert 0 <= heard - timeline.samples < AAC_FRAME


def test_a_flash_and_a_beep_of_the_same_frame_play_together(tmp_path: Path) -> None:
    fps, at = 24, (31, 67, 98)

    def flashes(first: int, count: int) -> Iterator[np.ndarray]:
        for frame in range(first, first + count):
            yield np.full((108, 192, 3), 255 if frame in at else 20, np.uint8)

    shots = []
    for number in range(2):
        path = tmp_path / f"{number}.mp4"
        encode_shot(path, flashes(60 * number, 60), width=192, height=108, fps=fps)
        shots.append(Segment(id=str(number), path=path, frames=60))
    timeline = lay_out([SceneCut(id="s", title="s", shots=tuple(shots))], fps)
    sound = np.zeros((timeline.samples, 2), np.float32)
    for frame in at:
        beep = np.sin(2 * np.pi * 1000 * np.arange(1200) / SAMPLE_RATE)
        sound[frame * 2000 : frame * 2000 + 1200] = 0.8 * beep[:, None]
    film = tmp_path / "film.mp4"
    assemble(film, timeline, [sound], [], [Chapter(start_s=0, title="s")], title="sync")
    with av.open(str(film)) as box:
        seen = [frame.time for frame in box.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128]
    with av.open(str(film)) as box:
        level = np.concatenate([np.abs(frame.to_ndarray()).max(axis=0) for frame in box.decode(audio=0)])
    loud = np.flatnonzero(level > 0.3)
    heard = [loud[0], *loud[1:][np.diff(loud) > 10_000]]
    assert seen == pytest.approx([frame / fps for frame in at], abs=1e-6)
    assert [sample / SAMPLE_RATE for sample in heard] == pytest.approx(seen, abs=0.005)


@pytest.mark.parametrize(("off", "fits"), [(-1999, True), (1999, True), (-2500, False), (2500, False)])
def test_sound_may_differ_from_the_picture_by_one_frame_at_most(cutting_room: CuttingRoom, off: int, fits: bool) -> None:
    shots = cutting_room.shots([30], ["cut"], 24)
    timeline = cutting_room.timeline([shots], 24)
    sound, out = np.zeros((timeline.samples + off, 2), np.float32), cutting_room.folder / "film.mp4"
    if fits:
        assemble(out, timeline, [sound], [], [], title="t")
        with av.open(str(out)) as box:
            assert box.streams.audio[0].duration == timeline.samples
    else:
        with pytest.raises(CutError, match=rf"expected {timeline.samples} samples"):
            assemble(out, timeline, [sound], [], [], title="t")
        assert not out.exists()


@pytest.mark.parametrize(
    "block",
    [np.zeros((2, 100), np.float32), np.zeros((100, 2), np.float64), np.full((100, 2), np.nan, np.float32)],
    ids=["channels first", "float64", "nan"],
)
def test_sound_of_the_wrong_shape_type_or_value_is_refused(cutting_room: CuttingRoom, block: np.ndarray) -> None:
    timeline = cutting_room.timeline([cutting_room.shots([30], ["cut"], 24)], 24)
    with pytest.raises(CutError, match="samples x 2 channels, float32 and finite"):
        assemble(cutting_room.folder / "film.mp4", timeline, [block], [], [], title="t")


def test_a_missing_damaged_short_or_foreign_shot_is_named_and_no_film_is_written(
    cutting_room: CuttingRoom, tmp_path: Path
) -> None:
    shots = cutting_room.shots([30, 30], ["cut", "dissolve"], 24)
    timeline = cutting_room.timeline([shots], 24)
    whole, bad = shots[1].path.read_bytes(), shots[1].path
    other = encode_shot(tmp_path / "other.mp4", (np.zeros((64, 64, 3), np.uint8) for _ in range(30)), width=64, height=64, fps=24)
    shorter = encode_shot(
        tmp_path / "short.mp4", (np.zeros((108, 192, 3), np.uint8) for _ in range(9)), width=192, height=108, fps=24
    )
    for content, complaint in [
        (None, "cannot be read"),
        (whole[:500], "cannot be read"),
        (other.path.read_bytes(), "not encoded like"),
        (shorter.path.read_bytes(), "should have 30 frames and has 9"),
    ]:
        bad.unlink(missing_ok=True)
        if content is not None:
            bad.write_bytes(content)
        with pytest.raises(CutError, match=complaint) as caught:
            cutting_room.cut(timeline)
        assert str(bad) in caught.value.message
        assert sorted(file.name for file in tmp_path.glob("*film*")) == []


def test_a_shot_of_another_rate_than_the_film_is_named(cutting_room: CuttingRoom) -> None:
    timeline = cutting_room.timeline([cutting_room.shots([25], ["cut"], 25)], 24)
    with pytest.raises(CutError, match=r"s0\.mp4: encoded at 25 frames a second, the film has 24"):
        cutting_room.cut(timeline)


def test_the_partial_file_of_a_killed_run_is_overwritten(cutting_room: CuttingRoom) -> None:
    timeline = cutting_room.timeline([cutting_room.shots([30], ["cut"], 24)], 24)
    undisturbed = cutting_room.cut(timeline).read_bytes()
    (cutting_room.folder / ".film.mp4.part").write_bytes(b"half" * 100_000)
    assert cutting_room.cut(timeline).read_bytes() == undisturbed
    assert sorted(file.name for file in cutting_room.folder.iterdir()) == ["film.mp4", "s0.mp4"]


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from episodic.cut.assemble import assemble
from episodic.cut.encode import encode_shot
from episodic.cut.errors import DiskFull
from episodic.cut.timeline import SceneCut, Segment, lay_out
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, what, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
noise = np.random.default_rng(0)
frames = (noise.integers(0, 255, (108, 192, 3), dtype=np.uint8) for _ in range(30))
shot = folder / "shot.mp4"
if what == "film":
    encode_shot(shot, frames, width=192, height=108, fps=24)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if what == "shot":
        encode_shot(shot, frames, width=192, height=108, fps=24)
    else:
        film = lay_out([SceneCut(id="s", title="s", shots=(Segment(id="a", path=shot, frames=30),))], 24)
        assemble(folder / "film.mp4", film, [np.zeros((film.samples, 2), np.float32)], [], [], title="t")
except DiskFull as full:
    print(full.message)
    raise SystemExit(7)
"""


@pytest.mark.parametrize("limit", [10_000, 100_000])
@pytest.mark.parametrize("what", ["shot", "film"])
def test_a_full_disk_is_reported_and_no_partial_file_stays(tmp_path: Path, what: str, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), what, str(limit)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7, done.stderr
    assert f"{what}.mp4: the disk (or the quota) is full" in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == (["shot.mp4"] if what == "film" else [])


MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from episodic.cut.assemble import Chapter, assemble
from episodic.cut.timeline import SceneCut, Segment, lay_out
path, copies = Path(sys.argv[1]), int(sys.argv[2])
how = ["cut", "dissolve", "fade"]
shots = [Segment(id=str(i), path=path, frames=30, transition=how[i % 3], transition_frames=12) for i in range(copies)]
film = lay_out([SceneCut(id=str(i), title=str(i), shots=(shot,)) for i, shot in enumerate(shots)], 24)
def sound():
    noise = np.random.default_rng(0)
    for start in range(0, film.samples, 48000):
        yield noise.normal(0, 0.1, (min(48000, film.samples - start), 2)).astype(np.float32)
chapters = [Chapter(start_s=film.seconds(scene.start), title=scene.title) for scene in film.scenes]
assemble(path.parent / "film.mp4", film, sound(), [], chapters, title="t")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_length_of_the_film(tmp_path: Path) -> None:
    noise = np.random.default_rng(3)
    still = noise.integers(0, 255, (108, 192, 3), dtype=np.uint8)
    shot = encode_shot(tmp_path / "shot.mp4", (np.roll(still, i, 1) for i in range(30)), width=192, height=108, fps=24)
    peaks = []
    for copies in (4, 40):
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(shot.path), str(copies)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] <= 1.1 * peaks[0]


def test_chapters_out_of_order_are_refused(cutting_room: CuttingRoom) -> None:
    timeline = cutting_room.timeline([cutting_room.shots([30], ["cut"], 24)], 24)
    sound = [np.zeros((timeline.samples, 2), np.float32)]
    with pytest.raises(ValueError, match="one after another"):
        assemble(
            cutting_room.folder / "f.mp4",
            timeline,
            sound,
            [],
            [Chapter(start_s=0.5, title="b"), Chapter(start_s=0.0, title="a")],
            title="t",
        )
