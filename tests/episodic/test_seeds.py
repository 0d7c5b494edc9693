from episodic.seeds import derive_seed


def test_seeds_equal_those_of_earlier_versions():
    assert derive_seed(7, "shot", "s01.1") == 353384100998420900
    assert derive_seed(0, "a") == 7606779636460171844
