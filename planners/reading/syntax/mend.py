"""Mend a parse by rules: tags and relations that contradict each other, lost subjects, second objects, controlled clauses."""

from __future__ import annotations

from planners.reading.spacy_without_torch import Doc
from planners.reading.syntax.clause_rules import (
    absolute_phrases,
    comparisons,
    joined_subjects,
    list_subjects,
    listed_subjects,
    listed_with_adverbs,
    nearest_described,
    nouns_after_and,
    participles_after_nouns,
    subjects_after_places,
    subjects_before_verbs,
    swallowed_compounds,
    swallowed_main_verbs,
    tenses,
    verbs_after_relative_clauses,
    verbs_in_compounds,
    verbs_joined_to_nouns,
    verbs_of_perceived,
    words_of_subjects,
)
from planners.reading.syntax.long_sentences import (
    agreeing_verbs,
    bare_verbs,
    made_things,
    objects_read_as_subjects,
    owned_objects,
    passives_after_relative_clauses,
    prepositions_after_participles,
    progressives,
    subjects_joined_to_objects,
    time_spent,
    times_later,
)
from planners.reading.syntax.noun_rules import (
    listed_participles,
    remainders,
    split_compounds,
    verbs_after_single_nouns,
)
from planners.reading.syntax.object_rules import (
    colours_given,
    compound_objects,
    controlled_clauses,
    named_places,
    names_after_nouns,
    purposes,
    questions_asked,
    receivers,
    second_objects,
    verbs_after_to,
)
from planners.reading.syntax.tag_rules import (
    adverbs_after_objects,
    going,
    nouns_read_as_adjectives,
    nouns_read_as_verbs,
    plural_subjects,
    retag,
    times_after_objects,
)
from planners.reading.syntax.tree import Tree

__all__ = ["mend"]


def mend(doc: Doc) -> Doc:
    """The parse with its contradictions removed."""
    rules = (
        nouns_read_as_verbs,
        time_spent,
        times_later,
        progressives,
        made_things,
        owned_objects,
        objects_read_as_subjects,
        bare_verbs,
        prepositions_after_participles,
        retag,
        verbs_after_single_nouns,
        split_compounds,
        remainders,
        listed_participles,
        subjects_joined_to_objects,
        agreeing_verbs,
        passives_after_relative_clauses,
        listed_with_adverbs,
        verbs_of_perceived,
        absolute_phrases,
        swallowed_compounds,
        list_subjects,
        swallowed_main_verbs,
        nouns_read_as_adjectives,
        verbs_joined_to_nouns,
        nearest_described,
        tenses,
        verbs_after_relative_clauses,
        participles_after_nouns,
        subjects_after_places,
        going,
        plural_subjects,
        subjects_before_verbs,
        comparisons,
        verbs_in_compounds,
        joined_subjects,
        nouns_after_and,
        words_of_subjects,
        listed_subjects,
        adverbs_after_objects,
        colours_given,
        times_after_objects,
        compound_objects,
        names_after_nouns,
        named_places,
        second_objects,
        verbs_after_to,
        controlled_clauses,
        purposes,
        receivers,
        questions_asked,
    )
    for rule in rules:
        tree = Tree(doc)
        rule(tree)
        doc = tree.finish()
    return doc
