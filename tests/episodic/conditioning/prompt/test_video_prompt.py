"""The prompt of a shot is composed from plan and canon and truncated to a budget of tokens."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import ShotDraft
from episodic.conditioning.canon_requests import request_episode
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.delivery import Delivery, DeliveryKind
from episodic.conditioning.prompt.film_terms import film_terms
from episodic.conditioning.prompt.video_prompt import fit, negative_prompt
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import brief_episode
from memory.model.canon import empty_canon
from planners.plan import vocabulary
from planners.plan.model import EpisodePlan
from tests.conditioned_models import Reader

READER = Reader(capabilities=Capabilities(name="reader", max_performers=4, text_tokens=512))
PLAN = EpisodePlan.model_validate(
    {
        "title": "x",
        "cast": {
            "mara": {"kind": "human", "description": "old lighthouse keeper, grey braid, yellow raincoat"},
            "storm": {"kind": "spirit", "description": "a towering storm cloud with kind eyes"},
        },
        "locations": {"lamp_room": {"description": "round glass lamp room around a great lamp"}},
        "props": {"lantern": {}},
        "scenes": [
            {
                "id": "s01",
                "at": "lamp_room",
                "time": "dusk",
                "weather": "storm",
                "mood": "uneasy",
                "lighting": {"key": "left", "temperature_k": 3200, "contrast": 0.3},
                "relations": [["mara", "fears", "storm", 0.3]],
                "opens": {"lamp": "Will the lamp burn?"},
                "facts": [
                    "mara.wearing = yellow raincoat",
                    "mara.holding = lantern",
                    "mara.manner = gruff",
                    "lamp_room.floor = wet",
                ],
                "shots": [
                    {"id": "a", "size": "wide", "camera": "push_in", "action": {"mara": "walks to the window"}},
                    {"id": "b", "size": "medium_close", "focus": ["mara"], "lines": [{"mara (afraid)": "Not tonight."}]},
                    {
                        "id": "c",
                        "size": "full",
                        "action": {"storm": "floats to mara", "mara": "recoils"},
                        "lines": [{"storm (sad)": "I only wanted to see."}],
                    },
                    {"id": "d", "size": "close", "focus": ["mara"], "action": {"mara": "points at storm"}},
                ],
            }
        ],
    }
)


def shot_requests(plan: EpisodePlan = PLAN) -> dict[str, tuple[ShotDraft, Sequence[Delivery], dict[str, str]]]:
    """Return the draft, the requested deliveries and the names of the entities, by shot."""
    cast = cast_episode(plan, empty_canon(), 1)
    briefs = brief_episode(plan, cast, READER, size=(832, 480), fps=24)
    deliveries = request_episode(plan, briefs, cast, states_by_scene(plan, cast), empty_canon(), READER)
    names = {entity.id: entity.name for group in (cast.characters, cast.locations, cast.props) for entity in group.values()}
    return {shot: (brief.request, deliveries[shot], names) for shot, brief in briefs.items()}


REQUESTS = shot_requests()


def words(text: str) -> int:
    return len(text.split())


def planned(request: ShotDraft, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sentences about the plan: with a budget of zero, `fit` reports all of them as dropped."""
    return tuple(dropped.text for dropped in fit(request, (), names, 0, len)[1])


def prompt(shot: str, budget: int = 512, count: Callable[[str], int] = words) -> tuple[str, tuple[Delivery, ...]]:
    request, deliveries, names = REQUESTS[shot]
    return fit(request, deliveries, names, budget, count)


def test_a_prompt_begins_with_the_characters_and_ends_with_the_style():
    assert prompt("a")[0] == (
        "Mara is an old lighthouse keeper, grey braid, yellow raincoat, holding a lantern. "
        "Storm is a towering storm cloud with kind eyes. "
        "Mara walks to the window while Storm looks on, in the lamp room at dusk. Wide shot, slow push-in. "
        "The lamp room is a round glass lamp room around a great lamp. "
        "Mara has a gruff manner. The lamp room, floor: wet. Mara fears Storm a little. "
        "Uneasy mood, warm key light from the left, low contrast, soft shadows. A storm rages outside the windows. "
        "Storybook illustration style, hand-painted, rich warm colours, soft textures."
    )


def test_plan_elements_are_worded_like_captions():
    request, _, names = REQUESTS["b"]
    assert planned(request, names) == (
        "Mara, with a frightened expression, speaks to someone off camera, in the lamp room at dusk.",
        "Medium close-up of Mara, static camera.",
        "Uneasy mood, warm key light from the left, low contrast, soft shadows.",
        "A storm rages outside the windows.",
        "Storybook illustration style, hand-painted, rich warm colours, soft textures.",
    )


def test_actions_name_every_character():
    request, _, names = REQUESTS["c"]
    clauses = planned(request, names)[0]
    assert clauses == "Storm, with a sad expression, speaks and floats to Mara while Mara recoils, in the lamp room at dusk."


def test_entities_out_of_frame_are_not_named_and_are_recorded_as_dropped():
    for shot in ("b", "d"):
        text, settled = prompt(shot)
        assert "torm" not in text.replace("A storm rages outside the windows", "")
        gone = [delivery for delivery in settled if delivery.dropped and "not in the frame" in delivery.detail]
        assert {(delivery.kind, delivery.entity) for delivery in gone} >= {("look", "storm"), ("relation", "mara")}
    assert "Mara points at someone off camera" in prompt("d")[0]


def test_invisible_facts_are_left_out_and_recorded_as_dropped():
    text, settled = prompt("a")
    assert "Will the lamp burn" not in text
    assert [delivery.dropped for delivery in settled if delivery.text.startswith("knows:")] == ["no slot", "no slot"]


def test_clothes_in_the_remembered_look_are_not_repeated():
    text, settled = prompt("a")
    assert text.count("yellow raincoat") == 1
    assert next(delivery for delivery in settled if delivery.text == "wearing = yellow raincoat").form == "text"


def test_earlier_scenes_and_open_questions_come_after_the_light():
    request, deliveries, names = REQUESTS["a"]
    more = (
        Delivery(kind="scene", entity="", text="1:3 It burns: the ferry comes home", form="text", name="x"),
        Delivery(kind="thread", entity="", text="Who sank the ferry?", form="text", name="y"),
    )
    text, _ = fit(request, (*deliveries, *more), names, 512, words)
    assert "windows. Earlier: It burns: the ferry comes home. Open question: Who sank the ferry? Storybook" in text


def state(entity: str, text: str) -> Delivery:
    return Delivery(kind="state", entity=entity, text=text, form="text", name=f"{entity}: {text}")


@pytest.mark.parametrize(
    ("fact", "phrase"),
    [
        ("holding = nothing", "raincoat, with empty hands."),
        ("holding = bread", "raincoat, holding bread."),
        ("wearing = red boots", "raincoat, wearing red boots."),
        ("hair = short white", "raincoat, with short white hair."),
        ("injury = bandaged arm", "raincoat, with an injury: bandaged arm."),
        ("pronoun = she", "raincoat, female."),
        ("mood = shaken", "Mara looks shaken."),
        ("blind = yes", "Mara is blind."),
        ("bag = open", "Mara, bag: open."),
    ],
)
def test_states_read_as_prose(fact, phrase):
    request, _, names = REQUESTS["a"]
    look = Delivery(kind="look", entity="mara", text="old keeper, yellow raincoat", form="text", name="z")
    assert phrase in fit(request, (look, state("mara", fact)), names, 512, words)[0]


def test_an_empty_wardrobe_is_never_requested():
    request, _, names = REQUESTS["a"]
    text, (settled, *_) = fit(request, (state("mara", "wearing = nothing"),), names, 512, words)
    assert "nothing" not in text
    assert settled.dropped == "unknown"


def test_a_character_without_description_is_named_by_kind():
    request, _, names = REQUESTS["a"]
    look = Delivery(kind="look", entity="mara", text="Mara", form="text", name="z")
    assert fit(request, (look,), names, 512, words)[0].startswith("Mara is an old woman.")


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("animal", "Crab", "Crab is a crab."),
        ("animal", "Pinchy the Lobster", "Pinchy the Lobster is a lobster."),
        ("animal", "Milo", "Milo is an animal."),
        ("animal", "Old Fox", "Old Fox is an old fox."),
        ("thing", "Kettle", "Kettle is a kettle."),
        ("spirit", "Tornado", "Tornado is a tornado spirit."),
        ("spirit", "Ysolde", "Ysolde is a spirit."),
        ("robot", "Bolt", "Bolt is a robot."),
    ],
)
def test_a_creature_is_named_by_its_own_kind_and_not_by_a_substitute(kind, name, sentence):
    plan = PLAN.model_dump(mode="json", exclude_unset=True)
    plan["cast"]["storm"] = {"kind": kind, "name": name}
    request, deliveries, names = shot_requests(EpisodePlan.model_validate(plan))["a"]
    assert sentence in fit(request, deliveries, names, 512, words)[0]


def test_a_shot_without_performers_is_an_empty_view():
    request, _, names = REQUESTS["a"]
    nobody = dataclasses.replace(request, performers=(), focus=())
    assert planned(nobody, names)[0] == "The lamp room at dusk, with nobody in sight."


def test_less_important_sentences_are_dropped_first_and_reported():
    text, settled = prompt("a", budget=40)
    assert text.startswith("Mara is an old lighthouse keeper, grey braid, yellow raincoat, holding a lantern. Storm is")
    assert words(text) <= 40
    gone = {(delivery.kind, delivery.text) for delivery in settled if delivery.dropped == "budget"}
    assert ("plan", "Storybook illustration style, hand-painted, rich warm colours, soft textures.") in gone
    assert ("layout", "round glass lamp room around a great lamp") in gone
    assert all("40 tokens" in delivery.detail for delivery in settled if delivery.dropped == "budget")


def test_tokens_are_counted_few_times():
    calls = []

    def count(text):
        calls.append(text)
        return words(text)

    prompt("a", count=count)
    assert len(calls) == 1
    prompt("a", budget=40, count=count)
    assert len(calls) <= 20


def test_every_word_of_the_vocabulary_has_a_caption():
    tables = (
        (film_terms().sizes, vocabulary.SHOT_SIZES),
        (film_terms().camera_moves, vocabulary.CAMERA_MOVES),
        (film_terms().times, vocabulary.TIMES),
        (film_terms().weathers, vocabulary.WEATHERS),
        (film_terms().weathers_indoors, vocabulary.WEATHERS),
        (film_terms().moods, vocabulary.MOODS),
        (film_terms().key_lights, vocabulary.KEYS),
        (film_terms().expressions, vocabulary.EMOTIONS),
        (film_terms().actions, vocabulary.ACTIONS),
        (film_terms().styles, vocabulary.STYLES),
    )
    assert all(tuple(table) == known for table, known in tables)


def test_negative_prompts_name_the_opposite_kind_of_picture():
    assert "photorealistic" in negative_prompt("storybook", 64, words)
    assert "cartoon" in negative_prompt("drama", 64, words)
    assert "colour" in negative_prompt("noir", 64, words)
    assert all("watermark" in negative_prompt(style, 64, words) for style in vocabulary.STYLES)


def test_a_negative_prompt_is_truncated_to_whole_phrases():
    assert negative_prompt("drama", 4, words) == "blurry, low quality"
    assert negative_prompt("drama", 0, words) == ""


plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
kinds: st.SearchStrategy[DeliveryKind] = st.sampled_from(["look", "layout", "state", "relation", "thread", "scene", "prop"])
facts = st.builds("{} = {}".format, st.sampled_from(["wearing", "holding", "hair", "mood", "pronoun", "scar", "weather"]), plain)


@st.composite
def memories(draw: st.DrawFn) -> Delivery:
    kind, entity = draw(kinds), draw(st.sampled_from(["mara", "storm", "lamp_room", "lantern"]))
    entity = {"layout": "lamp_room", "thread": "", "scene": ""}.get(kind, entity)
    text = draw(facts if kind == "state" else plain)
    text = f"{entity} {text} storm" if kind == "relation" else text
    if draw(st.booleans()):
        return Delivery(kind=kind, entity=entity, text=text, form="text", name=text)
    return Delivery(kind=kind, entity=entity, text=text, dropped="low quality")


counts = st.sampled_from(
    [len, words, lambda text: len(text.encode()), lambda text: words(text) ** 2, lambda text: len(text) // 4]
)


@settings(max_examples=120, deadline=None)
@given(
    shot=st.sampled_from(list(REQUESTS)),
    deliveries=st.lists(memories(), max_size=8),
    names=st.dictionaries(st.sampled_from(["mara", "storm", "lamp_room"]), plain.filter(str.strip)),
    budget=st.integers(0, 400),
    count=counts,
)
def test_a_prompt_fits_its_budget_and_contains_or_reports_everything(shot, deliveries, names, budget, count):
    request = REQUESTS[shot][0]
    text, settled = fit(request, deliveries, names, budget, count)
    assert (text, settled) == fit(request, deliveries, names, budget, count)
    assert count(text) <= max(budget, count(""))
    _, unlimited = fit(request, deliveries, names, 10**9, count)
    kept = settled[: len(deliveries)]
    for before, after, best in zip(deliveries, kept, unlimited[: len(deliveries)], strict=True):
        assert (after.kind, after.entity, after.text) == (before.kind, before.entity, before.text)
        if before.form is None or best.form is None:
            assert after == best
        else:
            assert after.form == "text" or (after.dropped == "budget" and after.detail)
    cut = settled[len(deliveries) :]
    assert all(delivery.kind == "plan" and delivery.dropped == "budget" for delivery in cut)
    assert all(clause in text or clause in {delivery.text for delivery in cut} for clause in planned(request, names))


@settings(deadline=None)
@given(shot=st.sampled_from(list(REQUESTS)), budget=st.integers(0, 120), count=counts)
def test_the_remaining_sentences_keep_their_order(shot, budget, count):
    whole, kept = prompt(shot)[0].split(". "), prompt(shot, budget, count)[0].split(". ")
    places = [whole.index(clause) for clause in kept if clause in whole]
    assert places == sorted(places)
    plan = [clause for clause in planned(REQUESTS[shot][0], REQUESTS[shot][2]) if clause.rstrip(".") in kept]
    assert plan == sorted(plan, key=lambda clause: kept.index(clause.rstrip(".")))
