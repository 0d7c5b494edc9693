"""Words that the painter has no picture of its own for, and what of all it draws comes nearest to each. Data only.

Nobody is told that these are what the words say: `looks_understood` says what is drawn instead, and the delivery record repeats it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NEAR_ANIMALS", "NEAR_PROPS", "NEAR_SPIRITS", "NEAR_THINGS", "PERSONS"]


def _each(text: str, value: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(text.split(", "), value)


def _all(text: str, value: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), value)


NEAR_ANIMALS: Final[dict[str, tuple[str, ...]]] = {
    # word: (species), or (species, height in metres, coat, belly, accent) where its own colours help
    "heron": ("bird", "0.78", "#8d9cab", "#eef0f0", "#3c4452"), "egret": ("bird", "0.7", "#f1efe8", "#fbf9f2", "#3a3a40"),
    "stork": ("bird", "0.78", "#f1ece2", "#fbf8f0", "#2e2c34"), "crane": ("bird", "0.8", "#b4bcc4", "#eceef0", "#c8303f"),
    "ibis": ("bird", "0.66", "#efe8dc", "#faf6ee", "#2e2c34"), "flamingo": ("bird", "0.8", "#f08fa0", "#f9c8cc", "#2e2c34"),
    "pelican": ("duck", "0.7", "#f1ece2", "#f8f3e6", "#eea23a"), "albatross": ("duck", "0.6", "#f1efea", "#fbf9f4", "#3a3d46"),
    "swan": ("duck", "0.66", "#f6f3ec", "#fdfbf6", "#2e2c34"), "cygnet": ("duck", "0.44", "#b4aea6", "#dcd8d0", "#4a4650"),
    "dodo": ("duck", "0.62", "#8a8f98", "#c8ccd0", "#6a5a4a"), "puffin": ("penguin",), "ostrich": ("bird", "1.0", "#3a3438", "#f1e8dc", "#e8a8a0"),
    "emu": ("bird", "0.95", "#6a5546", "#a58a70", "#3a3a40"), "kiwi": ("chicken", "0.42", "#7a5a40", "#a58464", "#4a3a30"),
    "peacock": ("parrot", "0.6", "#1f6f9a", "#2f9c7a", "#d8b040"), "turkey": ("chicken", "0.6", "#6a4632", "#8a6a4c", "#c8303f"),
    "pheasant": ("chicken", "0.52", "#a5602f", "#c8904a", "#2f7a5a"), "quail": ("bird", "0.4", "#a58460", "#e0cba4", "#4a3a30"),
    "dove": ("bird", "0.42", "#e8e6e6", "#f8f6f4", "#b4aeb4"), "falcon": ("owl",), "kestrel": ("owl",), "osprey": ("owl",), "buzzard": ("owl",),
    "vulture": ("crow", "0.66", "#4a3f3a", "#6a5c52", "#d8a0a0"), "condor": ("crow",), "cormorant": ("crow",), "blackbird": ("crow",),
    "starling": ("crow",), "thrush": ("bird", "0.42", "#8a6a4c", "#ecdcc0", "#4a3a30"), "wren": ("bird", "0.38", "#9a7048", "#e2cba4", "#5a4030"),
    "swallow": ("bird", "0.4", "#2f4470", "#f3e6d8", "#b0492f"), "nightingale": ("bird", "0.42", "#96724e", "#e6d8c0", "#6a4a34"),
    "skylark": ("bird", "0.42", "#a5845c", "#e8d8b8", "#5a4632"), "cuckoo": ("bird", "0.44", "#8a94a0", "#dfe2e4", "#3c4048"),
    "woodpecker": ("bird", "0.44", "#2e2c34", "#f1ece2", "#c8303f"), "kingfisher": ("bird", "0.4", "#1f7fb0", "#e8843a", "#14506f"),
    "hummingbird": ("bird", "0.36", "#2f9c6a", "#e8efe2", "#c8306a"), "canary": ("bird", "0.4", "#f4d03a", "#fbeaa0", "#e0a030"),
    "blue jay": ("bird", "0.46", "#3f76c0", "#eef0f4", "#24345f"), "bluejay": ("bird", "0.46", "#3f76c0", "#eef0f4", "#24345f"),
    "toucan": ("parrot", "0.54", "#2a2730", "#f4f1ea", "#e87f24"), "hornbill": ("parrot", "0.54", "#2a2730", "#f4f1ea", "#dca832"),
    "phoenix": ("bird", "0.7", "#e2602a", "#f6c244", "#c8202e"), **_each("bluebird, songbird, hoopoe, tern, budgerigar, seabird", ("bird",)),
    **_each("jackdaw, rook, grackle", ("crow",)), **_each("lorikeet, lovebird", ("parrot",)), **_each("grebe, loon", ("duck",)),
    "bat": ("mouse", "0.42", "#4a3f46", "#7a6a70", "#8a5a60"), "otter": ("animal", "0.7", "#6f4c34", "#dcc4a0", "#3a2a22"),
    "weasel": ("animal", "0.5", "#a5683a", "#f6ead6", "#4a2a22"), "stoat": ("animal", "0.5", "#a5683a", "#f6ead6", "#2e2622"),
    "ermine": ("animal", "0.5", "#f4f1ea", "#fbf9f4", "#2e2622"), "mink": ("animal", "0.5", "#4a3228", "#6a4c3c", "#2e2222"),
    "marten": ("fox", "0.6", "#6a4630", "#f0d8a0", "#3a2622"), "ferret": ("raccoon", "0.5", "#cdb894", "#f4ead8", "#5a4434"),
    "polecat": ("raccoon", "0.52", "#6a5240", "#e0cca8", "#2e2622"), "skunk": ("badger", "0.6", "#2a2730", "#f4f1ea", "#2a2730"),
    "wolverine": ("badger", "0.84", "#4a3428", "#a5805c", "#2e2222"), "mole": ("animal", "0.42", "#3f3a40", "#6a6068", "#e8a0a4"),
    "shrew": ("mouse",), "vole": ("mouse",), "dormouse": ("mouse", "0.4", "#c08a50", "#f6e6cc", "#e8a0a4"), "gerbil": ("mouse",), "lemming": ("mouse",),
    "guinea pig": ("mouse", "0.46", "#b5763f", "#f6ead8", "#3a2a28"), "chinchilla": ("mouse", "0.46", "#9aa0a8", "#eceef0", "#e8a0a4"),
    "possum": ("mouse", "0.56", "#9a9490", "#ece6dc", "#e8a0a4"), "opossum": ("mouse", "0.56", "#9a9490", "#ece6dc", "#e8a0a4"),
    "chipmunk": ("squirrel", "0.42", "#b5773f", "#f6e6cc", "#3a2622"), "marmot": ("squirrel", "0.56", "#9a7648", "#e2c898", "#3a2a22"),
    "groundhog": ("squirrel", "0.56", "#7d5e42", "#c8a478", "#3a2a22"), "porcupine": ("hedgehog", "0.6"), "echidna": ("hedgehog", "0.5"),
    "platypus": ("animal", "0.5", "#6a4a34", "#c8a478", "#3a3a40"), "red panda": ("raccoon", "0.64", "#b5532a", "#f6ead8", "#3a2222"),
    "panda": ("bear", "1.3", "#f4f1ea", "#fbf9f4", "#2a2730"), "polar bear": ("bear", "1.65", "#f1eee6", "#fbf9f4", "#2a2730"),
    "grizzly": ("bear",), "koala": ("bear", "0.7", "#9a9ca4", "#eceae6", "#3a3640"), "wombat": ("bear", "0.66", "#8a7462", "#b8a48c", "#3a2e2a"),
    "sloth": ("monkey", "0.8", "#a58c6c", "#e0cca4", "#4a3a30"), "kangaroo": ("rabbit", "1.3", "#b8834f", "#f0dcbc", "#6a4630"),
    "wallaby": ("rabbit", "0.9", "#9a7a5c", "#eadcc4", "#4a3628"), "meerkat": ("raccoon", "0.5", "#cda670", "#f0e0c0", "#4a3628"),
    "mongoose": ("animal", "0.5", "#94826a", "#cdbb9c", "#4a3c30"), "coyote": ("wolf", "0.9", "#b0906a", "#ece0c8", "#4a3a30"),
    "jackal": ("wolf", "0.84", "#c0925a", "#f0e0c4", "#3a3230"), "hyena": ("wolf", "0.95", "#b59a6c", "#d8c49a", "#3a2e28"),
    "lynx": ("cat", "0.8", "#b8946a", "#f4ead8", "#3a2e28"), "bobcat": ("cat", "0.74", "#b08a5c", "#f4ead8", "#3a2e28"),
    "panther": ("cat", "1.05", "#2c2a34", "#3f3c48", "#6a5a60"), "puma": ("cat", "1.05", "#c49a68", "#f4e8d4", "#6a4a34"),
    "cougar": ("cat", "1.05", "#c49a68", "#f4e8d4", "#6a4a34"), "lioness": ("cat", "1.1", "#d8a860", "#f6e8cc", "#8a5a34"),
    "sphinx": ("cat", "1.2", "#d8b070", "#f0dcb0", "#3f6d9c"), "leopard": ("tiger", "1.05", "#dcae58", "#f8ecd0", "#4a3424"),
    "snow leopard": ("tiger", "1.05", "#d4d4d8", "#f6f6f6", "#4a4a52"), "jaguar": ("tiger", "1.05", "#d89c44", "#f8ecd0", "#3a2a22"),
    "cheetah": ("tiger", "1.0", "#e0b460", "#faf0d8", "#3a2a22"), "ocelot": ("tiger", "0.7", "#d0a868", "#f8ecd4", "#3a2a22"),
    "moose": ("deer", "1.6", "#5c4232", "#8a6a4e", "#3a2a22"), "elk": ("deer", "1.45", "#8a5c3c", "#c8a47c", "#4a3226"),
    "caribou": ("deer",), "antelope": ("deer",), "gazelle": ("deer", "1.05", "#cf9a5c", "#f8ecd4", "#5a3a24"), "impala": ("deer",), "okapi": ("deer",),
    "giraffe": ("deer", "1.9", "#e4b252", "#f8e4ac", "#9a622c"), "ibex": ("goat",), "chamois": ("goat",), "llama": ("sheep", "1.35", "#e4d4b4", "#f4ead4", "#5a4632"),
    "alpaca": ("sheep", "1.2", "#d8bc94", "#f0e0c4", "#5a4632"), "camel": ("horse", "1.55", "#cfa468", "#e8cc98", "#8a6234"),
    "dromedary": ("horse", "1.55", "#cfa468", "#e8cc98", "#8a6234"), "zebra": ("horse", "1.35", "#f4f1ea", "#fbf9f4", "#2a2730"),
    "mule": ("horse", "1.3", "#6f5a4c", "#b8a48c", "#2e2622"), "unicorn": ("horse", "1.45", "#f6f2f0", "#fdfbfa", "#e0a8d0"),
    "pegasus": ("horse", "1.5", "#f6f4f0", "#fdfcfa", "#d8c078"), "centaur": ("horse",), "hippo": ("pig", "1.35", "#94848e", "#c8a8a8", "#b08890"),
    "hippopotamus": ("pig", "1.35", "#94848e", "#c8a8a8", "#b08890"), "tapir": ("pig", "1.0", "#4a464c", "#d8d6d4", "#3a363c"),
    "boar": ("pig", "0.9", "#5a463a", "#8a705c", "#a5807a"), "warthog": ("pig", "0.85", "#7a6a5c", "#a5907c", "#94766a"), "aardvark": ("pig",),
    "rhino": ("cow", "1.5", "#8a8e96", "#aeb0b6", "#d8d0c0"), "rhinoceros": ("cow", "1.5", "#8a8e96", "#aeb0b6", "#d8d0c0"),
    "bison": ("cow", "1.5", "#5c4030", "#7a5a44", "#2e2420"), "buffalo": ("cow", "1.45", "#3f3a3a", "#5a5250", "#2a2626"),
    "yak": ("cow", "1.45", "#3a302c", "#5a4c44", "#2a2422"), "minotaur": ("cow", "1.7", "#6a4632", "#96704e", "#2e2420"),
    "mammoth": ("elephant", "1.85", "#7a5236", "#96704e", "#4a3226"), "anteater": ("animal",), "armadillo": ("turtle", "0.5", "#a58c74", "#d8c4a8", "#7a6654"),
    "pangolin": ("turtle", "0.56", "#96704c", "#d8bc94", "#6a4a30"), "lemur": ("raccoon", "0.62", "#94949c", "#f1eeea", "#2a2730"),
    "orangutan": ("monkey", "1.1", "#c4622c", "#e0a878", "#5a3020"), "baboon": ("monkey", "0.95", "#8a7a5c", "#c8a890", "#4a3a30"),
    "gibbon": ("monkey",), "marmoset": ("monkey", "0.5"), "bigfoot": ("bear", "1.9"), "yeti": ("bear", "1.9", "#f1f3f6", "#dfe6ee", "#5a6a7c"),
    "werewolf": ("wolf", "1.5"), "cerberus": ("dog", "1.3"), "chimera": ("lion",), "griffin": ("lion",), "gryphon": ("lion",), "manticore": ("lion",),
    "walrus": ("dolphin", "1.2", "#94705a", "#c8a890", "#6a4c3c"), "manatee": ("whale", "1.2", "#8a929a", "#c4cacf", "#5c6670"),
    "sea lion": ("dolphin", "1.0", "#5c4638", "#8a705c", "#3a2c26"), "narwhal": ("whale", "1.3", "#94a6b4", "#e6ecf0", "#5c7080"),
    "beluga": ("whale", "1.3", "#eef2f4", "#fbfcfc", "#b4c4cc"), "porpoise": ("dolphin",), "orca": ("whale", "1.7", "#26262e", "#f6f6f6", "#15151c"),
    "newt": ("frog", "0.4", "#4a5a3c", "#e8843a", "#2e3c2a"), "salamander": ("frog", "0.42", "#2e2c30", "#f2c232", "#e0a020"),
    "axolotl": ("frog", "0.42", "#f0b0b4", "#fbdcdc", "#d8607a"), "tadpole": ("frog", "0.34"), "gecko": ("dragon", "0.5", "#7fae3e", "#e6ecb4", "#4a7a2c"),
    "iguana": ("dragon", "0.7"), "chameleon": ("dragon", "0.56", "#5fa848", "#dcecb0", "#2f7a4a"), "monitor": ("dragon",),
    **_each("crocodile, alligator", ("dragon", "1.2", "#5c7440", "#dce0a8", "#3f5430")), **_each("tyrannosaurus, velociraptor, triceratops", ("dragon",)),
    "dinosaur": ("dragon",), "hydra": ("dragon",), "basilisk": ("dragon",), "serpent": ("dragon",), "cobra": ("dragon",), "python": ("dragon",),
    **_each("viper, adder, rattlesnake, anaconda, reptile, iguanodon", ("dragon",)), "amphibian": ("frog",), "rodent": ("mouse",),
    **_each("wildebeest, gnu", ("cow", "1.35", "#6a5c54", "#8a7a6c", "#2e2826")), **_each("mandrill, tamarin, colobus", ("monkey",)), **_each("caracal, serval", ("cat", "0.8", "#c8945c", "#f4e6d0", "#2e2622")),
    **_each("coati, civet, genet", ("raccoon",)), **_each("curlew, lapwing, bittern, spoonbill, sandpiper, kookaburra, hoatzin, cassowary, gannet, petrel, nightjar", ("bird",)),
    "cockatiel": ("parrot",), **_each("guanaco, vicuna", ("sheep", "1.3", "#c8945c", "#f4e6d0", "#5a4632")), **_each("kudu, oryx, springbok, muntjac, eland, pronghorn", ("deer",)),
    "dugong": ("whale", "1.2", "#8a929a", "#c4cacf", "#5c6670"), **_each("skink, caiman", ("dragon",)), **_each("cockroach, weevil, earwig, woodlouse, ladybeetle", ("turtle", "0.4", "#4a3a30", "#6a5648", "#3a2a22")),
    **_each("jerboa, bandicoot, capybara, quokka, gopher, nutria", ("mouse", "0.5", "#96704c", "#dcc4a0", "#4a3628")), "tenrec": ("hedgehog",), **_each("flea, louse, tick, mite", ("animal", "0.36", "#5a3c2c", "#8a6448", "#2e201a")),
    **_each("barracuda, sturgeon, haddock, halibut, turbot, flounder, marlin, lamprey", ("fish",)),
    **_each("wasp, hornet, bumblebee, honeybee", ("bee",)), "moth": ("bee", "0.42", "#b8a488", "#e8dcc8", "#6a5a48"), "firefly": ("bee", "0.4", "#4a4236", "#f6e05a", "#2e2a26"),
    "dragonfly": ("bee", "0.42", "#2f94a8", "#c4ecf0", "#1f5c74"), **_each("housefly, mosquito, gnat, midge, damselfly, mayfly, insect, cicada", ("bee", "0.4", "#5a5c66", "#a8acb4", "#2e2e36")),
    **_each("grasshopper, locust, mantis, cricket, katydid", ("frog", "0.42", "#7aa83a", "#dcecb0", "#4a7028")), "snail": ("turtle", "0.44", "#c8a878", "#ecdcbc", "#a5683a"),
    "beetle": ("turtle", "0.42", "#2e2c34", "#4a4652", "#2f5c4a"), "bug": ("turtle", "0.42", "#2e2c34", "#4a4652", "#2f5c4a"), "scarab": ("turtle", "0.42", "#2e2c34", "#4a4652", "#1f7a8a"),
    **_each("ladybird, ladybug", ("turtle", "0.42", "#2a2730", "#4a4652", "#d0302c")), "ant": ("animal", "0.38", "#6a3428", "#94503c", "#2e1c18"), "termite": ("animal", "0.38"),
    "caterpillar": ("animal", "0.42", "#8ac04a", "#e2ecb0", "#4a7a2c"), "worm": ("animal", "0.38", "#e0a090", "#f4ccc0", "#b06a60"), "slug": ("animal", "0.38", "#7a6a50", "#c4b08c", "#4a4030"),
    **_each("centipede, millipede", ("animal", "0.42", "#8a4a30", "#c88a60", "#4a241a")), "spider": ("octopus", "0.6", "#3a3440", "#6a5c70", "#1f1c26"), "tarantula": ("octopus", "0.6", "#5a3c2c", "#8a6448", "#2e201a"),
    "scorpion": ("octopus", "0.6", "#96622c", "#d0a060", "#4a3018"), "lobster": ("octopus", "0.7", "#c8382c", "#f0a088", "#7a1c18"), **_each("crayfish, langoustine", ("octopus", "0.6", "#b0502c", "#eeb090", "#6a2a18")),
    **_each("shrimp, prawn, krill", ("fish", "0.42", "#f0a090", "#fbdcd0", "#d8705c")), "starfish": ("octopus", "0.6", "#e8843a", "#f8c890", "#b0542a"), "cuttlefish": ("octopus",), "nautilus": ("octopus",),
    "sea urchin": ("hedgehog", "0.4", "#4a3a6a", "#8a70b0", "#2e2446"), "sea anemone": ("octopus",), "seahorse": ("fish", "0.5", "#f0b83a", "#fbe3a8", "#c8802a"), "sea horse": ("fish", "0.5", "#f0b83a", "#fbe3a8", "#c8802a"),
    **_each("clam, oyster, mussel, barnacle", ("turtle", "0.4", "#c8bcb0", "#ece4dc", "#8a8490")), **_each("eel, moray", ("fish", "0.5", "#5a6a4a", "#c4c8a0", "#3a4630")),
    **_each("stingray, manta ray, swordfish, anglerfish, pufferfish, catfish, piranha", ("fish",)), "hermit crab": ("turtle", "0.44", "#d8603c", "#f0b090", "#c8a878"), "plankton": ("jellyfish",),
}  # fmt: skip
"""Animals. "animal" is a plain beast: round ears, a short muzzle, a long tail."""

NEAR_SPIRITS: Final[dict[str, str]] = {
    "tornado": "wind", "hurricane": "storm", "gale": "wind", "cyclone": "wind", "lightning": "thunder", "blizzard": "snow", "snowstorm": "snow", "avalanche": "snow",
    "rainbow": "cloud", "comet": "star", "meteor": "star", "planet": "moon", "dawn": "sun", "sunrise": "sun", "sunlight": "sun", "day": "sun", "summer": "sun",
    "volcano": "fire", "heat": "fire", "anger": "fire", "rage": "fire", "lake": "water", "waterfall": "water", "spring": "water", "sorrow": "rain", "grief": "rain",
    "joy": "sun", "hope": "light", "love": "light", "silence": "echo", "melody": "song", "autumn": "wind", "lullaby": "song", "fairy": "light", "pixie": "light", "wisp": "light",
}  # fmt: skip
"""Forces of nature and feelings: the one whose picture comes nearest."""

NEAR_THINGS: Final[dict[str, str]] = {
    "dandelion": "flower", "weed": "plant", "cactus": "plant", "bush": "plant", "grass": "plant", "cabbage": "plant", "oak": "tree", "pine": "tree", "willow": "tree",
    "scarecrow": "tree", "kettle": "teapot", "pot": "cup", "bucket": "cup", "glass": "cup", "bowl": "cup", "vase": "cup", "spoon": "pencil", "fork": "pencil",
    "knife": "pencil", "pen": "pencil", "crayon": "pencil", "brush": "pencil", "broom": "pencil", "needle": "pencil", "nail": "pencil", "key": "pencil", "letter": "book",
    "newspaper": "book", "paper": "book", "map": "book", "notebook": "book", "diary": "book", "potato": "stone", "tomato": "apple", "onion": "apple", "pear": "apple",
    "orange": "apple", "egg": "apple", "cherry": "apple", "lemon": "apple", "coin": "clock", "button": "clock", "compass": "clock", "mirror": "clock", "wheel": "clock", "plate": "clock",
    "drum": "cup", "fridge": "box", "wardrobe": "box", "suitcase": "box", "trunk": "box", "backpack": "box", "mailbox": "box", "letterbox": "box", "chair": "box", "table": "box",
    "sofa": "box", "piano": "box", "window": "box", "camera": "radio", "typewriter": "radio", "stove": "oven", "toaster": "oven",
    "train": "bus", "tram": "bus", "van": "bus", "tractor": "truck", "plane": "ship", "rocket": "lighthouse", "tower": "lighthouse", "submarine": "ship", "tugboat": "ship", "raft": "boat",
    "lamppost": "lamp", "streetlight": "lamp", "torch": "lamp", "cookie": "bread", "pancake": "bread", "sandwich": "bread", "cheese": "bread", "pie": "cake", "island": "mountain",
    "statue": "stone", "volcano": "mountain", "raindrop": "drop", "tear": "drop", "droplet": "drop", "snowflake": "star", "starfish": "star", "crystal": "stone", "diamond": "stone",
    "lung": "brain", "stomach": "brain", "liver": "brain", "kidney": "brain", "molecule": "cell", "atom": "cell", "electron": "cell", "virus": "cell", "germ": "cell",
    "balloon": "ball", "bubble": "ball", "pillow": "box", "hat": "umbrella", "parasol": "umbrella", "snowman": "ball", "blanket": "box",
}  # fmt: skip
"""Things with a face: the one whose picture comes nearest."""

NEAR_PROPS: Final[dict[str, str]] = {
    **_all("axe shovel spade broom spoon fork knife rake crowbar stick staff cane spear arrow dagger flute trumpet pen pencil brush paintbrush oar saw", "tool"),
    **_all("rod scythe pickaxe whisk ladle rifle gun pistol telescope spyglass flashlight baton anchor", "tool"), "fishing rod": "tool", "axe": "hammer",
    **_all("apple orange egg potato tomato onion pumpkin balloon globe melon lemon pear peach yarn wool lightbulb coin", "ball"), "snow globe": "ball", "crystal ball": "ball",
    **_all("painting picture photo newspaper paper poster card postcard passport scroll banknote money page document manuscript drawing sketch invitation bill blueprint chart", "letter"),
    **_all("jar vase flask vial potion perfume thermos medicine wine ink", "bottle"), **_all("bowl glass bucket pot kettle goblet chalice jug pan teacup", "cup"),
    **_all("basket backpack purse wallet safe cage drum piano violin guitar cello accordion chair table stool sack briefcase drawer puzzle game brick", "box"),
    "music box": "box", "toolbox": "box", **_all("television typewriter laptop recorder cassette gramophone tv projector", "radio"), "tape recorder": "radio",
    **_all("compass plate medal wheel badge tambourine disc dial gauge", "clock"), **_all("necklace pearl crystal ruby emerald amulet pendant brooch star", "gem"),
    **_all("rock pebble shell bone coal fossil feather nut acorn button", "stone"), **_all("cookie sandwich cheese biscuit roll baguette bun", "bread"),
    **_all("pie pizza tart cupcake pancake pudding", "cake"), **_all("sunflower daisy bouquet tulip plant lily leaf herb", "flower"),
    "candlestick": "candle", "mask": "helmet", "parasol": "umbrella", "smartphone": "phone", "remote": "phone", "tiara": "crown", "cap": "hat", "stopwatch": "watch", "padlock": "key", "lock": "key",
    "thimble": "cup", "novel": "book", "album": "book", "journal": "book", "logbook": "book", "atlas": "book", "spellbook": "book", "robe": "suit", "raincoat": "suit", "armour": "suit", "armor": "suit",
}  # fmt: skip
"""Props: the word of `looks_prop`, or the form, whose picture comes nearest."""

PERSONS: Final = frozenset(_all("mermaid centaur fairy elf goblin ogre troll giant vampire zombie alien angel demon devil werewolf cyclops skeleton "
                                "mummy ghost android minotaur faun gnome dwarf", ""))  # fmt: skip
"""Who is cast as a human, and drawn as one, and is none."""
