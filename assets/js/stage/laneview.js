// @ts-check
// One lane of tokens.
import { h, penOf } from "../dom.js";
import { range } from "../numbers.js";
import { clings } from "../tokens.js";
import { linesOf } from "./room.js";
import { counted } from "../words.js";

/** @typedef {import("../lane.js").Lane} Lane */
/** @typedef {{ element: HTMLElement, final: HTMLElement, guess: HTMLElement, base: string, key: string }} Cell */

const LONGEST_RUN = 24; // characters that may cling together before a line may break all the same
const UNKNOWN = " ";
const UNWRITTEN = 2.5; // em, of a place where no word stands yet: one as wide as its word would give the word away

export class LaneView {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {Lane} lane
   * @param {number} index
   */
  constructor(stage, lane, index) {
    this.stage = stage;
    this.lane = lane;
    this.index = index;
    this.shape = "";
    /** @type {import("./room.js").Run[]} */
    this.runs = [];
    this.width = 0; // at which room was reserved
    /** @type {string[]} */
    this.final = [];
    this.cells = range(lane.L).map(makeCell);
    this.text = this.#text();
    this.about = h("small");
    const name = stage.nameOf(lane);
    const data = { sampler: lane.sampler, corrects: String(lane.corrects) };
    this.element = h("section", { className: "lane", data, aria: { label: name } },
      h("h3", {}, h("span", { textContent: name }), this.about), this.text);
  }

  /** Cells are many: one listener a lane, found by delegation. */
  #text() {
    const { stage, index } = this;
    const text = h("div", { className: "text", attr: { role: "img", translate: "no" } });
    const find = (/** @type {Event} */ event) => {
      const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".token"));
      return cell ? { lane: index, position: Number(cell.dataset.i) } : null;
    };
    text.onpointerover = (event) => stage.hover(find(event));
    text.onpointerleave = () => stage.hover(null);
    new ResizeObserver(() => {
      if (!text.isConnected || text.clientWidth === this.width) return;
      this.#reserve();
      this.show(stage.state.n);
    }).observe(text);
    text.onclick = (event) => {
      const at = find(event);
      if (at) stage.click(at);
    };
    return text;
  }

  /** @param {Lane} lane */
  load(lane) {
    const { vocabulary, run } = this.stage;
    this.lane = lane;
    const row = lane.row(lane.S);
    this.final = this.stage.text.spell(row).map((word, i) => (row[i] === lane.mask ? "" : word));
    this.about.textContent = this.#about();
    for (const [i, cell] of this.cells.entries()) {
      cell.base = row[i] === run.end_of_text ? "token end" : "token";
    }
    const flow = Array.from(row, (id) => (id === lane.mask ? UNKNOWN : vocabulary[id]));
    const shape = flow.join("\0");
    if (shape !== this.shape) this.text.replaceChildren(...this.#runs(flow));
    this.shape = shape;
    this.#reserve();
  }

  /** Room for the text at its longest, so that nothing below moves from step to step. */
  #reserve() {
    const { lane, text } = this;
    this.width = text.clientWidth;
    for (const [i, cell] of this.cells.entries()) {
      cell.element.className = cell.base + (lane.isFixed(i) ? " fixed" : "");
      cell.final.textContent = this.final[i];
      cell.key = "";
    }
    const wide = this.cells.map(({ element }) => element.getBoundingClientRect().width);
    const { font, fontSize, lineHeight } = getComputedStyle(text);
    const unwritten = UNWRITTEN * parseFloat(fontSize);
    const pen = penOf(document.createElement("canvas"));
    pen.font = font;
    const space = pen.measureText(" ").width;
    const lines = range(lane.S + 1).map((r) => {
      const row = lane.row(r);
      return linesOf(this.runs, (i) => (row[i] === lane.mask ? unwritten : wide[i]), space, this.width);
    });
    text.style.setProperty("--unwritten", `${unwritten}px`);
    text.style.minHeight = `${Math.max(...lines) * parseFloat(lineHeight)}px`;
  }

  #about() {
    const { sampler, K } = this.lane;
    return counted(this.stage.data.samplers[sampler].about, K, { K });
  }

  /** Cells in unbreakable runs with spaces between them, as words stand in prose. @param {string[]} flow */
  #runs(flow) {
    const nodes = [];
    /** @type {HTMLElement | null} */
    let run = null;
    let length = 0;
    this.runs = [];
    for (const [i, word] of flow.entries()) {
      if (!run || !clings(word) || length > LONGEST_RUN) {
        const spaced = word.startsWith(" ");
        if (spaced) nodes.push(" ");
        nodes.push((run = h("span", { className: "run" })));
        this.runs.push({ cells: [], spaced, ends: false });
        length = 0;
      }
      const last = this.runs[this.runs.length - 1];
      run.append(this.cells[i].element);
      last.cells.push(i);
      length += word.length;
      if (!word.includes("\n")) continue;
      nodes.push(h("br"));
      last.ends = true;
      run = null;
    }
    return nodes;
  }

  /** @param {number} n */
  show(n) {
    const { lane, stage, index } = this;
    const other = stage.lanes.length > 1 && index < 2 ? stage.lanes[1 - index] : null;
    const held = stage.state.locked?.lane === index ? stage.state.locked.position : -1;
    const now = lane.row(lane.done[n]);
    const words = lane.complete && n === lane.T ? this.final : stage.text.spell(now);
    const changed = range(lane.L).filter((i) => lane.token(n, i) !== lane.mask && lane.changedByEnergy(i, n));
    for (const [i, cell] of this.cells.entries()) {
      const masked = lane.token(n, i) === lane.mask;
      const guess = masked ? this.#guess(n, i) : words[i];
      const looks = masked ? (guess ? " draft" : " masked") : this.#visibleLooks(n, i, other);
      const key = `${cell.base}${looks}${held === i ? " held" : ""}|${guess}`;
      if (key !== cell.key) this.#paint(cell, key, guess, masked);
    }
    if (!stage.state.playing) this.text.setAttribute("aria-label", this.#name(now, changed.map((i) => words[i])));
  }

  /** The text for those who hear it, and what of it the energy changed.
   *  @param {Uint16Array} row @param {string[]} changed */
  #name(row, changed) {
    const { stage } = this;
    const text = stage.text.prose(row);
    const words = changed.filter((word) => word !== "").join(", ");
    return words ? stage.say("lane_changed", { text, words }) : text;
  }

  /** What the draft taken last has at a masked place; left to right drafts nothing ahead.
   *  @param {number} n @param {number} i */
  #guess(n, i) {
    const { lane, stage } = this;
    const rows = lane.done[n];
    const id = rows > 0 && stage.state.drafts ? lane.taken(rows - 1, i) : lane.mask;
    return id === lane.mask ? "" : stage.text.token(id);
  }

  /** Marks are for the words of this step; a mark under every word would say nothing. At the first divergence all that
   *  differs is marked. @param {number} n @param {number} i @param {Lane | null} other */
  #visibleLooks(n, i, other) {
    const { lane, stage } = this;
    const now = n > 0 && lane.isWritten(i, n);
    const looks = lane.isFixed(i) ? " fixed" : now ? " now" : " kept";
    const diverging = stage.state.spot === n;
    if (!now && !diverging) return looks;
    const differs = other && i < other.L && other.token(n, i) !== other.mask && other.token(n, i) !== lane.token(n, i);
    const spot = differs && diverging && (now || other.stateOf(i) === n);
    return looks + (lane.changedByEnergy(i, n) ? " energy" : "") + (differs ? " differs" : "") + (spot ? " spot" : "");
  }

  /**
   * What is not written yet has one width, whatever will stand there: a draft longer than that is cut.
   * @param {Cell} cell
   * @param {string} key
   * @param {string} text
   * @param {boolean} masked
   */
  #paint(cell, key, text, masked) {
    cell.key = key;
    cell.element.className = key.slice(0, key.indexOf("|"));
    const final = masked ? "" : text;
    if (cell.final.textContent !== final) cell.final.textContent = final; // writing it again would lay out the whole lane
    cell.guess.textContent = masked ? text : "";
  }
}

/** @param {number} i @returns {Cell} */
function makeCell(i) {
  const final = h("span", { className: "final" });
  const guess = h("span", { className: "guess", aria: { hidden: true } });
  return { element: h("span", { data: { i: String(i) } }, final, guess), final, guess, base: "token", key: "" };
}
