"""Subtitles are made from spoken lines and written as SRT, WebVTT and timed text."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.cut.subtitles import (
    GAP_SECONDS,
    LINE_CHARACTERS,
    MAX_SECONDS,
    MIN_SECONDS,
    SpokenLine,
    Subtitle,
    mov_text,
    subtitles_of,
    to_srt,
    to_vtt,
)

LONG = (
    "The lamp went out at nine, and nobody on the island saw it; but the ferry was already on its way. "
    "Mara climbed the stairs, all two hundred of them, with the oil can in her hand, and she did not stop once to rest."
)


def line(text: str, start: float = 0.0, end: float = 2.0, speaker: str = "Mara", on_screen: bool = True) -> SpokenLine:
    return SpokenLine(start_s=start, end_s=end, speaker=speaker, text=text, on_screen=on_screen)


@st.composite
def dialogues(draw: st.DrawFn) -> list[SpokenLine]:
    now, lines = 0.0, []
    words = st.text(alphabet="abcdefgh,.!?'\"-éß今", min_size=1, max_size=50)
    for _ in range(draw(st.integers(1, 8))):
        now += draw(st.floats(-0.3, 3.0))
        now = max(now, 0.0)
        length = draw(st.floats(0.05, 25.0))
        text = " ".join(draw(st.lists(words, min_size=1, max_size=40)))
        lines.append(line(text, now, now + length, draw(st.sampled_from(["Mara", "narrator", "The Storm"])), draw(st.booleans())))
        now += length
    return lines


@settings(derandomize=True, database=None, max_examples=150)
@given(dialogues())
def test_subtitles_fit_the_screen_and_the_time_limits_and_do_not_overlap(lines: list[SpokenLine]) -> None:
    cues = subtitles_of(lines, film_s=10_000.0)
    for cue in cues:
        rows = cue.text.split("\n")
        assert len(rows) <= 2
        assert all(0 < len(row) <= LINE_CHARACTERS for row in rows)
        assert MIN_SECONDS - 1e-6 <= cue.end_s - cue.start_s <= MAX_SECONDS + 1e-6
    assert all(a.end_s + GAP_SECONDS <= b.start_s + 1e-6 for a, b in pairwise(cues))


@settings(derandomize=True, database=None, max_examples=100)
@given(dialogues())
def test_no_word_is_lost(lines: list[SpokenLine]) -> None:
    shown = "".join(re.sub(r"^(Mara|The Storm): ?", "", "".join(cue.text)) for cue in subtitles_of(lines, film_s=10_000.0))
    spoken = "".join(line.text for line in sorted(lines, key=lambda line: line.start_s))
    assert re.sub(r"\s", "", shown).replace("TheStorm:", "") == re.sub(r"\s", "", spoken)


def test_a_long_line_is_split_at_punctuation_and_its_time_is_shared_by_length() -> None:
    cues = subtitles_of([line(LONG, 1.0, 13.0)], film_s=20.0)
    assert cues[0].text.startswith("The lamp went out at nine,\n")
    assert any(cue.text.endswith("on its way.") for cue in cues)
    rates = [len(cue.text) / (b.start_s - cue.start_s) for cue, b in pairwise(cues)]
    assert max(rates) < 1.2 * min(rates)
    assert cues[0].start_s == 1.0


def test_a_short_line_stays_until_it_can_be_read_or_the_next_begins() -> None:
    alone = subtitles_of([line("No.", 1.0, 1.2)], film_s=20.0)[0]
    assert (alone.start_s, round(alone.end_s, 3)) == (1.0, 1.8)
    first, second = subtitles_of([line("Where have you been all night?", 1.0, 2.0), line("Out.", 2.5, 3.0)], film_s=20.0)
    assert round(first.end_s, 3) == round(2.5 - GAP_SECONDS, 3)
    assert second.start_s == 2.5


def test_no_subtitle_outlasts_the_film() -> None:
    cues = subtitles_of([line("Good.", 8.0, 9.0), line("Night.", 9.7, 9.9)], film_s=10.0)
    assert cues[-1].end_s == 10.0
    assert round(cues[-1].end_s - cues[-1].start_s, 6) >= MIN_SECONDS
    assert cues[0].end_s < cues[1].start_s


def test_off_screen_speakers_are_in_italics_and_named_except_the_narrator() -> None:
    cues = subtitles_of(
        [line("Come in.", 0, 1, on_screen=False), line("She came in.", 2, 3, "Narrator", on_screen=False), line("Well.", 4, 5)],
        film_s=9.0,
    )
    assert [cue.text for cue in cues] == ["Mara: Come in.", "She came in.", "Well."]
    assert [("<i>" in block) for block in to_srt(cues).split("\n\n")] == [True, True, False]


def test_vtt_names_the_voice_and_escapes_markup() -> None:
    text = to_vtt([Subtitle(start_s=3661.0445, end_s=3662.5, speaker="R&D <b>", text="1 < 2 && 3 --> 4")])
    assert text == ("WEBVTT\n\n01:01:01.044 --> 01:01:02.500\n<v R&amp;D &lt;b&gt;>1 &lt; 2 &amp;&amp; 3 --&gt; 4</v>\n")


def test_srt_is_numbered_and_contains_no_markup_of_the_text() -> None:
    text = to_srt(
        [
            Subtitle(start_s=0.9996, end_s=2.0, speaker="Mara", text="{\\an8}<b> --> x"),
            Subtitle(start_s=3.0, end_s=4.0, speaker="Mara", text="Two\nlines."),
        ]
    )
    assert text == ("1\n00:00:01,000 --> 00:00:02,000\n(\\an8)‹b› --› x\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\nlines.\n")


def test_an_empty_line_gives_no_subtitle() -> None:
    assert subtitles_of([line("  \n ")], film_s=5.0) == ()


def test_a_timed_text_sample_counts_text_in_bytes_and_style_in_characters() -> None:
    sample = mov_text(Subtitle(start_s=0, end_s=1, speaker="x", text="今夜", on_screen=False))
    assert sample[:8] == b"\x00\x06" + "今夜".encode()
    assert sample[8:22] == b"\x00\x00\x00\x16styl\x00\x01\x00\x00\x00\x02"
    assert len(sample) == 8 + 22
