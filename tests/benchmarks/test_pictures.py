"""Pictures of measurements are SVG, and show what was measured."""

import xml.etree.ElementTree as ElementTree

import pytest

from pictures import Curve, curves_picture, session_picture, ticks
from tests.bench.fakes import three_rounds


def test_the_picture_is_svg_with_a_dot_for_each():
    drawn = ElementTree.fromstring(session_picture(three_rounds()))
    titles = [title.text for title in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["floor: 1.00", "inwit: 4.00", "rival: 2.00"]
    dots = [float(dot.get("cx")) for dot in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    assert dots[1] - dots[0] == pytest.approx(2 * (dots[2] - dots[0]), abs=0.5)  # logarithmic


def test_curves_are_lines_on_logarithmic_axes():
    curve = Curve(label="<time>", points=[(10, 1), (100, 10), (1000, 100)])
    drawn = ElementTree.fromstring(curves_picture("growth", "size", "seconds", [curve]))
    (line,) = drawn.iter("{http://www.w3.org/2000/svg}polyline")
    spots = [tuple(map(float, spot.split(","))) for spot in line.get("points").split()]
    assert spots[1][0] - spots[0][0] == pytest.approx(spots[2][0] - spots[1][0], abs=0.2)
    assert spots[1][1] - spots[0][1] == pytest.approx(spots[2][1] - spots[1][1], abs=0.2)
    assert ticks(0, 1) == [1, 2, 5, 10]
