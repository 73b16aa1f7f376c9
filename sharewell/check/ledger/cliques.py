"""Which columns must be refined together: the cliques of a chordal graph over columns.

Two columns are joined where some published cell has conditions on both. If the graph is chordal, tables of
its cliques that agree on what they share are exactly the tables that some joint table has (Dobra and
Fienberg, Bounds for cell entries in contingency tables given marginal totals and decomposable graphs, PNAS
2000; Lauritzen, Graphical Models, 1996). So nothing is lost by refining clique by clique, and a population
with many columns needs no joint table of all of them. A graph that is not chordal is made so by joining
more columns, fewest first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

Clique = tuple[int, ...]


def find_cliques(used: Collection[frozenset[int]], sizes: Sequence[int]) -> list[Clique]:
    """The cliques of the columns 0 to len(sizes) - 1, joined by the sets that are `used` together.

    sizes: levels of each column, by which ties are broken.
    """
    near: dict[int, set[int]] = {column: set() for column in range(len(sizes))}
    for columns in used:
        for a, b in combinations(columns, 2):
            near[a].add(b)
            near[b].add(a)
    found: list[frozenset[int]] = []
    while near:
        column = min(near, key=lambda c: (_missing(near, c), _size(near, c, sizes), c))
        around = near.pop(column)
        clique = frozenset({column, *around})
        if not any(clique <= other for other in found):
            found.append(clique)
        for a in around:
            near[a] = (near[a] | around) - {a, column}
    return [tuple(sorted(clique)) for clique in found]


def join(cliques: Sequence[Clique]) -> list[tuple[int, int, Clique]]:
    """The edges of a junction tree: two cliques (by place) and the columns they share, most shared first.

    Cliques that share no column share the number of people.
    """
    edges = sorted(
        (-len(set(cliques[a]) & set(cliques[b])), a, b) for a, b in combinations(range(len(cliques)), 2)
    )
    root, tree = list(range(len(cliques))), []
    for _, a, b in edges:
        if root[a] != root[b]:
            old, new = root[b], root[a]
            root = [new if each == old else each for each in root]
            tree.append((a, b, tuple(sorted(set(cliques[a]) & set(cliques[b])))))
    return tree


def _missing(near: dict[int, set[int]], column: int) -> int:
    return sum(b not in near[a] for a, b in combinations(near[column], 2))


def _size(near: dict[int, set[int]], column: int, sizes: Sequence[int]) -> int:
    product = sizes[column]
    for each in near[column]:
        product *= sizes[each]
    return product
