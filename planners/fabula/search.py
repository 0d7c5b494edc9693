"""Find actions that make a goal true: greedy best-first search with the additive heuristic.

Method: forward search in a STRIPS state space; the estimate of a state is the sum, over the facts of the goal, of the cost of making each true
when deletions are ignored (Bonet and Geffner, "Planning as heuristic search", Artificial Intelligence 129, 2001). There are no negative
preconditions: a domain states the opposite of a fact as a fact of its own.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

__all__ = ["Fact", "Operator", "State", "find_actions"]

Fact = tuple[str, ...]
"""A predicate and its arguments: `("has", "mara", "key")`."""
State = frozenset[Fact]

AGENT_CHANGE_COST: Final = 0.2
"""Added for an action by another agent than the one before, so that a plot stays with somebody."""
MOST_EXPANSIONS: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One action of one agent."""

    name: Fact
    """Verb and participants."""
    agent: str
    needs: State = frozenset()
    adds: State = frozenset()
    removes: State = frozenset()
    cost: float = 1.0

    def apply(self, state: State) -> State:
        """The state after the action."""
        return (state - self.removes) | self.adds


@dataclass(slots=True)
class _Index:
    """Operators by the facts that they need."""

    operators: Sequence[Operator]
    by_need: Mapping[Fact, list[int]] = field(init=False)
    without_needs: list[int] = field(init=False)

    def __post_init__(self) -> None:
        by_need: defaultdict[Fact, list[int]] = defaultdict(list)
        for number, operator in enumerate(self.operators):
            for fact in operator.needs:
                by_need[fact].append(number)
        self.by_need = by_need
        self.without_needs = [number for number, operator in enumerate(self.operators) if not operator.needs]

    def applicable(self, state: State) -> Iterable[Operator]:
        """Operators whose needs all hold, in their order."""
        missing: dict[int, int] = {}
        ready = list(self.without_needs)
        for fact in state:
            for number in self.by_need.get(fact, ()):
                left = missing.get(number, len(self.operators[number].needs)) - 1
                missing[number] = left
                if left == 0:
                    ready.append(number)
        return (self.operators[number] for number in sorted(ready))

    def estimate(self, state: State, goal: State) -> float:
        """The additive heuristic; infinite if the goal cannot be reached even without deletions."""
        costs: dict[Fact, float] = dict.fromkeys(state, 0.0)
        queue: list[tuple[float, Fact]] = [(0.0, fact) for fact in sorted(state)]
        left = [len(operator.needs) for operator in self.operators]
        sums = [operator.cost for operator in self.operators]
        for number in self.without_needs:
            for fact in self.operators[number].adds:
                _offer(costs, queue, fact, sums[number])
        open_goals = set(goal)
        heapq.heapify(queue)
        while queue and open_goals:
            cost, fact = heapq.heappop(queue)
            if cost > costs[fact]:
                continue
            open_goals.discard(fact)
            for number in self.by_need.get(fact, ()):
                left[number] -= 1
                sums[number] += cost
                if left[number] == 0:
                    for added in self.operators[number].adds:
                        _offer(costs, queue, added, sums[number])
        return sum(costs.get(fact, inf) for fact in goal)


def _offer(costs: dict[Fact, float], queue: list[tuple[float, Fact]], fact: Fact, cost: float) -> None:
    """Note a cheaper way to a fact."""
    if cost < costs.get(fact, inf):
        costs[fact] = cost
        heapq.heappush(queue, (cost, fact))


def find_actions(
    state: State, goal: State, operators: Sequence[Operator], *, last_agent: str | None = None
) -> list[Operator] | None:
    """Actions that lead from a state to one in which every fact of the goal holds.

    Empty if it holds already; None if no way was found within `MOST_EXPANSIONS` states. Deterministic: ties go to the operator that is listed first.
    """
    index = _Index(operators)
    estimate = index.estimate(state, goal)
    if estimate == inf:
        return None
    queue: list[tuple[float, int, State, tuple[Operator, ...]]] = [(estimate, 0, state, ())]
    seen = {state}
    number = 0
    for _ in range(MOST_EXPANSIONS):
        if not queue:
            return None
        _, _, current, actions = heapq.heappop(queue)
        if goal <= current:
            return list(actions)
        agent = actions[-1].agent if actions else last_agent
        for operator in index.applicable(current):
            after = operator.apply(current)
            if after in seen or (estimate := index.estimate(after, goal)) == inf:
                continue
            seen.add(after)
            number += 1
            change = AGENT_CHANGE_COST if agent is not None and operator.agent != agent else 0.0
            heapq.heappush(queue, (estimate + change, number, after, (*actions, operator)))
    return None
