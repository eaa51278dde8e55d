// @ts-check
// Every step, every position, in one picture.
import { choice, h, penOf } from "../dom.js";
import { hatching, ramp, rampBar, stopsOf } from "../colour.js";
import { clamp, fixed, range } from "../numbers.js";
import { Columns } from "./columns.js";
import { term } from "./term.js";

/** @typedef {import("../lane.js").Measure} Measure */
/** A cell: record and position. @typedef {{ r: number, i: number }} At */

const TICK = 4; // px: room under the last row, where the ticks of the words written last stand
const TICK_SHARE = 0.4; // of its column's width
const BAR = 128; // cells of the scale
/** @type {Measure[]} */
const MEASURES = ["entropy", "confidence", "change"];
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class HeatMap {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {(number | null)[][]} */
    this.values = [];
    this.top = 1;
    this.canvas = h("canvas");
    this.cursor = h("div", { className: "cursor" });
    this.column = h("div", { className: "column", hidden: true });
    this.none = h("p", { className: "none", textContent: stage.say("map_none"), hidden: true });
    this.tip = h("div", { className: "tip", hidden: true, attr: { role: "status", translate: "no" } });
    this.scale = h("div", { className: "scale" });
    this.words = new Columns(stage);
    this.plot = this.#plot();
    const title = stage.say("map");
    this.element = h("section", { className: "map", aria: { label: title } },
      h("h3", { textContent: title }),
      this.#options(),
      this.plot,
      this.words.element,
      this.scale,
      h("p", { className: "note", textContent: stage.say("map_axes") }));
    new ResizeObserver(() => this.element.isConnected && this.#paint()).observe(this.plot);
  }

  get lane() { return this.stage.lanes[this.stage.state.mapLane]; }

  #plot() {
    const parts = [this.canvas, this.cursor, this.column, this.none, this.tip];
    const plot = h("div", { className: "plot", tabIndex: 0, attr: { role: "application" }, data: { name: "map" } });
    plot.append(...parts);
    plot.onpointermove = (event) => this.#read(this.#at(event));
    plot.onpointerleave = () => this.#read(null);
    plot.onblur = () => this.#read(null);
    plot.onclick = (event) => this.#jump(this.#at(event));
    plot.onkeydown = (event) => this.#onKey(event);
    return plot;
  }

  #options() {
    const { stage } = this;
    const { state } = stage;
    const lanes = stage.lanes.map((lane, index) => /** @type {[string, string]} */ ([String(index), stage.nameOf(lane)]));
    const measures = MEASURES.map((name) => /** @type {[Measure, string]} */ ([name, stage.say(`map_${name}`)]));
    return h("div", { className: "options" },
      choice(stage.say("map_lane"), lanes, String(state.mapLane), (index) => {
        state.mapLane = Number(index);
        this.draw();
      }),
      choice(stage.say("map_measure"), measures, state.measure, (/** @type {Measure} */ name) => {
        state.measure = name;
        this.draw();
      }));
  }

  /** Drawn anew only when the run, the lane, the measure or the theme has changed; a step moves the cursor. */
  draw() {
    const { lane, stage } = this;
    const name = stage.state.measure;
    this.values = range(lane.S).map((r) => range(lane.L).map((i) => lane.measure(name, r, i)));
    const known = this.values.map((row) => row.filter((value) => value !== null));
    this.top = name === "entropy" ? Math.ceil(10 * known.flat().reduce((a, b) => Math.max(a, b), 0.1)) / 10 : 1;
    this.none.hidden = name !== "change" || lane.corrects;
    this.plot.setAttribute("aria-label", this.#summary(name, known));
    this.#read(null); // what the tip said was true of the map before
    this.#drawScale(name);
    this.#paint();
    this.show(stage.state.n);
  }

  /** @param {Measure} name @param {number[][]} known */
  #summary(name, known) {
    const { lane, stage } = this;
    const rows = known.filter((row) => row.length > 0);
    const mean = (/** @type {number[]} */ row) => fixed(row.reduce((a, b) => a + b, 0) / row.length);
    const values = { measure: stage.say(`map_${name}`), lane: stage.nameOf(lane), rows: lane.S, columns: lane.L };
    if (rows.length === 0) return stage.say("map_summary_empty", values);
    return stage.say("map_summary", { ...values, first: mean(rows[0]), last: mean(rows[rows.length - 1]) });
  }

  #colour() { return ramp(stopsOf(this.stage.root, "amounts"), 0, this.top); }

  /** In the screen's own pixels, each cell on whole ones, so that no row is blurred or wider than the next. A run that
   *  is being written fills it from the top. */
  #paint() {
    const { lane, plot } = this;
    const density = devicePixelRatio || 1;
    const [width, height] = [plot.clientWidth, plot.clientHeight].map((size) => Math.round(size * density));
    if (width === 0 || height === 0) return;
    Object.assign(this.canvas, { width, height });
    this.words.show(lane, plot.clientWidth);
    const pen = penOf(this.canvas);
    const colour = this.#colour();
    const style = getComputedStyle(this.stage.root);
    const x = (/** @type {number} */ i) => Math.round((i * width) / lane.L);
    const y = (/** @type {number} */ r) => Math.round((r * (height - TICK * density)) / lane.planned);
    pen.fillStyle = hatching(pen, style.getPropertyValue("--line"), density);
    pen.fillRect(0, 0, width, y(lane.S));
    for (const [r, row] of this.values.entries()) {
      for (const [i, value] of row.entries()) {
        if (value === null) continue;
        pen.fillStyle = colour(value);
        pen.fillRect(x(i), y(r), x(i + 1) - x(i), y(r + 1) - y(r));
      }
    }
    pen.fillStyle = style.color;
    for (const [i, writes] of lane.writes.entries()) {
      const wide = Math.max(density, Math.round((x(i + 1) - x(i)) * TICK_SHARE));
      const left = Math.round((x(i) + x(i + 1) - wide) / 2);
      for (const r of writes) pen.fillRect(left, y(r + 1) + density, wide, (TICK - 2) * density);
    }
  }

  /** @param {Measure} name */
  #drawScale(name) {
    this.scale.replaceChildren(
      h("span", { textContent: "0" }),
      rampBar(this.#colour(), [0, this.top], BAR),
      h("span", { textContent: fixed(this.top, name === "entropy" ? 1 : 0) }),
      h("span", { className: "unit" }, term(this.stage, `map_${name}_scale`)));
  }

  /** The cursor frames the rows that this step added: none, one, or several for a lane with finer steps.
   *  @param {number} n */
  show(n) {
    const { lane, stage } = this;
    const [from, to] = [n > 0 ? lane.done[n - 1] : 0, lane.done[n]];
    const share = (/** @type {number} */ r) => `calc((100% - ${TICK}px) * ${r / lane.planned})`;
    this.cursor.style.top = share(from);
    this.cursor.style.height = share(to - from);
    const held = stage.state.locked?.lane === stage.state.mapLane ? stage.state.locked : null;
    this.column.hidden = held === null;
    if (held === null) return;
    this.column.style.left = `${(100 * held.position) / lane.L}%`;
    this.column.style.width = `${100 / lane.L}%`;
  }

  // ── reading a cell ──────────────────────────────────────────────────────────────
  /** @param {MouseEvent} event @returns {At | null} */
  #at(event) {
    const { lane } = this;
    const box = this.canvas.getBoundingClientRect();
    const r = Math.floor(((event.clientY - box.top) / (box.height - TICK)) * lane.planned);
    const i = Math.floor(((event.clientX - box.left) / box.width) * lane.L);
    return r >= 0 && r < lane.S && i >= 0 && i < lane.L ? { r, i } : null;
  }

  /** @param {At | null} at */
  #read(at) {
    const { lane, tip } = this;
    tip.hidden = !at;
    if (!at) return;
    tip.textContent = this.#said(at);
    const [left, below] = [at.i < lane.L / 2, at.r < lane.planned / 2];
    const [x, y] = [(/** @type {number} */ i) => (100 * i) / lane.L, (/** @type {number} */ r) => (100 * r) / lane.planned];
    Object.assign(tip.style, {
      left: left ? `${x(at.i + 1)}%` : "auto",
      right: left ? "auto" : `${100 - x(at.i)}%`,
      top: below ? `${y(at.r + 1)}%` : "auto",
      bottom: below ? "auto" : `${100 - y(at.r)}%`,
    });
  }

  /** @param {At} at */
  #said({ r, i }) {
    const { lane, stage } = this;
    const value = this.values[r][i];
    const [now, last] = [r, lane.S].map((row) => lane.row(row)[i]);
    const seen = now !== lane.mask && value === null;
    const values = { n: lane.stateAfter(r), i: i + 1, token: stage.text.token(seen ? now : last) };
    if (value === null) return stage.say(seen ? "map_visible" : "map_absent", values);
    return stage.say("map_value", { ...values, value: fixed(value) });
  }

  /** @param {At | null} at */
  #jump(at) {
    if (!at) return;
    const { stage } = this;
    stage.go(this.lane.stateAfter(at.r));
    stage.lock({ lane: stage.state.mapLane, position: at.i });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const move = ARROWS[event.key];
    const { lane, stage } = this;
    if (!move || lane.S === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const held = stage.state.locked?.lane === stage.state.mapLane ? stage.state.locked.position : 0;
    const at = { r: clamp(lane.record(stage.state.n) + move[0], 0, lane.S - 1), i: clamp(held + move[1], 0, lane.L - 1) };
    this.#jump(at);
    this.#read(at);
  }
}
