"""The fused steps of a block against their definition in float64, in inference and in training, with the processor's
own kernels and without any."""

import pytest
import torch
from torch import nn

from edlm_core.models import kernels
from edlm_core.models.adapters import Adapted
from edlm_core.models.kernels import added, fuses_bf16, gated, rms_norm


@pytest.fixture(params=["this processor's kernels", "none"], autouse=True)
def processor(request, monkeypatch):
    if request.param == "none":
        monkeypatch.setattr(kernels, "fuses_bf16", lambda: False)


def definition(name, x, a, b, norm, residual):
    x, residual = x.double(), residual.double()
    a, b, scale = a.weight.double(), b.weight.double(), norm.weight.double()
    if name == "gated":
        return torch.sigmoid(x @ a.T) * (x @ a.T) * (x @ b.T)
    if name == "added":
        return residual + x @ a.T
    return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * scale


def ours(name, x, a, b, norm, residual):
    if name == "gated":
        return gated(x, a, b)
    return added(residual, x, a, nn.Dropout(0.5).eval()) if name == "added" else rms_norm(x, norm)


@pytest.fixture
def parts():
    """x (2, 5, 32), two linear maps, a norm, and what is added to."""
    torch.manual_seed(0)
    x, a, b, norm = torch.randn(2, 5, 32), nn.Linear(32, 48, bias=False), nn.Linear(32, 48, bias=False), nn.RMSNorm(32)
    norm.eps = 1e-5
    with torch.no_grad():
        norm.weight.uniform_(0.5, 2)
    return x, a, b, norm, torch.randn(2, 5, 48)


@pytest.mark.parametrize("name", ["gated", "added", "rms_norm"])
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-5), (torch.bfloat16, 2**-7)])
@pytest.mark.parametrize("training", [False, True])
def test_each_step_computes_its_definition_whatever_kernel_does_it(name, dtype, bound, training, parts):
    parts = [p.to(dtype) for p in parts]
    with torch.set_grad_enabled(training):
        y = ours(name, *parts)
    assert y.dtype == dtype
    expected = definition(name, *parts)
    torch.testing.assert_close(y.double(), expected, rtol=bound, atol=bound * expected.abs().max().item())
    assert y.requires_grad == training


@torch.no_grad()
def test_dropout_is_not_lost_in_bf16(parts):
    x, a, _, _, residual = (p.to(torch.bfloat16) for p in parts)
    dropped = added(residual, x, a, nn.Dropout(0.9))
    assert (dropped == residual).float().mean() > 0.5


@torch.no_grad()
def test_an_adapted_map_keeps_its_adapter_in_bf16(parts):
    x, a, b, _, residual = (p.to(torch.bfloat16) for p in parts)
    adapted = Adapted(a, rank=2).to(torch.bfloat16)
    adapted.b.fill_(1.0)
    expected = residual.double() + adapted(x).double()
    torch.testing.assert_close(
        added(residual, x, adapted, nn.Dropout().eval()).double(), expected, rtol=0.02, atol=0.02
    )
    assert not torch.equal(gated(x, adapted, b), gated(x, a, b))


@torch.no_grad()
def test_float32_weights_under_autocast_are_left_to_it(parts):
    x, a, b, norm, residual = parts
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = added(residual, gated(rms_norm(x, norm), b, b).narrow(-1, 0, 32), a, nn.Dropout().eval())
    hidden = definition("gated", definition("rms_norm", *parts), b, b, norm, residual)[..., :32]
    torch.testing.assert_close(y.double(), residual.double() + hidden @ a.weight.double().T, rtol=0.02, atol=0.02)


class Missing:
    """A build of torch without oneDNN."""

    def __getattr__(self, name):
        raise AttributeError(name)


class Failing:
    """A processor on which the operations are there and fail, all of them or the last one alone."""

    def __init__(self, fails):
        self.fails = fails

    @property
    def _linear_pointwise(self):
        return self

    def __call__(self, x, weight, bias, operation, *rest):
        return self.binary(x, x, weight, bias, operation)

    def binary(self, x, y, weight, bias, operation):
        if operation in self.fails:
            raise RuntimeError("could not create a primitive descriptor")
        return x


@pytest.mark.parametrize(
    ("build", "fuses"),
    [(Missing(), False), (Failing(["swish", "mul", "add"]), False), (Failing(["add"]), False), (Failing([]), True)],
)
def test_kernels_are_used_where_a_call_of_each_succeeds(build, fuses, monkeypatch):
    class Ops:
        mkldnn = build

    monkeypatch.setattr(torch, "ops", Ops())
    assert fuses_bf16.__wrapped__() == fuses
