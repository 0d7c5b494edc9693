"""The table of the channels of a latent."""

from __future__ import annotations

from typing import get_args

import pytest

from episodic.backbones.stage.model.latent import CHANNELS, SLOTS, SlotKind, channels_of, slot_kind


def test_every_kind_of_slot_has_channels_of_distinct_names() -> None:
    assert {slot_kind(slot) for slot in SLOTS} == set(get_args(SlotKind))
    for slot in SLOTS:
        names = [channel.name for channel in channels_of(slot)]
        assert 0 < len(names) <= CHANNELS
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("slot", SLOTS[3:])
def test_a_channel_has_a_unit_a_positive_scale_and_limits_in_order(slot: str) -> None:
    for channel in channels_of(slot):
        assert channel.unit
        assert channel.scale > 0
        if channel.low is not None and channel.high is not None:
            assert channel.low < channel.high
