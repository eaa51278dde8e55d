"""The Measure page as a script, on a recorded sweep whose figures are known."""

import csv
import io
import re
import shlex
import statistics
from urllib.parse import parse_qsl

import pytest

from edlm_core.measure.board import Board, kept_boards, save_board
from edlm_core.measure.paired import paired_test
from edlm_core.measure.versus import versus
from edlm_core.model_refs import data_folder
from edlm_core.work.recorded import Recorded
from pages.parts.measure import charts, compare, headline, links, pair, sources, view
from pages.parts.measure.latex import escaped, latex_row
from pages.parts.widgets.figure import csv_of

from ..trials import planted, sweep_rows, write_recorded


def measure(app):
    app.run()
    app.switch_page("pages/measure.py").run()
    assert not app.exception
    return app


def words(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def test_nothing_measured_says_how_to_measure(app, folder):
    (folder / "bad.db").write_bytes(b"no database at all" * 100)
    app = measure(app)
    assert "Nothing has been measured yet" in app.info[0].value
    assert app.code[0].value == "python -m edlm_core sweep --preset first-look"
    (problem,) = app.error
    assert problem.value.startswith("The texts that were measured for the app can't be read (bad.db: ")
    assert "\n" not in problem.value


def test_the_page_says_what_the_numbers_say(app, folder):
    write_recorded(folder / "planted.db")
    app = measure(app)
    assert not app.error
    said = words(app)
    assert "**Energy-corrected, then mended, T = 16, K = 8** reads better than Independent, T = 16 in 88% of 16" in said
    assert "**Energy-corrected, T = 16, K = 8** reads better than Independent, T = 16 cannot be told yet" in said
    assert "**Energy-corrected, T = 16, K = 8** reads worse than Autoregressive: better in only 0% of 16 pairs" in said
    assert "1 text was not measured and is left out." in said
    assert "1 pair is left out" not in said  # the seed that has no partner is no pair
    assert "<b>*bold*</b>" in " ".join(text.value for text in app.text)
    app.selectbox(key="w_m_judge").set_value("ar").run()
    assert "Self-judged: small autoregressive model took part in writing it" in words(app)
    app.selectbox(key="w_m_own").set_value("edlm-16-8").run()
    app.selectbox(key="w_m_judge").set_value("smollm2").run()
    assert "**Not told apart yet**: Energy-corrected, T = 16, K = 8 less Independent, T = 16 is +0.000" in words(app)
    app.toggle(key="w_all").set_value(True).run()
    assert not app.exception
    assert app.dataframe[0].value.shape == (4, 7)
    app.button(key="watch_0_0").click().run()
    assert not app.exception
    assert app.query_params["seed"] == "0"


def test_shown_figures_can_be_computed_from_the_exported_rows(looked_at):
    """The mean of a dot and that of a test, from the CSV files that the page hands out and from the rows."""
    table = charts.settings_table(looked_at).set_index("cell")
    rows = [row for row in sweep_rows() if row["cell"] == "mdlm-16-1"]
    nll = [row["judge_nll_smollm2"] for row in rows]
    half = 2.1314 * statistics.stdev(nll) / len(nll) ** 0.5  # Student's t of 15 degrees
    assert table.loc["mdlm-16-1", ["nll", "nll_low", "texts"]].tolist() == pytest.approx(
        [statistics.fmean(nll), statistics.fmean(nll) - half, 16], abs=1e-4
    )
    two = pair.Pair("corrector-16-8", "mdlm-16-1", *map(looked_at.texts, ("corrector-16-8", "mdlm-16-1")))
    exported = csv_of(pair.differences_table(looked_at, two)).decode("utf-8-sig")
    differences = [float(row["first"]) - float(row["second"]) for row in csv.DictReader(io.StringIO(exported))]
    found = paired_test(*(pair.values_of(looked_at, texts) for texts in (two.own_texts, two.other_texts)))
    assert found.mean == pytest.approx(statistics.fmean(differences)) == pytest.approx(-0.3125)
    assert (found.pairs, found.failures) == (16, 0)
    bins = charts.histogram_table(differences)
    assert bins.pairs.sum() == 16
    assert bins.pairs[bins.to <= 0].sum() == 14


def test_what_is_beaten_and_what_is_self_judged_is_marked(looked_at):
    table = charts.settings_table(looked_at).set_index("cell")
    assert set(table.index[table.dominated]) == {"corrector-16-8", "edlm-16-8"}  # `ar` is cheaper and reads better
    assert not table.self_judged.any()
    looked_at.judge = "ar"
    judged = charts.settings_table(looked_at).set_index("cell").self_judged
    assert set(judged.index[judged]) == {"corrector-16-8", "edlm-16-8", "ar-64-1"}
    looked_at.cost = "scored"
    assert looked_at.cost_of("edlm-16-8") == (64.0, 0.0)
    looked_at.cost = "passes"
    assert looked_at.cost_of("edlm-16-8") == (24.0, 0.0)


def test_settings_are_named_by_what_tells_them_apart(folder):
    rows = [*planted("edlm", [3.0], 0.1), *planted("mdlm", [3.0], 0.1)]
    rows += [row | {"cell": "warm", "temperature": 0.8} for row in planted("mdlm", [3.0], 0.1)]
    trials = Recorded(write_recorded(folder / "planted.db", rows))
    assert set(view.names_of(sources.figures(trials)).values()) == {
        "Energy-corrected, T = 16, K = 8",
        "Independent, T = 16, Temperature of the words 1",
        "Independent, T = 16, Temperature of the words 0.8",
    }


def test_the_link_of_a_text_asks_for_that_text():
    row = planted("corrector", [3.0, 3.0], 0.1, num_steps=8, num_candidates=4)[1]
    query = links.query_of(row)
    assert query == {"steps": "8", "k": "4", "seed": "1", "weights": "abc123", "dtype": "float32", "threads": "2"}
    assert links.query_of(row | {"num_steps": 10**6}) is None
    assert dict(parse_qsl("lanes=ar")).items() <= links.query_of(planted("ar", [3.0], 0.1)[0]).items()


def test_a_row_for_latex_has_nothing_that_latex_reads_as_a_command():
    assert escaped("50% of_it & {more}") == r"50\% of\_it \& \{more\}"
    found = paired_test({0: 1.0, 1: 1.5}, {0: 2.0, 1: 2.6})
    assert latex_row(found, "edlm", "mdlm").startswith(r"edlm & mdlm & 2 & $-1.050$ & $[-1.1")


def test_an_unfavourable_number_makes_an_unfavourable_sentence():
    own, other = (
        {n: {"batch": n, "seconds": seconds, "nll": nll + n / 100} for n in range(20)}
        for nll, seconds in ((3.0, 0.5), (2.0, 0.1))
    )
    said = headline.sentence(versus(own, other, "nll"), "A", "B")
    assert "reads worse than B: better in only 0% of 20 pairs" in said
    assert "5.0 times as long" in said


def test_the_command_is_one(looked_at):
    words = shlex.split(compare.command_of(looked_at, "corrector-16-8"))
    assert words[words.index("--num") + 1] == "17"


# ── the board ────────────────────────────────────────────────────────────────────
def test_a_target_is_changed_and_boards_are_kept_opened_and_deleted(app, folder):
    write_recorded(folder / "planted.db")
    save_board(Board("gone", None, "planted", name="Old"))
    (data_folder() / "boards" / "bad.json").write_text("{}")
    app = measure(app)
    assert "bad.json is not what this app has written" in app.warning[0].value
    assert app.selectbox(key="w_board_cell").value == "corrector-16-8"
    assert re.search(r"2\.78 nats per token \(2\.66 to 2\.90\)  \n:small\[16 texts\]", words(app))
    app.text_input(key="w_board_name").set_value("Pilot")
    app.number_input(key="w_target_nll").set_value(1.0).run()
    assert "Not a pilot yet" in words(app)
    app.button(key="board_save").click().run()
    (_, kept), (_,) = kept_boards()
    assert (kept.name, kept.targets, kept.cell, kept.source) == ("Pilot", {"nll": 1.0}, "corrector-16-8", "planted")
    app.selectbox(key="w_board_cell").set_value("edlm-16-8").run()
    app.button(key="board_open_Old").click().run()
    assert "expected texts of the setting gone, found none" in " ".join(one.value for one in app.warning)
    app.text_input(key="w_board_name").set_value("")
    app.button(key="board_save").click().run()
    assert "name: expected 1 to 60 characters" in app.error[0].value
    app.button(key="board_open_Pilot").click().run()
    assert not app.exception
    assert app.number_input(key="w_target_nll").value == 1.0
    app.button(key="board_delete_Pilot").click().run()
    assert [board.name for board in kept_boards()[0]] == ["Old"]
