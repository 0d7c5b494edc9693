from episodic.seeds import derive_seed


def test_names_give_the_seeds_that_earlier_versions_gave():
    assert derive_seed(7, "shot", "s01.1") == 353384100998420900
    assert derive_seed(0, "a") == 7606779636460171844
