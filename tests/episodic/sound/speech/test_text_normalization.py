import pytest

from episodic.errors import SpeechError
from episodic.sound.speech.text_normalization import spoken_text


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Wait... what?!", "Wait… what?"),
        ("No -- never – not once", "No—never—not once"),
        ("So happy 😀🎉!", "So happy !"),
        ("naïve Zoë ate żurek at the café", "naive Zoe ate zurek at the cafe"),
        ("Привет, Иван", "preevyet, eevan"),
        ("GET OUT OF MY HOUSE", "get out of my house"),
        ("The FBI called", "The FBI called"),
        ("Nooooo", "No"),
        ("‘Yes,’ she said", "Yes, she said"),
        ("*never* _ever_ <b>", "never ever b"),
        ("ﬁne ２ go", "fine 2 go"),
    ],
)
def test_written_text_becomes_spoken_text(written, spoken):
    assert spoken_text(written) == spoken


def test_stutters_and_noises_become_sounds():
    assert spoken_text("B-but") == "[B](/bə/), but"
    assert "ʃː" in spoken_text("Shhh! Quiet")


@pytest.mark.parametrize("empty", ["…", "😀", "?!", "—", "   ", "***"])
def test_a_line_without_words_is_reported(empty):
    with pytest.raises(SpeechError, match="nothing to say in the line"):
        spoken_text(empty)


def test_unreadable_letters_are_reported_with_the_line():
    with pytest.raises(SpeechError, match=r"你好.*my friend 你好.*spell the words"):
        spoken_text("my friend 你好")


@pytest.mark.parametrize(
    "text", ["a" * 5000, "\u200bzero\u00adwidth", "tab\tand\nline", "x̷͎͝ glitch", "50% of $3.20 at 5:30pm, e.g. No. 7"]
)
def test_odd_texts_become_plain_characters(text):
    assert spoken_text(text).isprintable()
