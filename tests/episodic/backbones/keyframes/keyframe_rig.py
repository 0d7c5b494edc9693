"""Looks, wishes, plans and a scripted model that the tests of keyframe models share."""

import dataclasses

import numpy as np
from PIL import Image

from episodic.backbones.diffusers.families.flux2 import Flux2
from episodic.backbones.keyframes.keyframer import FIRST_FILE
from episodic.backbones.keyframes.model import KeyframeModel
from episodic.backbones.keyframes.sheets import draw_sheet
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PropWanted
from episodic.backbones.pictures import read_picture, write_picture
from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import MadeHere, ReferencePicture, Setting
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.prompt.picture_prompt import prop_prompt, view_prompts
from episodic.conditioning.shot_brief import brief_episode
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from memory.model.canon import empty_canon
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, Scene, Shot
from tests.conditioned_models import Reader

LOOK = character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=3)


OTHER = character_look(kind="human", name="Tom", description="young boy in a red coat, black hair", seed=9)


PROMPTS = view_prompts("Mara, old keeper", "wearing yellow raincoat", "storybook")


WANTED = CharacterWanted(kind="human", look=LOOK, style="storybook", prompts=PROMPTS, seed=5)


LANTERN = PropWanted(
    look=prop_look(name="lantern", description="", seed=1),
    style="storybook",
    prompt=prop_prompt("lantern, a brass lantern", "", "storybook"),
    seed=5,
)


AREA = 320 * 320


def painted(look, folder):
    sheet = draw_sheet("human", look, "storybook", folder, 384)
    return read_picture(sheet.folder / sheet.pictures["front"].file)


class Scripted(Flux2):
    """Loads the real tiny model and answers with pictures of its own."""

    def __init__(self, answer, *, edits=False, tokens=480):
        self.answer, self.edits, self.tokens, self.calls = answer, edits, tokens, []

    def rules(self, folder):
        return dataclasses.replace(super().rules(folder), needs_reference=self.edits, text_tokens=self.tokens)

    def call(self, loaded, request, device):
        self.calls.append(request)
        image = Image.fromarray(self.answer(request))
        image.thumbnail((request.width, request.height))
        ground = Image.new("RGB", (request.width, request.height), (216, 216, 216))
        ground.paste(image, ((request.width - image.width) // 2, (request.height - image.height) // 2))
        return np.asarray(ground)


def scripted(root, answer, **how):
    family = Scripted(answer, **how)
    return family, KeyframeModel(f"flux2:{root}", family=family, area=AREA)


def view_of(request):
    return next(view for view in PROMPTS if PROMPTS[view] in request.prompt)


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


class Black(Flux2):
    def call(self, loaded, request, device):
        return np.zeros((request.height, request.width, 3), np.uint8)


def setting():
    return Setting(location="harbour", look=location_look(name="harbour", description="", seed=3))


def frame(model, folder, *pictures, prompt="Mara on the shore", seed=1):
    references = []
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        path = folder.parent / f"{folder.name}-{number}.png"
        write_picture(path, picture)
        references.append(ReferencePicture(entity=f"e{number}", source=MadeHere("sheet"), file="front.png", path=path))
    wish = FramesWanted(shot_id="s1", prompt=prompt, references=tuple(references), size=(640, 360), seed=seed)
    model.frames(wish, folder)
    return read_picture(folder / FIRST_FILE)


def plan(*scenes, **more):
    cast = {"mara": CastMember(kind="human", description="old keeper, grey braid")}
    return EpisodePlan(
        title="The Lamp", cast=cast, locations={"shore": Place(description="a pebble beach")}, scenes=scenes, **more
    )


def scene(name, *facts, shots=1, **more):
    statements = tuple(FactText.model_validate(fact) for fact in facts)
    made = tuple(
        Shot(id=f"{name}.{number}", focus=("mara",), seconds=0.5, continues=number > 1) for number in range(1, shots + 1)
    )
    return Scene(id=name, at="shore", synopsis=f"What happens in {name}.", shots=made, facts=statements, **more)


CAN = Capabilities(name="some", max_performers=4, text_tokens=500, reference_pictures=2)


def brief_and_cast():
    episode = plan(scene("a1"))
    cast = cast_episode(episode, empty_canon(), 1)
    return brief_episode(episode, cast, Reader(capabilities=CAN), size=(64, 64), fps=8)["a1.1"], cast
