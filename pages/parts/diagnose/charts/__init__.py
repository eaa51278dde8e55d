"""Charts as values: numbers in, an Altair chart out. No Streamlit here; a colour comes from the palette."""
