import runpy
import textwrap

import episodic


def test_the_example_of_the_front_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = textwrap.dedent(episodic.__doc__.split("::\n\n")[1].split("\n\nEverything")[0])
    assert len([line for line in example.splitlines() if line]) == 4
    (tmp_path / "example.py").write_text(example)
    films = runpy.run_path(str(tmp_path / "example.py"))["films"]
    assert [film.name for film in films] == ["episode.mp4"]
    assert films[0].is_file()


def test_the_public_names_are_sorted():
    constants = sorted(name for name in episodic.__all__ if name[0].isupper())
    functions = sorted(name for name in episodic.__all__ if name[0].islower())
    assert [*constants, *functions] == episodic.__all__
