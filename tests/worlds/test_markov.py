"""The Markov world against its own joint table, where it is short enough to have one."""

import numpy as np
import torch

from edlm_core.config import SampleConfig
from edlm_core.method.energy import AutoregressiveEnergy
from edlm_core.method.sampling import sample
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.exact import ExactDenoiser, ExactLanguageModel
from edlm_core.worlds.markov import MarkovDenoiser, MarkovLanguageModel, MarkovWorld, sticky_world
from edlm_core.worlds.world import World

SHORT = sticky_world(3, 4, 0.7, seed=2)


def table(world):
    joint = world.initial
    for _ in range(world.length - 1):
        joint = joint[..., None] * world.transition
    return World(joint.ravel(), world.vocab_size, world.length)


def test_its_marginals_are_those_of_the_joint_table_for_every_state():
    enumerated = table(SHORT)
    x_t = torch.cartesian_prod(*[torch.arange(4)] * 4)
    masked = x_t == 3
    ours = MarkovDenoiser(SHORT)(x_t, torch.ones(len(x_t)), masked)
    torch.testing.assert_close(ours.exp(), ExactDenoiser(enumerated)(x_t, torch.ones(len(x_t)), masked).exp())
    alone = MarkovDenoiser(SHORT)(x_t[37:38], torch.ones(1), masked[37:38])
    torch.testing.assert_close(alone, ours[masked[:37].sum() : masked[:38].sum()])


def test_it_is_read_from_left_to_right_as_the_joint_table_is():
    x_0 = torch.cartesian_prod(*[torch.arange(3)] * 4)
    ours, enumerated = MarkovLanguageModel(SHORT).read(x_0), ExactLanguageModel(table(SHORT)).read(x_0)
    torch.testing.assert_close(ours.token_log_probs, enumerated.token_log_probs)
    rows = torch.tensor([0, 5, 80])
    for i in range(4):
        torch.testing.assert_close(ours.law(rows, i), enumerated.law(rows, i))


def test_its_pairs_are_those_of_the_joint_table():
    joint = table(SHORT).joint.reshape(3, 3, 3, 3)
    expected = (joint.sum((2, 3)) + joint.sum((0, 3)) + joint.sum((0, 1))) / 3
    np.testing.assert_allclose(SHORT.pairs, expected, atol=1e-12)


def test_the_transition_error_is_0_for_what_fits_and_1_for_what_cannot_be():
    world = MarkovWorld(np.array([1.0, 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), 5)
    assert world.transition_error(torch.tensor([[0, 1, 0, 1, 0]])) == 0
    assert world.transition_error(torch.tensor([[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]])) == 1
    drawn = sticky_world().draw(512, torch.Generator().manual_seed(0))
    assert drawn.shape == (512, 64)
    assert sticky_world().transition_error(drawn) < 0.02


def test_at_real_length_more_steps_and_more_candidates_bring_the_sampler_closer():
    world = sticky_world()
    models = MarkovDenoiser(world), AutoregressiveEnergy(MarkovLanguageModel(world)), LogLinearSchedule()
    error = {}
    for steps, K in ((4, 1), (4, 8), (64, 1)):
        config = SampleConfig(length=64, num_steps=steps, num_candidates=K, num_chains=256)
        error[steps, K] = world.transition_error(sample(*models, config).x_0)
    assert error[64, 1] < error[4, 8] < error[4, 1]
