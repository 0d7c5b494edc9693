"""What the planner knows about nouns: who is alive and how, what goes where, which words set a style, a time, a weather."""

from __future__ import annotations

from typing import Final

from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Style, TimeOfDay, Weather
from planners.storybook.language.inflect import words

__all__ = [
    "ABSTRACT",
    "CARRIED",
    "COMMON_NAMES",
    "CREWS",
    "FEMALE",
    "FORMS",
    "GROUPS",
    "KINDS",
    "MALE",
    "NAMES",
    "NUMBERS",
    "STYLE_WORDS",
    "TIME_WORDS",
    "WEATHER_WORDS",
    "YOUNG",
]


def _kinds() -> dict[str, CharacterKind]:
    nouns: dict[CharacterKind, str] = {
        "human": "man woman boy girl child kid baby person human people somebody someone stranger king queen prince princess knight "
        "wizard witch sorcerer pirate captain sailor fisherman keeper lighthouse-keeper baker cook chef waiter waitress detective "
        "inspector policeman policewoman officer cop sheriff judge lawyer attorney witness thief burglar spy agent doctor nurse "
        "surgeon patient teacher student pupil professor scientist engineer mechanic inventor astronaut cosmonaut pilot driver "
        "farmer shepherd gardener hunter soldier general guard painter artist musician pianist violinist singer dancer actor "
        "actress poet writer author journalist reporter librarian clerk shopkeeper tailor cobbler blacksmith carpenter clockmaker "
        "watchmaker toymaker builder miner postman mailman courier butler maid cleaner janitor manager receptionist bellboy porter "
        "concierge boss worker apprentice monk nun priest mayor president grandmother grandma granny grandfather grandpa mother mom "
        "mum father dad parent son daughter brother sister twin uncle aunt cousin grandson granddaughter grandchild wife husband "
        "widow widower bride groom friend neighbour neighbor rival enemy hero heroine villain guest tourist traveller traveler "
        "hermit nomad orphan refugee diver archaeologist explorer scholar magician clown acrobat juggler barber hairdresser tutor "
        "athlete boxer runner swimmer cyclist goalkeeper coach referee gambler beggar collector curator translator therapist "
        "programmer hacker coder accountant electrician plumber firefighter fireman paramedic lifeguard ranger tracker biologist "
        "chemist physicist mathematician astronomer geologist philosopher conductor composer drummer guitarist florist beekeeper "
        "potter weaver cartographer mapmaker ferryman gravedigger undertaker elder teenager youth lady gentleman lord duke duchess "
        "emperor empress bully babysitter nanny lover poacher skater surfer jockey cowboy cowgirl outlaw samurai ninja viking barista "
        "grandparent lighthousekeeper puppeteer seamstress toddler schoolgirl schoolboy landlord landlady immigrant passenger",
        "animal": "animal cat kitten dog puppy hound fox cub wolf bear rabbit hare mouse rat hamster squirrel hedgehog badger otter "
        "beaver mole deer stag moose elk horse pony donkey mule cow bull calf ox pig piglet boar sheep lamb ram goat chicken hen "
        "rooster duck duckling goose swan turkey crow raven magpie sparrow robin owl eagle hawk falcon pigeon dove parrot penguin "
        "seagull gull pelican stork heron flamingo peacock fish goldfish shark whale dolphin seal walrus octopus squid crab lobster "
        "jellyfish starfish turtle tortoise frog toad newt lizard gecko chameleon snake crocodile alligator dinosaur dragon lion "
        "tiger leopard panther elephant rhino hippo giraffe zebra monkey ape gorilla chimp lemur sloth panda koala kangaroo camel "
        "llama alpaca bat ant bee bumblebee wasp butterfly moth caterpillar ladybird ladybug beetle spider cricket grasshopper "
        "firefly snail slug worm unicorn phoenix griffin pigeon hummingbird bird raccoon skunk weasel ferret meerkat lynx bison "
        "yak gnat mosquito salmon trout eel seahorse narwhal orca insect creature monster beast",
        "robot": "robot android droid cyborg automaton drone rover machine computer ai bot satellite probe toaster vacuum "
        "vacuum-cleaner",
        "spirit": "spirit ghost phantom storm thunderstorm hurricane tornado wind breeze gale cloud raincloud rain snow snowstorm "
        "blizzard frost fog mist thunder lightning sun moon star comet shadow dream nightmare fairy pixie elf angel demon devil "
        "genie djinn god goddess death time night dawn winter spring summer autumn fire flame echo silence wave sea ocean river tide "
        "sunlight light darkness grief sorrow joy fear anger hope love loneliness memory music song melody voice soul muse planet",
        "thing": "leaf tree oak flower rose sunflower daisy seed acorn mushroom pumpkin potato carrot tomato onion apple pear lemon "
        "banana cactus dandelion weed heart brain lung stomach liver kidney cell radio clock watch lamp lantern candle teapot kettle "
        "cup mug spoon fork chair table sofa sock shoe hat umbrella book pencil pen crayon paper letter balloon kite ball doll toy "
        "teddy snowman scarecrow car truck bus train tram boat ship tugboat bicycle bike plane rocket house lighthouse statue "
        "mountain volcano stone rock pebble island bridge door window mirror piano violin guitar drum bell key coin button needle "
        "pillow blanket suitcase backpack broom bucket ladder hammer nail magnet atom electron molecule number letterbox mailbox "
        "fridge oven stove cake cookie bread pancake sandwich cheese egg raindrop snowflake droplet crystal diamond bottle puppet "
        "marionette typewriter telescope camera television phone telephone traffic-light streetlight lamppost elevator lift crane",
    }
    return {noun.replace("-", " "): kind for kind, many in nouns.items() for noun in many.split()}


KINDS: Final[dict[str, CharacterKind]] = _kinds()
"""Nouns that can be somebody."""

FORMS: Final = frozenset(
    words(
        "story tale film movie drama comedy sitcom noir style thriller romance cartoon episode series musical tragedy fable myth legend "
        "documentary western fairytale short sketch adventure mystery animation picture scene script show anime chapter genre mood tone "
        "version kind sort type way lot thing things time times night day evening morning year years week month moment hour minute "
        "end beginning middle name something nothing everything anything it lesson shift"
    )
)
"""Nouns that say what sort of film, or nothing at all: nobody is cast from these."""

ABSTRACT: Final = frozenset(
    words(
        "grief sorrow joy fear anger hope love loneliness memory music time death freedom courage kindness jealousy pride envy patience "
        "trust truth luck friendship silence darkness happiness sadness boredom growth change democracy justice peace war money art "
        "language mathematics math science history beauty failure success forgiveness gratitude homesickness nostalgia infinity zero"
    )
)

FEMALE: Final = frozenset(
    words(
        "woman girl queen princess witch waitress policewoman actress grandmother grandma granny mother mom mum daughter sister aunt "
        "granddaughter wife widow bride heroine lady duchess empress goddess maid nun cow hen ewe landlady cowgirl seamstress schoolgirl "
        "nurse muse"
    )
)
MALE: Final = frozenset(
    words(
        "man boy king prince wizard policeman fisherman grandfather grandpa father dad son brother uncle grandson husband widower groom "
        "gentleman lord duke emperor monk priest god bull rooster ram stag postman mailman fireman bellboy butler ferryman cowboy "
        "landlord schoolboy snowman"
    )
)
YOUNG: Final = frozenset(
    words(
        "boy girl child kid baby cub puppy kitten pup duckling lamb calf piglet grandson granddaughter grandchild apprentice prince "
        "princess toddler orphan pupil schoolgirl schoolboy seed acorn"
    )
)

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "staff": ("manager", "porter", "cook"),
    "crew": ("captain", "engineer", "scientist"),
    "team": ("leader", "engineer", "scout"),
    "family": ("mother", "father", "daughter"),
    "band": ("singer", "drummer", "guitarist"),
    "gang": ("leader", "lookout", "driver"),
    "class": ("teacher", "pupil", "pupil"),
    "couple": ("woman", "man"),
    "group": ("leader", "scout", "cook"),
    "pair": ("friend", "friend"),
    "trio": ("friend", "friend", "friend"),
    "villagers": ("elder", "baker", "shepherd"),
    "people": ("teacher", "gardener", "baker"),
    "jury": ("foreman", "juror", "juror"),
    "choir": ("singer", "conductor", "singer"),
    "orchestra": ("conductor", "violinist", "drummer"),
    "pack": ("wolf", "wolf", "cub"),
    "herd": ("elephant", "elephant", "calf"),
    "flock": ("goose", "goose", "duckling"),
    "circus": ("acrobat", "clown", "juggler"),
    "troupe": ("actor", "actress", "director"),
    "army": ("general", "soldier", "cook"),
    "committee": ("chairwoman", "clerk", "treasurer"),
    "company": ("director", "clerk", "engineer"),
    "household": ("grandmother", "father", "daughter"),
}
"""Nouns for several: the roles their members play."""

CREWS: Final[dict[str, tuple[str, ...]]] = {
    "hotel": ("manager", "porter", "cook"),
    "lab": ("captain", "engineer", "biologist"),
    "laboratory": ("professor", "engineer", "biologist"),
    "ship": ("captain", "engineer", "cook"),
    "spaceship": ("captain", "engineer", "navigator"),
    "submarine": ("captain", "engineer", "diver"),
    "station": ("commander", "engineer", "scientist"),
    "restaurant": ("chef", "waiter", "dishwasher"),
    "hospital": ("surgeon", "nurse", "porter"),
    "school": ("teacher", "janitor", "pupil"),
    "newspaper": ("editor", "reporter", "photographer"),
    "circus": ("ringmaster", "acrobat", "clown"),
    "theatre": ("director", "actress", "stagehand"),
    "theater": ("director", "actress", "stagehand"),
    "bakery": ("baker", "apprentice", "delivery boy"),
    "castle": ("butler", "cook", "guard"),
}
"""Where a staff or a crew works decides who is in it."""

NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "five": 4, "six": 4, "seven": 4, "both": 2, "several": 3, "some": 3, "many": 3}

STYLE_WORDS: Final[tuple[tuple[str, Style], ...]] = (
    (r"\bnoir\b|\b19[2-4]0s\b|\bhard-?boiled\b|\bprivate eye\b", "noir"),
    (r"\bneon\b|\bcyberpunk\b|\bsynthwave\b|\bblade runner\b", "neon"),
    (r"\bwes anderson\b|\bpastel\b|\bsymmetrical\b|\bwhimsical\b", "pastel"),
    (r"\bsit-?com\b|\bcomedy\b|\bfunny\b|\bslapstick\b|\bfarce\b", "sitcom"),
    (r"\bstorybook\b|\bfairy ?tale\b|\bbedtime\b|\bpicture ?book\b|\bwatercolou?r\b|\bgentle\b|\bfable\b", "storybook"),
    (r"\bsci-?fi\b|\bscience fiction\b|\bspace\b|\bspaceship\b|\bastronauts?\b|\bdeep-?sea\b|\bmars\b|\balien", "scifi"),
    (r"\bexplain(?:s|ed)?\b|\bhow (?:an? |the )?[\w-]+ \w+s?\b.*\btold\b|\blesson\b|\bclassroom\b|\bdocumentary\b|\bteach (?:me|us|kids)\b",
     "classroom"),
    (r"\bdrama\b|\bcourtroom\b|\btragedy\b|\bgrief\b|\bthriller\b|\bdetective\b|\bmurder\b", "drama"),
)  # fmt: skip

TIME_WORDS: Final[tuple[tuple[str, TimeOfDay], ...]] = (
    (r"\b(?:night|midnight|nocturnal|moonlit|noir|neon|star(?:s|ry|light)?)\b", "night"),
    (r"\b(?:dusk|evening|sunset|twilight)\b", "dusk"),
    (r"\b(?:dawn|sunrise|daybreak|early morning)\b", "dawn"),
)
WEATHER_WORDS: Final[tuple[tuple[str, Weather], ...]] = (
    (r"\b(?:storm|thunderstorm|thunder|hurricane|lightning)\b", "storm"),
    (r"\b(?:rain|rainy|raining|drizzle|downpour|puddles?|noir)\b", "rain"),
    (r"\b(?:snow|snowy|snowing|blizzard|winter|snowman|frost|ice)\b", "snow"),
    (r"\b(?:fog|foggy|mist|misty)\b", "fog"),
    (r"\b(?:wind|windy|gale|breeze)\b", "wind"),
)

CARRIED: Final[dict[str, str]] = {
    "lighthouse keeper": "lantern", "keeper": "lantern", "baker": "rolling pin", "detective": "notebook", "astronaut": "wrench",
    "robot": "music box", "fox": "pine cone", "grandmother": "screwdriver", "captain": "spyglass", "sailor": "rope",
    "doctor": "stethoscope", "teacher": "chalk", "painter": "brush", "gardener": "watering can", "farmer": "bucket",
    "cat": "ball of wool", "dog": "ball", "librarian": "book", "wizard": "staff", "knight": "shield", "pirate": "map",
    "engineer": "toolbox", "scientist": "flask", "cook": "ladle", "chef": "ladle", "judge": "gavel", "lawyer": "briefcase",
    "musician": "fiddle", "clockmaker": "pocket watch", "king": "crown", "queen": "crown", "boy": "kite", "girl": "kite",
    "bear": "honey jar", "mouse": "thimble", "postman": "letter", "miner": "lamp", "diver": "helmet", "explorer": "compass",
}  # fmt: skip
"""The thing somebody is never without."""

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "female": tuple(words("Mara Ines Nora Amina Yuki Petra Lucia Odile Tamsin Zola Greta Sanna Leila Priya Ottilie Marisol Wren Beatriz "
                    "Noor Ingrid Thandi Esme Rosa Mei Adele Cleo Hana Delphine Ruth Imani Freya Paloma Sunniva Agnes")),
    "male": tuple(words("Jonas Omar Felix Kofi Hugo Tariq Emil Rafael Soren Kenji Anton Mateo Idris Oskar Bruno Dev Luka Silas Amadou "
                  "Viktor Noel Ravi Caspar Teo Harald Enzo Malik Ansel Piotr Joaquin Ezra Lars Yusuf Basil")),
    "animal": tuple(words("Ember Pip Juniper Biscuit Tansy Moss Pepper Rook Clover Fidget Hazel Bramble Sable Tuppence Nutmeg Kestrel "
                    "Marlow Saffron Truffle Willow Sorrel Bixby Otis Maple")),
    "robot": tuple(words("Bolt Tin Rivet Dot Klick Sprocket Modem Beep Cog Tiko Flux Gizmo Orbit Solder Pixel")),
    "thing": tuple(words("Dot Tock Pim Bibi Lumo Oona Tilly Fennel Bobbin Momo Patch Twill Nib Posy")),
    "spirit": tuple(words("Aria Vesper Nimbus Sol Orla Zephyr Lull Isolde Eira Umbra")),
}  # fmt: skip

COMMON_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "female": tuple(words("Anna Maria Emma Olivia Sophie Sofia Lily Mia Lucy Alice Ella Grace Chloe Emily Sarah Laura Julia Kate Jane Mary "
                          "Elena Eva Nina Clara Lena Ida Ada Zoe Aisha Fatima Mina Sara Lisa Rose Daisy Ivy Fern Molly Martha Hannah Leah")),
    "male": tuple(words("Tom Tim Max Ben Bob Bill Jack John James Peter Paul Mark David Daniel Adam Sam Leo Luke Noah Liam Oliver Harry "
                        "George Henry Carlos Juan Jose Ali Ahmed Ivan Igor Karl Otto Fritz Hans Erik Marco Luca Theo Frank Joe Charlie")),
}  # fmt: skip
"""Given names often used in prompts."""
