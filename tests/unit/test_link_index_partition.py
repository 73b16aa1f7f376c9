"""People out of edges: rules and stewards' words hold whatever the weights; only content decides."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.link import cluster
from sharewell.link.index.partition import Found, Region, split_up

Pairs = list[tuple[int, int]]
COUNT = 9
RECORD = st.integers(0, COUNT - 1)
PAIRS = st.lists(st.tuples(RECORD, RECORD).filter(lambda pair: pair[0] != pair[1]), max_size=12)


def region(
    pairs: Pairs,
    weights: list[float] | None = None,
    *,
    count: int = COUNT,
    number: list[int] | None = None,
    bit: list[int] | None = None,
    same: Pairs | None = None,
    different: Pairs | None = None,
) -> Region:
    def ends(held: Pairs) -> tuple[cluster.Ints, cluster.Ints]:
        return tuple(np.array([pair[at] for pair in held], np.int64) for at in (0, 1))  # type: ignore[return-value]

    left, right = ends(pairs)
    return Region(
        np.array(number or [0] * count, np.int64),
        np.array(bit or [0] * count, np.int64),
        left,
        right,
        np.array(weights if weights is not None else [10.0] * len(pairs), np.float64),
        ends(same or []),
        ends(different or []),
    )


def groups(found: Found) -> set[frozenset[int]]:
    labels = found.labels.tolist()
    return {frozenset(at for at, label in enumerate(labels) if label == one) for one in labels}


def test_a_number_joins_its_records_and_parts_them_from_another_number() -> None:
    found = split_up(region([(1, 2), (2, 3)], [9.0, 8.0], count=4, number=[7, 7, 0, 8]))
    assert groups(found) == {
        frozenset({0, 1}),
        frozenset({2}),
        frozenset({3}),
    }  # 2 is torn: it joins neither
    found = split_up(region([(1, 2), (2, 3)], [19.0, 8.0], count=4, number=[7, 7, 0, 8]))
    assert groups(found) == {frozenset({0, 1, 2}), frozenset({3})}
    assert found.weight.tolist()[1:3] == [19.0, 19.0]
    assert np.isnan(found.weight[[0, 3]]).all()


def test_a_stewards_words_beat_weights() -> None:
    found = split_up(region([(0, 1)], count=3, same=[(1, 2)], different=[(0, 1)]))
    assert groups(found) == {frozenset({0}), frozenset({1, 2})}
    assert not found.frozen.any()


def test_words_against_a_number_or_a_promise_or_each_other_freeze_and_join_nobody() -> None:
    for held in (
        region([], count=3, number=[7, 8, 0], same=[(0, 1)]),
        region([], count=3, bit=[1, 1, 0], same=[(0, 1)]),
        region([], count=3, same=[(0, 1), (1, 2)], different=[(0, 2)]),
    ):
        found = split_up(held)
        assert groups(found) == {frozenset({0}), frozenset({1}), frozenset({2})}
        assert found.frozen[:2].all()
    assert not split_up(region([], count=3, number=[7, 8, 0], same=[(0, 1)])).frozen[2]


def test_more_words_than_a_mask_has_bits_are_all_followed() -> None:
    count = 14
    everyone = [(a, b) for a in range(count) for b in range(a + 1, count)]
    found = split_up(region(everyone, count=count, different=everyone, bit=[1] * 7 + [0] * 7))
    assert len(groups(found)) == count
    apart = [(a, b) for a, b in everyone if (a < 7) is not (b < 7)]  # 49 of them
    weights = [19.0 if (a < 7) is (b < 7) else 9.0 for a, b in everyone]
    found = split_up(region(everyone, weights, count=count, different=apart))
    assert groups(found) == {frozenset(range(7)), frozenset(range(7, 14))}


@given(PAIRS, st.data())
@settings(max_examples=150, deadline=None)
def test_without_words_it_is_the_plain_join(pairs: Pairs, data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(5, 9), min_size=len(pairs), max_size=len(pairs)))
    bit = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=COUNT, max_size=COUNT))
    held = region(pairs, [float(weight) for weight in weights], bit=bit)
    low, high = np.minimum(held.left, held.right), np.maximum(held.left, held.right)
    plain = cluster.join(COUNT, low, high, held.weight, np.zeros(COUNT, np.int64), held.bit)[0]
    assert split_up(held).labels.tolist() == plain.tolist()


@given(PAIRS, PAIRS, PAIRS, st.randoms(use_true_random=False), st.data())
@settings(max_examples=150, deadline=None)
def test_every_rule_and_every_word_that_can_be_followed_is(
    pairs: Pairs, same: Pairs, different: Pairs, rng: object, data: st.DataObject
) -> None:
    number = data.draw(st.lists(st.sampled_from([0, 0, 7, 8]), min_size=COUNT, max_size=COUNT))
    different = [(a, b) for a, b in different if not number[a] or number[a] != number[b]]
    found = split_up(region(pairs, number=number, same=same, different=different))
    labels = found.labels
    for a, b in different:
        assert labels[a] != labels[b]
    for a, b in same:
        assert labels[a] == labels[b] or (found.frozen[a] and found.frozen[b])
    for group in groups(found):
        assert len({number[at] for at in group} - {0}) <= 1
    for value in (7, 8):
        assert len({labels[at] for at in range(COUNT) if number[at] == value}) <= 1
    turned = [pair[::-1] for pair in pairs]
    rng.shuffle(turned)  # type: ignore[attr-defined]
    again = split_up(region(turned, number=number, same=same[::-1], different=different[::-1]))
    assert again.labels.tolist() == labels.tolist()
