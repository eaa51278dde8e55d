"""Measure: is it better, is it faster, and what does it cost?"""

import streamlit as st

from pages.parts.app.i18n import gettext as _
from pages.parts.app.visit import page
from pages.parts.measure import board, compare, frontier, headline, more, place, sources
from pages.parts.measure.view import choose

POLL_SECONDS = 1.0

with page(every=POLL_SECONDS, arrived=place.arrived) as visit:
    st.title(_("Is it better, and what does it cost?"), anchor=False)
    st.markdown(
        _(
            "Many texts of each setting, from the same seeds, read by a judge. Every figure comes with its number of "
            "texts and its 95% interval; lower NLL reads better."
        )
    )
    found, problems = sources.sources()
    for problem in problems:
        st.error(problem, icon=":material/error:")
    view = None
    if not found:
        sources.nothing()
    else:
        view = choose(found)
        place.told(view)
        st.markdown("\n".join(f"- {sentence}" for sentence in headline.sentences(view)))
        frontier.show(view)
        compare.show(view, visit)
        board.show(view)
    more.show(visit, view)
    place.write(visit)
