"""How well counts fit a law."""

from dataclasses import replace

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


def counts_of(write, config, vocab_size, texts=4096, alone=64):
    """How often each clean text is written by `write(config)`, which gives x_0 (num_chains, L), in batches of
    config.num_chains. The first `alone` are written one by one too, and must be the same: their law is the others'."""
    x_0 = torch.cat([write(replace(config, seed=seed)) for seed in range(0, texts, config.num_chains)])
    for seed in range(alone):
        assert torch.equal(write(replace(config, seed=seed, num_chains=1))[0], x_0[seed])
    place = vocab_size ** torch.arange(config.length - 1, -1, -1)
    return torch.bincount((x_0 * place).sum(-1), minlength=vocab_size**config.length).numpy()
