"""What a network's hidden rows become: normalised log-probabilities at the masked positions."""

import pytest
import torch

from edlm_core.models.denoisers import TransformerDenoiser
from edlm_core.models.transformer import Transformer, TransformerConfig

V = 7


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Transformer(TransformerConfig(V + 1, 16, depth=2, heads=2, kv_heads=2, hidden=24, dropout=0.5))


@pytest.fixture
def x_t():
    x_t = torch.randint(V, (3, 5), generator=torch.Generator().manual_seed(0))
    x_t[0, 1] = x_t[0, 4] = x_t[2, 0] = V
    return x_t


def test_rows_are_the_masked_positions_in_reading_order(net, x_t):
    denoiser = TransformerDenoiser(net, V)
    rows = denoiser(x_t, torch.ones(3), x_t == V)
    full = (net(x_t) @ net.embedding.weight.T)[..., :V].log_softmax(-1)  # every position, the mask cut off by hand
    torch.testing.assert_close(rows, torch.stack([full[0, 1], full[0, 4], full[2, 0]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rows_are_float32_and_sum_to_one_without_the_mask(net, x_t, dtype):
    rows = TransformerDenoiser(net.to(dtype), V)(x_t, torch.ones(3), x_t == V)
    assert rows.dtype == torch.float32
    assert rows.shape == (3, V)
    torch.testing.assert_close(rows.exp().sum(-1), torch.ones(3))


def test_time_is_not_read(net, x_t):
    denoiser = TransformerDenoiser(net, V)
    assert torch.equal(*(denoiser(x_t, torch.full((3,), t), x_t == V) for t in (0.1, 0.9)))


def test_a_network_left_in_training_mode_predicts_without_dropout(net, x_t):
    denoiser = TransformerDenoiser(net.train(), V)
    assert torch.equal(*(denoiser(x_t, torch.ones(3), x_t == V) for _ in range(2)))


def test_what_is_visible_is_read(net, x_t):
    denoiser = TransformerDenoiser(net, V)
    other = x_t.clone()
    other[0, 0] = (other[0, 0] + 1) % V
    before, after = (denoiser(x, torch.ones(3), x == V) for x in (x_t, other))
    assert (before != after).any(-1).tolist() == [True, True, False]
