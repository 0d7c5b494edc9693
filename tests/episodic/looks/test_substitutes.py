"""Known words keep their picture; an unknown word gets the nearest picture, and the explanation says so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from episodic.looks.creatures import SPECIES, species_of
from episodic.looks.explain import Understanding, understood_character, understood_clothes, understood_place, understood_prop
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import PLACE_KINDS, location_look
from episodic.looks.props import PROP_FORMS, form_of_prop
from episodic.looks.substitutes import (
    LOOSE_PLACES,
    NEAR_ANIMALS,
    NEAR_PLACES,
    NEAR_PROPS,
    NEAR_SPIRITS,
    NEAR_THINGS,
    SAME_PLACES,
)
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

CHARACTERS: dict[str, CharacterKind] = {"animal": "animal", "spirit": "spirit", "thing": "thing"}
GOLDEN = json.loads((Path(__file__).parent / "golden" / "understood.json").read_text("utf-8"))


def look(kind: CharacterKind, description: str, name: str = "Bo") -> dict[str, FactValue]:
    return character_look(kind=kind, name=name, description=description, seed=3)


def species(description: str, name: str = "Bo") -> str:
    return str(look("animal", description, name)["species"])


def understood(kind: CharacterKind, description: str, name: str = "Bo") -> Understanding:
    return understood_character(kind=kind, name=name, description=description, look=look(kind, description, name))


def place(name: str, description: str = "") -> str:
    return str(location_look(name=name, description=description, seed=3)["place"])


def understood_place_named(name: str, description: str = "") -> Understanding:
    return understood_place(name=name, description=description, look=location_look(name=name, description=description, seed=3))


def understood_prop_named(name: str) -> Understanding:
    return understood_prop(name=name, description="", look=prop_look(name=name, description="", seed=3))


@pytest.mark.parametrize("kind", ["animal", "spirit", "thing", "prop", "place"])
def test_known_words_keep_their_look(kind: str) -> None:
    def now(word: str) -> dict[str, FactValue]:
        if kind == "place":
            return location_look(name=word, description="", seed=3)
        if kind == "prop":
            return prop_look(name=word, description="old and worn", seed=3)
        return look(CHARACTERS[kind], f"a young {word} with a green scarf")

    words = [entry.removeprefix(f"{kind}: ") for entry in GOLDEN if entry.startswith(f"{kind}: ")]
    digests = {word: hashlib.sha256(json.dumps(now(word), sort_keys=True).encode()).hexdigest()[:8] for word in words}
    assert len(words) >= 20
    assert [word for word in words if digests[word] != GOLDEN[f"{kind}: {word}"]] == []


@pytest.mark.parametrize(
    ("description", "plan"),
    [
        ("a heron with a fish in its beak", "bird"),
        ("a newt", "frog"),
        ("an otter who collects stones", "animal"),
        ("two storks", "bird"),
        ("a giraffe", "deer"),
        ("a zebra", "horse"),
        ("a snail", "turtle"),
        ("a ladybird", "turtle"),
        ("a spider", "octopus"),
        ("a bat", "mouse"),
        ("a crocodile", "dragon"),
        ("a walrus", "dolphin"),
        ("an eel", "fish"),
        ("a rhino", "cow"),
        ("a yeti", "bear"),
        ("a wasp", "bee"),
    ],
)
def test_an_unknown_animal_becomes_the_nearest_and_says_so(description: str, plan: str) -> None:
    assert species(description) == plan
    understanding = understood("animal", description)
    assert not understanding.exact
    assert str(understanding).startswith("as a")
    assert "the painter knows no" in understanding.why


@pytest.mark.parametrize(
    ("name", "description", "plan"),
    [
        ("Bo", "a wolf who befriends a fox", "wolf"),  # what it is comes before whom it meets
        ("Bo", "a heron who is afraid of foxes", "bird"),
        ("Robin", "a young fox", "fox"),  # a name is only a name
        ("Robin", "a clever newt", "frog"),
        ("Fox", "a clever animal who steals chickens", "fox"),  # unless nothing else says what it is
        ("Bo", "a guinea pig", "mouse"),
        ("Bo", "a sea lion", "dolphin"),
        ("Bo", "a wolf cub", "wolf"),
        ("Bo", "rust-red coat, quick, a fox", "fox"),
    ],
)
def test_the_head_of_a_description_decides_the_species(name: str, description: str, plan: str) -> None:
    assert species(description, name) == plan


def test_a_nearest_animal_has_its_own_colour_and_takes_the_one_it_is_given() -> None:
    assert look("animal", "a flamingo")["color"] == "#f08fa0"
    assert look("animal", "a shy, quiet and thoughtful black flamingo")["color"] == look("animal", "a black heron")["color"]


@pytest.mark.parametrize("word", ["fox", "kitten", "tortoise", "vixen", "goldfish", "bear cub", "wolves", "greyhound"])
def test_kinds_sexes_and_young_of_a_known_animal_are_exact(word: str) -> None:
    assert understood("animal", f"a {word}").exact


def test_an_animal_that_no_word_names_is_a_plain_one_and_says_so() -> None:
    understanding = understood("animal", "a shy creature of the hills")
    assert str(understanding) == "as a plain animal: its words name no kind of animal that the painter knows"


def test_an_animal_mentioned_in_passing_is_not_exact() -> None:
    understanding = understood("animal", "a clever beast who eats fish")
    assert (understanding.as_what, understanding.exact) == ("a fish", False)


def test_a_look_cast_before_a_word_was_known_is_explained_by_what_it_shows() -> None:
    old = {**look("animal", "a shy creature"), "species": "animal", "form": "beast"}
    understanding = understood_character(kind="animal", name="Hela", description="a heron", look=old)
    assert str(understanding) == "as a plain animal: the painter knows no heron"
    understanding = understood_character(kind="animal", name="Bo", description="a wolf", look={**old, "species": "fox"})
    assert str(understanding) == "as a fox: it was cast so, and its words say wolf"


def test_substitutes_for_spirits_and_things_are_explained() -> None:
    assert understood("spirit", "a thunderstorm").exact
    assert str(understood("spirit", "a tornado")) == "as a gust of wind: the painter knows no tornado"
    assert understood("thing", "a leaf").exact
    assert str(understood("thing", "a kettle")) == "as a cup: the painter knows no kettle"
    assert not understood("thing", "a bagpipe").exact


def test_beings_that_are_drawn_as_people_are_explained() -> None:
    assert understood("human", "an old lighthouse keeper, grey braid").exact
    assert understood("human", "a vampire hunter with a dog").exact
    assert str(understood("human", "a young mermaid, green hair")) == "as a person: the painter knows no mermaid"
    assert "cast as a human" in understood("human", "a heron").why


@pytest.mark.parametrize(
    ("name", "kind", "exact"),
    [
        ("lamp room of glass", "lamp_room", True),
        ("court room", "courtroom", True),
        ("bakery", "bakery", True),
        ("attic", "attic", True),
        ("submarine", "sea_lab", True),
        ("sea floor", "underwater", True),
        ("observatory", "lab", False),
        ("greenhouse", "garden", False),
        ("tide pool", "coast", False),
        ("igloo", "living_room", False),
        ("prison cell", "palace", False),
        ("hospital", "bedroom", False),
        ("zoo", "garden", False),
        ("ice rink", "snow", False),
        ("power station", "lab", False),
        ("harbour museum", "library", False),
    ],
)
def test_a_place_is_the_nearest_the_painter_has(name: str, kind: str, exact: bool) -> None:
    assert place(name) == kind
    assert understood_place_named(name).exact == exact


def test_the_name_of_a_place_counts_more_than_its_view() -> None:
    assert place("Cavern", "full of crystals, high above the sea") == "mountain"
    assert place("Mara's Rest", "a yurt by the sea") == "living_room"
    understanding = understood_place_named("Eyrie", "high above the sea")
    assert str(understanding) == "as a coast: its words name nothing nearer that the painter knows"


def test_an_unknown_place_is_a_plain_one_and_says_so() -> None:
    assert (
        str(understood_place_named("The Zorblax"))
        == "as a plain landscape: its words name no kind of place that the painter knows"
    )
    assert str(understood_place_named("The Zorblax", "a chamber with a door")).startswith("as a plain room")


def test_substitutes_for_props_are_explained() -> None:
    assert understood_prop_named("brass lantern").exact
    assert str(understood_prop_named("violin")) == "as a box: the painter knows no violin"
    assert str(understood_prop_named("mirror")) == "as a clock: the painter knows no mirror"
    assert str(understood_prop_named("florb")) == "as a box: the painter knows no florb"


def test_an_unknown_garment_is_a_coat_and_says_so() -> None:
    assert understood_clothes("yellow raincoat").exact
    assert understood_clothes("nothing").exact
    assert str(understood_clothes("a kimono of moonlight")) == "as a coat: the painter knows no such garment"


def test_every_nearest_word_has_a_picture() -> None:
    assert {species_of("animal", word) for word in NEAR_ANIMALS} <= set(SPECIES)
    assert all(look("spirit", f"a {word}")["form"] for word in NEAR_SPIRITS)
    assert all(look("thing", f"a {word}")["form"] for word in NEAR_THINGS)
    assert {form_of_prop(word) for word in NEAR_PROPS} <= set(PROP_FORMS)
    assert {*NEAR_PLACES.values(), *SAME_PLACES.values()} <= set(PLACE_KINDS)
    assert all(not understood_place_named(word).exact for word in [*NEAR_PLACES, *LOOSE_PLACES])


def test_no_known_animal_is_also_a_nearest_one() -> None:
    assert not [word for word in NEAR_ANIMALS if word in SPECIES]
    assert all(not understood("animal", f"a {word}").exact for word in NEAR_ANIMALS)
