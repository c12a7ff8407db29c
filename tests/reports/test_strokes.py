"""Numbers, circles and labels of the drawing."""

from __future__ import annotations

import pytest

from gradjury.reports.strokes import abbreviated, circled, fitting, lettered, shown


@pytest.mark.parametrize(("number", "text"), [(1, "①"), (20, "⑳"), (21, "㉑"), (35, "㉟"), (36, "㊱"), (51, "(51)")])
def test_steps_are_counted_in_circles(number: int, text: str) -> None:
    assert circled(number) == text


def test_numbers_have_a_minus_and_zero_has_none() -> None:
    assert [shown(v) for v in (-1.5, -0.0, 2.568050833375483, 1.7e-17, float("nan"))] == [
        "−1.5",
        "0",
        "2.56805",
        "1.7e−17",
        "—",
    ]


def test_a_label_never_grows_and_shrinks_to_its_room() -> None:
    assert fitting("a", 27, 50) == 27
    assert fitting("a" * 20, 27, 55) == pytest.approx(5)
    assert fitting("가중치", 27, 50) == fitting("weight", 27, 50)  # a letter of Korean is as wide as two of Latin
    assert fitting("gamma", 27, 66) == pytest.approx(fitting("sechss", 27, 66))  # an m is half as wide again as others


def test_an_index_stands_below_its_letter_and_what_follows_does_not() -> None:
    below = '<tspan dy=".22em" font-size="72%">1</tspan><tspan dy="-.16em">&#8203;</tspan>'
    assert lettered("∂", "y", "/∂", "w1") == f"∂y/∂w{below}"
    assert lettered("dw1", "<") == "dw1&lt;"


def test_an_infinite_number_is_written_as_mathematics_writes_it() -> None:
    assert [shown(v) for v in (float("inf"), float("-inf"))] == ["∞", "−∞"]


def test_long_names_lose_their_middle_and_stay_apart() -> None:
    names = ["x", "learning_rate", "weight_1_of_layer_1", "weight_2_of_layer_1", "weight_1_of_layer_2"]
    short = abbreviated(names, 8)
    assert set(short) == set(names)
    assert (short["x"], short["learning_rate"]) == ("x", "lear…ate")
    assert len(set(short.values())) == len(names)
    assert all(len(text) <= 8 for text in short.values())
    assert all(name.startswith(text.partition("…")[0]) for name, text in short.items())
    assert all(name.endswith(text.partition("…")[2]) for name, text in short.items())


def test_names_that_cannot_be_told_apart_in_few_letters_stay_whole() -> None:
    names = [f"the_weight_{letter}_of_a_layer" for letter in "abcdefghij"]
    short = abbreviated(names, 8)
    assert len(set(short.values())) == len(names)
    assert short["the_weight_j_of_a_layer"] == "the_weight_j_of_a_layer"


def test_wide_letters_count_twice_in_a_short_name() -> None:
    entries = abbreviated([f"weights[{i}, {j}]" for i in (0, 1) for j in (0, 1)], 10)
    assert list(entries.values()) == ["wei…[0, 0]", "wei…[0, 1]", "wei…[1, 0]", "wei…[1, 1]"]
    assert abbreviated(["weights[1000, 1000]", "weights[1000, 1001]"], 8) == {
        "weights[1000, 1000]": "weig…00]",
        "weights[1000, 1001]": "weig…01]",
    }
    assert abbreviated(["가중치", "학습률감소비율"], 8) == {"가중치": "가중치", "학습률감소비율": "학습…율"}
