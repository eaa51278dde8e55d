"""The law of a draw, down to the rarest token; and whose draw it is."""

import pytest
import torch

from edlm_core.method.proposals import inverse_cdf, propose

LAST = 1 - 2**-53  # the largest float64 below 1


def law_of_draws(log_probs):
    """Exact law of inverse_cdf over u in [0, 1), by bisecting for the u at which each token begins: (V,) -> (V,)."""
    V = len(log_probs)
    low, high = torch.zeros(V, dtype=torch.float64), torch.ones(V, dtype=torch.float64)
    for _ in range(60):
        u = (low + high) / 2
        below = inverse_cdf(log_probs[None], u[None])[0] < torch.arange(V)
        low, high = torch.where(below, u, low), torch.where(below, high, u)
    return torch.cat([low, torch.ones(1, dtype=torch.float64)]).diff()


def rare_tokens(V=4000):
    """Logits of a vocabulary of which nine tokens, first, last and in between, have p of about 1e-7 to 1e-5."""
    logits = torch.randn(V, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    at = torch.tensor([0, 1, 700, 1999, 2000, 2001, 3500, V - 2, V - 1])
    logits[at] = logits.logsumexp(0) + torch.logspace(-7, -5, 9, dtype=torch.float64).log()
    return logits, at


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_rare_tokens_are_drawn_as_often_as_they_should_whatever_the_dtype_of_the_logits(dtype):
    logits, rare = rare_tokens()
    logits = logits.to(dtype)
    head = torch.promote_types(dtype, torch.float32)  # a network's logits become float32 before they are normalised
    drawn, p = law_of_draws(logits.to(head).log_softmax(-1)), logits.double().softmax(-1)
    torch.testing.assert_close(drawn, p, rtol=2e-5, atol=0)
    assert p[rare].min() < 1.1e-7


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tokens_of_probability_zero_are_never_drawn(dtype):
    p = torch.tensor([0, 0, 0.3, 0, 0.5, 0.2, 0, 0], dtype=dtype)
    edges = torch.tensor([0.3, 0.8], dtype=torch.float64)
    u = torch.cat([torch.linspace(0, LAST, 1001, dtype=torch.float64), edges, edges - 1e-9, edges + 1e-9])
    assert set(inverse_cdf(p.log()[None], u[None])[0].tolist()) == {2, 4, 5}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(20))
def test_the_largest_uniform_draws_the_last_possible_token(dtype, seed):
    p = torch.rand(4000, dtype=dtype, generator=torch.Generator().manual_seed(seed)).softmax(-1)
    p[-3:] = 0
    u = torch.tensor([[0.0, LAST]], dtype=torch.float64)
    assert inverse_cdf(p.log()[None], u).tolist() == [[0, 3996]]


@pytest.mark.parametrize("first", [0, 63, 64, 65, 127])
def test_impossible_tokens_are_not_drawn_where_a_block_begins_or_ends_with_them(first):
    p = torch.zeros(200)
    p[first], p[first + 64] = 1e-7, 1 - 1e-7
    u = torch.cat([torch.linspace(0, 3e-7, 1001, dtype=torch.float64), torch.tensor([0.5, LAST])])
    drawn = inverse_cdf(p.log()[None], u[None])[0]
    assert set(drawn.tolist()) == {first, first + 64}
    assert float(u[drawn == first].max()) == pytest.approx(1e-7, rel=0.01)


def test_draws_do_not_depend_on_how_many_rows_there_are():
    log_probs = torch.randn(600, 100, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    u = torch.rand(600, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    together = inverse_cdf(log_probs, u)
    assert all(torch.equal(together[[m]], inverse_cdf(log_probs[[m]], u[[m]])) for m in range(0, 600, 7))
    assert inverse_cdf(log_probs[:0], u[:0]).shape == (0, 3)


@pytest.fixture
def scene():
    """x_t (2, 3) with three masked positions, their marginals, and noise for five candidates."""
    g = torch.Generator().manual_seed(0)
    x_t = torch.tensor([[4, 1, 4], [0, 4, 2]])
    return (
        torch.randn(3, 4, generator=g).log_softmax(-1),
        x_t,
        x_t == 4,
        torch.rand(2, 5, 3, generator=g, dtype=torch.float64),
    )


def test_every_token_is_drawn_from_its_own_positions_marginal_by_its_own_uniform(scene):
    log_probs, _, masked, uniform = scene
    x_0 = propose(*scene).x_0
    for row, (b, i) in zip(log_probs, masked.nonzero().tolist(), strict=True):
        for k in range(5):
            cdf = row.exp().double().cumsum(0)
            assert x_0[b, k, i] == int((cdf <= uniform[b, k, i] * cdf[-1]).sum())


def test_visible_positions_are_copied_and_no_candidate_holds_a_mask(scene):
    _, x_t, masked, _ = scene
    x_0 = propose(*scene).x_0
    assert (x_0 == x_t[:, None])[~masked[:, None].expand_as(x_0)].all()
    assert (x_0 != 4).all()


def test_log_q_is_the_sum_of_the_drawn_tokens_log_probabilities_and_never_positive(scene):
    log_probs, _, masked, _ = scene
    proposals = propose(*scene)
    expected = torch.zeros(2, 5)
    for row, (b, i) in zip(log_probs, masked.nonzero().tolist(), strict=True):
        expected[b] += row[proposals.x_0[b, :, i]]
    torch.testing.assert_close(proposals.log_q, expected)
    assert (proposals.token_log_q <= 0).all()
    assert (proposals.token_log_q == 0)[~masked[:, None].expand(2, 5, 3)].all()


def test_a_candidate_depends_on_its_own_row_of_noise_alone(scene):
    log_probs, x_t, masked, uniform = scene
    few, many = (propose(log_probs, x_t, masked, u) for u in (uniform[:, 1:3], uniform))
    assert torch.equal(few.x_0, many.x_0[:, 1:3])
    assert torch.equal(few.token_log_q, many.token_log_q[:, 1:3])


def test_the_candidates_of_a_chain_are_its_own_in_any_batch(scene):
    log_probs, x_t, masked, uniform = scene
    rows = masked.nonzero()[:, 0]
    together = propose(*scene)
    for b in range(2):
        alone = propose(log_probs[rows == b], x_t[[b]], masked[[b]], uniform[[b]])
        assert torch.equal(alone.x_0[0], together.x_0[b])
        assert torch.equal(alone.log_q[0], together.log_q[b])
