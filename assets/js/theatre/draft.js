// @ts-check
// One draft: its weight and ranks, and its words, each underlaid with the colour of what was thought of it.
import { h } from "../dom.js";
import { fixed, probability, range } from "../numbers.js";

/** @typedef {import("./theatre.js").Theatre} Theatre */
/** @typedef {{ element: HTMLElement, tokens: HTMLElement[] }} Drawn */

/**
 * @param {Theatre} theatre
 * @param {number} k
 * @returns {Drawn}
 */
export function drawDraft(theatre, k) {
  const { step } = theatre;
  const tokens = range(step.L).map((i) => token(step, k, i));
  tokens.forEach((element, i) => colour(theatre, element, k, i));
  const element = h("li", { className: step.isTaken(k) ? "draft chosen" : "draft" },
    head(theatre, k), textOf(theatre, k, tokens));
  return { element, tokens };
}

/** @param {Theatre} theatre @param {number} k */
function head({ step, words, held, hold }, k) {
  const { weight, rank_before, rank_after, energy, only } = step.data;
  const fill = h("span", { className: "fill" });
  fill.style.width = `${100 * weight[k]}%`;
  const value = energy[k];
  const comparable = !step.isTaken(k) && only.length === 0;
  return h("div", { className: "head" },
    h("strong", { textContent: words.say("draft", { k: k + 1 }) }),
    step.isTaken(k) ? h("span", { className: "tag taken", textContent: words.say("taken") }) : null,
    k === 0 ? h("span", { className: "tag", textContent: words.say("first") }) : null,
    h("span", { className: "track", aria: { hidden: true } }, fill),
    h("div", { textContent: words.say("weight", { weight: probability(weight[k]) }) }),
    h("div", { textContent: words.say("ranks", { before: rank_before[k], after: rank_after[k] }) }),
    h("div", { textContent: words.say("energy", { energy: value === null ? "∞" : fixed(value) }) }),
    comparable ? compareButton(words, k, k === held.draft, () => hold(k, held.position)) : null);
}

/**
 * @param {import("../words.js").Words<"theatre">} words
 * @param {number} k
 * @param {boolean} pressed
 * @param {() => void} onclick
 */
function compareButton(words, k, pressed, onclick) {
  const label = words.say("compare_draft", { k: k + 1 });
  return h("button", { type: "button", textContent: words.say("compare"), aria: { label, pressed }, onclick });
}

/** @param {import("./step.js").Step} step @param {number} k @param {number} i */
function token(step, k, i) {
  const { spots, written, chosen } = step.data;
  const looks = ["token"];
  if (step.isGiven(i)) looks.push("given");
  if (step.token(k, i) !== step.token(chosen, i)) looks.push("other");
  if (spots.includes(i)) looks.push("spot");
  if (written[i] && step.isTaken(k)) looks.push("written");
  const word = step.word(k, i);
  return h("span", { className: looks.join(" "), textContent: word + (word.includes("↵") ? "\n" : "") });
}

/** @param {Theatre} theatre @param {number} k @param {HTMLElement[]} tokens */
function textOf(theatre, k, tokens) {
  const text = h("div", { className: "text", attr: { translate: "no" } }, ...tokens);
  const place = (/** @type {Event} */ event) => tokens.indexOf(/** @type {HTMLElement} */ (event.target));
  text.onpointerover = (event) => place(event) >= 0 && theatre.point(place(event), k);
  text.onpointerout = () => theatre.point(theatre.held.position);
  text.onclick = (event) => place(event) >= 0 && theatre.hold(theatre.held.draft, place(event));
  return text;
}

/**
 * The colours below a word, one a strip that is shown; none where nothing is known of a word that was there before.
 * @param {Theatre} theatre
 * @param {HTMLElement} element
 * @param {number} k
 * @param {number} i
 */
export function colour({ step, scales, shown }, element, k, i) {
  const known = step.strips.filter(({ name }) => shown.includes(name) && !(step.isGiven(i) && name === "log_q"));
  const colours = known.map(({ name, values }) => scales[name].colour(values[k * step.L + i]));
  element.style.backgroundImage = colours.map((one) => `linear-gradient(${one}, ${one})`).join(", ");
  element.style.backgroundPosition = colours.map((_, n) => `0 calc(100% - ${5 * (colours.length - 1 - n)}px)`).join(", ");
}
