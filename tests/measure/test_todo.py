"""What of a sweep is done next: no text twice, every cell with the same seeds at any moment."""

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.grid import grid
from edlm_core.measure.todo import Todo, batches

BASE = Request("edlm", "ar", SampleConfig(length=8, num_chains=10, seed=100))
CELLS = dict(zip("abc", grid(BASE, num_steps=(2, 4, 8)), strict=True))


def taken(todo, ahead=()):
    while (batch := todo.next(ahead)) is not None:
        yield batch.cell, batch.request.config.seed, batch.request.config.num_chains
        todo.finish(batch)


def test_seeds_go_side_by_side():
    todo = Todo(CELLS, {}, 4)
    assert list(taken(todo)) == [(cell, *seeds) for seeds in ((100, 4), (104, 4), (108, 2)) for cell in "abc"]
    assert todo.empty
    assert todo.share == 1


def test_what_is_kept_is_not_done_again():
    todo = Todo(CELLS, {"a": set(range(90, 200)), "b": {100, 101, 105}}, 4)
    assert [done for done in taken(todo) if done[0] != "c"] == [("b", 102, 3), ("b", 106, 4)]
    assert [(cell.done, cell.of) for cell in todo.cells.values()] == [(10, 10)] * 3


def test_batches_fill_what_is_missing():
    parts = batches(BASE, {100, 104}, 3)
    assert [(part.config.seed, part.config.num_chains) for part in parts] == [(101, 3), (105, 3), (108, 2)]


def test_cells_that_are_wanted_come_first_from_the_next_batch_on():
    todo = Todo(CELLS, {}, 4)
    first = todo.next()
    assert first.cell == "a"
    assert [cell for cell, *_ in taken(todo, ahead=("c", "b"))] == [*"cccbbbaa"]


def test_a_cell_that_fails_is_left_and_the_others_go_on():
    todo = Todo(CELLS, {}, 4)
    todo.give_up(todo.next())
    assert [cell for cell, *_ in taken(todo)] == [*"bcbcbc"]
    assert todo.share < 1
