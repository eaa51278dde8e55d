"""Learn: why do words that fit alone clash, and what does an energy do about it?"""

import streamlit as st

from pages.parts.app.i18n import gettext as _
from pages.parts.app.visit import page
from pages.parts.learn.lesson import arrived, lesson

with page(every=1.0, arrived=arrived) as visit:
    st.title(_("Why do words clash?"), anchor=False)
    st.markdown(_("Guess a number, see it, read why. All numbers are exact, from languages small enough to count out."))
    lesson(visit)
