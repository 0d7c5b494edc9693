"""Where a story can happen: regions of places that belong together, found by the prompt's words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import Final

from planners.storybook.language.inflect import article, words

__all__ = ["PLACE_NOUNS", "REGIONS", "Region", "Spot", "find_region", "is_place", "prompt_spot", "spot_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place. `where` is how a sentence puts somebody there: `in the lamp room`."""

    id: str
    name: str
    where: str
    description: str
    indoors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Places that belong together."""

    name: str
    cues: tuple[str, ...]
    spots: tuple[Spot, ...] = field(default=())


def _slug(name: str) -> str:
    name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def spot_of(phrase: str, description: str, *, indoors: bool | None = None, prefix: str = "") -> Spot:
    """A spot from `PREPOSITION NAME`, such as `on rocky shore`."""
    preposition, _, name = phrase.partition(" ")
    bare = name.removeprefix("the ")
    proper = bare[:1].isupper()
    slug = (_slug(prefix + bare) or "place")[:38].strip("_")
    if not slug[:1].isalpha():
        slug = "place_" + slug
    said = bare if proper else f"the {bare}"
    return Spot(id=slug, name=said, where=f"{preposition} {said}", description=description,
                indoors=preposition == "in" if indoors is None else indoors)  # fmt: skip


_TABLE: Final = """
coast: lighthouse, keeper, pirate, treasure, mermaid, coast, sea, shore, beach, sailor, fisherman, island, ferry, cliff, tide, boat, storm, lighthousekeeper
  in lamp room | a round glass lamp room at the top of a lighthouse, a great brass lamp, the dark sea all around
  ! on rocky shore | a rocky shore below the lighthouse, black rocks, white foam, a rowing boat pulled up on the pebbles
  in winding stair | the winding stone stair inside the lighthouse, small round windows, a rope for a rail
  ! on long pier | a long wooden pier over grey water, bollards, nets, a lamp at the very end
  in keeper's kitchen | a small warm kitchen with a stove, a blue kettle, a table for one, yellow oilskins on a hook
  ! on cliff path | a cliff path through sea grass, a white fence, the lighthouse behind, gulls
  in boat shed | a wooden boat shed, an upturned boat, ropes, oars, a dusty window
  ! on little beach | a little crescent beach, driftwood, shells, calm water
harbour: harbour, harbor, port, dock, docks, heart, heartbeat, ship captain, tugboat
  ! on main quay | the main quay of a busy harbour at night, red and blue boats, cranes, lamps on the water
  in pump house | a round red brick pump house with two great beating pistons, brass pipes, gauges
  ! at harbour gates | heavy harbour gates that open one way only, swinging doors, foaming water
  in control tower | a harbour control tower with a bank of levers, a blinking light, windows over the water
  ! on narrow canal | a narrow canal between tall houses, tiny boats in single file, crates on doorsteps
  in windy loading hall | a bright windy loading hall full of bellows, where crates of air are loaded on red boats
  ! on far bridge | a small bridge at the far end of the harbour, lanterns, quiet water
neon city: neon, city, cyberpunk, robot, android, downtown, skyscraper, metro
  ! on neon street | a neon street in the rain, pink and blue signs, puddles full of light, steam
  ! on wet rooftop | a flat rooftop above the city, water tanks, antennas, glowing towers behind
  in repair shop | a cluttered repair shop, shelves of spare arms, a workbench, a warm hanging lamp
  in empty dance hall | an empty dance hall, a mirror ball, a wooden floor, a small stage with a red curtain
  ! at tram stop | a tram stop under a leaking roof, a glowing timetable, one bench
  ! in back alley | a narrow back alley, fire escapes, a humming vending machine, cats on boxes
  ! on overpass | a pedestrian overpass above streaming traffic, railings, a giant blinking billboard
  ! in night market | a night market with paper lanterns, noodle stalls, umbrellas
bakery: bakery, baker, bread, cake, oven, pastry, cafe, café, kitchen, chef, restaurant, cook
  in bakery kitchen | a bakery kitchen with one great brick oven, a long floury table, copper pans, sacks of flour
  in bakery shop | a small bakery shop, a glass counter, baskets of bread, a striped awning outside the window
  in pantry | a narrow pantry, shelves of jars, hanging garlic, a swinging bulb
  ! on market street | a cobbled market street at night, closed shutters, a lamp post, bicycles
  ! in back yard | a back yard with flour sacks, a cat on a wall, washing on a line
  in flour loft | a loft full of flour sacks, wooden beams, a round window with the moon in it
  ! on town square | a town square with a fountain, a clock tower, coloured houses
noir city: noir, detective, gangster, chicago, mobster, private eye, new york, murder, spy
  ! on wet street | a wet city street at night, street lamps, parked black cars, steam from the drains
  in detective's office | a detective's office, blinds, a desk lamp, a filing cabinet, rain on the window
  in jazz club | a smoky jazz club, small round tables, a piano, a red curtain
  in railway station | a great railway station hall, tall windows, a clock, long benches
  in hotel corridor | a hotel corridor with numbered doors, a worn carpet, one flickering lamp
  ! on iron bridge | an iron bridge over a black river, fog, the lights of the city
  in night diner | a night diner, a long counter, chrome stools, a neon sign in the window
  ! in freight yard | a freight yard, rails, brick warehouses, a lone signal light
plant: leaf, photosynthesis, plant, sugar factory, sunflower, seed, tree, flower, chlorophyll
  in sugar factory | a glowing green sugar factory inside a leaf, glass pipes, green machines, sunlight through the roof
  ! on sunny roof | the sunny roof of the leaf, green solar panels, dew drops, blue sky
  in water cellar | the water cellar at the end of a long green pipe, blue pumps, roots through the ceiling
  ! at air gates | little round air gates on the underside of a leaf, opening and closing, drifting bubbles
  in sweet store | a store full of golden sugar cubes, shelves, a little cart on rails
  ! in garden | a garden seen from a leaf, tall stems, a snail, warm light
  ! on high branch | a high branch above the garden, other leaves, birds, wide sky
house: house, home, grandmother, grandson, radio, family, room, kitchen, attic, piano, clock, mother, father, vacuum, cat, sofa
  in living room | a living room with an old armchair, a patterned rug, framed photographs, a standing lamp
  in attic | an attic with trunks, a rocking horse, dust in the light of a round window
  in workshop | a small workshop, tools on the wall, jars of screws, a workbench under a lamp
  ! on front porch | a front porch with a swing, potted plants, a quiet street
  in kitchen | a kitchen with yellow tiles, a kettle, a checked tablecloth, a window on the garden
  ! in back garden | a back garden with an apple tree, a bench, a washing line
  ! on hill above town | a grassy hill above a small town, one old tree, roofs and chimneys below
  in narrow hallway | a narrow hallway with coats, a mirror, a telephone on a little table
space: astronaut, spaceship, space, ship, rocket, moon, mars, alien, planet, orbit, galaxy, astronauts, starship, station
  in ship's bridge | a spaceship bridge, wide window full of stars, consoles, three seats, one red warning light
  in airlock | an airlock with a round door, one white suit on a hook, a control panel
  in engine room | an engine room, dark pipes, a silent reactor, sparks, a ladder
  in cargo bay | a cargo bay with strapped crates, a net, a small round window
  in greenhouse dome | a glass greenhouse dome, tomato plants, a lamp, stars beyond the glass
  ! on outer hull | the outer hull of the ship, white panels, an antenna, stars, a blue planet below
  in sleeping quarters | sleeping quarters with three bunks, photographs, a drifting sock
  ! on grey plain | a grey moon plain with craters, the ship in the distance, a black sky
forest: forest, fox, wood, woods, bear, wolf, deer, owl, rabbit, squirrel, hedgehog, spring, jungle, snow, badger, tree, fairy
  ! in forest clearing | a forest clearing, birch trees, patches of snow, a fallen log
  ! at edge of the forest | the edge of a forest, last trees, a white meadow, distant hills
  ! by little stream | a little stream with stones and melting ice, ferns, a wooden footbridge
  ! on hilltop | a round hilltop with one bare tree, wide sky, valleys below
  in fox's den | a cosy den under roots, leaves for a bed, a round door of light
  ! by big river | a big slow river with drifting ice, reeds, a landing stage
  ! in high meadow | a high mountain meadow, first flowers, snow on the peaks
  ! at sea | a wide quiet shore where the river meets the sea, sand, gulls
hotel: hotel, lobby, prince, concierge, inn, resort, guest, elevator, bellboy
  in hotel lobby | a pink hotel lobby, a reception desk with keys, a grand staircase, potted palms
  in hotel kitchen | a hotel kitchen, copper pots, a tall cake, swinging doors
  in laundry room | a laundry room, baskets of white sheets, round machines, steam
  in dining room | a grand dining room, round tables with white cloths, a chandelier, a mountain window
  in room seventeen | a small hotel room, a striped bed, a wardrobe, a window on the mountains
  ! on cable car platform | a cable car platform on a snowy mountain, a red cabin, pine trees
  ! on hotel roof | the roof of the mountain hotel, chimneys, a flag, snowy peaks
  in lift | a narrow golden lift with a folding gate and a row of buttons
court: courtroom, court, judge, trial, lawyer, jury, witness, verdict, parrot
  in courtroom | a courtroom with a high judge's bench, a witness stand, wooden rows, tall windows
  in corridor of the court | a long court corridor, marble floor, benches, doors with brass plates
  in judge's chambers | the judge's chambers, shelves of law books, a green lamp, a desk
  ! on courthouse steps | broad courthouse steps between columns, a city square, pigeons
  in evidence room | an evidence room, shelves of labelled boxes, a bare bulb, a cage
  in jury room | a jury room, a long table, a water jug, a window with blinds
deep sea: deep-sea, deep sea, submarine, underwater, hull, ocean floor, diver, whale, ocean, mermaid, fish, octopus
  in deep-sea lab | a round deep-sea lab, thick round windows, dark blue water outside, instruments, a green lamp
  in engine tunnel | a narrow engine tunnel, pipes, dripping valves, a red lamp
  in moon pool | a moon pool room, black water in the floor, hanging diving suits, a ladder
  in radio cabin | a radio cabin with headphones, a glowing screen, a paper chart
  ! on sea floor | the sea floor outside the lab, beams of light, rocks, drifting snow of the sea
  in galley | a small galley, a bolted table, mugs on hooks, a porthole
  in air lock | a steel lock with a heavy wheel on a round door, a pressure gauge
school: school, teacher, class, pupil, student, classroom, lesson, homework, professor, explain, learn
  in classroom | a classroom with a green board, small desks, paper stars in the window, a globe
  in science room | a science room, glass flasks, a model of the planets, a long table
  ! in school yard | a school yard with a big tree, chalk drawings, a low wall
  in library | a library with tall shelves, a ladder, a reading lamp
  ! on hill behind school | a grassy hill behind the school, a weather vane, wide sky
  in model room | a room with one giant model, ladders, arrows of coloured paper
farm: farm, farmer, cow, barn, sheep, pig, chicken, horse, field, village, scarecrow, goat, tractor
  ! in farmyard | a farmyard with a red barn, hens, a water pump
  in barn | a barn with hay bales, a ladder, light through the boards
  ! in wheat field | a golden wheat field, a scarecrow, a blue sky
  ! by duck pond | a duck pond with reeds, a plank bridge, a willow
  in farmhouse kitchen | a farmhouse kitchen, a big table, bread, a stove
  ! on hill road | a winding hill road between stone walls, sheep, a signpost
desert: desert, camel, oasis, dune, sand, pyramid, cactus, cowboy, western, sheriff
  ! on high dune | a high dune, ripples of sand, a huge sun
  ! at oasis | an oasis with palm trees, a round pool, reeds
  in striped tent | a striped tent, cushions, a brass lamp
  ! in red canyon | a red canyon, narrow walls, a strip of sky
  ! on dusty street | a dusty street with wooden houses, a water trough, a swinging sign
  in old well house | an old well house, a rope, a bucket, cool shade
castle: castle, king, queen, knight, princess, dragon, throne, kingdom, wizard, tower, witch, sword
  in throne room | a throne room with long banners, a stone floor, a high window
  ! on castle wall | a castle wall with flags, far mountains, evening sky
  in tower room | a tower room full of books, a telescope, a candle
  ! in dark forest | a dark forest with crooked trees, lanterns of mushrooms
  in castle kitchen | a castle kitchen, a huge hearth, hanging hams, a sleepy cat
  ! at dragon's cave | the mouth of a cave on a mountain, bones of old carts, warm smoke
  ! at village gate | a village gate with a stone arch, a fountain, flower pots
mountain: mountain, volcano, climber, glacier, alps, everest, peak
  ! on mountain path | a mountain path over blue rocks, a wooden sign, far peaks
  in stone hut | a stone hut with a stove, bunks, a small window full of snow
  ! at crater rim | the rim of a crater, warm smoke, black stones, red glow
  ! on high pass | a high pass with prayer flags, wind, snow
  in ice cave | a blue ice cave, icicles, light from above
  ! in valley village | a valley village, wooden houses, a bridge, a bell tower
stage: theatre, theater, circus, actor, music, musician, piano, violin, concert, singer, band, song, dancer, orchestra
  in old theatre | an old theatre stage, a red curtain, a single lamp, rows of seats
  in dressing room | a dressing room with a mirror ringed by bulbs, costumes, flowers
  in practice room | a practice room with a piano, a music stand, a window on roofs
  ! on back street | a back street behind the theatre, posters, a stage door, a lamp
  ! in city park | a city park with a bandstand, chestnut trees, benches
  in empty hall | an empty hall, stacked chairs, a tall window, echo
garden: garden, bee, ant, butterfly, snail, insect, flower, worm, beetle, caterpillar, spider, pond, frog
  ! in flower bed | a flower bed like a forest, giant poppies, dew, soft earth
  ! by pond | a garden pond, lily pads, reeds, a stone rim
  in greenhouse | a greenhouse, tomato leaves, warm mist, flower pots
  ! under old tree | the foot of an old tree, roots, mushrooms, shade
  ! on garden wall | a sunny garden wall, moss, a gate, a sleeping cat far off
  in hollow stump | a hollow stump with a tiny door, a lamp, a round table
street: street, town, shop, office, bus, train, neighbour, neighbor, hospital, postman, football, park
  ! on quiet street | a quiet street of brick houses, a lamp post, a bicycle, autumn leaves
  in corner shop | a corner shop, jars of sweets, newspapers, a bell above the door
  ! in small park | a small park with a bench, a pond, chestnut trees
  in café | a café with round tables, steam on the window, a counter with cakes
  in small room | a small room with a bed, a desk, a window on the roofs
  ! on roof terrace | a roof terrace with flower pots, chimneys, wide evening sky
  ! on old bridge | an old stone bridge over a slow river, lamps, boats
  in train station | a train station hall, a clock, wooden benches, a closed kiosk
"""


def _regions() -> dict[str, Region]:
    found: dict[str, Region] = {}
    name, spots = "", list[Spot]()
    cues: tuple[str, ...] = ()
    for row in _TABLE.strip().splitlines():
        if not row.startswith("  "):
            if name:
                found[name] = Region(name=name, cues=cues, spots=tuple(spots))
            name, _, rest = row.partition(":")
            cues, spots = tuple(cue.strip() for cue in rest.split(",")), []
            continue
        text = row.strip()
        outdoors = text.startswith("!")
        phrase, _, description = text.lstrip("! ").partition("|")
        spots.append(spot_of(phrase.strip(), description.strip(), indoors=not outdoors))
    found[name] = Region(name=name, cues=cues, spots=tuple(spots))
    return found


REGIONS: Final = _regions()

PLACE_NOUNS: Final = frozenset(
    words(
        "city town village forest wood woods jungle desert island beach shore coast harbour harbor port dock sea ocean lake river pond "
        "mountain hill valley cave castle palace tower lighthouse house home cottage hut cabin kitchen attic cellar basement bedroom room "
        "garden park field meadow farm barn street road alley market square shop store bakery restaurant café cafe bar diner hotel inn "
        "lobby office school classroom library museum hospital church temple courtroom court prison jail station airport train bus ship "
        "boat spaceship submarine lab laboratory factory warehouse workshop theatre theater circus stadium hall club bridge tunnel moon "
        "mars space planet galaxy heaven hell underworld swamp glacier volcano canyon prairie oasis dune world country kingdom apartment "
        "flat skyscraper rooftop roof elevator lift playground zoo aquarium cemetery graveyard mine bank supermarket mall gym pool sky "
        "orchard vineyard greenhouse pantry studio stage arena suburb neighbourhood neighborhood outpost base camp orphanage university "
        "college hull platform pier wharf ward trench meadow monastery convent bookshop bookstore windmill mill quarry ranch saloon "
        "observatory planetarium laundromat launderette garage cathedral chapel fairground carnival casino hostel "
    )
)


def is_place(noun: str) -> bool:
    """Whether a noun names somewhere one can be."""
    return noun in PLACE_NOUNS


def find_region(text: str, rng: Random, *, heads: tuple[str, ...] = ()) -> Region:
    """The region whose cue words the prompt uses most; without any, somewhere ordinary."""
    low = text.lower()
    scores: dict[str, float] = {}
    for region in REGIONS.values():
        for rank, cue in enumerate(region.cues):
            if re.search(rf"(?<![\w]){re.escape(cue)}(?:s|es|y)?(?![\w])", low):
                scores[region.name] = (
                    scores.get(region.name, 0) + 1.5 - rank * 0.02 + (1.0 if cue in heads else 0) + cue.count(" ")
                )
    if not scores:
        return REGIONS[rng.choice(["street", "house", "street", "garden"])]
    best = max(scores.values())
    return REGIONS[next(name for name in REGIONS if scores.get(name) == best)]


def prompt_spot(phrase: str, preposition: str) -> Spot:
    """A place the table does not hold, in the prompt's own words: `a busy harbour`."""
    bare = phrase.removeprefix("the ")
    kind = f"{article(bare)} {bare}" if not bare[:1].isupper() else bare
    on = preposition if preposition in {"in", "on", "at", "under", "by"} else "in"
    return spot_of(f"{on} {bare}", f"{kind}, seen wide, with sky above and a path through it", indoors=False)
