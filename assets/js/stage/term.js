// @ts-check
// A word with its meaning behind it: what the glossary says opens beside it.
import { h } from "../dom.js";
import { clamp } from "../numbers.js";

/** @typedef {import("../words.js").Key<"stage">} Key */
/** By name, the word and what it means. @typedef {Record<string, [word: string, meaning: string]>} Glossary */

const WIDTH = 340; // px, of the card
const GAP = 6;

/** Where a text of the stage is or names a word of the glossary. @type {Partial<Record<Key, string>>} */
const TERMS = {
  strip_scored: "draft",
  strip_smollm2: "judge",
  strip_ar: "judge",
  strip_self: "self-judged",
  strip_entropy: "entropy",
  n_entropy: "entropy",
  n_ess: "ess",
  n_energy: "energy",
  corrected: "energy",
  marginal: "marginal",
  map_entropy_scale: "nats",
};

/**
 * The text of a key: a button where the glossary has something to say of it.
 * @param {import("./stage.js").Stage} stage
 * @param {Key} key
 * @param {string} text
 */
export function term(stage, key, text = stage.say(key)) {
  const entry = (stage.data.glossary ?? {})[TERMS[key] ?? ""];
  if (!entry) return h("span", { textContent: text });
  const button = h("button", { type: "button", className: "term", textContent: text, title: entry[1] });
  button.onclick = () => open(stage.view.card, entry, button);
  return button;
}

export function cardOfTerm() {
  return h("div", { className: "card", tabIndex: -1, attr: { popover: "auto", role: "note" } });
}

/**
 * @param {HTMLElement} card
 * @param {[word: string, meaning: string]} entry
 * @param {HTMLElement} beside
 */
function open(card, [word, meaning], beside) {
  const box = beside.getBoundingClientRect();
  card.replaceChildren(h("strong", { textContent: word }), h("p", { textContent: meaning }));
  card.showPopover();
  card.style.left = `${clamp(box.left, GAP, Math.max(GAP, innerWidth - Math.min(WIDTH, innerWidth) - GAP))}px`;
  const below = box.bottom + GAP + card.offsetHeight < innerHeight;
  card.style.top = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - card.offsetHeight)}px`;
  card.focus();
}
