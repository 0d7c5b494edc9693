"""Colour differences against published values, and light measured on probes with a known light."""

import json
import math

import numpy as np
import pytest

from episodic.backbones.request import Setting
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.passes.observe import probe_picture
from episodic.backbones.take import Sight
from episodic.colour import lab_of
from episodic.quality.light import (
    MeasuredLight,
    ambient_difference,
    delta_e_2000,
    direction_difference,
    light_of,
    light_of_take,
    temperature_of,
    white_of,
)

SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
"""Table 1 of Sharma, Wu, Dalal 2005."""


def test_colour_differences_equal_the_published_values():
    table = np.array([[float(x) for x in row.split()] for row in SHARMA.strip().splitlines()])
    assert np.abs(delta_e_2000(table[:, :3], table[:, 3:6]) - table[:, 6]).max() < 6e-5
    assert np.abs(delta_e_2000(table[:, 3:6], table[:, :3]) - table[:, 6]).max() < 6e-5


def test_white_black_and_red_have_their_cielab_values():
    lab = lab_of(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8))
    assert np.abs(lab - [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20]]).max() < 0.02


def probe(time="day", style="storybook", flicker=0.0, **light):
    values = {
        "azimuth": -0.5,
        "elevation": 0.4,
        "intensity": 0.8,
        "ambient": 0.45,
        "log2_temperature": 0.0,
        "haze": 0.1,
        "contrast": 0.5,
    }
    shot = ShotLight.of(Setting(location="hill", look={}, time=time), style, values | light, {"practical": 0.5}, indoors=False)
    picture = np.full((90, 160, 3), 100, np.uint8)
    return Sight(frame=0, picture=picture, masks={}, probe=probe_picture(shot, flicker))


@pytest.mark.parametrize("style", ["storybook", "noir", "neon", "pastel"])
@pytest.mark.parametrize("azimuth", [-0.8, -0.2, 0.0, 0.5])
@pytest.mark.parametrize("elevation", [0.1, 0.5, 0.9])
def test_the_direction_of_the_key_is_measured_on_the_ball(style, azimuth, elevation):
    measured = light_of(probe(style=style, azimuth=azimuth, elevation=elevation))
    truth = MeasuredLight(
        ambient_lab=(0, 0, 0),
        ambient_xyz=(0, 0, 0),
        key_lab=(0, 0, 0),
        azimuth_deg=azimuth * 90,
        elevation_deg=elevation * 90,
        exposure_ev=0,
        temperature_k=5000,
        from_probe=True,
    )
    assert direction_difference(measured, truth) < 1.0


def test_equal_light_measures_equal_and_another_time_of_day_does_not():
    day, again, night = (light_of(probe(time=time)) for time in ("day", "day", "night"))
    assert ambient_difference(day, again) == 0
    assert direction_difference(day, again) < 1e-6
    assert ambient_difference(day, night) > 10


def test_warm_lamps_measure_warmer_than_cool_ones():
    warm, cool = (light_of(probe(log2_temperature=octaves)).temperature_k for octaves in (-0.9, 0.6))
    assert warm < 5500 < cool
    assert abs(temperature_of(np.ones(3)) - 6504) < 30


def test_a_flash_of_lightning_does_not_change_the_light_of_a_take():
    calm, flash = probe(), probe(flicker=1.0)
    take, steady = light_of_take([calm, flash, calm]), light_of(calm)
    assert ambient_difference(take, steady) < 1e-6
    assert math.isclose(take.temperature_k, steady.temperature_k)


def test_without_a_probe_the_side_of_the_key_is_estimated_from_the_frame():
    ramp = np.linspace(40, 200, 160)[None, :, None].repeat(90, 0).repeat(3, 2).astype(np.uint8)
    estimated = light_of(Sight(frame=0, picture=ramp, masks={}))
    assert not estimated.from_probe
    assert estimated.azimuth_deg > 15
    assert light_of(Sight(frame=0, picture=ramp[:, ::-1], masks={})).azimuth_deg < -15
    assert white_of(Sight(frame=0, picture=ramp, masks={})) is None


def test_measured_light_survives_json():
    measured = light_of(probe())
    stored = MeasuredLight.from_json(json.loads(json.dumps(measured.to_json())))
    assert ambient_difference(measured, stored) < 1e-3
    assert direction_difference(measured, stored) < 1e-2
    assert stored.to_json() == measured.to_json()


def test_json_that_is_no_light_is_an_error():
    with pytest.raises(ValueError, match="ambient_lab"):
        MeasuredLight.from_json({"exposure_ev": 1.0})


def test_the_light_of_a_take_without_frames_is_an_error():
    with pytest.raises(ValueError, match="no frames"):
        light_of_take([])
