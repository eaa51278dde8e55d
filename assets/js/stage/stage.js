// @ts-check
// The stage: plays one recorded run, token by token, in the app and in a saved page.
//
// Data flows one way: run file -> Lane (typed arrays and questions about them) -> views that are told to show state n.
// Nothing here talks to a server, and no text from a run is ever parsed as HTML.
import { h } from "../dom.js";
import { Lane, firstDivergence } from "../lane.js";
import { clamp } from "../numbers.js";
import { followTheme } from "../theme.js";
import { Words } from "../words.js";
import { Clock } from "./clock.js";
import { Header } from "./header.js";
import { HeatMap } from "./heatmap.js";
import { Inspector } from "./inspector.js";
import { keysDialog, onKey } from "./keys.js";
import { LaneView } from "./laneview.js";
import { legend } from "./legend.js";
import { Narrator } from "./narrator.js";
import { begin, firstState, lastState, sameShell } from "./state.js";
import { Strip } from "./strip.js";
import { cardOfTerm } from "./term.js";
import { Terms } from "./terms.js";
import { Text } from "./text.js";
import { Transport } from "./transport.js";

/** @typedef {import("./state.js").Data} Data */
/** @typedef {import("./state.js").Place} Place */

const GLANCE = 150; // ms

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {Data} data
   * @param {import("./state.js").Hooks} hooks
   */
  constructor(root, data, hooks = {}) {
    this.root = root;
    this.hooks = hooks;
    this.data = data;
    this.words = wordsOf(data);
    this.lanes = lanesOf(data);
    this.text = new Text(data.run, data.facts.unseen, this.say("blank"));
    this.state = { ...firstState(), ...begin(data, this.lanes) };
    this.clock = new Clock(this);
    this.lastGlance = 0;
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.addEventListener("keydown", (event) => onKey(this, event));
    this.view = this.#build();
    this.#load();
    this.setDepth(this.state.depth);
    followTheme(root, () => this.view.map.draw()); // a canvas does not follow a stylesheet
    if (this.state.autoplay) this.play();
  }

  /** New data: another run starts anew; the same run, grown, goes on where the visitor is. @param {Data} data */
  update(data) {
    const before = this.data;
    const same = before.id === data.id;
    this.data = data;
    this.words = wordsOf(data);
    this.lanes = lanesOf(data);
    this.text = new Text(data.run, data.facts.unseen, this.say("blank"));
    if (!same) Object.assign(this.state, begin(data, this.lanes));
    else if (this.state.following) this.state.n = this.state.goal;
    this.state.n = Math.min(this.state.n, this.edge);
    const rebuilt = !same || !sameShell(before, data);
    if (rebuilt) this.view = this.#build();
    this.#load();
    if (rebuilt) this.setDepth(this.state.depth);
    if (!same && this.state.autoplay) this.play();
    else if (!rebuilt) this.show();
  }

  get run() { return this.data.run; }
  get vocabulary() { return this.data.run.vocabulary; }
  get T() { return this.data.run.config.num_steps; }

  /** The last state that all lanes have. */
  get edge() { return lastState(this.lanes); }

  /** The first state at which the first two lanes differ, or -1. */
  get divergence() { return this.lanes.length > 1 ? firstDivergence(this.lanes[0], this.lanes[1]) : -1; }

  /** @param {import("../words.js").Key<"stage">} key @param {import("../words.js").Values} [values] */
  say(key, values) { return this.words.say(key, values); }

  /** A sampler's name. @param {Lane} lane */
  nameOf({ sampler }) { return this.data.samplers[sampler].label; }

  // ── moving ──────────────────────────────────────────────────────────────────────
  /** @param {number} n */
  go(n, { byHand = true } = {}) {
    this.state.n = clamp(n, 0, this.edge);
    if (this.state.n !== this.state.spot) this.state.spot = -1;
    if (byHand) {
      this.state.playing = false;
      this.#follow();
    }
    this.show();
  }

  /** A visitor at the live edge goes on with it; one who has scrubbed away is left alone. */
  #follow() {
    this.state.following = Boolean(this.data.live) && this.state.n >= this.edge;
    this.state.goal = this.state.following ? Infinity : this.state.n;
  }

  play() {
    if (this.state.n >= this.edge && !this.data.live) this.state.n = 0;
    this.state.playing = true;
    this.clock.start();
    this.#follow();
    this.show();
  }

  pause() {
    this.state.playing = false;
    this.state.following = false;
    this.show();
  }

  toggle() {
    if (this.state.playing) this.pause();
    else this.play();
  }

  toggleLoop() {
    this.state.loop = !this.state.loop;
    this.view.transport.showLoop();
  }

  /** To the first state at which the lanes differ, with the places ringed. */
  toDivergence() {
    const n = this.divergence;
    if (n < 0) return;
    this.state.spot = n;
    this.go(n);
  }

  // ── choosing a word ─────────────────────────────────────────────────────────────
  /** Hold the next or previous word. @param {number} by */
  moveLock(by) {
    const at = this.selection() ?? { lane: this.state.mapLane, position: 0 };
    const L = this.lanes[at.lane].L;
    this.lock({ lane: at.lane, position: (at.position + by + L) % L });
  }

  /** Hold a word, or with null let it go. @param {Place | null} place */
  lock(place) {
    this.state.locked = place;
    this.show();
  }

  /** @param {Place} place */
  click(place) {
    const held = this.state.locked;
    this.lock(held?.lane === place.lane && held.position === place.position ? null : place);
  }

  /** @param {Place | null} place */
  hover(place) {
    this.state.hovered = place;
    if (!this.state.locked) this.#showSelection();
  }

  /** What the inspector looks at: held, pointed at, or the word of this step that changed most. */
  selection() {
    const { locked, hovered } = this.state;
    const fits = (/** @type {Place | null} */ at) => at !== null && at.position < (this.lanes[at.lane]?.L ?? 0);
    return [locked, hovered].find(fits) ?? this.#mostChanged();
  }

  #mostChanged() {
    const index = Math.max(0, this.lanes.findIndex((lane) => lane.corrects));
    const lane = this.lanes[index];
    if (lane.done[this.state.n] === 0) return null;
    const r = lane.record(this.state.n);
    let best = null;
    for (const [position, writes] of lane.writes.entries()) {
      if (!writes.includes(r)) continue;
      const change = lane.change(r, position);
      if (!best || change > best.change) best = { lane: index, position, change };
    }
    return best;
  }

  /** @param {import("./state.js").Depth} depth */
  setDepth(depth) {
    this.state.depth = depth;
    this.root.dataset.depth = depth;
    this.view.header.showDepth();
    this.view.narrator.reserve();
    this.show();
  }

  // ── building and showing ────────────────────────────────────────────────────────
  #build() {
    const view = {
      header: new Header(this),
      narrator: new Narrator(this),
      lanes: this.lanes.map((lane, index) => new LaneView(this, lane, index)),
      transport: new Transport(this),
      map: new HeatMap(this),
      inspector: new Inspector(this),
      terms: new Terms(this),
      strip: new Strip(this),
      keys: keysDialog(this.words),
      card: cardOfTerm(),
    };
    const lanes = view.lanes.map(({ element }) => element);
    this.root.setAttribute("aria-label", this.say("stage"));
    this.root.replaceChildren(
      view.header.element,
      view.transport.element, // above the text, which may be long
      view.narrator.element,
      h("div", { className: "lanes", data: { count: String(lanes.length) } }, ...lanes),
      view.transport.options,
      legend(this.words),
      h("div", { className: "panels" }, view.map.element, view.inspector.element, view.terms.element),
      view.strip.element,
      view.keys,
      view.card,
    );
    return view;
  }

  /** Newer numbers on the same page: nothing is built again, so focus, dialog and scrolling stay. */
  #load() {
    const { header, transport, lanes, narrator, map, strip } = this.view;
    header.load();
    transport.load();
    for (const [index, view] of lanes.entries()) view.load(this.lanes[index]);
    narrator.reserve();
    map.draw();
    strip.load();
  }

  show() {
    const { n, playing } = this.state;
    const { transport, narrator, lanes, map } = this.view;
    transport.show(n);
    narrator.show(n);
    for (const view of lanes) view.show(n);
    map.show(n);
    // While a run plays, nobody reads a table that lasts for less than a glance.
    const now = performance.now();
    if (playing && n < this.edge && now - this.lastGlance < GLANCE) return;
    this.lastGlance = now;
    this.#showSelection();
  }

  #showSelection() {
    const at = this.selection();
    this.view.inspector.show(this.state.n, at);
    this.view.terms.show(this.state.n, at);
  }
}

/** @param {Data} data @returns {Words<"stage">} */
const wordsOf = (data) => new Words(data.strings);

/** @param {Data} data */
const lanesOf = ({ run, facts }) => run.lanes.map((raw) => new Lane(raw, run, facts));
