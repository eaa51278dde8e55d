// @ts-check
// One draft: its weight and ranks, its words, and a strip of colour for what was thought of each.
import { h, penOf } from "../dom.js";
import { clamp, fixed, probability, range } from "../numbers.js";

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
  const strips = step.strips.length ? drawStrips(theatre, k) : null;
  const element = h("li", { className: step.isTaken(k) ? "draft chosen" : "draft" },
    head(theatre, k), h("div", {}, textOf(theatre, k, tokens), strips));
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

/** @param {Theatre} theatre @param {number} k */
function drawStrips(theatre, k) {
  const { step, words } = theatre;
  const canvases = step.strips.map((strip) => drawStrip(theatre, strip, k));
  const rows = step.strips.map(({ name }, j) => {
    const title = name === "parts" && step.data.difference ? "difference" : /** @type {const} */ (`short_${name}`);
    return h("div", { className: "strip" }, h("span", { textContent: words.say(title) }), canvases[j]);
  });
  const strips = h("div", { className: "strips", aria: { hidden: true } }, ...rows, h("div", { className: "cursor" }));
  const at = (/** @type {MouseEvent} */ event) => {
    const box = canvases[0].getBoundingClientRect();
    return clamp(Math.floor(((event.clientX - box.left) / box.width) * step.L), 0, step.L - 1);
  };
  strips.onpointermove = (event) => theatre.point(at(event), k);
  strips.onpointerleave = () => theatre.point(theatre.held.position);
  strips.onclick = (event) => theatre.hold(theatre.held.draft, at(event));
  return strips;
}

/**
 * @param {Theatre} theatre
 * @param {import("./step.js").Step["strips"][number]} strip
 * @param {number} k
 */
function drawStrip({ step, scales }, { name, values }, k) {
  const canvas = h("canvas", { width: step.L, height: 1 });
  const pen = penOf(canvas);
  for (const i of range(step.L)) {
    if (step.isGiven(i) && name === "log_q") continue; // not drawn here: no log p_theta
    pen.fillStyle = scales[name].colour(values[k * step.L + i]);
    pen.fillRect(i, 0, 1, 1);
  }
  return canvas;
}
