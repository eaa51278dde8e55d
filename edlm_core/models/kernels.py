"""Three steps of a transformer block, each with fewer passes over memory where the machine has a kernel for it.

In bf16 on a CPU a matrix product takes less time than the passes around it. oneDNN applies what
follows the product (SiLU, a product, a sum) before it rounds, which is faster and rounds less often. Where it
cannot, in training, in float32, on a GPU and on a processor that oneDNN has no such kernel for, the same arithmetic
is done operation by operation.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def gated(x: Tensor, gate: nn.Module, up: nn.Module) -> Tensor:
    """SiLU(gate(x)) · up(x), gate and up linear without bias: (..., D) -> (..., H)."""
    if not _has_kernel(x, gate, up):
        return F.silu(gate(x)) * up(x)
    opened = torch.ops.mkldnn._linear_pointwise(x, gate.weight, None, "swish", [], "")
    return torch.ops.mkldnn._linear_pointwise.binary(x, opened, up.weight, None, "mul")


def added(residual: Tensor, x: Tensor, linear: nn.Module, dropout: nn.Module) -> Tensor:
    """residual + dropout(linear(x)), linear without bias: (..., D), (..., H) -> (..., D)."""
    if not _has_kernel(x, linear) or dropout.training or residual.dtype != x.dtype:
        return residual + dropout(linear(x))
    return torch.ops.mkldnn._linear_pointwise.binary(x, residual, linear.weight, None, "add")


def rms_norm(x: Tensor, norm: nn.RMSNorm) -> Tensor:
    """norm(x), (..., D) -> (..., D)."""
    if not _has_kernel(x):
        return norm(x)
    # torch's own operation on a CPU makes several float32 tensors of the size of x; this makes one.
    y = x.float()
    length = torch.linalg.vector_norm(y, dim=-1, keepdim=True)
    return y.mul_((length.square() / x.shape[-1] + norm.eps).rsqrt()).to(x.dtype).mul_(norm.weight)


def padded(x: Tensor, length: int = 1) -> Tensor:
    """x (N, ...), each of `length` rows of a matrix product, with its last one repeated until every product of it gives
    each row what it would give it among many; as it is on a GPU.

    MKL multiplies fewer than four rows in another order, and shares fewer than twelve out to two threads in parts that
    may be such few: the last bits differ, and with them, once in some fifty texts, the text of a seed. Seen in float32
    with AVX2, one and two threads, at 1 to 139 rows of all our shapes: four, eight, and twelve or more come out alike.
    """
    whole = len(x)
    while whole and whole * length < 12 and whole * length % 4:
        whole += 1
    if whole == len(x) or x.device.type != "cpu":
        return x
    return torch.cat([x, x[-1:].expand(whole - len(x), *x.shape[1:])])


def _has_kernel(x: Tensor, *linears: nn.Module) -> bool:
    """Adapted maps (adapters.py) are not nn.Linear and have none; nor have float32 weights under autocast."""
    inference = x.device.type == "cpu" and x.dtype == torch.bfloat16 and not torch.is_grad_enabled()
    plain = all(type(linear) is nn.Linear and linear.weight.dtype == x.dtype for linear in linears)
    return inference and plain and fuses_bf16()


@cache
def fuses_bf16() -> bool:
    """Whether this processor runs oneDNN's fused bf16 kernels, found out once by running each of them.

    The operations exist in builds of torch, and are said to be supported, on processors on which they then fail (bf16
    on x86-64 takes AVX-512 or AVX-NE-CONVERT; a build for arm64 may have no oneDNN): nothing short of a call tells.
    """
    x, weight = torch.ones(2, 32, dtype=torch.bfloat16), torch.ones(32, 32, dtype=torch.bfloat16)
    try:
        with torch.inference_mode():
            y = torch.ops.mkldnn._linear_pointwise(x, weight, None, "swish", [], "")
            for operation in ("mul", "add"):
                torch.ops.mkldnn._linear_pointwise.binary(x, y, weight, None, operation)
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return True
