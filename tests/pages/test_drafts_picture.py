"""The drafts of a step as a vector file: every token's numbers, three maps, at the page's largest size too."""

import numpy as np
import torch

from pages.parts.app.theme import LIGHT
from pages.parts.diagnose.charts.drafts import drafts_chart, drafts_table
from pages.parts.widgets.frame import as_svg
from tests.planted import make_pool


def pool_of(K, L):
    generator = torch.Generator().manual_seed(0)
    x_0 = torch.randint(5, (K, L), generator=generator)
    log_q, terms = (torch.randn(K, L, dtype=torch.float64, generator=generator) for _ in range(2))
    return make_pool(x_0, log_q, terms, 5)


def test_the_table_has_a_row_a_token_with_the_pools_numbers():
    pool = pool_of(3, 4)
    table = drafts_table(pool, autoregressive=True)
    assert table.shape == (12, 6)
    row = table[(table.draft == 2) & (table.position == 3)].iloc[0]
    np.testing.assert_allclose(
        [row.log_q, row.log_p, row.part], [a[1, 2] for a in (pool.token_log_q, pool.log_p, pool.parts)]
    )
    assert "log_p" not in drafts_table(pool, autoregressive=False)


def test_the_picture_has_a_cell_a_token_and_map_at_the_largest_size():
    pool = pool_of(64, 128)
    svg = as_svg(drafts_chart(drafts_table(pool, True), list(range(64, 0, -1)), LIGHT), LIGHT).decode()
    assert svg.startswith("<svg")
    assert svg.count('aria-roledescription="rect mark"') >= 3
    for words in ("alone (nats)", "in context (nats)", "it wants the token"):
        assert words in svg
