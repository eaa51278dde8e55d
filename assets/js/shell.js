// @ts-check
// What is the browser's own around a page, and Streamlit leaves undone: the history, Enter, translators, once a tab; and
// the language.

/**
 * Streamlit makes an entry of the history for every change of the address. One that leads to the same run, at another
 * place in it, takes the place of the last one, and so does what completes that of a page just come to: so Back goes
 * from run to run, from scene to scene, and from page to page.
 * @param {string[]} parts those of an address that say which run or scene
 */
function oneEntryAStop(parts) {
  /** @param {string} search */
  const stopOf = (search) => {
    const query = new URLSearchParams(search);
    return parts.map((name) => query.getAll(name)).join("&");
  };
  let justCome = false;
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (justCome = false), true);
  const push = history.pushState;
  history.pushState = function (state, unused, url) {
    const to = new URL(url ?? "", location.href);
    const stays = to.pathname === location.pathname;
    const same = stays && (justCome || stopOf(location.search) === stopOf(to.search));
    (same ? history.replaceState : push).call(history, state, unused, url);
    justCome = justCome || !stays;
  };
}

/**
 * Enter in a field presses the button that belongs to it.
 * @param {Record<string, string>} buttons by field, both by their keys
 */
function enterPresses(buttons) {
  document.addEventListener("keydown", ({ key, isComposing, target }) => {
    if (key !== "Enter" || isComposing || !(target instanceof HTMLInputElement)) return;
    for (const [field, button] of Object.entries(buttons)) {
      if (!target.closest(`.st-key-${field}`)) continue;
      const found = document.querySelector(`.st-key-${button} button`);
      if (found instanceof HTMLButtonElement) found.click(); // Streamlit has read the field: its listener lies deeper
    }
  });
}

/** A translator puts elements of its own where React had a text, and React fails when it takes that text away. */
function standTranslators() {
  const { removeChild, insertBefore } = Node.prototype;
  /** @param {Node} parent @param {Node | null} node the child of `parent` in which `node` lies */
  const childOf = (parent, node) => {
    let at = node;
    while (at && at.parentNode !== parent) at = at.parentNode;
    return at;
  };
  Node.prototype.removeChild = function (/** @type {any} */ child) {
    const found = childOf(this, child);
    if (found) removeChild.call(this, found);
    return child;
  };
  Node.prototype.insertBefore = function (/** @type {any} */ node, /** @type {Node | null} */ before) {
    insertBefore.call(this, node, before && childOf(this, before));
    return node;
  };
}

/**
 * Which language, in the header, where Streamlit has room for nothing of ours.
 * @param {ParentNode} place
 * @param {Facts} facts
 * @param {(language: string) => void} chosen
 */
function languageChoice(place, { lang, languages, label }, chosen) {
  const select = place.querySelector("select") ?? document.createElement("select");
  const options = Object.entries(languages).map(([name, text]) => {
    const option = new Option(text, name, false, name === lang);
    option.lang = name;
    return option;
  });
  select.replaceChildren(...options);
  select.ariaLabel = select.title = label;
  select.translate = false;
  select.onchange = () => chosen(select.value);
  if (!select.isConnected) place.append(select);
}

/** @typedef {{ stops: string[], buttons: Record<string, string>, lang: string, languages: Record<string, string>,
 *   label: string }} Facts */

/** @param {{ data: Facts, parentElement: HTMLElement, setTriggerValue: (name: string, value: string) => void }} call */
export default function component({ data, parentElement, setTriggerValue }) {
  const root = document.documentElement;
  root.lang = data.lang;
  languageChoice(parentElement, data, (language) => setTriggerValue("language", language));
  if (root.dataset.shell) return;
  root.dataset.shell = "stands";
  oneEntryAStop(data.stops);
  enterPresses(data.buttons);
  standTranslators();
}
