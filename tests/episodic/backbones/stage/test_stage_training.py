"""`train_stage` trains, resumes and reports, shown with a tiny model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from episodic.backbones.stage.model.pipeline import StagePipeline
from episodic.backbones.stage.training.batches import make_batch
from episodic.backbones.stage.training.curriculum import Curriculum, CurriculumPlan
from episodic.backbones.stage.training.train import TrainingPlan, train_stage
from episodic.errors import BackboneError


def tiny(steps: int, width: int = 24) -> TrainingPlan:
    """Plan the training of a tiny model."""
    return TrainingPlan(
        steps=steps,
        curriculum=CurriculumPlan(tokens=200, kept=2, steps_each=2, workers=0),
        decay_from=0.0,
        width=width,
        depth=1,
        heads=2,
        encoder_width=16,
        people=12,
        encoder_steps=3,
        encoder_batch=8,
    )


def train(out: Path, plan: TrainingPlan, *, resume: bool = False) -> list[dict[str, float]]:
    figures: list[dict[str, float]] = []
    train_stage(out, minutes=60, seed=2, device="cpu", resume=resume, plan=plan, report=figures.append)
    return figures


def test_training_saves_a_pipeline(tmp_path: Path) -> None:
    figures = train(tmp_path, tiny(10))
    assert {"step", "fit", "identity", "elapsed_s"} <= set(figures[-1])
    pipeline = StagePipeline.open(tmp_path, torch.float32)
    assert pipeline.denoiser.config["width"] == 24


def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(tmp_path: Path) -> None:
    def interrupt(figures: dict[str, float]) -> None:
        if figures.get("step") == 10:
            raise KeyboardInterrupt

    train(tmp_path / "a", tiny(13))
    with pytest.raises(KeyboardInterrupt):
        train_stage(tmp_path / "b", minutes=60, seed=2, device="cpu", plan=tiny(13), report=interrupt)
    assert not (tmp_path / "b" / "model_index.json").exists()
    train(tmp_path / "b", tiny(13), resume=True)
    for part in ("denoiser", "encoder"):
        undisturbed, resumed = (load_file(tmp_path / run / part / "diffusion_pytorch_model.safetensors") for run in "ab")
        assert all(torch.equal(undisturbed[name], resumed[name]) for name in undisturbed)


def test_resuming_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match="expected a checkpoint"):
        train(tmp_path, tiny(2), resume=True)


def test_resuming_with_another_model_is_refused(tmp_path: Path) -> None:
    train(tmp_path, tiny(1))
    with pytest.raises(BackboneError, match="another folder"):
        train(tmp_path, tiny(1, width=36), resume=True)


def test_a_checkpoint_stores_the_curriculum_as_lessons() -> None:
    stored = tiny(2).to_json()
    assert stored["lessons"] == {"tokens": 200, "kept": 2, "steps_each": 2, "workers": 0}
    assert "curriculum" not in stored


def test_a_batch_is_a_function_of_its_number() -> None:
    batch, again = make_batch(1, 5, 2, 32, 3), make_batch(1, 5, 2, 32, 3)
    np.testing.assert_array_equal(batch.latent, again.latent)
    assert batch.latent.shape == (3, 6, 32, 32)
    assert batch.people.max() < len(batch.solos.actor)


def test_the_batch_of_a_step_does_not_depend_on_the_first_step_of_the_run() -> None:
    plan = CurriculumPlan(tokens=100, kept=2, steps_each=2, workers=0)
    from_the_start, late = Curriculum(3, plan), Curriculum(3, plan)
    batches = [from_the_start.batch(step) for step in range(5)]
    np.testing.assert_array_equal(batches[4].latent, late.batch(4).latent)
