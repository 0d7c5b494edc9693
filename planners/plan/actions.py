"""Reading what a plan says a body does: free action text to one of `planners.plan.vocabulary.ACTIONS`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from planners.plan.vocabulary import Action

__all__ = ["ActionReading", "read_action"]

Moves = Literal["none", "enters", "leaves", "to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReading:
    """One action text, understood. `exact` is False where no word of the text was known."""

    action: Action
    moves: Moves = "none"
    target: str | None = None
    exact: bool = True


_STEMS: Final[dict[Action, str]] = {
    "stand": "stand stand-still stay wait stop freeze pause pose linger remain hesitate face stare gaze watch look see regard "
    "observe hover-still appear glow shine shimmer flicker breathe speak say talk tell ask answer reply announce explain recite "
    "declare admit warn promise agree introduce describe greet-quietly smile grin beam blink wink frown",
    "walk": "walk stroll wander pace step stride march amble trudge limp shuffle plod hike approach advance return come go move "
    "follow lead enter leave exit arrive depart cross climb descend pass head travel trek saunter tiptoe-on retreat withdraw "
    "turn circle patrol roam strut parade stagger stumble waddle pad trot join gather",
    "run": "run race rush dash hurry sprint bolt flee escape chase charge gallop scurry scamper storm dart hasten speed tear fly-off",
    "sneak": "sneak creep crawl tiptoe slink prowl stalk hide duck lurk crouch steal shadow tail slip spy peek peer peep squeeze",
    "sit": "sit settle perch slump sink rest squat lounge lean",
    "rise": "rise get-up stand-up wake awaken straighten arise unfold",
    "kneel": "kneel bow bend stoop curtsy curtsey pray",
    "reach": "reach take grab catch pick touch hold hand give offer receive seize grasp snatch pluck open close shut pull knock "
    "press switch turn-on turn-off light unlock lock pour put set place lay show lift raise feel stroke pet tap ring draw "
    "throw toss drop share pass-over return-it swap exchange collect gather-up find accept uncover unwrap wrap hang tie untie",
    "point": "point gesture indicate aim direct accuse beckon signal-to",
    "wave": "wave greet hail salute signal call shout yell cry-out wave-goodbye farewell",
    "hug": "hug embrace hold-close cuddle cradle comfort kiss snuggle",
    "dance": "dance spin twirl whirl sway waltz swing pirouette shimmy rock groove sing hum whistle play perform juggle",
    "jump": "jump leap hop bounce skip spring pounce vault startle",
    "nod": "nod agree-with approve consent acknowledge",
    "refuse": "refuse shake-head shake decline deny reject cross-arms object protest disagree scold argue shrug sulk",
    "look_around": "look-around search seek scan explore inspect survey hunt examine investigate glance check study look-back look-up "
    "look-down look-at look-for look-out look-over",
    "work": "work fix repair build cook bake knead stir mix write read type draw-up paint clean sweep polish dig plant hammer turn-the "
    "crank tinker measure solder saw cut chop sew knit wash scrub mend operate steer row pump weld make craft prepare count sort "
    "calculate tune wind tighten teach practise practice rehearse try test wire water harvest feed brew assemble scribble pack unpack",
    "carry": "carry bring haul lug wear bear fetch deliver hoist heave shoulder transport put-on",
    "push": "push shove drag press-against force roll block barricade hold-back wrestle fight strike hit kick bang slam pound swing-at",
    "fall": "fall trip slip-over collapse tumble faint topple crash plunge drop-down slide",
    "sleep": "sleep doze nap snooze dream lie lie-down snore",
    "eat": "eat drink taste bite chew munch nibble sip swallow gulp lick feast dine",
    "float": "float hover drift fly soar glide swim swirl billow gust sail flutter flap orbit swoop dive rain thunder rumble blow",
    "recoil": "recoil flinch jump-back step-back shrink cower tremble shiver shudder gasp back-away start duck-back wince quake "
    "shriek scream panic",
    "think": "think ponder wonder consider remember recall hesitate-long reflect scratch contemplate decide imagine worry doubt plan "
    "muse brood daydream",
    "cheer": "cheer celebrate clap applaud rejoice triumph win raise-arms throw-up-arms high-five punch-the-air whoop",
    "cry": "cry weep sob sniff sniffle mourn grieve whimper wail",
    "laugh": "laugh giggle chuckle chortle smirk snicker cackle guffaw",
    "listen": "listen hear overhear eavesdrop attend heed lean-in lean-closer",
}
"""Verbs in their plain form. A hyphen joins a verb to the word that changes what it means."""

_IRREGULAR: Final = {
    "ran": "run", "running": "run", "sat": "sit", "sitting": "sit", "stood": "stand", "rose": "rise", "knelt": "kneel",
    "took": "take", "gave": "give", "held": "hold", "went": "go", "goes": "go", "came": "come", "left": "leave", "fell": "fall",
    "slept": "sleep", "ate": "eat", "flew": "fly", "flies": "fly", "flying": "fly", "fly": "soar", "swam": "swim", "thought": "think",
    "heard": "hear", "saw": "see", "wrote": "write", "read": "read", "made": "make", "built": "build", "found": "find",
    "caught": "catch", "threw": "throw", "brought": "bring", "wore": "wear", "hid": "hide", "hiding": "hide", "led": "lead",
    "won": "win", "wept": "weep", "woke": "wake", "lay": "lie", "lies": "lie", "lying": "lie", "does": "work", "leaves": "leave",
    "freezes": "freeze", "rises": "rise", "crept": "creep", "fled": "flee", "drew": "draw", "sang": "sing", "shook": "shake",
    "spoke": "speak", "said": "say", "told": "tell", "drank": "drink", "bit": "bite", "fought": "fight", "swung": "swing",
    "gets": "get", "getting": "get", "puts": "put", "putting": "put",
}  # fmt: skip
_ENTER: Final = re.compile(
    r"\b(enters?|entering|entered|arrives?|arriving|appears?|(?:comes?|walks?|runs?|steps?|rush(?:es)?|sneaks?"
    r"|creeps?|bursts?|hurr(?:y|ies)|floats?|drifts?|flies|strides?|marches|stumbles?|slips?) in(?:side)?)\b"
)
_LEAVE: Final = re.compile(
    r"\b(leaves?|leaving|exits?|departs?|flees?|escapes?|vanish(?:es)?|disappears?|"
    r"(?:comes?|goes|go|walks?|runs?|steps?|rush(?:es)?|sneaks?|creeps?|hurr(?:y|ies)|floats?|drifts?|flies|"
    r"strides?|marches|storms?|slips?|backs?) (?:out|off|away))\b"
)
_TO: Final = re.compile(
    r"\b(?:to|towards?|over to|up to|into|onto|after|at|beside|around|through|across|past|along|down|up)\s+"
    r"(?:(?:the|a|an|his|her|its|their|my)\s+)?([\w' -]+)"
)
_AFTER_VERB: Final = re.compile(
    r"^(?:approach(?:es)?|follows?|chases?|crosses|joins?|climbs?|enters?)\s+(?:(?:the|a|an|his|her|its|their)\s+)?"
    r"([\w' -]+)"
)
_WORDS: Final = re.compile(r"[a-z']+")
_TARGET_END: Final = re.compile(
    r"\b(?:and|with|while|as|then|to|in|on|at|of|from|for|without|again|slowly|quickly|quietly|together)\b"
)
_WALKERS: Final = frozenset({"walk", "run", "sneak", "float", "dance", "carry", "push", "jump"})


def _lexicon() -> tuple[dict[str, Action], dict[tuple[str, str], Action]]:
    single: dict[str, Action] = {}
    double: dict[tuple[str, str], Action] = {}
    for action, verbs in _STEMS.items():
        for verb in verbs.split():
            head, _, rest = verb.partition("-")
            if rest:
                double[head, rest.split("-")[0]] = action
            else:
                single.setdefault(head, action)
    return single, double


_SINGLE, _DOUBLE = _lexicon()


def _stem(word: str) -> str | None:
    """The plain form of an inflected verb, if the lexicon has it."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    tries = [word]
    for ending, puts in (("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ying", ("y", "ie")), ("ing", ("", "e")),
                         ("ied", ("y",)), ("ed", ("", "e"))):  # fmt: skip
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word[: -len(ending)]
            tries += [base + put for put in puts]
            if len(base) > 2 and base[-1] == base[-2]:
                tries.append(base[:-1])
    return next((one for one in tries if one in _SINGLE or any(one == head for head, _ in _DOUBLE)), None)


def _verb(words: list[str]) -> Action | None:
    for at, word in enumerate(words):
        stem = _stem(word)
        if stem is None:
            continue
        later = [one for one in words[at + 1 : at + 4] if one not in {"the", "a", "his", "her", "its", "their"}]
        for after in later[:2]:
            if (stem, after) in _DOUBLE:
                return _DOUBLE[stem, after]
        if stem in _SINGLE:
            return _SINGLE[stem]
    return None


def _target(text: str) -> str | None:
    found = _AFTER_VERB.search(text) or _TO.search(text)
    if found is None:
        return None
    name = _TARGET_END.split(found[1], maxsplit=1)[0].strip(" '-")
    return name if name and name not in {"left", "right", "side", "it", "them", "him", "her"} else None


@lru_cache(maxsize=4096)
def read_action(text: str) -> ActionReading:
    """Read free action text such as "walks to the window". Unknown words become a thoughtful, neutral gesture."""
    plain = " ".join(_WORDS.findall(text.lower()))
    words = plain.split()
    action = _verb(words)
    enters, leaves = _ENTER.search(plain), _LEAVE.search(plain)
    if action is None and not enters and not leaves:
        return ActionReading(action="think", exact=False)
    action = action or "walk"
    if enters:
        return ActionReading(action="walk" if action == "stand" else action, moves="enters", target=_target(plain))
    if leaves:
        return ActionReading(action="walk" if action == "stand" else action, moves="leaves")
    target = _target(plain)
    moving = action in _WALKERS and target is not None
    return ActionReading(action=action, moves="to" if moving else "none", target=target)
