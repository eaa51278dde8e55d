"""Adapters: nothing changes until they learn, only they learn, and merged they compute the same."""

import copy

import pytest
import torch
from torch import nn

from edlm_core.models.adapters import Adapted, adapt, adapter_weights, merge
from edlm_core.models.transformer import Transformer, TransformerConfig

RANK = 3
UP = "blocks.0.feed_forward.up"


def net():
    torch.manual_seed(0)
    return Transformer(TransformerConfig(9, 16, depth=2, heads=4, kv_heads=2, hidden=24, causal=True)).eval()


def learned(network):
    """The adapted network after some learning has happened."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in adapter_weights(network).values():
            weight.normal_(0, 0.2, generator=generator)
    return network


@pytest.fixture
def ids():
    return torch.randint(9, (4, 12), generator=torch.Generator().manual_seed(2))


def linear_names(network):
    return {n for n, m in network.named_modules() if isinstance(m, nn.Linear)}


@torch.inference_mode()
def test_at_first_nothing_changes(ids):
    network = net()
    before = network(ids)
    assert torch.equal(adapt(network, RANK)(ids), before)


def test_only_the_adapters_learn_and_every_linear_map_has_one():
    names = linear_names(net())
    network = adapt(net(), RANK)
    learns = {n for n, p in network.named_parameters() if p.requires_grad}
    assert learns == {f"{n}.{half}" for n in names for half in "ab"} == set(adapter_weights(network))
    assert sum(isinstance(m, Adapted) for m in network.modules()) == len(names) == 2 * 7


def test_the_gradient_reaches_the_second_matrix_at_once_and_the_first_after_it(ids):
    network = adapt(net(), RANK)
    for expected in (0, 1):
        network.zero_grad()
        network(ids).square().sum().backward()
        block = network.get_submodule(UP)
        assert block.b.grad.abs().sum() > 0
        assert (block.a.grad.abs().sum() > 0) == expected
        assert block.linear.weight.grad is None
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, Adapted):
                    module.b -= 0.01 * module.b.grad


@torch.inference_mode()
def test_merged_into_the_plain_network_they_compute_what_the_adapted_one_does(ids):
    plain = net()
    unadapted = plain(ids)
    adapted = learned(adapt(copy.deepcopy(plain), RANK))
    merged = merge(plain, adapter_weights(adapted))
    torch.testing.assert_close(merged(ids), adapted(ids), atol=1e-5, rtol=1e-5)
    assert (merged(ids) - unadapted).abs().max() > 0.1
    assert {n for n, _ in merged.named_parameters()} == {n for n, _ in net().named_parameters()}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda w: w.pop(f"{UP}.a"), f"{UP}.a is the first to differ"),
        (lambda w: w.update({"aside.a": torch.zeros(2, 2)}), "aside.a is the first to differ"),
        (lambda w: w.update({f"{UP}.a": torch.zeros(RANK, 7)}), rf"{UP} .*\(3, 7\)"),
        (lambda w: w.update({f"{UP}.b": torch.zeros(24, 5)}), rf"{UP} .*\(24, 5\)"),
        (lambda w: w.update({f"{UP}.b": torch.zeros(24)}), rf"{UP} .*\(24,\)"),
    ],
    ids=["missing", "added", "other width", "other rank", "no matrix"],
)
def test_adapters_of_another_network_are_refused_with_the_first_difference(change, names):
    weights = dict(adapter_weights(learned(adapt(net(), RANK))))
    change(weights)
    with pytest.raises(ValueError, match=names):
        merge(net(), weights)
