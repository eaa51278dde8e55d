// The stage: plays one recorded run, token by token, in the app and in a saved page.
//
// Data flows one way: run file -> Lane (typed arrays and questions about them) -> views that are told
// to show state n. State n is what stands after n of the T time steps, 0 <= n <= T. Nothing here talks
// to a server, and no text from a run is ever parsed as HTML.

export const STRINGS = /* strings:begin */ {
  "stage": "Stage",
  "replay": "Replay",
  "replay_origin": "recorded with {model} on {device}",
  "computed": "Computed here",
  "computed_origin": "{model} on {device}",
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
  "edlm-mh": "Energy-corrected, Metropolis",
  "edlm-mh_about": "the last text against {K} − 1 fresh drafts, one after the other",
  "i-sir": "Energy-corrected, last text kept in the running",
  "i-sir_about": "the last text and {K} − 1 fresh drafts, judged as a whole",
  "block": "Energy-corrected, common rest",
  "block_about": "{K} drafts that differ only where words are written now",
  "gibbs": "Energy-corrected, then redrawn",
  "gibbs_about": "{K} drafts a step; at the end words are masked and drawn again",
  "corrector": "Energy-corrected, then mended",
  "corrector_about": "{K} drafts a step; at the end the least fitting words are mended",
  "smc": "Energy-corrected, particles",
  "smc_about": "{K} texts side by side; those that contradict themselves die out",
  "remask": "Independent, with remasking",
  "remask_about": "each word drawn on its own, some masked again",
  "confidence": "Independent, surest first",
  "confidence_about": "the likeliest draws are kept first",
  "entropy": "Independent, narrowest first",
  "entropy_about": "the least uncertain places are written first",
  "speculative": "Drafted and verified",
  "speculative_about": "{K} drafts a round; the autoregressive model keeps the prefix that passes",
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
  "divergence_none": "The first two lanes have not differed so far",
  "divergence_one": "There is only one lane to look at",
  "scrubber": "Time step",
  "step_of": "step {n} of {T}",
  "time": "t = {t}",
  "keys": "Keys",
  "close": "Close",
  "key_space": "Space",
  "key_home": "Home",
  "key_end": "End",
  "key_escape": "Esc",
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
  "blank": "blank",
  "map": "Every step, every position",
  "map_lane": "Lane",
  "map_measure": "Measure",
  "map_entropy": "Uncertainty",
  "map_confidence": "Confidence",
  "map_change": "Change by the energy",
  "map_entropy_scale": "nats, lower = more certain",
  "map_confidence_scale": "probability of the likeliest word, higher = more certain",
  "map_change_scale": "0 = no change, 1 = all changed; estimated from the drafts",
  "map_axes": "Rows: steps, the first on top. Columns: positions in the text. Empty: already written, or not computed. Tick: the word was written.",
  "map_summary": "Heat-map of {measure} for the lane {lane}, {rows} steps by {columns} positions. On average {first} at the first step and {last} at the last. Arrow keys move.",
  "map_summary_empty": "Heat-map of {measure} for the lane {lane}: nothing to show.",
  "map_none": "No energy in this lane, so no change to show.",
  "map_value": "step {n}, position {i}, “{token}”: {value}",
  "map_visible": "step {n}, position {i}, “{token}”: already written",
  "map_absent": "step {n}, position {i}: not computed at this step",
  "inspector": "Why this word?",
  "diagnose": "Diagnose this step",
  "inspector_auto": "The word of this step that the energy changed most. Point at another, or click to hold it.",
  "inspector_auto_plain": "A word of this step. Point at another, or click to hold it.",
  "inspector_hover": "Preview. Click to hold this word.",
  "inspector_locked": "Held. Click it again or press Esc to let it go.",
  "inspector_where": "{lane}, position {i}",
  "inspector_revealed": "Written at step {n}; shown as of then.",
  "inspector_masked": "Still masked after step {n}.",
  "inspector_fixed": "Fixed by the prompt: nothing was drawn here.",
  "inspector_later": "This lane has not looked at this position yet: it writes from left to right.",
  "inspector_empty": "No word has been written yet: press Play.",
  "word": "word",
  "marginal": "alone (marginal)",
  "corrected": "energy-corrected",
  "shift": "shift",
  "exact": "Alone: exact.",
  "estimated": "Energy-corrected: estimated from K = {K} drafts; the thin line is a word's share before weighing. Shift in percentage points.",
  "no_energy": "No energy in this lane: the word is drawn from the marginal itself.",
  "no_energy_here": "The energy did not act at this step (outside its window): the first draft was taken.",
  "mark_first": "in the first draft",
  "mark_chosen": "in the draft taken",
  "mark_written": "written in the end",
  "story_same": "Alone, the model would say “{marginal}” ({p}). The energy agrees.",
  "story_shift": "Alone, the model would say “{marginal}” ({p}). Judging whole drafts, the energy prefers “{corrected}”.",
  "story_alone": "Alone, the model would say “{marginal}” ({p}).",
  "n_entropy": "entropy of the marginal",
  "n_ess": "drafts that count (ESS)",
  "n_weight": "weight of the draft taken",
  "n_energy": "its energy",
  "n_energy_first": "energy, first draft",
  "n_energy_best": "energy, best draft",
  "n_energy_note": "lower energy = more coherent",
  "nats": "{value} nats",
  "of": "{value} of {K}",
  "terms": "The drafts of this step",
  "terms_none": "Only one draft was drawn at this step, so there is nothing to weigh.",
  "draft": "draft",
  "around": "around this position",
  "energy": "E",
  "log_q": "log q",
  "weight": "w",
  "chosen": "taken",
  "narrate_start": "All is masked. The lanes will fill in the same places at the same steps.",
  "narrate_start_one": "All is masked.",
  "narrate_fixed": "The prompt stands; everything else is masked.",
  "narrate_empty": "Step {n} of {T}: no place was due at this step.",
  "narrate_step": "Step {n} of {T}: {count} places are filled in at once.",
  "narrate_step_both": "Step {n} of {T}: both lanes fill in {count} places at once.",
  "narrate_step_single": "Step {n} of {T}: one place is filled in.",
  "narrate_took": "The energy passed over the first draft, “{first}”, and took draft {k} of {K}: “{chosen}”.",
  "narrate_took_same": "The energy took draft {k} of {K}; the words written now are those of the first draft.",
  "narrate_agreed": "The energy kept the first of {K} drafts.",
  "narrate_outside": "Outside the energy's window: the first draft stands.",
  "narrate_numbers": "Weight {w}, ESS {ess} of {K}; energy {chosen} nats against {first} for the first draft (lower = more coherent).",
  "narrate_maths": "The lowest energy of all drafts is {best} nats, ESS = {ess}.",
  "narrate_end": "Finished.",
  "narrate_partial": "This run was stopped here.",
  "strip": "What it took, what came out",
  "strip_lane": "lane",
  "strip_calls": "network calls",
  "strip_calls_note": "writing + energy",
  "strip_seconds": "seconds",
  "strip_seconds_note": "lower = faster",
  "strip_smollm2": "Judge: SmolLM2",
  "strip_smollm2_note": "nats a token, lower = more fluent",
  "strip_ar": "Judge: own AR",
  "strip_ar_note": "nats a token, lower = more fluent",
  "strip_self": "self-judged",
  "strip_entropy": "entropy",
  "strip_entropy_note": "nats, low = repetitive",
  "strip_repeated": "repeated words",
  "strip_repeated_note": "lower = less stuttering",
  "strip_changed": "words changed",
  "strip_changed_note": "another than in the step's first draft",
  "strip_later": "Measured when the run is finished",
  "strip_unmeasured": "Not measured for this run",
  "strip_no_energy": "No energy in this lane",
  "strip_directions": "Read the judges beside entropy: dull text is cheap. Self-judged: the judge also steered this lane."
} /* strings:end */;

const ALTERNATIVES = 8;
const EPSILON = 1e-6;

// ── the run, decoded ──────────────────────────────────────────────────────────────
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const u16 = (text) => new Uint16Array(bytesOf(text).buffer);
const f32 = (text) => new Float32Array(bytesOf(text).buffer);

/** Half-precision numbers, which not every browser can read by itself. */
function f16(text) {
  return Float32Array.from(u16(text), (bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
  });
}

/** The samplers that ask no energy. */
const UNCORRECTED = ["mdlm", "remask", "confidence", "entropy", "ar"];

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
    this.tokenLogQ = f16(raw.token_log_q);
    this.logQ = f32(raw.log_q);
    this.energy = f32(raw.energy);
    this.weight = f32(raw.weight);
    // How many of its records are done at state n; lanes with other steps meet on the time axis.
    this.done = Array.from({ length: this.T + 1 }, (_, n) => raw.s.filter((s) => s >= 1 - n / this.T - EPSILON).length);
    this.writes = Array.from({ length: this.L }, (_, i) => this.#writes(i));
    this.complete = this.row(this.S).every((id) => id !== this.mask);
    this.edge = this.complete ? this.T : Math.round(this.T * (1 - (raw.s.at(-1) ?? 1)));
  }

  /** The records that wrote position i, in order: more than one where a sampler masks a word again. */
  #writes(i) {
    if (this.isFixed(i)) return [];
    const [x, L] = [this.x, this.L];
    return Array.from({ length: this.S }, (_, r) => r).filter((r) =>
      x[(r + 1) * L + i] !== this.mask && (x[r * L + i] === this.mask || this.hasMarginal(r, i)));
  }

  row(r) { return this.x.subarray(r * this.L, (r + 1) * this.L); }
  token(n, i) { return this.x[this.done[n] * this.L + i]; }
  isFixed(i) { return this.x[i] !== this.mask; }
  get corrects() { return !UNCORRECTED.includes(this.sampler); }
  /** The record that led to state n; the first one at the start. */
  record(n) { return Math.min(Math.max(this.done[n] - 1, 0), this.S - 1); }
  /** First state at which record r is done, and at which position i is visible; -1 if not yet. */
  stateAfter(r) { return this.done.findIndex((done) => done > r); }
  stateOf(i) { return this.isFixed(i) ? 0 : this.stateAfter(this.writes[i][0] ?? this.S); }
  /** The record whose token stands at position i in state n; if none yet, the first that will write there. */
  writtenBy(i, n) {
    const own = this.writes[i];
    return own.findLast((r) => r < this.done[n]) ?? own[0] ?? this.S;
  }
  /** Is position i written between state n - 1 and state n? */
  isWritten(i, n) {
    const [from, to] = [n > 0 ? this.done[n - 1] : 0, this.done[n]];
    return this.writes[i].some((r) => r >= from && r < to);
  }
  revealedAt(n) { return Array.from(this.writes.keys()).filter((i) => this.isWritten(i, n)); }
  drawn(r, k, i) { return this.candidate[(r * this.K + k) * this.L + i]; }
  draft(r, k) { return this.candidate.subarray((r * this.K + k) * this.L, (r * this.K + k + 1) * this.L); }
  taken(r, i) { return this.drawn(r, this.raw.chosen[r], i); }
  weightOf(r, k) { return this.weight[r * this.K + k]; }
  energyOf(r, k) { return this.energy[r * this.K + k]; }
  hasEnergy(r) { return this.raw.num_candidates[r] > 1; }
  /** Left to right, the network looks at one place only: elsewhere there is no marginal. */
  hasMarginal(r, i) { return this.marginalP[(r * this.L + i) * ALTERNATIVES] > 0; }
  bestEnergy(r) { return Math.min(...this.energy.subarray(r * this.K, r * this.K + this.raw.num_candidates[r])); }

  /** True where the token that was revealed is not what the first draw had there. */
  changedByEnergy(i, n) {
    const r = this.writtenBy(i, n);
    return !this.isFixed(i) && r < this.S && this.drawn(r, 0, i) !== this.taken(r, i);
  }

  /** Token -> probability under the denoiser alone: its top 8, and exactly too whatever was drawn. */
  marginal(r, i) {
    const at = (r * this.L + i) * ALTERNATIVES;
    const tokens = new Map();
    for (let k = 0; k < this.raw.num_candidates[r]; k++) {
      tokens.set(this.drawn(r, k, i), Math.exp(this.tokenLogQ[(r * this.K + k) * this.L + i]));
    }
    for (let a = 0; a < ALTERNATIVES; a++) {
      if (this.marginalP[at + a] > 0) tokens.set(this.marginalId[at + a], this.marginalP[at + a] / 65535);
    }
    return tokens;
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

  /** A heat-map measure at record r, position i; null where the token is visible or nothing was computed. */
  measure(name, r, i) {
    const at = r * this.L + i;
    if (!this.hasMarginal(r, i)) return null;
    if (name === "entropy") return this.entropy[at] / 1000;
    if (name === "confidence") return this.marginalP[at * ALTERNATIVES] / 65535;
    return this.corrects ? this.change(r, i) : null;
  }
}

/** First state at which two lanes show different tokens in one place, or -1. */
function firstDivergence(a, b) {
  let first = Infinity;
  for (let i = 0; i < Math.min(a.L, b.L); i++) {
    const [m, n] = [a.stateOf(i), b.stateOf(i)];
    if (m >= 0 && n >= 0 && a.token(Math.max(m, n), i) !== b.token(Math.max(m, n), i)) first = Math.min(first, Math.max(m, n));
  }
  return Number.isFinite(first) ? first : -1;
}

// ── tokens as text ────────────────────────────────────────────────────────────────
const FRAGMENT = /^⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩$/;
const startsWord = (word) => /^ ./.test(word);
/** True where no line may begin: inside a word of a script that has spaces, before a full stop, before ↵. */
const clings = (word) => /^[\p{P}\p{N}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\n]/u.test(word);
const LONGEST_RUN = 24; // characters that may cling together before a line may break all the same

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
      out.fill("", i + 1, j + 1);
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

const percent = (p) => (p >= 0.9995 ? "100 %" : p < 0.0005 ? "0 %" : p < 0.1 ? `${(100 * p).toFixed(1)} %` : `${Math.round(100 * p)} %`);
const fixed = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

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

/** A formula written with _{…} and ^{…}, as text with real subscripts and superscripts. */
function formula(source) {
  const parts = source.split(/([_^]\{[^}]*\})/).map((part) => {
    const tag = { "_{": "sub", "^{": "sup" }[part.slice(0, 2)];
    return tag ? h(tag, { textContent: part.slice(2, -1) }) : part;
  });
  return h("span", { className: "formula" }, ...parts);
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

function choice(label, options, value, onChange) {
  const select = h("select", { onchange: () => onChange(select.value) });
  for (const [id, text] of options) select.append(h("option", { value: id, textContent: text, selected: id === value }));
  return h("label", { className: "choice" }, h("span", { textContent: label }), select);
}

function tableOf(head, rows, className = "") {
  return h("table", { className }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
}

const heading = (text, note = null) =>
  h("th", { attr: { scope: "col" } }, h("span", { textContent: text }), note && h("small", { textContent: note }));

const scroller = (label, ...children) =>
  h("div", { className: "scroll", tabIndex: 0, attr: { role: "group" }, aria: { label } }, ...children);

// ── the stage: state, time, keys ──────────────────────────────────────────────────
const GLANCE = 150; // ms
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

class Stage {
  constructor(root, data, hooks) {
    this.root = root;
    this.hooks = hooks;
    this.state = { n: 0, playing: false, speed: 1, loop: false, drafts: true, depth: "story", measure: "entropy", mapLane: 0 };
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.addEventListener("keydown", (event) => this.#onKey(event));
    // The stylesheet gives the background an unnoticeable transition, so that any change of theme, by
    // whoever made it, ends in this event.
    root.addEventListener("transitionend", (event) => { if (event.target === root) this.#theme(); });
    this.update(data);
  }

  /** New data: another run starts anew; the same run, grown, goes on where the visitor is. */
  update(data) {
    const before = this.data;
    const same = before?.id === data.id;
    this.data = data;
    this.run = data.run;
    this.words = data.run.vocabulary;
    this.lanes = data.run.lanes.map((raw) => new Lane(raw, data.run));
    this.T = data.run.config.num_steps;
    this.edge = Math.min(...this.lanes.map((lane) => lane.edge));
    this.divergence = this.lanes.length > 1 ? firstDivergence(this.lanes[0], this.lanes[1]) : -1;
    if (!same) this.#begin();
    else if (this.state.following) this.state.n = Math.min(this.edge, this.state.goal);
    this.state.n = Math.min(this.state.n, this.edge);
    if (same && sameShell(before, data)) this.#load();
    else this.#build();
    if (!same && this.state.autoplay) this.play();
    else this.show();
  }

  #begin() {
    const { start, live } = this.data;
    const energyLane = this.lanes.findIndex((lane) => lane.corrects);
    const goal = Math.max(start?.step ?? (live ? Infinity : 0), 0); // where to wait while the run is being written
    Object.assign(this.state, {
      n: Math.min(goal, this.edge), goal, following: live, playing: false, hovered: null, locked: null, spot: -1,
      mapLane: Math.max(0, energyLane),
      autoplay: !live && !start && !stillness.matches,
    });
    if (start?.position != null) this.state.locked = { lane: start.lane ?? 0, position: start.position };
  }

  s(key, values = {}) {
    const text = this.data.strings?.[key] ?? STRINGS[key];
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  // ── words ───────────────────────────────────────────────────────────────────────
  spell(row) { return spell(row, this.words, this.run.end_of_text); }

  tokenText(id) {
    if (id === this.run.end_of_text) return "∎";
    return visible(this.words[id]) || "·";
  }

  /** Running text of part of a row; masked places by name, for those who hear it. */
  prose(row, from = 0, to = row.length) {
    const mask = this.words.length - 1;
    return this.spell(row).slice(from, to).map((word, j) => {
      const id = row[from + j];
      return id === mask ? ` (${this.s("blank")})` : (startsWord(this.words[id]) ? " " : "") + word.replaceAll("↵", " ");
    }).join("").trim();
  }

  /** A few words of a draft around position i. */
  excerpt(row, i, reach = 2) {
    const [from, to] = [Math.max(0, i - reach), Math.min(row.length, i + reach + 1)];
    return `${from > 0 ? "…" : ""}${this.prose(row, from, to)}${to < row.length ? "…" : ""}`;
  }

  // ── moving ──────────────────────────────────────────────────────────────────────
  go(n, { byHand = true } = {}) {
    this.state.n = Math.min(Math.max(n, 0), this.edge);
    if (this.state.n !== this.state.spot) this.state.spot = -1;
    if (byHand) {
      this.state.playing = false;
      this.#follow();
    }
    this.show();
  }

  /** A visitor at the live edge goes on with it; one who has scrubbed away is left alone. */
  #follow() {
    this.state.following = this.data.live && this.state.n >= this.edge;
    this.state.goal = this.state.following ? Infinity : this.state.n;
  }

  play() {
    if (this.state.n >= this.edge && !this.data.live) this.state.n = 0;
    if (!this.state.playing) requestAnimationFrame((now) => this.#tick(now));
    this.state.playing = true;
    this.#follow();
    this.lastMove = performance.now();
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

  #tick(now) {
    if (!this.state.playing || !this.root.isConnected) return;
    const pace = Math.min(550, Math.max(90, 7000 / this.T)) / this.state.speed; // ms a step
    if (now - this.lastMove >= pace - 4) {
      this.lastMove = now;
      if (this.state.n < this.edge) this.go(this.state.n + 1, { byHand: false });
      else if (this.state.loop && !this.data.live) this.go(0, { byHand: false });
      else if (!this.data.live) return this.pause();
    }
    requestAnimationFrame((later) => this.#tick(later));
  }

  /** To the first state at which the lanes differ, with the places ringed. */
  toDivergence() {
    if (this.divergence < 0) return;
    this.state.spot = this.divergence;
    this.go(this.divergence);
  }

  #onKey(event) {
    event.stopPropagation(); // Streamlit's own one-letter keys rerun the page or clear its caches
    if (event.ctrlKey || event.metaKey || event.altKey || keepsKey(event.target, event.key)) return;
    const actions = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.go(this.state.n - 1),
      ArrowRight: () => this.go(this.state.n + 1),
      Home: () => this.go(0),
      End: () => this.go(this.edge),
      ArrowUp: () => this.#moveLock(-1),
      ArrowDown: () => this.#moveLock(1),
      Escape: () => this.lock(null),
      "?": () => this.view.keys.showModal(),
      d: () => this.toDivergence(),
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

  // ── choosing a word ─────────────────────────────────────────────────────────────
  #moveLock(by) {
    const at = this.selection() ?? { lane: this.state.mapLane, position: 0 };
    const L = this.lanes[at.lane].L;
    this.lock({ lane: at.lane, position: (at.position + by + L) % L });
  }

  /** Hold a word, or with null let it go. Only this is told to the page around. */
  lock(selection) {
    const before = this.state.locked;
    this.state.locked = selection && { lane: selection.lane, position: selection.position };
    this.show();
    if (before?.lane === selection?.lane && before?.position === selection?.position) return;
    this.hooks.select?.(selection ? { lane: selection.lane, step: this.state.n, position: selection.position } : null);
  }

  click(selection) {
    const held = this.state.locked;
    this.lock(held?.lane === selection.lane && held?.position === selection.position ? null : selection);
  }

  hover(selection) {
    this.state.hovered = selection;
    if (!this.state.locked) this.#showSelection();
  }

  /** What the inspector looks at: held, pointed at, or the word of this step that changed most. */
  selection() {
    const { locked, hovered } = this.state;
    const fits = (at) => at && at.position < (this.lanes[at.lane]?.L ?? 0);
    return [locked, hovered].find(fits) ?? this.#mostChanged();
  }

  #mostChanged() {
    const laneIndex = Math.max(0, this.lanes.findIndex((lane) => lane.corrects));
    const lane = this.lanes[laneIndex];
    if (lane.done[this.state.n] === 0) return null;
    const r = lane.record(this.state.n);
    let best = null;
    for (let i = 0; i < lane.L; i++) {
      if (!lane.writes[i].includes(r)) continue;
      const change = lane.change(r, i);
      if (!best || change > best.change) best = { lane: laneIndex, position: i, change };
    }
    return best;
  }

  setDepth(depth) {
    this.state.depth = depth;
    this.root.dataset.depth = depth;
    for (const radio of this.view.depths.children) {
      radio.setAttribute("aria-checked", String(radio.dataset.depth === depth));
      radio.tabIndex = radio.dataset.depth === depth ? 0 : -1;
    }
    this.narrator.reserve();
    this.show();
  }

  toggleLoop() {
    this.state.loop = !this.state.loop;
    this.view.loop.setAttribute("aria-pressed", String(this.state.loop));
  }

  // ── building ────────────────────────────────────────────────────────────────────
  #build() {
    this.view = {};
    this.narrator = new Narrator(this);
    this.laneViews = this.lanes.map((lane, index) => new LaneView(this, lane, index));
    this.map = new HeatMap(this);
    this.inspector = new Inspector(this);
    this.terms = new Terms(this);
    this.strip = h("section", { className: "strip", aria: { label: this.s("strip") } });
    this.root.setAttribute("aria-label", this.s("stage"));
    this.root.replaceChildren(
      this.#header(),
      this.narrator.element,
      h("div", { className: "lanes", data: { count: String(this.lanes.length) } }, ...this.laneViews.map((view) => view.element)),
      this.#transport(),
      this.#legend(),
      h("div", { className: "panels" }, this.map.element, this.inspector.element, this.terms.element),
      this.strip,
      this.#keys(),
    );
    this.#theme();
    this.#load();
    this.setDepth(this.state.depth);
  }

  /** The same page with newer numbers: nothing is built again, so focus, dialog and scrolling stay. */
  #load() {
    const { view } = this;
    const { replay, live } = this.data;
    view.badge.textContent = this.s(live ? "live" : replay ? "replay" : "computed");
    view.badge.dataset.kind = live ? "live" : replay ? "replay" : "computed";
    view.origin.textContent = this.s(replay ? "replay_origin" : "computed_origin", { model: this.run.model.name, device: this.run.device.toUpperCase() });
    view.divergence.disabled = this.divergence < 0;
    const reason = this.divergence >= 0 ? "" : this.s(this.lanes.length > 1 ? "divergence_none" : "divergence_one");
    view.divergence.title = reason;
    view.reason.textContent = reason;
    for (const [index, laneView] of this.laneViews.entries()) laneView.load(this.lanes[index]);
    this.narrator.reserve();
    this.map.draw();
    fillStrip(this);
  }

  #theme() {
    const [r, g, b] = getComputedStyle(this.root).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
    const theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
    if (theme === this.root.dataset.theme) return;
    this.root.dataset.theme = theme;
    if (this.map.element.isConnected) this.map.draw(); // a canvas does not follow a stylesheet
  }

  #header() {
    this.view.badge = h("span", { className: "badge" });
    this.view.origin = h("span", { className: "note" });
    this.view.depths = h("div", { className: "depths", attr: { role: "radiogroup" }, aria: { label: this.s("depth") } });
    for (const depth of ["story", "numbers", "maths"]) this.view.depths.append(this.#depthButton(depth));
    const help = h("button", { type: "button", textContent: "?", title: this.s("keys"), aria: { label: this.s("keys") }, data: { name: "help" } });
    help.onclick = () => this.view.keys.showModal();
    return h("header", {},
      h("div", { className: "title" }, h("h2", { textContent: this.run.title }), this.view.badge, this.view.origin),
      h("div", { className: "tools" }, this.view.depths, this.data.link ? this.#copyLink() : null, help));
  }

  #depthButton(depth) {
    const radio = h("button", { type: "button", textContent: this.s(depth), data: { depth, name: depth }, attr: { role: "radio" } });
    radio.onclick = () => this.setDepth(depth);
    radio.onkeydown = (event) => {
      const all = [...this.view.depths.children];
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const to = all[(all.indexOf(radio) + by + all.length) % all.length];
      to.focus();
      to.click();
    };
    return radio;
  }

  #copyLink() {
    const button = h("button", { type: "button", className: "wide link", textContent: this.s("copy_link"), data: { name: "link" } });
    const status = h("span", { className: "hidden", attr: { role: "status" } });
    const field = h("input", { className: "link", readOnly: true, aria: { label: this.s("copy_by_hand") } });
    field.onblur = () => field.replaceWith(button);
    button.onclick = async () => {
      const url = `${location.origin}${location.pathname}${this.data.link}&at=${this.state.n}`;
      try {
        await navigator.clipboard.writeText(url);
        button.textContent = status.textContent = this.s("copied");
        setTimeout(() => { button.textContent = this.s("copy_link"); status.textContent = ""; }, 2000);
      } catch {
        field.value = url;
        button.replaceWith(field);
        field.focus();
        field.select();
      }
    };
    return h("span", { className: "copy" }, button, status);
  }

  #transport() {
    const button = (name, action) => {
      const element = h("button", { type: "button", title: this.s(name), aria: { label: this.s(name) }, data: { name } }, icon(name));
      element.onclick = action;
      return element;
    };
    const view = this.view;
    view.play = button("play", () => this.toggle());
    view.loop = button("loop", () => this.toggleLoop());
    view.loop.setAttribute("aria-pressed", String(this.state.loop));
    view.scrubber = h("input", { type: "range", min: 0, max: this.T, step: 1, aria: { label: this.s("scrubber") }, data: { name: "scrubber" } });
    view.scrubber.oninput = () => this.go(Number(view.scrubber.value));
    view.readout = h("output", { className: "readout", aria: { live: "off" } });
    const drafts = h("input", { type: "checkbox", checked: this.state.drafts, data: { name: "drafts" } });
    drafts.onchange = () => { this.state.drafts = drafts.checked; this.show(); };
    view.divergence = h("button", { type: "button", className: "wide", data: { name: "divergence" } }, this.s("divergence"));
    view.divergence.onclick = () => this.toDivergence();
    view.reason = h("span", { className: "note reason" });
    const speeds = [["0.5", "0.5×"], ["1", "1×"], ["2", "2×"], ["4", "4×"]];
    return h("div", { className: "transport" },
      h("div", { className: "buttons" },
        button("first", () => this.go(0)), button("back", () => this.go(this.state.n - 1)), view.play,
        button("forward", () => this.go(this.state.n + 1)), button("last", () => this.go(this.edge)), view.loop),
      view.scrubber, view.readout,
      h("div", { className: "options" }, view.divergence,
        choice(this.s("speed"), speeds, String(this.state.speed), (value) => (this.state.speed = Number(value))),
        h("label", { className: "choice" }, drafts, h("span", { textContent: this.s("drafts") })), view.reason));
  }

  #legend() {
    const item = (classes, sample, key) => h("li", {},
      h("span", { className: `token ${classes}`, aria: { hidden: "true" } }, h("span", { className: "final", textContent: sample })),
      h("span", { textContent: this.s(key) }));
    return h("ul", { className: "legend", aria: { label: this.s("legend") } },
      item("masked", "dog", "legend_masked"), item("draft", "dog", "legend_draft"), item("now", "dog", "legend_now"),
      item("kept", "dog", "legend_kept"), item("kept energy", "dog", "legend_energy"),
      item("kept differs", "dog", "legend_differs"), item("fixed", "dog", "legend_fixed"));
  }

  #keys() {
    const rows = [[["key_space"], "keys_play"], [["←", "→"], "keys_step"], [["key_home", "key_end"], "keys_ends"], [["↑", "↓"], "keys_position"],
      [["key_escape"], "keys_release"], [["D"], "keys_divergence"], [["L"], "keys_loop"], [["1", "2", "3"], "keys_depth"], [["?"], "keys_help"]];
    const key = (name) => h("kbd", { textContent: name.startsWith("key_") ? this.s(name) : name });
    const close = h("button", { type: "button", className: "wide", textContent: this.s("close") });
    close.onclick = () => this.view.keys.close();
    this.view.keys = h("dialog", { className: "keys", aria: { label: this.s("keys") } }, h("h3", { textContent: this.s("keys") }),
      h("dl", {}, ...rows.flatMap(([names, text]) => [h("dt", {}, ...names.map(key)), h("dd", { textContent: this.s(text) })])), close);
    return this.view.keys;
  }

  // ── showing a state ─────────────────────────────────────────────────────────────
  show() {
    const { n, playing } = this.state;
    const view = this.view;
    const name = playing ? "pause" : "play";
    if (view.play.dataset.shows !== name) {
      view.play.dataset.shows = name;
      view.play.replaceChildren(icon(name));
      view.play.title = this.s(name);
      view.play.setAttribute("aria-label", view.play.title);
    }
    view.scrubber.value = n;
    const step = this.s("step_of", { n, T: this.T });
    const time = this.s("time", { t: fixed(1 - n / this.T) });
    view.readout.textContent = `${step} · ${time}`;
    view.scrubber.setAttribute("aria-valuetext", `${step}, ${time}`);
    this.narrator.show(n);
    for (const laneView of this.laneViews) laneView.show(n);
    this.map.show(n);
    // While a run plays, nobody reads a table that lasts for less than a glance.
    const now = performance.now();
    if (playing && n < this.edge && now - this.lastGlance < GLANCE) return;
    this.lastGlance = now;
    this.#showSelection();
  }

  #showSelection() {
    const at = this.selection();
    this.inspector.show(this.state.n, at);
    this.terms.show(this.state.n, at);
  }
}

/** Keys that mean something to the control that has the focus are its own. */
function keepsKey(target, key) {
  if (target.closest("dialog, select, input.link")) return true;
  if (target.closest("[role=radio]") && key.startsWith("Arrow")) return true;
  if (target.closest("[type=range]")) return /^(Arrow|Page|Home|End)/.test(key);
  return Boolean(target.closest("button, input")) && (key === " " || key === "Enter");
}

/** True where only numbers have changed, not what is written on the page around them. */
function sameShell(a, b) {
  const shell = ({ run, link, strings }) => JSON.stringify([run.title, link, strings, run.config.num_steps, run.lanes.map((lane) => lane.sampler)]);
  return shell(a) === shell(b);
}

// ── the narrator ──────────────────────────────────────────────────────────────────
/** One sentence or two about the step: also what a screen reader says when one stands still. */
class Narrator {
  constructor(stage) {
    this.stage = stage;
    this.said = h("p", { className: "said" });
    this.room = h("p", { className: "room", aria: { hidden: "true" } }); // its text is drawn by CSS and not part of the page's
    this.element = h("div", { className: "narrator" }, this.said, this.room);
  }

  /** Room for the longest narration of the run, so that nothing below moves from step to step. */
  reserve() {
    const all = Array.from({ length: this.stage.edge + 1 }, (_, n) => this.#narrate(n).map((part) => part.textContent ?? part).join(" "));
    const longest = all.reduce((best, text) => (text.length > best.length ? text : best), "");
    this.room.dataset.text = `${longest} MMMM`; // a shorter text may be the wider one
  }

  show(n) {
    this.said.setAttribute("aria-live", this.stage.state.playing ? "off" : "polite");
    this.said.replaceChildren(...this.#narrate(n).flatMap((part) => [part, " "]));
  }

  #narrate(n) {
    const { stage } = this;
    const lane = stage.lanes.find((other) => other.corrects) ?? stage.lanes[0];
    if (n === 0) {
      if (lane.row(0).some((id) => id !== lane.mask)) return [stage.s("narrate_fixed")];
      return [stage.s(stage.lanes.length > 1 ? "narrate_start" : "narrate_start_one")];
    }
    const written = lane.revealedAt(n);
    const both = stage.lanes.filter((other) => other.sampler !== "ar").length === 2;
    const key = written.length === 0 ? "narrate_empty" : written.length === 1 ? "narrate_step_single" : both ? "narrate_step_both" : "narrate_step";
    const parts = [stage.s(key, { n, T: stage.T, count: written.length })];
    if (written.length && lane.corrects) parts.push(...this.#energy(lane, lane.record(n), written));
    if (n === stage.T && lane.complete) parts.push(stage.s("narrate_end"));
    if (n === stage.edge && n < stage.T && !stage.data.live) parts.push(stage.s("narrate_partial"));
    return parts;
  }

  #energy(lane, r, written) {
    const { stage } = this;
    if (!lane.hasEnergy(r)) return [stage.s("narrate_outside")];
    const [K, k] = [lane.raw.num_candidates[r], lane.raw.chosen[r]];
    const differs = written.find((i) => lane.drawn(r, 0, i) !== lane.drawn(r, k, i));
    const texts = differs === undefined ? {} : { first: stage.excerpt(lane.draft(r, 0), differs), chosen: stage.excerpt(lane.draft(r, k), differs) };
    const story = stage.s(k === 0 ? "narrate_agreed" : differs === undefined ? "narrate_took_same" : "narrate_took", { K, k: k + 1, ...texts });
    if (stage.state.depth === "story") return [story];
    const values = {
      w: fixed(lane.weightOf(r, k)), ess: fixed(lane.ess(r), 1), K,
      chosen: fixed(lane.energyOf(r, k), 1), first: fixed(lane.energyOf(r, 0), 1), best: fixed(lane.bestEnergy(r), 1),
    };
    if (stage.state.depth === "numbers") return [story, stage.s("narrate_numbers", values)];
    const weight = `w_{${k + 1}} = ${weightFormula(stage, k + 1)} = ${values.w},  E_{${k + 1}} = ${values.chosen}.`;
    return [story, formula(weight), stage.s("narrate_maths", values)];
  }
}

/** exp(−E) over its sum, with the energy's temperature where it is not one. */
function weightFormula(stage, k) {
  const tau = stage.run.config.energy_temperature ?? 1;
  const over = tau === 1 ? "" : `/${tau}`;
  return `exp(−E_{${k}}${over}) / Σ_{j} exp(−E_{j}${over})`;
}

// ── one lane of tokens ────────────────────────────────────────────────────────────
class LaneView {
  constructor(stage, lane, index) {
    Object.assign(this, { stage, index, widths: new Map() });
    this.text = h("div", { className: "text", attr: { role: "img" } });
    this.cells = Array.from({ length: lane.L }, (_, i) => this.#cell(i));
    // Cells are many: one listener a lane, found by delegation.
    const find = (event) => {
      const cell = event.target.closest?.(".token");
      return cell ? { lane: index, position: Number(cell.dataset.i) } : null;
    };
    this.text.onpointerover = (event) => stage.hover(find(event));
    this.text.onpointerleave = () => stage.hover(null);
    this.text.onclick = (event) => { const at = find(event); if (at) stage.click(at); };
    this.about = h("small");
    this.element = h("section", { className: "lane", data: { sampler: lane.sampler }, aria: { label: stage.s(lane.sampler) } },
      h("h3", {}, h("span", { textContent: stage.s(lane.sampler) }), this.about), this.text);
  }

  #cell(i) {
    const final = h("span", { className: "final" });
    const guess = h("span", { className: "guess", aria: { hidden: "true" } });
    return { element: h("span", { data: { i: String(i) } }, final, guess), final, guess, base: "token", key: "" };
  }

  /** The finished word gives a cell its width, so that nothing moves while it is still hidden. */
  load(lane) {
    const { words, run } = this.stage;
    this.lane = lane;
    const row = lane.row(lane.S);
    this.final = this.stage.spell(row);
    this.about.textContent = this.stage.s(`${lane.sampler}_about`, { K: lane.K });
    for (const [i, cell] of this.cells.entries()) {
      const unknown = row[i] === lane.mask; // still being written
      cell.base = unknown ? "token unknown" : row[i] === run.end_of_text ? "token end" : "token";
      cell.key = "";
    }
    const flow = Array.from(row, (id) => (id === lane.mask ? " " : words[id]));
    const shape = flow.join("\0");
    if (shape !== this.shape) this.text.replaceChildren(...this.#runs(flow));
    this.shape = shape;
  }

  /** Cells in unbreakable runs with spaces between them, as words stand in prose. */
  #runs(flow) {
    const nodes = [];
    let [run, length] = [null, 0];
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

  show(n) {
    const { lane, stage, index } = this;
    const other = stage.lanes.length > 1 && index < 2 ? stage.lanes[1 - index] : null;
    const rows = lane.done[n];
    const words = lane.complete && n === lane.T ? this.final : stage.spell(lane.row(rows));
    for (const [i, cell] of this.cells.entries()) {
      const id = lane.token(n, i);
      const masked = id === lane.mask;
      const drawn = masked && rows > 0 && stage.state.drafts ? lane.taken(rows - 1, i) : lane.mask; // left to right drafts nothing ahead
      const state = masked ? (drawn === lane.mask ? " masked" : " draft") : this.#visibleState(n, i, other);
      const held = stage.state.locked?.lane === index && stage.state.locked.position === i ? " held" : "";
      const guess = masked ? (drawn === lane.mask ? "" : stage.tokenText(drawn)) : words[i];
      const key = `${cell.base}${state}${held}|${guess}`;
      if (key !== cell.key) this.#paint(cell, key, masked, masked ? this.final[i] : guess, masked ? guess : "");
    }
    if (!stage.state.playing) this.text.setAttribute("aria-label", stage.prose(lane.row(rows)));
  }

  #visibleState(n, i, other) {
    const { lane, stage } = this;
    const now = n > 0 && lane.isWritten(i, n);
    const differs = other && i < other.L && other.token(n, i) !== other.mask && other.token(n, i) !== lane.token(n, i);
    const spot = differs && stage.state.spot === n && (now || other.stateOf(i) === n);
    return (lane.isFixed(i) ? " fixed" : now ? " now" : " kept") + (lane.changedByEnergy(i, n) ? " energy" : "") +
      (differs ? " differs" : "") + (spot ? " spot" : "");
  }

  #paint(cell, key, masked, final, guess) {
    cell.key = key;
    cell.element.className = key.slice(0, key.indexOf("|"));
    if (cell.final.textContent !== final) cell.final.textContent = final; // writing it again would lay out the whole lane
    cell.guess.textContent = guess;
    if (!masked || !guess) return;
    // A draft longer than the word that will stand here is narrowed, then cut: the line never moves.
    const ratio = final ? Math.min(1, this.#width(final) / this.#width(guess)) : 1;
    cell.guess.style.setProperty("--squeeze", Math.max(ratio, 0.72));
    cell.guess.classList.toggle("cut", ratio < 0.72);
  }

  #width(text) {
    if (!this.widths.has(text)) {
      this.pen ??= Object.assign(document.createElement("canvas").getContext("2d"), { font: getComputedStyle(this.text).font });
      this.widths.set(text, this.pen.measureText(text).width);
    }
    return this.widths.get(text);
  }
}

// ── the heat-map ──────────────────────────────────────────────────────────────────
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"]
  .map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

function ramp(share) {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return `rgb(${CIVIDIS[low].map((c, j) => Math.round(c + (CIVIDIS[low + 1][j] - c) * (at - low))).join(" ")})`;
}

const TICK = 4; // px: room under the last row, where the ticks of the words written last stand

class HeatMap {
  constructor(stage) {
    this.stage = stage;
    this.canvas = h("canvas");
    this.cursor = h("div", { className: "cursor" });
    this.column = h("div", { className: "column", hidden: true });
    this.none = h("p", { className: "none", textContent: stage.s("map_none"), hidden: true });
    this.tip = h("div", { className: "tip", hidden: true, attr: { role: "status" } });
    this.scale = h("div", { className: "scale" });
    this.plot = h("div", { className: "plot", tabIndex: 0, attr: { role: "application" }, data: { name: "map" } },
      this.canvas, this.cursor, this.column, this.none, this.tip);
    this.plot.onpointermove = (event) => this.#read(this.#at(event));
    this.plot.onpointerleave = () => this.#read(null);
    this.plot.onblur = () => this.#read(null);
    this.plot.onclick = (event) => this.#jump(this.#at(event));
    this.plot.onkeydown = (event) => this.#onKey(event);
    this.element = h("section", { className: "map", aria: { label: stage.s("map") } },
      h("h3", { textContent: stage.s("map") }), this.#options(), this.plot, this.scale, h("p", { className: "note", textContent: stage.s("map_axes") }));
    new ResizeObserver(() => this.element.isConnected && this.#paint()).observe(this.plot);
  }

  get lane() { return this.stage.lanes[this.stage.state.mapLane]; }

  #options() {
    const { stage } = this;
    const set = (name, value) => { stage.state[name] = value; this.draw(); };
    const lanes = stage.lanes.map((lane, index) => [String(index), stage.s(lane.sampler)]);
    const measures = ["entropy", "confidence", "change"].map((name) => [name, stage.s(`map_${name}`)]);
    return h("div", { className: "options" },
      choice(stage.s("map_lane"), lanes, String(stage.state.mapLane), (value) => set("mapLane", Number(value))),
      choice(stage.s("map_measure"), measures, stage.state.measure, (value) => set("measure", value)));
  }

  /** Drawn anew only when the run, the lane or the measure has changed; a step moves the cursor. */
  draw() {
    const { lane, stage } = this;
    const name = stage.state.measure;
    this.values = Array.from({ length: lane.S }, (_, r) => Array.from({ length: lane.L }, (_, i) => lane.measure(name, r, i)));
    const known = this.values.map((row) => row.filter((value) => value !== null));
    this.top = name === "entropy" ? Math.ceil(10 * known.flat().reduce((a, b) => Math.max(a, b), 0.1)) / 10 : 1;
    this.none.hidden = name !== "change" || lane.corrects;
    this.plot.setAttribute("aria-label", this.#summary(name, known));
    this.#read(null); // what the tip said was true of the map before
    this.#drawScale(name);
    this.#paint();
    this.show(stage.state.n);
  }

  #summary(name, known) {
    const { lane, stage } = this;
    const rows = known.filter((row) => row.length > 0);
    const mean = (row) => fixed(row.reduce((a, b) => a + b, 0) / row.length);
    const values = { measure: stage.s(`map_${name}`), lane: stage.s(lane.sampler), rows: lane.S, columns: lane.L };
    if (rows.length === 0) return stage.s("map_summary_empty", values);
    return stage.s("map_summary", { ...values, first: mean(rows[0]), last: mean(rows.at(-1)) });
  }

  /** In the screen's own pixels, each cell on whole ones, so that no row is blurred or wider than the next. */
  #paint() {
    const { lane, plot } = this;
    const density = devicePixelRatio || 1;
    const [width, height] = [Math.round(plot.clientWidth * density), Math.round(plot.clientHeight * density)];
    if (width === 0 || height === 0 || !this.values) return;
    Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    const x = (i) => Math.round((i * width) / lane.L);
    const y = (r) => Math.round((r * (height - TICK * density)) / Math.max(lane.S, 1));
    for (const [r, row] of this.values.entries()) {
      for (const [i, value] of row.entries()) {
        if (value === null) continue;
        pen.fillStyle = ramp(value / this.top);
        pen.fillRect(x(i), y(r), x(i + 1) - x(i), y(r + 1) - y(r));
      }
    }
    pen.fillStyle = getComputedStyle(this.stage.root).color;
    for (let i = 0; i < lane.L; i++) {
      const wide = Math.max(density, Math.round((x(i + 1) - x(i)) * 0.4));
      for (const r of lane.writes[i]) pen.fillRect(Math.round((x(i) + x(i + 1) - wide) / 2), y(r + 1) + density, wide, (TICK - 2) * density);
    }
  }

  #drawScale(name) {
    const bar = h("canvas", { width: 128, height: 1, className: "ramp" });
    const pen = bar.getContext("2d");
    for (let x = 0; x < 128; x++) {
      pen.fillStyle = ramp(x / 127);
      pen.fillRect(x, 0, 1, 1);
    }
    this.scale.replaceChildren(h("span", { textContent: "0" }), bar, h("span", { textContent: fixed(this.top, name === "entropy" ? 1 : 0) }),
      h("span", { className: "unit", textContent: this.stage.s(`map_${name}_scale`) }));
  }

  /** The cursor frames the rows that this step added: none, one, or several for a lane with finer steps. */
  show(n) {
    const { lane, stage } = this;
    const [from, to] = [n > 0 ? lane.done[n - 1] : 0, lane.done[n]];
    const share = (r) => `calc((100% - ${TICK}px) * ${r / Math.max(lane.S, 1)})`;
    this.cursor.style.top = share(from);
    this.cursor.style.height = share(to - from);
    const at = stage.state.locked;
    this.column.hidden = at?.lane !== stage.state.mapLane;
    if (!this.column.hidden) {
      this.column.style.left = `${(100 * at.position) / lane.L}%`;
      this.column.style.width = `${100 / lane.L}%`;
    }
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const r = Math.floor(((event.clientY - box.top) / (box.height - TICK)) * this.lane.S);
    const i = Math.floor(((event.clientX - box.left) / box.width) * this.lane.L);
    return r >= 0 && r < this.lane.S && i >= 0 && i < this.lane.L ? { r, i } : null;
  }

  #read(at) {
    const { lane, stage, tip } = this;
    tip.hidden = !at;
    if (!at) return;
    const value = this.values[at.r][at.i];
    const id = lane.x[at.r * lane.L + at.i];
    const seen = id !== lane.mask && value === null;
    const token = stage.tokenText(seen ? id : lane.x[lane.S * lane.L + at.i]);
    tip.textContent = stage.s(seen ? "map_visible" : value === null ? "map_absent" : "map_value",
      { n: lane.stateAfter(at.r), i: at.i + 1, token, value: fixed(value ?? 0) });
    const [left, below] = [at.i < lane.L / 2, at.r < lane.S / 2];
    Object.assign(tip.style, {
      left: left ? `${(100 * (at.i + 1)) / lane.L}%` : "auto", right: left ? "auto" : `${100 - (100 * at.i) / lane.L}%`,
      top: below ? `${(100 * (at.r + 1)) / lane.S}%` : "auto", bottom: below ? "auto" : `${100 - (100 * at.r) / lane.S}%`,
    });
  }

  #jump(at) {
    if (!at) return;
    const { stage } = this;
    stage.go(this.lane.stateAfter(at.r));
    stage.lock({ lane: stage.state.mapLane, position: at.i });
  }

  #onKey(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const { lane, stage } = this;
    if (!move || lane.S === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const held = stage.state.locked?.lane === stage.state.mapLane ? stage.state.locked.position : 0;
    const clamp = (value, size) => Math.min(Math.max(value, 0), size - 1);
    const at = { r: clamp(lane.record(stage.state.n) + move[0], lane.S), i: clamp(held + move[1], lane.L) };
    this.#jump(at);
    this.#read(at);
  }
}

// ── the inspector ─────────────────────────────────────────────────────────────────
/** What there is to say of one place: the record it is read from, and its words in order. */
function examine(stage, n, at) {
  const lane = stage.lanes[at.lane];
  const i = at.position;
  const r = Math.min(lane.writtenBy(i, n), lane.record(n));
  if (lane.S === 0 || lane.isFixed(i) || !lane.hasMarginal(r, i)) return { lane, i, r, rows: [] };
  const marginal = lane.marginal(r, i);
  const corrected = lane.hasEnergy(r) ? lane.corrected(r, i) : new Map();
  const rows = [...marginal].map(([id, p]) => ({ id, p, ...(corrected.get(id) ?? { weighted: 0, share: 0 }) }));
  const shown = (weight) => Math.round(1000 * weight); // what the eye can't tell apart is ordered by the marginal
  rows.sort((a, b) => shown(b.weighted) - shown(a.weighted) || b.p - a.p);
  return { lane, i, r, rows };
}

class Inspector {
  constructor(stage) {
    this.stage = stage;
    this.where = h("p", { className: "where" });
    this.status = h("p", { className: "status" });
    this.table = h("div", { className: "bars" });
    this.note = h("p", { className: "note caveat" });
    this.figures = h("dl", { className: "figures" });
    // The way to the page that takes the step apart; a saved page has none.
    this.way = h("button", { className: "wide way", type: "button", textContent: stage.s("diagnose"), hidden: !stage.hooks.diagnose });
    this.element = h("section", { className: "inspector", aria: { label: stage.s("inspector") } },
      h("h3", { textContent: stage.s("inspector") }), this.where, this.status, this.table, this.note, this.figures, this.way);
  }

  show(n, at) {
    this.way.disabled = !at;
    this.way.onclick = () => this.stage.hooks.diagnose({ lane: at.lane, step: n, position: at.position });
    if (!at) return this.#fill("", this.stage.s("inspector_empty"));
    const { stage } = this;
    const found = examine(stage, n, at);
    const { lane, i, r, rows } = found;
    const where = stage.s("inspector_where", { lane: stage.s(lane.sampler), i: i + 1 });
    if (lane.isFixed(i)) return this.#fill(where, stage.s("inspector_fixed"));
    if (rows.length === 0) return this.#fill(where, stage.s(lane.S === 0 ? "inspector_empty" : "inspector_later"));
    const written = lane.token(n, i) !== lane.mask;
    const status = written ? stage.s("inspector_revealed", { n: lane.stateAfter(r) }) : stage.s("inspector_masked", { n });
    this.#fill(where, `${status} ${this.#story(lane, r, rows)}`, found);
  }

  #fill(where, status, found = null) {
    this.where.replaceChildren(h("strong", { textContent: where }), " ", h("span", { className: "note", textContent: where && this.#how() }));
    this.status.textContent = status;
    this.table.replaceChildren(...(found ? [this.#compare(found)] : []));
    this.note.replaceChildren(...(found ? this.#caveat(found) : []));
    this.figures.replaceChildren(...(found ? this.#numbers(found) : []));
  }

  #how() {
    const { locked, hovered } = this.stage.state;
    const energy = this.stage.lanes.some((lane) => lane.corrects);
    return this.stage.s(locked ? "inspector_locked" : hovered ? "inspector_hover" : energy ? "inspector_auto" : "inspector_auto_plain");
  }

  #story(lane, r, rows) {
    const { stage } = this;
    const alone = rows.reduce((best, row) => (row.p > best.p ? row : best));
    const values = { marginal: stage.tokenText(alone.id), p: percent(alone.p), corrected: stage.tokenText(rows[0].id) };
    if (!lane.hasEnergy(r)) return stage.s("story_alone", values);
    return stage.s(rows[0].id === alone.id ? "story_same" : "story_shift", values);
  }

  #caveat({ lane, r }) {
    const { stage } = this;
    const text = !lane.corrects ? stage.s("no_energy") : lane.hasEnergy(r) ? stage.s("estimated", { K: lane.raw.num_candidates[r] }) : stage.s("no_energy_here");
    const legend = ["mark_first", "mark_chosen", "mark_written"].filter((name) => name === "mark_written" || lane.hasEnergy(r))
      .map((name) => h("span", { className: "key" }, mark(name), h("span", { textContent: stage.s(name) })));
    return [h("span", { className: "marks" }, ...legend), `${stage.s("exact")} ${text}`];
  }

  #compare({ lane, r, i, rows }) {
    const { stage } = this;
    const energy = lane.hasEnergy(r);
    // What this record wrote; while the place is still masked, what will stand there in the end.
    const final = lane.writes[i].includes(r) ? lane.x[(r + 1) * lane.L + i] : lane.x[lane.S * lane.L + i];
    const shown = rows.slice(0, ALTERNATIVES);
    const twins = ({ id }) => shown.filter((row) => stage.tokenText(row.id) === stage.tokenText(id)).length > 1;
    const body = shown.map((row) => {
      const space = startsWord(stage.words[row.id]) && twins(row) ? h("span", { className: "space", textContent: "␣" }) : null;
      const marks = [["mark_first", energy && row.id === lane.drawn(r, 0, i)], ["mark_chosen", energy && row.id === lane.taken(r, i)], ["mark_written", row.id === final]];
      const here = marks.filter(([, is]) => is).map(([name]) => name);
      return h("tr", { className: row.id === final ? "chosen" : "" },
        h("th", { attr: { scope: "row" } }, space, h("span", { className: "word", textContent: stage.tokenText(row.id) }), ...here.map((name) => mark(name, stage.s(name)))),
        bar(row.p, "alone", row.p < 0.0005 ? "<0.1 %" : percent(row.p)),
        energy ? bar(row.weighted, "weighed", percent(row.weighted), row.share) : h("td", { className: "bar" }, h("span", { className: "amount", textContent: "–" })),
        h("td", { className: "shift", textContent: energy ? shiftText(row.weighted - row.p) : "–" }));
    });
    return tableOf(["word", "marginal", "corrected", "shift"].map((key) => heading(stage.s(key))), body, "compare");
  }

  #numbers({ lane, r, i }) {
    const { stage } = this;
    const nats = (value, digits) => stage.s("nats", { value: fixed(value, digits) });
    const energy = lane.hasEnergy(r);
    const [K, k] = [lane.raw.num_candidates[r], lane.raw.chosen[r]];
    const figures = {
      n_entropy: nats(lane.entropy[r * lane.L + i] / 1000), n_ess: energy && stage.s("of", { value: fixed(lane.ess(r), 1), K }),
      n_weight: energy && fixed(lane.weightOf(r, k)), n_energy: energy && nats(lane.energyOf(r, k), 1),
      n_energy_first: energy && nats(lane.energyOf(r, 0), 1), n_energy_best: energy && nats(lane.bestEnergy(r), 1),
    };
    return Object.entries(figures).map(([key, value]) => h("div", { title: key.startsWith("n_energy") ? stage.s("n_energy_note") : "" },
      h("dt", { textContent: stage.s(key) }), h("dd", { textContent: value || "–" })));
  }
}

const shiftText = (shift) => (Math.abs(shift) < 0.005 ? "0" : `${shift > 0 ? "▲" : "▼"} ${Math.round(Math.abs(100 * shift))}`);

/** A ring, a dot or a tick beside a word; with a label, what it means is also said. */
function mark(name, label = null) {
  return h("span", { className: `mark ${name}`, title: label ?? "" }, label && h("span", { className: "hidden", textContent: label }));
}

function bar(value, kind, text, tick = null) {
  const fill = h("span", { className: `fill ${kind}` });
  fill.style.width = `${100 * value}%`;
  const track = h("span", { className: "track" }, fill);
  if (tick !== null) {
    const line = h("span", { className: "tick" });
    line.style.left = `${100 * tick}%`;
    track.append(line);
  }
  return h("td", { className: "bar" }, track, h("span", { className: "amount", textContent: text }));
}

// ── the terms of the sum ──────────────────────────────────────────────────────────
/** At the Maths depth: p̂(xⁱ = v) = Σₖ wₖ 1[xₖⁱ = v], with the K terms of this step. */
class Terms {
  constructor(stage) {
    this.stage = stage;
    this.formulas = h("p", { className: "formulas" });
    this.table = scroller(stage.s("terms"));
    this.element = h("section", { className: "terms", aria: { label: stage.s("terms") } }, h("h3", { textContent: stage.s("terms") }), this.formulas, this.table);
  }

  show(n, at) {
    const { stage } = this;
    if (stage.state.depth !== "maths") return;
    const found = at && examine(stage, n, at);
    if (!found || found.rows.length === 0 || !found.lane.hasEnergy(found.r)) {
      this.formulas.textContent = stage.s("terms_none");
      return this.table.replaceChildren();
    }
    const { lane, r, i, rows } = found;
    const winners = lane.corrected(r, i).get(rows[0].id).weighted;
    this.formulas.replaceChildren(
      formula(`w_{k} = ${weightFormula(stage, "k")}`),
      formula("p̂(x^{i} = v) = Σ_{k} w_{k} 1[x_{k}^{i} = v]"),
      h("span", { className: "formula" }, ...formula(`p̂(x^{${i + 1}} = `).childNodes, `“${stage.tokenText(rows[0].id)}”) = ${fixed(winners, 3)}`));
    this.table.replaceChildren(this.#table(lane, r, i));
  }

  #table(lane, r, i) {
    const { stage } = this;
    const order = Array.from({ length: lane.raw.num_candidates[r] }, (_, k) => k).sort((a, b) => lane.weightOf(r, b) - lane.weightOf(r, a));
    const body = order.map((k) => h("tr", { className: k === lane.raw.chosen[r] ? "chosen" : "" },
      h("th", { attr: { scope: "row" } }, String(k + 1), k === lane.raw.chosen[r] ? h("small", { textContent: stage.s("chosen") }) : null),
      h("td", {}, h("span", { className: "word", textContent: stage.tokenText(lane.drawn(r, k, i)) })),
      ...[lane.weightOf(r, k), lane.energyOf(r, k), lane.logQ[r * lane.K + k]].map((value, j) => h("td", { className: "number", textContent: fixed(value, j ? 1 : 3) })),
      h("td", { className: "words", textContent: stage.excerpt(lane.draft(r, k), i, 5) })));
    return tableOf(["draft", "word", "weight", "energy", "log_q", "around"].map((key) => heading(stage.s(key))), body);
  }
}

// ── the strip of measures ─────────────────────────────────────────────────────────
const MEASURES = { smollm2: "judge_nll_smollm2", ar: "judge_nll_ar", entropy: "entropy", repeated: "repeated_words", changed: "changed" };

function fillStrip(stage) {
  const columns = ["calls", "seconds", ...Object.keys(MEASURES)];
  const head = [heading(stage.s("strip_lane")), ...columns.map((name) => heading(stage.s(`strip_${name}`), stage.s(`strip_${name}_note`)))];
  const rows = stage.lanes.map((lane) => h("tr", {}, h("th", { textContent: stage.s(lane.sampler), attr: { scope: "row" } }),
    ...columns.map((name) => stripCell(stage, lane, name))));
  const at = stage.strip.querySelector(".scroll")?.scrollLeft ?? 0;
  stage.strip.replaceChildren(h("h3", { textContent: stage.s("strip") }), scroller(stage.s("strip"), tableOf(head, rows)),
    h("p", { className: "note", textContent: stage.s("strip_directions") }));
  stage.strip.querySelector(".scroll").scrollLeft = at;
}

function stripCell(stage, { raw, sampler, corrects }, name) {
  const absent = (reason) => h("td", { className: "absent", title: stage.s(reason) }, "–", h("span", { className: "hidden", textContent: stage.s(reason) }));
  if (name === "calls") return h("td", { textContent: raw.energy_calls ? `${raw.denoiser_calls} + ${raw.energy_calls}` : String(raw.denoiser_calls) });
  if (name === "seconds") return h("td", { textContent: fixed(raw.seconds) });
  if (name === "changed" && !corrects) return absent("strip_no_energy");
  const value = raw.measures[MEASURES[name]];
  if (value === undefined) return absent(stage.data.live ? "strip_later" : "strip_unmeasured");
  if (name === "repeated" || name === "changed") return h("td", { textContent: percent(value) });
  const own = (corrects && stage.run.energy === name) || (sampler === "ar" && name === "ar");
  return h("td", {}, fixed(value), own ? h("small", { textContent: stage.s("strip_self") }) : null);
}

// ── where it is mounted ───────────────────────────────────────────────────────────
/** `hooks.select` hears of {lane, step, position} when a word is held, and null when it is let go; `hooks.diagnose`,
 *  where there is one, of the place that is to be taken apart. */
export function mount(root, data, hooks = {}) {
  return new Stage(root, data, hooks);
}

const mounted = new WeakMap();

/** Streamlit's component: called at the first drawing and whenever `data` has changed. The selection goes
 *  back, and the page's script runs again, only where `data.select` asks for it. */
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let root = parentElement.querySelector(".stage");
  if (!root) parentElement.append((root = h("div", { className: "stage" })));
  const stage = mounted.get(root);
  if (stage) return void stage.update(data);
  const select = (selection) => mounted.get(root)?.data.select && setStateValue("selection", selection);
  const diagnose = data.diagnose ? (place) => setTriggerValue("diagnose", place) : undefined;
  mounted.set(root, mount(root, data, { select, diagnose }));
}
