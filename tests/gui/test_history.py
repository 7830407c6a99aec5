"""Which results belong on one picture."""

from dataclasses import replace

from koopview.gui.history import above_named_control, hybrid_measure, newest_alone, numerical_rank, over_delays


def test_curve_over_delays_takes_results_that_differ_in_delays_alone(make):
    base = make.settings
    wanted = [make.result(replace(base, delays=h)) for h in (4, 1, 16)]
    others = [
        make.result(replace(base, rank=5)),
        make.result(replace(base, steps=24)),
        make.result(replace(base, scaling="linear")),
        make.result(replace(base, samples=None)),
        make.result(replace(base, layer="4", replaced=("4",))),
        make.result(replace(base, replaced=("0", "2"))),
        make.result(base, labels=False),
        replace(make.result(replace(base, delays=9)), model="another"),
    ]
    shown = make.result(base)
    expected = sorted((*wanted, shown), key=lambda result: result.settings.delays)
    assert over_delays([*wanted, *others], shown) == expected


def test_curve_shows_the_newest_of_each_delay(make):
    old = make.result(make.settings)
    new = replace(old, accuracy={**old.accuracy, "hybrid": 0.123})
    assert over_delays([old], new) == [new]


def test_an_edit_of_modes_changes_no_curve(make):
    others = [make.result(replace(make.settings, delays=h)) for h in (4, 12)]
    edited = replace(others[1], settings=others[1].settings.with_edits(((0, 0j),)))
    assert over_delays([*others, edited], edited) == others


def test_newest_alone_leaves_out_results_with_several_layers_replaced(make):
    first = make.result(make.settings)
    newer = make.result(replace(make.settings, delays=4))
    both = make.result(replace(make.settings, replaced=("2", "4")))
    assert newest_alone([first, newer, both]) == {"2": newer}
    assert newest_alone([both]) == {}


def test_agreement_stands_in_without_labels(make):
    result = make.result(make.settings, labels=False)
    assert hybrid_measure(result) == result.agreement


def test_a_numerical_rank_that_no_decomposition_reached_is_a_bound(make):
    whole = make.result(make.settings)
    assert numerical_rank(whole) == str(whole.numerical_rank)
    cut = replace(whole, auto_rank=None, kept_rank=40, numerical_rank=None)
    assert numerical_rank(cut) == "≥ 40"
    assert numerical_rank(replace(cut, numerical_rank=40)) == "40"


def test_the_gain_names_its_control_and_is_a_dash_before_it_is_known(make):
    result = make.result(make.settings, hybrid=0.9, lift_affine=0.8, affine=0.85)
    assert above_named_control(result) == "+5.0 ± 0.3 points (affine)"
    assert above_named_control(make.result(make.settings, hybrid=0.1, task="regression")) == (
        "−0.848 ± 0.003 (affine of lift)"
    )
    assert above_named_control(make.without_controls(result)) == "–"
