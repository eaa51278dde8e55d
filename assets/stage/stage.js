// The stage: plays one recorded run, token by token, in the app and in a saved page.
//
// Data flows one way: run file -> Lane (typed arrays and questions about them) -> views that are told
// to show state n. State n is what stands after n of the T time steps, 0 <= n <= T. Nothing here talks
// to a server, and no text from a run is ever parsed as HTML.

const STRINGS = /* strings:begin */ {
  "stage": "Stage",
  "replay": "Replay",
  "replay_title": "Recorded earlier on {device} in {dtype}",
  "computed": "Computed here",
  "live": "Being written",
  "depth": "Reading depth",
  "story": "Story",
  "numbers": "Numbers",
  "maths": "Maths",
  "mdlm": "Independent",
  "mdlm_about": "each word drawn on its own",
  "edlm": "Energy-corrected",
  "edlm_about": "{K} complete drafts a step, judged as a whole",
  "ar": "Autoregressive",
  "ar_about": "one word at a time, left to right",
  "first": "First step",
  "back": "One step back",
  "play": "Play",
  "pause": "Pause",
  "forward": "One step forward",
  "last": "Last step",
  "speed": "Speed",
  "loop": "Loop",
  "drafts": "Show drafts",
  "divergence": "First divergence",
  "divergence_none": "The two lanes never differ so far",
  "scrubber": "Time step",
  "step_of": "step {n} of {T}",
  "time": "t = {t}",
  "keys": "Keys",
  "close": "Close",
  "keys_play": "play or pause",
  "keys_step": "one step back or forward",
  "keys_ends": "first or last step",
  "keys_position": "previous or next word in the inspector",
  "keys_release": "let the held word go",
  "keys_divergence": "first divergence",
  "keys_loop": "loop",
  "keys_depth": "Story, Numbers, Maths",
  "keys_help": "this list",
  "copy_link": "Copy link",
  "copied": "Link copied",
  "copy_by_hand": "Copy this link",
  "legend": "Legend",
  "legend_masked": "masked",
  "legend_draft": "draft, not kept",
  "legend_now": "revealed now",
  "legend_kept": "kept",
  "legend_energy": "changed by the energy",
  "legend_fixed": "fixed by the prompt",
  "legend_differs": "differs between lanes",
  "map": "Every step, every position",
  "map_lane": "Lane",
  "map_measure": "Measure",
  "map_entropy": "Uncertainty",
  "map_confidence": "Confidence",
  "map_change": "Change by the energy",
  "map_entropy_scale": "nats, lower = more certain",
  "map_confidence_scale": "probability of the likeliest word, higher = more certain",
  "map_change_scale": "0 = no change, 1 = all changed; estimated from the drafts",
  "map_axes": "Rows: steps, the first on top. Columns: positions in the text. Empty: already written.",
  "map_summary": "Heat-map of {measure} for the lane {lane}: {rows} steps by {columns} positions.",
  "map_hint": "Point at the map to read a value, click to go there.",
  "map_value": "step {n}, position {i}, “{token}”: {value}",
  "map_visible": "step {n}, position {i}, “{token}”: already written",
  "inspector": "Why this word?",
  "inspector_auto": "The word of this step that the energy changed most. Point at another, or click to hold it.",
  "inspector_hover": "Preview. Click to hold this word.",
  "inspector_locked": "Held. Click it again or press Esc to let it go.",
  "inspector_where": "{lane}, position {i}",
  "inspector_revealed": "Written at step {n}; shown as of then.",
  "inspector_masked": "Still masked after step {n}.",
  "inspector_fixed": "Fixed by the prompt: nothing was drawn here.",
  "inspector_empty": "No word has been written yet: press Play.",
  "word": "word",
  "marginal": "alone (marginal)",
  "corrected": "energy-corrected",
  "shift": "shift",
  "estimated": "Energy-corrected: estimated from K = {K} drafts; the thin line is their share before weighing. Shift in percentage points. A dash: not among the model's own top 8.",
  "no_energy": "No energy in this lane: the word is drawn from the marginal itself.",
  "no_energy_here": "The energy did not act at this step: the first draft was taken.",
  "written": "written",
  "first_draft": "first draft",
  "story_same": "Alone, the model would say “{marginal}” ({p}). The energy has nothing against it.",
  "story_shift": "Alone, the model would say “{marginal}” ({p}). Judging whole drafts, the energy prefers “{corrected}”.",
  "story_alone": "Alone, the model would say “{marginal}” ({p}).",
  "n_entropy": "entropy {value} nats",
  "n_ess": "ESS {value} of {K}",
  "n_weight": "weight of the chosen draft {value}",
  "n_energy": "energy {chosen}, first draft {first}, lowest {best} nats (lower = more coherent)",
  "draft": "draft",
  "energy": "E",
  "log_q": "log q",
  "weight": "w",
  "chosen": "chosen",
  "narrate_start": "All is masked. Both lanes will fill in the same places at the same steps.",
  "narrate_start_one": "All is masked.",
  "narrate_fixed": "The prompt stands; everything else is masked.",
  "narrate_empty": "Step {n} of {T}: no place was due at this step.",
  "narrate_step": "Step {n} of {T}: {count} places are filled in at once.",
  "narrate_took": "The energy passed over the first of {K} drafts and took draft {k}.",
  "narrate_agreed": "The energy kept the first of {K} drafts.",
  "narrate_end": "Finished.",
  "narrate_partial": "This run was stopped here.",
  "strip": "What it took, what came out",
  "strip_lane": "lane",
  "strip_calls": "network calls",
  "strip_calls_title": "Passes of the writing network, and of the energy",
  "strip_seconds": "seconds",
  "strip_smollm2": "SmolLM2 judge",
  "strip_ar": "own judge",
  "strip_judge_title": "Nats per token under this language model; lower = more fluent",
  "strip_self": "self-judged",
  "strip_entropy": "entropy",
  "strip_entropy_title": "Nats, of the words in the text; low = repetitive",
  "strip_repeated": "repeated words",
  "strip_repeated_title": "Share of words that stand among the three words before them; lower = less stuttering",
  "strip_flips": "energy acted",
  "strip_flips_title": "Steps at which the draft taken was not the first draw",
  "strip_later": "Measured when the run is finished",
  "strip_unmeasured": "Not measured: this judge was not loaded",
  "strip_no_energy": "No energy in this lane",
  "strip_directions": "Judges: nats per token, lower = more fluent. Read them beside entropy: dull text is cheap."
} /* strings:end */;

const ALTERNATIVES = 8;
const EPSILON = 1e-6;

// ── the run, decoded ──────────────────────────────────────────────────────────────
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const u16 = (text) => new Uint16Array(bytesOf(text).buffer);
const f32 = (text) => new Float32Array(bytesOf(text).buffer);

/** One sampler's lane: arrays as the run file lays them out, and what the views ask of them. */
class Lane {
  constructor(raw, run) {
    this.sampler = raw.sampler;
    this.raw = raw;
    this.S = raw.steps;
    this.L = raw.length;
    this.K = raw.candidates;
    this.T = run.config.num_steps;
    this.mask = run.vocabulary.length - 1;
    this.x = u16(raw.x);
    this.marginalId = u16(raw.marginal_id);
    this.marginalP = u16(raw.marginal_p);
    this.entropy = u16(raw.entropy);
    this.candidate = u16(raw.candidate);
    this.logQ = f32(raw.log_q);
    this.energy = f32(raw.energy);
    this.weight = f32(raw.weight);
    // How many of its records are done at state n; lanes with other steps meet on the time axis.
    this.done = Array.from({ length: this.T + 1 }, (_, n) => raw.s.filter((s) => s >= 1 - n / this.T - EPSILON).length);
    this.revealedBy = Array.from({ length: this.L }, (_, i) => this.#revealRecord(i)); // -1 fixed, S not yet
    this.complete = this.row(this.S).every((id) => id !== this.mask);
    this.edge = this.complete ? this.T : Math.round(this.T * (1 - (raw.s.at(-1) ?? 1)));
  }

  #revealRecord(i) {
    for (let r = 0; r <= this.S; r++) if (this.x[r * this.L + i] !== this.mask) return r - 1;
    return this.S;
  }

  row(r) { return this.x.subarray(r * this.L, (r + 1) * this.L); }
  token(n, i) { return this.x[this.done[n] * this.L + i]; }
  isFixed(i) { return this.revealedBy[i] < 0; }
  /** The record that led to state n; the first one at the start; -1 before any is done. */
  record(n) { return Math.min(Math.max(this.done[n] - 1, 0), this.S - 1); }
  /** First state at which position i is visible. */
  stateOf(i) { return this.revealedBy[i] < 0 ? 0 : this.done.findIndex((d) => d > this.revealedBy[i]); }
  drawn(r, k, i) { return this.candidate[(r * this.K + k) * this.L + i]; }
  weightOf(r, k) { return this.weight[r * this.K + k]; }
  hasEnergy(r) { return this.raw.num_candidates[r] > 1; }

  /** True where the token that was revealed is not what the first draw had there. */
  changedByEnergy(i) {
    const r = this.revealedBy[i];
    return r >= 0 && r < this.S && this.drawn(r, 0, i) !== this.drawn(r, this.raw.chosen[r], i);
  }

  marginal(r, i) {
    const at = (r * this.L + i) * ALTERNATIVES;
    return Array.from({ length: ALTERNATIVES }, (_, a) => [this.marginalId[at + a], this.marginalP[at + a] / 65535])
      .filter(([, p]) => p > 0);
  }

  /** Token -> {weighted, share} at position i: the candidates with and without their weights. */
  corrected(r, i) {
    const tokens = new Map();
    const K = this.raw.num_candidates[r];
    for (let k = 0; k < K; k++) {
      const id = this.drawn(r, k, i);
      const entry = tokens.get(id) ?? { weighted: 0, share: 0 };
      entry.weighted += this.weightOf(r, k);
      entry.share += 1 / K;
      tokens.set(id, entry);
    }
    return tokens;
  }

  /** Total variation between weighted and unweighted candidates at position i, 0..1. */
  change(r, i) {
    if (!this.hasEnergy(r)) return 0;
    let sum = 0;
    for (const { weighted, share } of this.corrected(r, i).values()) sum += Math.abs(weighted - share);
    return sum / 2;
  }

  ess(r) {
    let squares = 0;
    for (let k = 0; k < this.raw.num_candidates[r]; k++) squares += this.weightOf(r, k) ** 2;
    return 1 / squares;
  }

  /** A heat-map measure at record r, position i; null where the token is already visible. */
  measure(name, r, i) {
    if (this.x[r * this.L + i] !== this.mask) return null;
    const at = r * this.L + i;
    if (name === "entropy") return this.entropy[at] / 1000;
    return name === "confidence" ? this.marginalP[at * ALTERNATIVES] / 65535 : this.change(r, i);
  }
}

/** First state at which two lanes show different tokens in one place, or -1. */
function firstDivergence(a, b) {
  let first = Infinity;
  for (let i = 0; i < a.L; i++) {
    const [m, n] = [a.stateOf(i), b.stateOf(i)];
    if (m >= 0 && n >= 0 && a.token(Math.max(m, n), i) !== b.token(Math.max(m, n), i)) first = Math.min(first, Math.max(m, n));
  }
  return Number.isFinite(first) ? first : -1;
}

// ── tokens as text ────────────────────────────────────────────────────────────────
const FRAGMENT = /^⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩$/;

/** What a token looks like inside its cell; the space before a word is the cell's margin. */
function visible(word) {
  if (/^ +$/.test(word)) return "·".repeat(word.length);
  return word.replace(/^ /, "").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

/** The words of a row, with neighbouring fragments of a character joined in the first one's cell. */
function spell(row, words, endOfText) {
  const out = Array.from(row, (id) => (id === endOfText ? "∎" : visible(words[id])));
  for (let i = 0; i < row.length; i++) {
    const bytes = [];
    for (let j = i; j < row.length && j < i + 4; j++) {
      const match = FRAGMENT.exec(words[row[j]]);
      if (!match) break;
      bytes.push(...match[1].split(" ").map((b) => parseInt(b, 16)));
      const text = decodeUtf8(bytes);
      if (text === null) continue;
      out[i] = visible(text);
      for (let m = i + 1; m <= j; m++) out[m] = "";
      i = j;
      break;
    }
  }
  return out;
}

function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}

// ── small tools for the DOM ───────────────────────────────────────────────────────
/** An element with properties, attributes (in `aria`, `data`, `attr`) and children; text never as HTML. */
function h(tag, { aria = {}, data = {}, attr = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  for (const [name, value] of Object.entries(attr)) element.setAttribute(name, value);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const ICONS = {
  first: "M5 5h2v14H5zM19 5v14l-10-7z", back: "M17 5v14l-10-7z", play: "M7 5v14l12-7z", pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  forward: "M7 5v14l10-7z", last: "M17 5h2v14h-2zM5 5v14l10-7z",
  loop: "M12 5V2L7.5 6 12 10V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
};

/** A drawn symbol: fonts disagree about the characters for play and pause. */
function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const percent = (p) => (p >= 0.9995 ? "100 %" : p < 0.0005 ? "0 %" : p < 0.1 ? `${(100 * p).toFixed(1)} %` : `${Math.round(100 * p)} %`);
const fixed = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

function choice(label, options, value, onChange) {
  const select = h("select", { onchange: () => onChange(select.value) });
  for (const [id, text] of options) select.append(h("option", { value: id, textContent: text, selected: id === value }));
  return h("label", { className: "choice" }, h("span", { textContent: label }), select);
}

// ── the stage ─────────────────────────────────────────────────────────────────────
class Stage {
  constructor(root, data) {
    this.root = root;
    this.state = { n: 0, playing: false, speed: 1, loop: false, drafts: true, depth: "story", measure: "entropy", mapLane: 0 };
    root.tabIndex = -1;
    root.addEventListener("keydown", (event) => this.#onKey(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#theme());
    this.update(data);
  }

  /** New data: another run starts anew; the same run, grown, goes on where the visitor is. */
  update(data) {
    const same = this.data?.id === data.id;
    this.data = data;
    this.run = data.run;
    this.words = data.run.vocabulary;
    this.lanes = data.run.lanes.map((raw) => new Lane(raw, data.run));
    this.T = data.run.config.num_steps;
    this.edge = Math.min(...this.lanes.map((lane) => lane.edge));
    this.divergence = this.lanes.length > 1 ? firstDivergence(this.lanes[0], this.lanes[1]) : -1;
    if (!same) this.#begin();
    else if (this.state.following) this.state.n = this.edge;
    this.state.n = Math.min(this.state.n, this.edge);
    this.#build();
    if (!same && this.state.autoplay) this.play();
    else this.show();
  }

  #begin() {
    const { start, live } = this.data;
    const energyLane = this.lanes.findIndex((lane) => lane.sampler === "edlm");
    Object.assign(this.state, {
      n: live ? this.edge : Math.min(Math.max(start?.step ?? 0, 0), this.edge),
      following: live, playing: false, hovered: null, locked: null,
      mapLane: Math.max(0, energyLane),
      autoplay: !live && !start && !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    if (start?.position != null) this.state.locked = { lane: start.lane ?? 0, position: start.position };
  }

  s(key, values = {}) {
    const text = this.data.strings?.[key] ?? STRINGS[key];
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  tokenText(id) {
    if (id === this.run.end_of_text) return "∎";
    return visible(this.words[id]) || "·";
  }

  // ── moving ──────────────────────────────────────────────────────────────────────
  go(n, { byHand = true } = {}) {
    this.state.n = Math.min(Math.max(n, 0), this.edge);
    if (byHand) {
      this.pause();
      this.state.following = this.data.live && this.state.n === this.edge;
    }
    this.show();
  }

  play() {
    if (this.state.n >= this.edge && !this.data.live) this.state.n = 0;
    this.state.playing = true;
    this.state.following = this.data.live && this.state.n >= this.edge;
    this.lastMove = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
    this.show();
  }

  pause() {
    if (!this.state.playing) return;
    this.state.playing = false;
    this.show();
  }

  #tick(now) {
    if (!this.state.playing || !this.root.isConnected) return;
    const pace = Math.min(550, Math.max(90, 7000 / this.T)) / this.state.speed; // ms a step
    if (now - this.lastMove >= pace) {
      this.lastMove = now;
      if (this.state.n < this.edge) this.go(this.state.n + 1, { byHand: false });
      else if (this.state.loop && !this.data.live) this.go(0, { byHand: false });
      else if (!this.data.live) return this.pause();
    }
    requestAnimationFrame((later) => this.#tick(later));
  }

  #onKey(event) {
    event.stopPropagation(); // Streamlit's own one-letter keys rerun the page or clear its caches
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("select, input:not([type=range]), [role=radio], dialog");
    const onButton = event.target.closest("button") && [" ", "Enter"].includes(event.key);
    if (typing || onButton) return;
    const actions = {
      " ": () => (this.state.playing ? this.pause() : this.play()),
      ArrowLeft: () => this.go(this.state.n - 1),
      ArrowRight: () => this.go(this.state.n + 1),
      Home: () => this.go(0),
      End: () => this.go(this.edge),
      ArrowUp: () => this.#moveLock(-1),
      ArrowDown: () => this.#moveLock(1),
      Escape: () => this.lock(null),
      "?": () => this.view.keys.showModal(),
      d: () => this.divergence >= 0 && this.go(this.divergence),
      l: () => this.toggleLoop(),
      1: () => this.setDepth("story"),
      2: () => this.setDepth("numbers"),
      3: () => this.setDepth("maths"),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #moveLock(by) {
    const at = this.selection() ?? { lane: this.state.mapLane, position: 0 };
    const L = this.lanes[at.lane].L;
    this.lock({ lane: at.lane, position: (at.position + by + L) % L }, { toggle: false });
  }

  lock(selection, { toggle = true } = {}) {
    const held = this.state.locked;
    const again = toggle && held && selection && held.lane === selection.lane && held.position === selection.position;
    this.state.locked = again ? null : selection;
    this.show();
  }

  hover(selection) {
    this.state.hovered = selection;
    if (!this.state.locked) this.inspector.show(this.state.n);
  }

  setDepth(depth) {
    this.state.depth = depth;
    this.root.dataset.depth = depth;
    for (const radio of this.view.depths.querySelectorAll("[role=radio]")) {
      radio.setAttribute("aria-checked", String(radio.dataset.depth === depth));
      radio.tabIndex = radio.dataset.depth === depth ? 0 : -1;
    }
    this.show();
  }

  toggleLoop() {
    this.state.loop = !this.state.loop;
    this.view.loop.setAttribute("aria-pressed", String(this.state.loop));
  }

  /** What the inspector looks at: held, pointed at, or the word of this step that changed most. */
  selection() {
    return this.state.locked ?? this.state.hovered ?? this.#mostChanged();
  }

  #mostChanged() {
    const laneIndex = Math.max(0, this.lanes.findIndex((lane) => lane.sampler === "edlm"));
    const lane = this.lanes[laneIndex];
    if (lane.done[this.state.n] === 0) return null;
    const r = lane.record(this.state.n);
    let best = null;
    for (let i = 0; i < lane.L; i++) {
      if (lane.revealedBy[i] !== r) continue;
      const change = lane.change(r, i);
      if (!best || change > best.change) best = { lane: laneIndex, position: i, change };
    }
    return best;
  }

  // ── building ────────────────────────────────────────────────────────────────────
  #build() {
    const focused = this.root.contains(this.root.getRootNode().activeElement) ? this.root.getRootNode().activeElement.dataset.name : null;
    this.view = {};
    this.laneViews = this.lanes.map((lane, index) => new LaneView(this, lane, index));
    this.map = new HeatMap(this);
    this.inspector = new Inspector(this);
    this.root.replaceChildren(
      this.#header(),
      (this.view.narrator = h("p", { className: "narrator" })),
      h("div", { className: "lanes", data: { count: String(this.lanes.length) } }, ...this.laneViews.map((view) => view.element)),
      this.#transport(),
      this.#legend(),
      h("div", { className: "panels" }, this.map.element, this.inspector.element),
      this.#strip(),
      this.#keys(),
    );
    this.#theme();
    this.setDepth(this.state.depth);
    this.map.draw();
    if (focused) this.root.querySelector(`[data-name="${focused}"]`)?.focus();
  }

  #theme() {
    const [r, g, b] = getComputedStyle(this.root).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
    this.root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  }

  #header() {
    const { replay, live } = this.data;
    const badge = h("span", {
      className: "badge",
      textContent: this.s(live ? "live" : replay ? "replay" : "computed"),
      title: replay ? this.s("replay_title", { device: this.run.device, dtype: this.run.dtype }) : "",
    });
    this.view.depths = h("div", { className: "depths", attr: { role: "radiogroup" }, aria: { label: this.s("depth") } });
    for (const depth of ["story", "numbers", "maths"]) {
      const radio = h("button", { type: "button", textContent: this.s(depth), data: { depth, name: depth }, attr: { role: "radio" } });
      radio.onclick = () => this.setDepth(depth);
      radio.onkeydown = (event) => {
        const to = { ArrowRight: radio.nextSibling, ArrowLeft: radio.previousSibling }[event.key];
        if (!to) return;
        event.preventDefault();
        to.focus();
        to.click();
      };
      this.view.depths.append(radio);
    }
    const help = h("button", { type: "button", className: "quiet", textContent: "?", title: this.s("keys"), aria: { label: this.s("keys") }, data: { name: "help" } });
    help.onclick = () => this.view.keys.showModal();
    return h("header", {}, h("h2", { textContent: this.run.title }), badge, h("span", { className: "gap" }), this.view.depths,
      this.data.link ? this.#copyLink() : null, help);
  }

  #copyLink() {
    const button = h("button", { type: "button", className: "quiet", textContent: this.s("copy_link"), data: { name: "link" } });
    button.onclick = async () => {
      const url = `${location.origin}${location.pathname}${this.data.link}&at=${this.state.n}`;
      try {
        await navigator.clipboard.writeText(url);
        button.textContent = this.s("copied");
        setTimeout(() => (button.textContent = this.s("copy_link")), 2000);
      } catch {
        const field = h("input", { className: "link", readOnly: true, value: url, aria: { label: this.s("copy_by_hand") } });
        button.replaceWith(field);
        field.select();
      }
    };
    return button;
  }

  #transport() {
    const button = (name, action) => {
      const element = h("button", { type: "button", title: this.s(name), aria: { label: this.s(name) }, data: { name } }, icon(name));
      element.onclick = action;
      return element;
    };
    const view = this.view;
    view.play = button("play", () => (this.state.playing ? this.pause() : this.play()));
    view.loop = button("loop", () => this.toggleLoop());
    view.loop.setAttribute("aria-pressed", String(this.state.loop));
    view.scrubber = h("input", { type: "range", min: 0, max: this.T, step: 1, aria: { label: this.s("scrubber") }, data: { name: "scrubber" } });
    view.scrubber.oninput = () => this.go(Number(view.scrubber.value));
    view.readout = h("output", { className: "readout" });
    const drafts = h("input", { type: "checkbox", checked: this.state.drafts, data: { name: "drafts" } });
    drafts.onchange = () => { this.state.drafts = drafts.checked; this.show(); };
    const divergence = h("button", { type: "button", className: "wide", textContent: this.s("divergence"), data: { name: "divergence" }, disabled: this.divergence < 0, title: this.divergence < 0 ? this.s("divergence_none") : "" });
    divergence.onclick = () => this.go(this.divergence);
    const speeds = [["0.5", "0.5×"], ["1", "1×"], ["2", "2×"], ["4", "4×"]];
    return h("div", { className: "transport" },
      h("div", { className: "buttons" },
        button("first", () => this.go(0)), button("back", () => this.go(this.state.n - 1)), view.play,
        button("forward", () => this.go(this.state.n + 1)), button("last", () => this.go(this.edge)), view.loop),
      view.scrubber, view.readout,
      h("div", { className: "options" }, divergence,
        choice(this.s("speed"), speeds, String(this.state.speed), (value) => (this.state.speed = Number(value))),
        h("label", { className: "choice" }, drafts, h("span", { textContent: this.s("drafts") }))));
  }

  #legend() {
    const item = (classes, sample, key) => h("li", {},
      h("span", { className: `token ${classes}`, aria: { hidden: "true" } }, h("span", { className: "final", textContent: sample })),
      h("span", { textContent: this.s(key) }));
    return h("ul", { className: "legend", aria: { label: this.s("legend") } },
      item("masked", "mm", "legend_masked"), item("draft", "so", "legend_draft"), item("now", "so", "legend_now"),
      item("kept", "so", "legend_kept"), item("kept energy", "so", "legend_energy"),
      item("kept differs", "so", "legend_differs"), item("fixed", "so", "legend_fixed"));
  }

  #keys() {
    const rows = [["Space", "keys_play"], ["← →", "keys_step"], ["Home End", "keys_ends"], ["↑ ↓", "keys_position"],
      ["Esc", "keys_release"], ["D", "keys_divergence"], ["L", "keys_loop"], ["1 2 3", "keys_depth"], ["?", "keys_help"]];
    const close = h("button", { type: "button", className: "wide", textContent: this.s("close") });
    const title = h("h3", { textContent: this.s("keys") });
    this.view.keys = h("dialog", { className: "keys", aria: { label: this.s("keys") } }, title,
      h("dl", {}, ...rows.flatMap(([key, text]) => [h("dt", {}, h("kbd", { textContent: key })), h("dd", { textContent: this.s(text) })])), close);
    close.onclick = () => this.view.keys.close();
    return this.view.keys;
  }

  #strip() {
    const columns = ["calls", "seconds", "smollm2", "ar", "entropy", "repeated", "flips"];
    const titles = { smollm2: "strip_judge_title", ar: "strip_judge_title" };
    const head = h("tr", {}, h("th", { textContent: this.s("strip_lane"), attr: { scope: "col" } }),
      ...columns.map((name) => {
        const title = titles[name] ?? `strip_${name}_title`;
        return h("th", { textContent: this.s(`strip_${name}`), title: STRINGS[title] ? this.s(title) : "", attr: { scope: "col" } });
      }));
    const rows = this.lanes.map((lane) => h("tr", {}, h("th", { textContent: this.s(lane.sampler), attr: { scope: "row" } }),
      ...columns.map((name) => this.#stripCell(lane, name))));
    return h("section", { className: "strip", aria: { label: this.s("strip") } }, h("h3", { textContent: this.s("strip") }),
      h("div", { className: "scroll", tabIndex: 0, attr: { role: "region" }, aria: { label: this.s("strip") } },
        h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))),
      h("p", { className: "note", textContent: this.s("strip_directions") }));
  }

  #stripCell(lane, name) {
    const raw = lane.raw;
    const measured = { smollm2: "judge_nll_smollm2", ar: "judge_nll_ar", entropy: "entropy", repeated: "repeated_words", flips: "flips" }[name];
    const value = raw.measures[measured];
    if (name === "calls") {
      const calls = raw.energy_calls ? `${raw.denoiser_calls} + ${raw.energy_calls}` : String(raw.denoiser_calls);
      return h("td", { textContent: calls });
    }
    if (name === "seconds") return h("td", { textContent: fixed(raw.seconds) });
    if (name === "flips" && lane.sampler !== "edlm") return this.#absent("strip_no_energy");
    if (value === undefined) return this.#absent(this.data.live ? "strip_later" : "strip_unmeasured");
    if (name === "repeated" || name === "flips") return h("td", { textContent: percent(value) });
    const own = (lane.sampler === "edlm" && this.run.energy === name) || (lane.sampler === "ar" && name === "ar");
    return h("td", {}, fixed(value), own ? h("small", { textContent: this.s("strip_self") }) : null);
  }

  #absent(reason) {
    return h("td", { className: "absent", title: this.s(reason) }, "–", h("span", { className: "hidden", textContent: this.s(reason) }));
  }

  // ── showing a state ─────────────────────────────────────────────────────────────
  show() {
    const { n, playing } = this.state;
    const view = this.view;
    view.play.replaceChildren(icon(playing ? "pause" : "play"));
    view.play.title = this.s(playing ? "pause" : "play");
    view.play.setAttribute("aria-label", view.play.title);
    view.scrubber.value = n;
    const step = this.s("step_of", { n, T: this.T });
    const time = this.s("time", { t: fixed(1 - n / this.T) });
    view.readout.textContent = `${step} · ${time}`;
    view.scrubber.setAttribute("aria-valuetext", `${step}, ${time}`);
    view.narrator.textContent = this.#narrate(n);
    view.narrator.setAttribute("aria-live", playing ? "off" : "polite");
    for (const laneView of this.laneViews) laneView.show(n);
    this.map.show(n);
    this.inspector.show(n);
  }

  #narrate(n) {
    const lane = this.lanes.find((other) => other.sampler === "edlm") ?? this.lanes[0];
    if (n === 0) {
      if (lane.revealedBy.some((r) => r < 0)) return this.s("narrate_fixed");
      return this.s(this.lanes.length > 1 ? "narrate_start" : "narrate_start_one");
    }
    const r = lane.record(n);
    const count = lane.done[n] - lane.done[n - 1] ? lane.revealedBy.filter((at) => at >= lane.done[n - 1] && at < lane.done[n]).length : 0;
    const parts = [this.s(count ? "narrate_step" : "narrate_empty", { n, T: this.T, count })];
    if (count && lane.hasEnergy(r)) parts.push(...this.#narrateEnergy(lane, r));
    if (n === this.T && lane.complete) parts.push(this.s("narrate_end"));
    if (n === this.edge && n < this.T && !this.data.live) parts.push(this.s("narrate_partial"));
    return parts.join(" ");
  }

  #narrateEnergy(lane, r) {
    const K = lane.raw.num_candidates[r];
    const k = lane.raw.chosen[r];
    const at = (j) => fixed(lane.energy[r * lane.K + j], 1);
    const story = this.s(k ? "narrate_took" : "narrate_agreed", { K, k: k + 1 });
    if (this.state.depth === "story") return [story];
    const weight = fixed(lane.weightOf(r, k));
    if (this.state.depth === "numbers") {
      return [story, `${this.s("n_ess", { value: fixed(lane.ess(r), 1), K })}; ${this.s("n_weight", { value: weight })}.`];
    }
    const index = [...String(k + 1)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
    return [story, `w${index} = exp(−E${index}) / Σⱼ exp(−Eⱼ) = ${weight},  E${index} = log p_θ(x₀|x_t) − log p_AR(x₀) = ${at(k)} nats.`];
  }
}

// ── one lane of tokens ────────────────────────────────────────────────────────────
class LaneView {
  constructor(stage, lane, index) {
    Object.assign(this, { stage, lane, index });
    const final = lane.row(lane.S);
    this.final = spell(final, stage.words, stage.run.end_of_text);
    this.cells = Array.from({ length: lane.L }, (_, i) => this.#cell(i, final[i]));
    this.text = h("div", { className: "text", attr: { role: "img" } });
    for (const [i, cell] of this.cells.entries()) {
      this.text.append(cell.element);
      if (final[i] !== lane.mask && stage.words[final[i]].includes("\n")) this.text.append(h("br"));
    }
    // Cells are many: one listener a lane, found by delegation.
    const find = (event) => {
      const cell = event.target.closest?.(".token");
      return cell ? { lane: index, position: Number(cell.dataset.i) } : null;
    };
    this.text.onpointerover = (event) => stage.hover(find(event));
    this.text.onpointerleave = () => stage.hover(null);
    this.text.onclick = (event) => { const at = find(event); if (at) stage.lock(at); };
    const about = stage.s(`${lane.sampler}_about`, { K: lane.K });
    this.element = h("section", { className: "lane", data: { sampler: lane.sampler }, aria: { label: stage.s(lane.sampler) } },
      h("h3", {}, h("span", { textContent: stage.s(lane.sampler) }), h("small", { textContent: about })), this.text);
  }

  /** The finished word gives the cell its width, so that nothing moves while it is still hidden. */
  #cell(i, id) {
    const final = h("span", { className: "final", textContent: this.final[i] });
    const draft = h("span", { className: "guess", aria: { hidden: "true" } });
    const spaced = id !== this.lane.mask && /^ ./.test(this.stage.words[id]);
    const element = h("span", { data: { i: String(i) } }, final, draft);
    const base = id === this.lane.mask ? "token unknown" : spaced ? "token spaced" : "token"; // unknown: still being written
    return { element, final, draft, base, key: "" };
  }

  show(n) {
    const { lane, stage, index } = this;
    const other = stage.lanes.length > 1 && index < 2 ? stage.lanes[1 - index] : null;
    const rows = lane.done[n];
    const before = n > 0 ? lane.done[n - 1] : 0;
    const r = rows - 1;
    const words = lane.complete && n === lane.T ? this.final : spell(lane.row(rows), stage.words, stage.run.end_of_text);
    for (let i = 0; i < lane.L; i++) {
      const id = lane.token(n, i);
      const cell = this.cells[i];
      let classes = cell.base;
      let guess = "";
      if (id === lane.mask) {
        const drawn = r >= 0 ? lane.drawn(r, lane.raw.chosen[r], i) : lane.mask; // left to right drafts nothing ahead
        const shown = stage.state.drafts && drawn !== lane.mask;
        classes += shown ? " draft" : " masked";
        if (shown) guess = stage.tokenText(drawn);
      } else {
        const revealed = lane.revealedBy[i];
        classes += revealed < 0 ? " fixed" : revealed >= before && revealed < rows && n > 0 ? " now" : " kept";
        if (revealed >= 0 && lane.changedByEnergy(i)) classes += " energy";
        if (other && other.token(n, i) !== other.mask && other.token(n, i) !== id) classes += " differs";
        guess = words[i];
      }
      const held = stage.state.locked;
      if (held && held.lane === index && held.position === i) classes += " held";
      const key = `${classes}|${guess}`;
      if (key === cell.key) continue;
      cell.key = key;
      cell.element.className = classes;
      const masked = id === lane.mask;
      cell.draft.textContent = masked ? guess : "";
      cell.final.textContent = masked ? this.final[i] : guess;
    }
    if (!stage.state.playing) {
      this.text.setAttribute("aria-label", words.map((word, i) => (/^ ./.test(stage.words[lane.token(n, i)]) ? ` ${word}` : word)).join(""));
    }
  }
}

// ── the heat-map ──────────────────────────────────────────────────────────────────
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"]
  .map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

function ramp(share) {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return CIVIDIS[low].map((c, j) => Math.round(c + (CIVIDIS[low + 1][j] - c) * (at - low)));
}

class HeatMap {
  constructor(stage) {
    this.stage = stage;
    this.canvas = h("canvas");
    this.cursor = h("div", { className: "cursor" });
    this.value = h("p", { className: "note value", textContent: stage.s("map_hint") });
    this.scale = h("div", { className: "scale" });
    this.plot = h("div", { className: "plot", tabIndex: 0, attr: { role: "img" }, data: { name: "map" } }, this.canvas, this.cursor);
    this.plot.onpointermove = (event) => this.#read(event);
    this.plot.onpointerleave = () => { this.value.textContent = stage.s("map_hint"); };
    this.plot.onclick = (event) => this.#jump(event);
    const lanes = stage.lanes.map((lane, index) => [String(index), stage.s(lane.sampler)]);
    const measures = ["entropy", "confidence", "change"].map((name) => [name, stage.s(`map_${name}`)]);
    this.element = h("section", { className: "map", aria: { label: stage.s("map") } },
      h("h3", { textContent: stage.s("map") }),
      h("div", { className: "options" },
        choice(stage.s("map_lane"), lanes, String(stage.state.mapLane), (value) => { stage.state.mapLane = Number(value); this.draw(); }),
        choice(stage.s("map_measure"), measures, stage.state.measure, (value) => { stage.state.measure = value; this.draw(); })),
      this.plot, this.scale, this.value, h("p", { className: "note", textContent: stage.s("map_axes") }));
  }

  get lane() { return this.stage.lanes[this.stage.state.mapLane]; }

  /** One pixel a value; the browser enlarges it without smoothing. Redrawn only when lane or measure change. */
  draw() {
    const { lane, stage } = this;
    const name = stage.state.measure;
    const [rows, columns] = [Math.max(lane.S, 1), lane.L];
    this.canvas.width = columns;
    this.canvas.height = rows;
    let top = name === "entropy" ? 0 : 1;
    if (name === "entropy") for (const value of lane.entropy) top = Math.max(top, value / 1000);
    const image = new ImageData(columns, rows);
    for (let r = 0; r < lane.S; r++) {
      for (let i = 0; i < columns; i++) {
        const value = lane.measure(name, r, i);
        if (value !== null) image.data.set([...ramp(value / (top || 1)), 255], 4 * (r * columns + i));
      }
    }
    this.canvas.getContext("2d").putImageData(image, 0, 0);
    this.#drawScale(top, name);
    this.plot.setAttribute("aria-label", stage.s("map_summary", { measure: stage.s(`map_${name}`), lane: stage.s(lane.sampler), rows: lane.S, columns }));
    this.show(stage.state.n);
  }

  #drawScale(top, name) {
    const bar = h("canvas", { width: 64, height: 1, className: "ramp" });
    const image = new ImageData(64, 1);
    for (let x = 0; x < 64; x++) image.data.set([...ramp(x / 63), 255], 4 * x);
    bar.getContext("2d").putImageData(image, 0, 0);
    this.scale.replaceChildren(h("span", { textContent: "0" }), bar, h("span", { textContent: fixed(top, 1) }),
      h("span", { className: "unit", textContent: this.stage.s(`map_${name}_scale`) }));
  }

  show(n) {
    const done = this.lane.done[n];
    this.cursor.style.top = `${(100 * Math.max(done - 1, 0)) / Math.max(this.lane.S, 1)}%`;
    this.cursor.style.height = `${100 / Math.max(this.lane.S, 1)}%`;
    this.cursor.hidden = done === 0;
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const [r, i] = [((event.clientY - box.top) / box.height) * this.lane.S, ((event.clientX - box.left) / box.width) * this.lane.L].map(Math.floor);
    return r >= 0 && r < this.lane.S && i >= 0 && i < this.lane.L ? { r, i } : null;
  }

  #read(event) {
    const at = this.#at(event);
    if (!at) return;
    const { lane, stage } = this;
    const value = lane.measure(stage.state.measure, at.r, at.i);
    const token = stage.tokenText(lane.x[(value === null ? at.r : lane.S) * lane.L + at.i]);
    this.value.textContent = stage.s(value === null ? "map_visible" : "map_value", {
      n: this.#stateAfter(at.r), i: at.i + 1, token, value: fixed(value ?? 0),
    });
  }

  #jump(event) {
    const at = this.#at(event);
    if (!at) return;
    this.stage.state.locked = { lane: this.stage.state.mapLane, position: at.i };
    this.stage.go(this.#stateAfter(at.r));
  }

  #stateAfter(r) { return this.lane.done.findIndex((done) => done > r); }
}

// ── the inspector ─────────────────────────────────────────────────────────────────
class Inspector {
  constructor(stage) {
    this.stage = stage;
    this.body = h("div", { className: "body" });
    this.element = h("section", { className: "inspector", aria: { label: stage.s("inspector") } },
      h("h3", { textContent: stage.s("inspector") }), this.body);
  }

  show(n) {
    const { stage } = this;
    const at = stage.selection();
    if (!at) return this.#say("inspector_empty");
    const lane = stage.lanes[at.lane];
    const i = at.position;
    if (i >= lane.L || lane.S === 0) return this.#say("inspector_empty");
    const where = h("p", { className: "where" },
      h("strong", { textContent: stage.s("inspector_where", { lane: stage.s(lane.sampler), i: i + 1 }) }), " ",
      h("span", { className: "note", textContent: stage.s(stage.state.locked ? "inspector_locked" : stage.state.hovered ? "inspector_hover" : "inspector_auto") }));
    if (lane.isFixed(i)) return this.body.replaceChildren(where, h("p", { textContent: stage.s("inspector_fixed") }));
    const revealed = lane.revealedBy[i];
    const r = Math.min(revealed, lane.record(n));
    const written = revealed < lane.done[n];
    const status = written ? stage.s("inspector_revealed", { n: lane.stateOf(i) }) : stage.s("inspector_masked", { n });
    const rows = this.#rows(lane, r, i);
    if (rows.length === 0) return this.#say("inspector_empty");
    this.body.replaceChildren(where, h("p", { className: "status", textContent: `${status} ${this.#story(lane, r, rows)}` }),
      this.#table(lane, r, i, rows), h("p", { className: "note", textContent: this.#caveat(lane, r) }),
      ...(stage.state.depth === "story" ? [] : [this.#numbers(lane, r, i)]),
      ...(stage.state.depth === "maths" && lane.hasEnergy(r) ? [this.#candidates(lane, r, i)] : []));
  }

  #say(key) {
    this.body.replaceChildren(h("p", { textContent: this.stage.s(key) }));
  }

  /** The union of both columns' likeliest words, each word on one line. */
  #rows(lane, r, i) {
    const marginal = new Map(lane.marginal(r, i));
    const corrected = lane.hasEnergy(r) ? lane.corrected(r, i) : new Map();
    const ids = [...new Set([...marginal.keys(), ...corrected.keys()])];
    const rows = ids.map((id) => ({ id, p: marginal.get(id) ?? null, ...(corrected.get(id) ?? { weighted: 0, share: 0 }) }));
    const shown = (weight) => Math.round(1000 * weight); // what the eye can't tell apart is ordered by the marginal
    return rows.sort((a, b) => shown(b.weighted) - shown(a.weighted) || (b.p ?? 0) - (a.p ?? 0)).slice(0, ALTERNATIVES);
  }

  #story(lane, r, rows) {
    const { stage } = this;
    const alone = rows.reduce((best, row) => ((row.p ?? 0) > (best.p ?? 0) ? row : best));
    const values = { marginal: stage.tokenText(alone.id), p: percent(alone.p ?? 0), corrected: stage.tokenText(rows[0].id) };
    if (!lane.hasEnergy(r)) return stage.s("story_alone", values);
    return stage.s(rows[0].id === alone.id ? "story_same" : "story_shift", values);
  }

  #caveat(lane, r) {
    if (lane.sampler !== "edlm") return this.stage.s("no_energy");
    return lane.hasEnergy(r) ? this.stage.s("estimated", { K: lane.raw.num_candidates[r] }) : this.stage.s("no_energy_here");
  }

  #table(lane, r, i, rows) {
    const { stage } = this;
    const energy = lane.hasEnergy(r);
    const chosen = lane.drawn(r, lane.raw.chosen[r], i);
    const first = lane.drawn(r, 0, i);
    const head = ["word", "marginal", "corrected", "shift"].map((key) => h("th", { textContent: stage.s(key), attr: { scope: "col" } }));
    const body = rows.map((row) => {
      const marks = [lane.revealedBy[i] === r && row.id === chosen ? "written" : null, energy && row.id === first ? "first_draft" : null];
      const shift = energy && row.p !== null ? row.weighted - row.p : null;
      return h("tr", { className: row.id === chosen ? "chosen" : "" },
        h("th", { attr: { scope: "row" } }, h("span", { className: "word", textContent: stage.tokenText(row.id) }),
          ...marks.filter(Boolean).map((key) => h("small", { textContent: stage.s(key) }))),
        this.#bar(row.p, "alone"), this.#bar(energy ? row.weighted : null, "weighed", energy ? row.share : null),
        h("td", { className: "shift", textContent: shift === null ? "–" : `${shift >= 0 ? "▲" : "▼"} ${Math.abs(100 * shift).toFixed(0)}` }));
    });
    return h("table", { className: "compare" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body));
  }

  #bar(value, kind, tick = null) {
    if (value === null) return h("td", { className: "bar" }, h("span", { className: "amount", textContent: "–" }));
    const fill = h("span", { className: `fill ${kind}` });
    fill.style.width = `${100 * value}%`;
    const track = h("span", { className: "track" }, fill);
    if (tick !== null) {
      const mark = h("span", { className: "tick" });
      mark.style.left = `${100 * tick}%`;
      track.append(mark);
    }
    return h("td", { className: "bar" }, track, h("span", { className: "amount", textContent: percent(value) }));
  }

  #numbers(lane, r, i) {
    const { stage } = this;
    const parts = [stage.s("n_entropy", { value: fixed(lane.entropy[r * lane.L + i] / 1000) })];
    if (lane.hasEnergy(r)) {
      const K = lane.raw.num_candidates[r];
      const energies = Array.from(lane.energy.subarray(r * lane.K, r * lane.K + K));
      parts.push(stage.s("n_ess", { value: fixed(lane.ess(r), 1), K }),
        stage.s("n_weight", { value: fixed(lane.weightOf(r, lane.raw.chosen[r])) }),
        stage.s("n_energy", { chosen: fixed(energies[lane.raw.chosen[r]], 1), first: fixed(energies[0], 1), best: fixed(Math.min(...energies), 1) }));
    }
    return h("p", { className: "figures", textContent: parts.join(" · ") });
  }

  /** p̂(xⁱ = v) = Σₖ wₖ 1[xₖⁱ = v], with the K terms of this step. */
  #candidates(lane, r, i) {
    const { stage } = this;
    const K = lane.raw.num_candidates[r];
    const order = Array.from({ length: K }, (_, k) => k).sort((a, b) => lane.weightOf(r, b) - lane.weightOf(r, a));
    const head = ["draft", "word", "log_q", "energy", "weight"].map((key) => h("th", { textContent: stage.s(key), attr: { scope: "col" } }));
    const body = order.map((k) => h("tr", { className: k === lane.raw.chosen[r] ? "chosen" : "" },
      h("td", { textContent: k === lane.raw.chosen[r] ? `${k + 1} ${stage.s("chosen")}` : String(k + 1) }),
      h("td", {}, h("span", { className: "word", textContent: stage.tokenText(lane.drawn(r, k, i)) })),
      ...[lane.logQ, lane.energy].map((array) => h("td", { textContent: fixed(array[r * lane.K + k], 1) })),
      h("td", { textContent: fixed(lane.weightOf(r, k), 3) })));
    return h("div", { className: "terms" },
      h("p", { className: "formula", textContent: "p̂(xⁱ = v) = Σₖ wₖ · 1[xₖⁱ = v],   wₖ = exp(−Eₖ) / Σⱼ exp(−Eⱼ)" }),
      h("div", { className: "scroll", tabIndex: 0, attr: { role: "region" }, aria: { label: stage.s("draft") } },
        h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body))));
  }
}

// ── where it is mounted ───────────────────────────────────────────────────────────
export function mount(root, data) {
  return new Stage(root, data);
}

const mounted = new WeakMap();

/** Streamlit's component: called at the first drawing and whenever `data` has changed. */
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".stage");
  const stage = mounted.get(root);
  if (stage) stage.update(data);
  else mounted.set(root, mount(root, data));
}
