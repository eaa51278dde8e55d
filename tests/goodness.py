"""How well counts fit a law."""

import numpy as np
import torch


def p_value(counts, law):
    """Of Pearson's chi-square test; cells that expect fewer than 5 are pooled. 0 where the impossible was seen."""
    counts, expected = np.asarray(counts, float), np.asarray(law, float) * np.sum(counts)
    if counts[expected == 0].any():
        return 0.0
    small = expected < 5
    counts, expected = (np.append(x[~small], x[small].sum()) for x in (counts, expected))
    counts, expected = counts[expected > 0], expected[expected > 0]
    statistic = ((counts - expected) ** 2 / expected).sum()
    return float(torch.special.gammaincc(torch.tensor((len(counts) - 1) / 2.0), torch.tensor(statistic / 2)))
