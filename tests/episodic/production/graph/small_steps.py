"""Steps of a small film for tests of the graph: lines are shot, and shots are cut. None of them is registered."""

from dataclasses import dataclass
from typing import ClassVar

from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task
from episodic.production.graph.step_run import StepRun

FILE = "text.txt"


@dataclass(frozen=True, kw_only=True)
class Line(Step):
    kind: ClassVar = "line"
    flow: ClassVar = 1
    label: ClassVar = "lines"
    cost: ClassVar = Cost(seconds=1.0, per_second=0.5)

    text: str = ""

    def perform(self, run: StepRun) -> None:
        (run.folder / FILE).write_text(self.text)


@dataclass(frozen=True, kw_only=True)
class Draft(Step):
    kind: ClassVar = "draft"
    flow: ClassVar = 2
    label: ClassVar = "drafts"
    cost: ClassVar = Cost(seconds=20.0, per_second=45.0, guess=True)
    slots: ClassVar = {"line": Slot.optional("line")}
    transient: ClassVar = True

    def perform(self, run: StepRun) -> None:
        (run.folder / FILE).write_text("draft")


@dataclass(frozen=True, kw_only=True)
class Take(Step):
    kind: ClassVar = "take"
    flow: ClassVar = 3
    label: ClassVar = "takes"
    cost: ClassVar = Cost(seconds=1.0)
    slots: ClassVar = {
        "line": Slot.optional("line"),
        "draft": Slot.optional("draft"),
        "pictures": Slot.named("line", stored=True),
    }

    size: str = "wide"
    broken: bool = False

    def perform(self, run: StepRun) -> None:
        if self.broken:
            raise RuntimeError("shape '[1, 53]' is invalid\nfor input of size 128")
        line, draft = run.optional_need("line"), run.optional_need("draft")
        texts = [(folder / FILE).read_text() for folder in (line, draft, *run.named_needs("pictures").values()) if folder]
        (run.folder / FILE).write_text(" ".join([self.size, *texts]))
        run.tell(f"shot {self.size}")


@dataclass(frozen=True, kw_only=True)
class Film(Step):
    kind: ClassVar = "film"
    flow: ClassVar = 4
    label: ClassVar = "film"
    cost: ClassVar = Cost(seconds=1.0, waits_for_all=True)
    slots: ClassVar = {"takes": Slot.ordered("take"), "title": Slot.single("line")}

    def perform(self, run: StepRun) -> None:
        title = (run.need("title") / FILE).read_text()
        (run.folder / FILE).write_text("\n".join([title, *((folder / FILE).read_text() for folder in run.needs("takes"))]))


def task(name, step, needs=None, **fields):
    return Task(id=name, step=step, version="1", needs=Needs(needs or {}), scene="s01", shot=name, **fields)
