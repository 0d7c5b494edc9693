"""Words for places that the painter has no set for, and which of its sets comes nearest; and the words of its own that fit only nearly."""

from __future__ import annotations

from typing import Final

__all__ = ["LOOSE_PLACES", "NEAR_PLACES", "SAME_PLACES"]

_NEAR: Final = {
    "lab": "planetarium reactor cleanroom morgue dentist surgery workroom powerhouse datacenter",
    "library": "gallery bookroom scriptorium",
    "palace": "chapel mosque synagogue abbey shrine pagoda crypt tomb catacombs catacomb mausoleum manor mansion fort citadel belfry "
    "cloister sanctuary pyramid colosseum arena gatehouse vault prison jail treasury armory armoury",
    "workshop": "stable stables mill windmill watermill smithy boathouse hangar shipyard foundry brewery winery distillery dairy "
    "sawmill depot laundry atelier pottery darkroom henhouse kennel doghouse coop cowshed",
    "attic": "granary hayloft crawlspace storeroom closet bunker shelter",
    "living_room": "cabin bungalow villa hut shack lodge chalet farmhouse igloo yurt tent caravan trailer houseboat treehouse hideout "
    "conservatory sunroom playroom penthouse",
    "bedroom": "hospice infirmary suite bathroom barracks guestroom",
    "kitchen": "bistro trattoria buffet cafeteria teahouse pizzeria creamery",
    "bakery": "confectionery chocolaterie delicatessen",
    "bar": "casino disco discotheque taproom cantina karaoke cabaret",
    "office": "grocery supermarket mall florist boutique tailor salon barbershop hairdresser butcher embassy ministry showroom "
    "toyshop bookmaker laundromat cubicle boardroom",
    "detective_office": "sheriff customs checkpoint",
    "classroom": "kindergarten academy college gym gymnasium dojo auditorium daycare",
    "theatre": "amphitheater amphitheatre bandstand fairground carnival stadium",
    "hotel_lobby": "motel hostel terminal airport atrium sauna hammam cloakroom bathhouse",
    "courtroom": "senate congress assembly",
    "spaceship": "satellite spaceport hovercraft mothership",
    "sea_lab": "aquarium torpedo drydock periscope",
    "train": "cab taxi van truck lorry ambulance limousine helicopter aeroplane coach stagecoach caboose trolley gondola",
    "coast": "tidepool atoll cape peninsula sandbar lookout cove fjord estuary sandbank promontory breakwater mudflat",
    "harbour": "canal mooring slipway boardwalk promenade",
    "deck": "ferryboat canoe kayak steamer steamship freighter tanker barge galleon lifeboat rowboat trawler airship zeppelin "
    "balloon",
    "street": "crossroads boulevard lane highway motorway bazaar suburb neighborhood neighbourhood intersection junkyard scrapyard racetrack parking balcony "
    "terrace skyscraper favela slum slums fair marketplace carpark",
    "alley": "sewer tunnel passage passageway",
    "forest": "rainforest thicket bog marsh marshland mangrove glade clearing hollow nest beehive hive anthill warren lair "
    "undergrowth bayou",
    "meadow": "vineyard ranch plantation moor moorland heath steppe grassland grasslands paddock plains croft battlefield "
    "campsite camp runway airfield hillside knoll golf",
    "garden": "porch veranda lawn allotment vivarium hothouse zoo aviary maze cemetery graveyard churchyard hedge fountain arboretum birdbath "
    "flowerbed",
    "mountain": "cavern grotto mine quarry gorge ravine crag mesa plateau crevasse bluff mountaintop",
    "snow": "iceberg ski rink skating slope",
    "desert": "wasteland outback badlands mirage",
    "planet": "colony comet moonbase",
    "space": "heaven afterlife paradise limbo underworld hell",
    "underwater": "seafloor trench abyss shipwreck wreck kelp atlantis",
    "landscape": "waterfall stream creek brook riverbank riverside ford dam wetland loch lakeside lakeshore roadside trail footbridge",
    "room": "stairwell staircase stair stairs antechamber",
}
_PHRASES: Final = {
    "tide pool": "coast", "rock pool": "coast", "oil rig": "harbour", "fire station": "workshop", "police station": "detective_office", "gas station": "street",
    "petrol station": "street", "bus stop": "street", "bus station": "street", "tram stop": "street", "train station": "train", "railway station": "train", "parking lot": "street", "swimming pool": "hotel_lobby",
    "waiting room": "hotel_lobby", "operating room": "lab", "operating theatre": "lab", "boiler room": "workshop", "engine shed": "workshop", "bell tower": "palace",
    "clock tower": "palace", "water tower": "palace", "post office": "office", "call center": "office", "toy shop": "office", "recording studio": "office",
    "prison cell": "palace", "jail cell": "palace", "river bank": "landscape", "junk yard": "street",
    "town hall": "courtroom", "city hall": "courtroom", "tea house": "kitchen", "tea room": "kitchen", "coffee shop": "kitchen",
    "ice rink": "snow", "ski slope": "snow", "salt flat": "desert", "golf course": "meadow", "rice field": "meadow", "race track": "street", "hot spring": "garden",
    "tree house": "living_room", "ice cave": "snow", "oil platform": "harbour", "wine cellar": "attic", "art gallery": "library", "mine shaft": "mountain",
    "music room": "classroom", "dressing room": "theatre", "throne room": "palace", "security room": "lab", "dining hall": "palace",
}  # fmt: skip
SAME_PLACES: Final = {
    "court room": "courtroom", "repair shop": "workshop", "opera house": "theatre", "concert hall": "theatre", "sea floor": "underwater", "guest room": "bedroom",
    "hotel room": "bedroom", "coffee house": "kitchen", "science lab": "lab", "sea bed": "underwater", "living quarters": "living_room",
}  # fmt: skip
"""Names of two words, of which one alone would say another place; these are what the painter has."""
NEAR_PLACES: Final[dict[str, str]] = _PHRASES | {
    one.replace("-", " "): place for place, many in _NEAR.items() for one in many.split()
}
"""Word: the nearest kind of place."""

_LOOSE: Final = (
    "hospital ward sickroom restaurant canteen galley factory barn warehouse forge radio cellar basement studio bank agency "
    "shop store pharmacy inn ballroom elevator lift spa resort museum circus cinema clinic observatory server temple church "
    "cathedral monastery tower dungeon ruin car bus metro subway airplane plane rooftop overpass arcade underpass jungle "
    "swamp den burrow greenhouse playground courtyard cave volcano canyon glacier oasis savanna river lake bridge corridor "
    "hallway parliament council pump-house well-house loading-hall market-stall dance-hall control-tower engine-room "
    "power-station freight-yard roof-terrace cable-car-platform wild-west diving-bell dream inside interior indoors path "
    "world spring"
)
LOOSE_PLACES: Final = frozenset(one.replace("-", " ") for one in _LOOSE.split())
"""Words that name a set in the catalogue and that nobody would give it who sees it."""
