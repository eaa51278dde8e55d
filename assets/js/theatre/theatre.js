// @ts-check
// The candidate theatre: all drafts of one step, side by side. Sorting and pointing happen here; a held place or draft
// goes back to the page.
import { choice, h } from "../dom.js";
import { fixed, signed } from "../numbers.js";
import { followTheme } from "../theme.js";
import { Words } from "../words.js";
import { colour, drawDraft } from "./draft.js";
import { scaleBars, scalesOf, titleOf } from "./scales.js";
import { ORDERS, Step } from "./step.js";

/** @typedef {import("./step.js").Data} Data */
/** @typedef {import("./step.js").Held} Held */
/** @typedef {import("./step.js").Order} Order */

const TOP = 10; // drafts shown at first

export class Theatre {
  /**
   * @param {HTMLElement} root
   * @param {Data} data
   * @param {(held: Held) => void} send
   */
  constructor(root, data, send) {
    this.root = root;
    this.send = send;
    /** @type {Order} */
    this.order = "weight";
    this.all = false;
    /** @type {HTMLElement[]} */
    this.marked = [];
    /** @type {Map<number, import("./draft.js").Drawn>} */
    this.drafts = new Map();
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit's r and c are not ours
    this.step = new Step(data);
    this.words = wordsOf(data);
    this.held = heldIn(data);
    /** @type {Held | null} What was held here last, which the page may not have heard of yet. */
    this.sent = null;
    this.scales = scalesOf(root);
    /** What colours the words. */
    this.shown = this.step.colourings[0] ?? [];
    this.view = this.#build();
    this.#fill();
    followTheme(root);
  }

  /** Another step, or another place in it: what was held since the page answered stays, and so does the focus.
   *  @param {Data} data */
  update(data) {
    const same = contentOf(data) === contentOf(this.step.data);
    const held = this.sent && !isSame(this.sent, data.answers) ? this.held : heldIn(data);
    const filled = same && held.draft === this.held.draft;
    this.step = new Step(data);
    this.words = wordsOf(data);
    this.held = held;
    if (!this.step.colourings.some((names) => String(names) === String(this.shown))) this.shown = this.step.colourings[0] ?? [];
    if (!same) this.view = this.#build();
    if (filled) this.point(held.position);
    else this.#fill();
  }

  // ── building ────────────────────────────────────────────────────────────────────
  #build() {
    const { step, words } = this;
    const some = step.data.only.length > 0;
    const position = { min: "1", max: String(step.L), value: String(this.held.position + 1) };
    const slider = h("input", { type: "range", ...position, aria: { label: words.say("position") } });
    slider.oninput = () => this.point(slider.valueAsNumber - 1);
    slider.onchange = () => this.hold(this.held.draft, slider.valueAsNumber - 1);
    const label = h("label");
    const readout = h("p", { className: "readout", aria: { live: "polite" }, attr: { translate: "no" } });
    const list = h("ol");
    const toggle = h("button", { type: "button", onclick: () => { this.all = !this.all; this.#fill(); } });
    const scales = h("div", { className: "scales" }, ...scaleBars(this));
    this.root.replaceChildren(
      h("div", { className: "bar" }, some ? null : this.#sorting(), this.#colouring(scales)),
      scales,
      legend(words),
      h("div", { className: "place" }, label, slider, readout),
      list,
      h("div", { className: "more" }, step.K > TOP && !some ? toggle : null));
    return { slider, label, readout, list, toggle };
  }

  #sorting() {
    const options = ORDERS.map((name) => /** @type {[Order, string]} */ ([name, this.words.say(`sort_${name}`)]));
    return choice(this.words.say("sort"), options, this.order, (/** @type {Order} */ order) => {
      this.order = order;
      this.#fill();
    });
  }

  /** @param {HTMLElement} scales */
  #colouring(scales) {
    const { step, words } = this;
    if (step.colourings.length < 2) return null;
    const options = step.colourings.map((names) => /** @type {[string, string]} */ ([String(names),
      names.map((name) => words.say(titleOf(step, name))).join(" + ")]));
    return choice(words.say("colour"), options, String(this.shown), (chosen) => {
      this.shown = step.colourings.find((names) => String(names) === chosen) ?? [];
      scales.replaceChildren(...scaleBars(this));
      for (const [k, { tokens }] of this.drafts) tokens.forEach((token, i) => colour(this, token, k, i));
    });
  }

  #fill() {
    const { words, step } = this;
    const focused = this.#focused();
    this.view.toggle.textContent = this.all ? words.say("fewer") : words.count("more", step.K, { K: step.K });
    this.drafts = new Map(this.#shown().map((k) => [k, drawDraft(this, k)]));
    this.view.list.replaceChildren(...[...this.drafts.values()].map(({ element }) => element));
    if (focused !== undefined) this.drafts.get(focused)?.element.querySelector("button")?.focus();
    this.point(this.held.position);
  }

  /** The draft whose button has the focus. */
  #focused() {
    const { activeElement } = /** @type {ShadowRoot | Document} */ (this.root.getRootNode());
    return [...this.drafts.keys()].find((k) => this.drafts.get(k)?.element.contains(activeElement));
  }

  /** The first of the order; the draft taken and the one compared always. */
  #shown() {
    const { step, held } = this;
    const { only, chosen } = step.data;
    if (only.length) return only.slice(0, this.all ? undefined : TOP);
    const order = step.sorted(this.order);
    return this.all ? order : [...new Set([...order.slice(0, TOP), chosen, held.draft])];
  }

  // ── pointing and holding ────────────────────────────────────────────────────────
  /** @param {number} i @param {number} k */
  point(i, k = this.held.draft) {
    const { step, words } = this;
    const { L } = step;
    const { slider, label, readout } = this.view;
    slider.value = String(i + 1);
    label.textContent = words.say("at", { i: i + 1, L });
    slider.setAttribute("aria-valuetext", words.say("at_word", { i: i + 1, L, word: step.word(k, i) }));
    const lines = (step.isTaken(k) ? [k] : [step.data.chosen, k]).map((draft) => this.#describe(draft, i));
    readout.textContent = lines.join("\n");
    for (const token of this.marked) token.classList.remove("held");
    this.marked = [...this.drafts.values()].map(({ tokens }) => tokens[i]);
    for (const token of this.marked) token.classList.add("held");
  }

  /** @param {number} k @param {number} i */
  #describe(k, i) {
    const { step, words } = this;
    const values = { k: k + 1, word: step.word(k, i) };
    if (step.isGiven(i)) return words.say(step.isTaken(k) ? "read_given_taken" : "read_given", values);
    const numbers = step.strips.map((strip) => {
      const value = strip.values[k * step.L + i];
      if (strip.name !== "parts") return words.say(`value_${strip.name}`, { value: fixed(value) });
      return words.say(step.data.difference ? "value_difference" : "value_parts", { value: signed(value) });
    });
    return words.say(step.isTaken(k) ? "read_taken" : "read", { ...values, numbers: numbers.join(" · ") });
  }

  /** @param {number} draft @param {number} position */
  hold = (draft, position) => {
    const other = draft !== this.held.draft;
    this.sent = this.held = { draft, position };
    this.send(this.held);
    if (other) this.#fill();
    else this.point(position);
  };
}

/** @param {Data} data @returns {Words<"theatre">} */
const wordsOf = (data) => new Words(data.strings);

/** @param {Data} data @returns {Held} */
const heldIn = ({ draft, position }) => ({ draft, position });

/** @param {Held} a @param {Held | null} b */
const isSame = (a, b) => a.draft === b?.draft && a.position === b.position;

/** All but what is held. @param {Data} data */
const contentOf = (data) => JSON.stringify({ ...data, draft: null, position: null, answers: null });

/** @param {Words<"theatre">} words */
function legend(words) {
  const looks = /** @type {const} */ (["other", "written", "given"]);
  const items = looks.map((name) => h("span", {},
    h("span", { className: `token ${name}`, textContent: words.say("example") }), " ", words.say(`legend_${name}`)));
  return h("p", { className: "legend" }, ...items);
}
