"""What a visitor reads or hears of a page in a real browser."""

# Its texts, and in our own parts also those in attributes. Left out: tokens and formulas, which the browser's
# translator leaves alone as well, what a model wrote (a text element) and code, the names of languages, and Streamlit's
# own words.
READ = """() => {
  const streamlits = "[data-testid=stToolbar], [data-testid=stFileUploaderDropzone], [data-testid=stStatusWidget], "
    + "[data-testid=stDataFrame], [data-testid=stIconMaterial], .vega-bindings, details.vega-embed-actions";
  const unread = "script, style, noscript, svg, canvas, code, [data-testid=stText], "
    + "[translate=no]:not(.status, .readout, tr), .word, .words, "
    + ".st-key-shell, " + streamlits;
  const found = [];
  const visit = (node, ours) => {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.matches(unread)) return;
      ours ||= node.matches(".stage, .theatre, input[type=text]:not([role=combobox])");
      for (const name of ours ? ["aria-label", "title", "placeholder", "aria-valuetext"] : []) {
        if (node.hasAttribute(name)) found.push(node.getAttribute(name));
      }
      if (node.shadowRoot) visit(node.shadowRoot, ours);
    }
    for (const child of node.childNodes) visit(child, ours);
  };
  const roots = "[data-testid=stMain], [data-testid=stTopNavLink], [data-testid=stPopoverBody], [role=tooltip]";
  for (const root of document.querySelectorAll(roots)) visit(root, false);
  return found.join("\\n");
}"""


def read(page) -> str:
    return page.evaluate(READ)
