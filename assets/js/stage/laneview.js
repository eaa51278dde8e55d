// @ts-check
// One lane of tokens.
import { h, penOf } from "../dom.js";
import { range } from "../numbers.js";
import { clings } from "../tokens.js";
import { counted } from "../words.js";

/** @typedef {import("../lane.js").Lane} Lane */
/** @typedef {{ element: HTMLElement, final: HTMLElement, guess: HTMLElement, base: string, key: string }} Cell */

const LONGEST_RUN = 24; // characters that may cling together before a line may break all the same
const NARROWEST = 0.72; // of its width: a draft that would have to be narrower is cut
const UNKNOWN = " ";

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
    /** @type {string[]} */
    this.final = [];
    /** @type {Map<string, number>} */
    this.widths = new Map();
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
    text.onclick = (event) => {
      const at = find(event);
      if (at) stage.click(at);
    };
    return text;
  }

  /** The finished word gives a cell its width, so that nothing moves while it is still hidden. @param {Lane} lane */
  load(lane) {
    const { vocabulary, run } = this.stage;
    this.lane = lane;
    const row = lane.row(lane.S);
    this.final = this.stage.text.spell(row);
    this.about.textContent = this.#about();
    for (const [i, cell] of this.cells.entries()) {
      const unknown = row[i] === lane.mask; // still being written
      cell.base = unknown ? "token unknown" : row[i] === run.end_of_text ? "token end" : "token";
      cell.key = "";
    }
    const flow = Array.from(row, (id) => (id === lane.mask ? UNKNOWN : vocabulary[id]));
    const shape = flow.join("\0");
    if (shape !== this.shape) this.text.replaceChildren(...this.#runs(flow));
    this.shape = shape;
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
    for (const [i, word] of flow.entries()) {
      if (!run || !clings(word) || length > LONGEST_RUN) {
        if (word.startsWith(" ")) nodes.push(" ");
        nodes.push((run = h("span", { className: "run" })));
        length = 0;
      }
      run.append(this.cells[i].element);
      length += word.length;
      if (!word.includes("\n")) continue;
      nodes.push(h("br"));
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
    for (const [i, cell] of this.cells.entries()) {
      const masked = lane.token(n, i) === lane.mask;
      const guess = masked ? this.#guess(n, i) : words[i];
      const looks = masked ? (guess ? " draft" : " masked") : this.#visibleLooks(n, i, other);
      const key = `${cell.base}${looks}${held === i ? " held" : ""}|${guess}`;
      if (key !== cell.key) this.#paint(cell, key, masked, masked ? this.final[i] : guess, masked ? guess : "");
    }
    if (!stage.state.playing) this.text.setAttribute("aria-label", stage.text.prose(now));
  }

  /** What the draft taken last has at a masked place; left to right drafts nothing ahead.
   *  @param {number} n @param {number} i */
  #guess(n, i) {
    const { lane, stage } = this;
    const rows = lane.done[n];
    const id = rows > 0 && stage.state.drafts ? lane.taken(rows - 1, i) : lane.mask;
    return id === lane.mask ? "" : stage.text.token(id);
  }

  /** @param {number} n @param {number} i @param {Lane | null} other */
  #visibleLooks(n, i, other) {
    const { lane, stage } = this;
    const now = n > 0 && lane.isWritten(i, n);
    const differs = other && i < other.L && other.token(n, i) !== other.mask && other.token(n, i) !== lane.token(n, i);
    const spot = differs && stage.state.spot === n && (now || other.stateOf(i) === n);
    return (lane.isFixed(i) ? " fixed" : now ? " now" : " kept") + (lane.changedByEnergy(i, n) ? " energy" : "") +
      (differs ? " differs" : "") + (spot ? " spot" : "");
  }

  /**
   * @param {Cell} cell
   * @param {string} key
   * @param {boolean} masked
   * @param {string} final
   * @param {string} guess
   */
  #paint(cell, key, masked, final, guess) {
    cell.key = key;
    cell.element.className = key.slice(0, key.indexOf("|"));
    if (cell.final.textContent !== final) cell.final.textContent = final; // writing it again would lay out the whole lane
    cell.guess.textContent = guess;
    if (!masked || !guess) return;
    // A draft longer than the word that will stand here is narrowed, then cut: the line never moves.
    const ratio = final ? Math.min(1, this.#width(final) / this.#width(guess)) : 1;
    cell.guess.style.setProperty("--squeeze", String(Math.max(ratio, NARROWEST)));
    cell.guess.classList.toggle("cut", ratio < NARROWEST);
  }

  /** @param {string} text */
  #width(text) {
    if (!this.pen) {
      this.pen = penOf(document.createElement("canvas"));
      this.pen.font = getComputedStyle(this.text).font;
    }
    const width = this.widths.get(text) ?? this.pen.measureText(text).width;
    this.widths.set(text, width);
    return width;
  }
}

/** @param {number} i @returns {Cell} */
function makeCell(i) {
  const final = h("span", { className: "final" });
  const guess = h("span", { className: "guess", aria: { hidden: true } });
  return { element: h("span", { data: { i: String(i) } }, final, guess), final, guess, base: "token", key: "" };
}
