"""The rule of docs/quality.md: no judge shares weights or features with a loss, a guide or a reward."""

import ast
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import episodic
from episodic.quality.identity_figure import IdentityFigure
from episodic.quality.judge_registry import (
    IDENTITY_JUDGES,
    JUDGES,
    OBJECTIVES,
    PROBE,
    Objective,
    WeightsFile,
    breaches,
    judge_named,
    kind_on,
)
from episodic.quality.look import LOOK_ENCODER
from episodic.quality.recurrence import summarise
from episodic.quality.voice import VOICE_ENCODER

ROOT = Path(episodic.__file__).parents[1]
OPTIMISES = re.compile(r"(^|_)(loss|reward|advantage)(_|$)|(Loss|Reward|Guide)$|(^|_)guide(_|$)")
"""Matches names of functions and classes that optimise takes."""
TRAINS_A_JUDGE = {"episodic.lab.training.voice_encoder", "episodic.lab.training.look_encoder"}
PRINTS_NO_IDENTITY = {"episodic.lab.continuity_bench.measurements", "episodic.lab.continuity_bench.takes", *TRAINS_A_JUDGE}
"""Modules of the laboratory that measure takes or train judges, and print no share identified."""
LOOK = judge_named("look-lda-1")


def source(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(module):
    """The project's modules that a module imports, including imports inside functions."""
    names = set()
    for node in ast.walk(ast.parse(source(module).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if source(name).is_file()}


def reached(modules):
    """The modules and all modules that they import, directly or indirectly."""
    known, pending = set(), list(modules)
    while pending:
        module = pending.pop()
        if module not in known:
            known.add(module)
            pending += imported(module)
    return known


def objective(role="loss", **parts):
    return Objective(name="planted", role=role, source=(), **parts)


def test_no_judge_shares_weights_or_features_with_a_loss_a_guide_or_a_reward():
    assert breaches() == ()


@pytest.mark.parametrize("role", ["loss", "guide", "reward"])
def test_a_planted_judge_that_reads_the_encoder_of_the_loss_is_refused(role):
    planted = replace(judge_named("stage-encoder"), name="motion-net", kind="judge", weights=())
    (breach,) = breaches([planted], [objective(role, features=("episodic.backbones.stage.model.encoder",))])
    assert breach == f"motion-net (motion) shares episodic.backbones.stage.model.encoder with the {role} 'planted'"


def test_the_encoder_that_conditions_stage_would_be_refused_as_a_judge():
    planted = replace(judge_named("stage-encoder"), kind="judge")
    assert {text.split(" with the ")[1].split(" ")[0] for text in breaches([*JUDGES, planted])} == {"loss", "guide"}


def test_a_reward_that_reads_a_judge_s_weights_is_refused_from_any_path(tmp_path):
    copy = tmp_path / "innocent.safetensors"
    shutil.copy(LOOK.weights[0].path, copy)
    for path in (LOOK.weights[0].path, copy):
        assert breaches([LOOK], [objective("reward", weights=(WeightsFile(path=path),))])


def test_a_checkpoint_that_holds_one_tensor_of_a_judge_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    judge_tensor, separate_tensor, other_tensor = (rng.standard_normal((32, 32)).astype(np.float32) for _ in range(3))
    for name, tensors in (
        ("judge", {"w": judge_tensor}),
        ("merged", {"a": other_tensor, "b": judge_tensor}),
        ("separate", {"a": other_tensor, "b": separate_tensor}),
    ):
        save_file({**tensors, "scale": np.ones(400, np.float32)}, tmp_path / f"{name}.safetensors")
    planted = replace(LOOK, features=(), weights=(WeightsFile(path=tmp_path / "judge.safetensors"),))

    def reward(name):
        return objective("reward", weights=(WeightsFile(path=tmp_path / f"{name}.safetensors"),))

    assert breaches([planted], [reward("merged")])
    assert breaches([planted], [reward("separate")]) == ()


def test_a_consistency_check_may_share_weights_and_features():
    check = judge_named(IDENTITY_JUDGES["motion"])
    assert check.kind == "consistency check"
    assert breaches([check]) == ()


def test_a_judge_is_only_a_check_on_takes_that_it_selected():
    assert kind_on(LOOK, selected=False) == "judge"
    assert kind_on(LOOK, selected=True) == "consistency check"
    assert kind_on(judge_named("voice-net-2"), selected=True) == "judge"


def test_losses_and_guides_import_no_judge():
    judged = {module for judge in JUDGES if judge.kind == "judge" for module in judge.features}
    for entry in OBJECTIVES:
        if entry.role != "selection":
            assert judged & reached(entry.source) == set(), entry.name
            assert set(entry.features) <= reached(entry.source), entry.name


def test_every_loss_guide_and_reward_in_the_source_is_registered():
    registered = {module for entry in OBJECTIVES for module in entry.source} | TRAINS_A_JUDGE
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "episodic").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and OPTIMISES.search(node.name)
    }
    assert {"episodic.backbones.stage.training.train", "episodic.consistency.guidance"} <= modules
    assert modules - registered == set()


def test_every_selection_by_the_look_encoder_is_registered():
    selecting = {"episodic.quality.likeness", "episodic.quality.judge"}
    assert selecting <= {module for entry in OBJECTIVES if entry.role == "selection" for module in entry.source}


def test_modules_and_weights_of_the_registry_exist():
    features = [entry.features for entry in JUDGES] + [entry.features for entry in OBJECTIVES]
    weights = [entry.weights for entry in JUDGES] + [entry.weights for entry in OBJECTIVES]
    for module in {name for names in features for name in names}:
        assert find_spec(module) is not None, module
    assert [file.path for files in weights for file in files if not file.path.is_file()] == []


def test_a_judge_has_the_weights_with_which_it_is_registered():
    for judge in JUDGES:
        for file in judge.weights:
            if file.sha256:
                assert sha256(file.path.read_bytes()).hexdigest()[:16] == file.sha256, (
                    f"{judge.name}: register it under a new name"
                )
    assert [judge.name for judge in JUDGES if judge.kind == "judge" for file in judge.weights if not file.sha256] == []


def test_names_are_unique_and_equal_those_of_the_encoders():
    assert len({judge.name for judge in JUDGES}) == len(JUDGES)
    assert IDENTITY_JUDGES["look"] == LOOK_ENCODER
    assert IDENTITY_JUDGES["voice"] == VOICE_ENCODER
    assert {judge_named(name).judges for name in (*IDENTITY_JUDGES.values(), PROBE)} == {"look", "voice", "motion"}


def test_an_identity_figure_of_an_unregistered_judge_cannot_be_printed():
    with pytest.raises(ValueError, match="my-net is no registered judge; expected one of"):
        IdentityFigure(judge="my-net", share=summarise([], 1, None))


def test_every_program_that_prints_identity_names_a_registered_judge():
    identity = [judge_named(name) for name in (*IDENTITY_JUDGES.values(), PROBE)]
    measures = {"episodic.quality.recurrence", *(module for judge in identity for module in judge.features)}
    programs = [
        path for folder in ("cli", "episodic/report", "episodic/lab", "tests/bench") for path in (ROOT / folder).rglob("*.py")
    ]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in programs}
    printing = {
        name: text for name, text in modules.items() if measures & {name, *imported(name)} and name not in PRINTS_NO_IDENTITY
    }
    assert {
        "cli.bench.figure_tables",
        "episodic.report.consistency",
        "tests.bench.look_identity",
        "tests.bench.stage_memory",
    } <= set(printing)
    for name, text in printing.items():
        assert re.search(r"IdentityFigure|judge_named", text), name
