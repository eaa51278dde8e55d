/* The candidate theatre: all drafts of one step, side by side. Text never as HTML.
   Sorting and pointing happen here; a held place or draft goes back to the page. */

const TOP = 10; // drafts shown at first
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const BLUE_ORANGE = ["#b0480a", "#e08a45", "#f3c79c", "#ececec", "#a9c8e8", "#4f8cc9", "#1d4f91"]; // against … for
const LOWEST = -10; // nats: a log-probability below it has the darkest colour
const WIDEST = 6; // nats, either way

function h(tag, { aria = {}, attr = {}, data = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  for (const [name, value] of Object.entries(attr)) element.setAttribute(name, value);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function decode(text, Type) {
  if (text === null) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Type(bytes.buffer);
}

function blend(colours, share) {
  const at = share * (colours.length - 1);
  const low = Math.min(Math.floor(at), colours.length - 2);
  const channel = (hex, j) => parseInt(hex.slice(1 + 2 * j, 3 + 2 * j), 16);
  const mix = [0, 1, 2].map((j) => Math.round(channel(colours[low], j) * (1 - at + low) + channel(colours[low + 1], j) * (at - low)));
  return `rgb(${mix.join(" ")})`;
}

// A number's colour, clamped at `low` and `high`. Mixed once: a step has thousands of cells.
function ramp(colours, low, high) {
  const mixed = [...Array(256).keys()].map((n) => blend(colours, n / 255));
  return (nats) => mixed[Math.round(Math.min(Math.max((nats - low) / (high - low), 0), 1) * 255)];
}

const LOG = { ends: [LOWEST, 0], colour: ramp(CIVIDIS, LOWEST, 0), from: `${LOWEST}`.replace("-", "≤ −"), to: "0" };
const STRIPS = {
  log_q: LOG,
  log_p: LOG,
  parts: { ends: [-WIDEST, WIDEST], colour: ramp(BLUE_ORANGE, -WIDEST, WIDEST), from: `−${WIDEST}`, to: `+${WIDEST}` },
};

const nats = (value, sign = false) => `${sign && value > 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−");
const percent = (p) => (p >= 0.9995 ? "100 %" : p < 0.0005 ? "<0.1 %" : p < 0.1 ? `${(100 * p).toFixed(1)} %` : `${Math.round(100 * p)} %`);

class Theatre {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.sort = "weight";
    this.all = false;
    this.marked = [];
    const themed = new MutationObserver(() => this.theme());
    themed.observe(document.documentElement, { attributes: true, subtree: false });
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit's r and c are not ours
  }

  update(data) {
    this.data = data;
    this.candidate = decode(data.candidate, Uint16Array);
    this.values = Object.fromEntries(Object.keys(STRIPS).map((name) => [name, decode(data[name], Float32Array)]));
    this.strips = Object.keys(STRIPS).filter((name) => this.values[name]);
    this.held = { draft: data.draft, position: data.position };
    this.pointed = null;
    this.theme();
    this.build();
  }

  theme() {
    const [r, g, b] = getComputedStyle(this.root).getPropertyValue("color").match(/[\d.]+/g).map(Number);
    this.root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b > 128 ? "dark" : "light";
  }

  s(key, values = {}) {
    return this.data.strings[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  word(k, i) {
    return this.data.words[this.candidate[k * this.data.L + i]];
  }

  shownWord(k, i) {
    return this.word(k, i).replaceAll("\n", "⏎");
  }

  order() {
    const { K } = this.data;
    const key = { weight: (k) => -this.data.weight[k], log_q: (k) => -this.data.total_log_q[k], energy: (k) => this.data.energy[k] ?? Infinity, drawn: (k) => k }[this.sort];
    if (this.data.only.length) return this.data.only;
    return [...Array(K).keys()].sort((a, b) => key(a) - key(b) || a - b);
  }

  // ── building ──────────────────────────────────────────────────────────────────
  build() {
    const { K, L } = this.data;
    const options = ["weight", "log_q", "energy", "drawn"].map((id) => h("option", { value: id, textContent: this.s(`sort_${id}`), selected: id === this.sort }));
    const select = h("select", { onchange: () => { this.sort = select.value; this.fill(); } }, ...options);
    const bar = h("div", { className: "bar" }, h("label", { className: "choice" }, h("span", { textContent: this.s("sort") }), select));
    const legend = h("p", { className: "legend" },
      ...["other", "written", "given"].map((name) => h("span", {}, h("span", { className: `token ${name}`, textContent: this.s("example") }), ` ${this.s(`legend_${name}`)}`)));
    this.slider = h("input", { type: "range", min: 1, max: L, value: this.held.position + 1, attr: { "aria-label": this.s("position") } });
    this.slider.oninput = () => this.point(this.slider.value - 1);
    this.slider.onchange = () => this.hold(this.held.draft, this.slider.value - 1);
    this.label = h("label", {});
    this.readout = h("p", { className: "readout", aria: { live: "polite" } });
    this.list = h("ol", {});
    this.more = h("div", { className: "more" });
    const button = h("button", { type: "button", onclick: () => { this.all = !this.all; this.fill(); } });
    const some = this.data.only.length > 0;
    bar.hidden = some;
    if (K > TOP && !some) this.more.append(button);
    this.toggle = button;
    this.root.replaceChildren(bar, this.scales(), legend,
      h("div", { className: "place" }, this.label, this.slider, this.readout), this.list, this.more);
    this.fill();
  }

  scales() {
    return h("div", { className: "scales" }, ...this.strips.map((name) => {
      const { ends, colour, from, to } = STRIPS[name];
      const canvas = h("canvas", { width: 64, height: 1, attr: { "aria-hidden": "true" } });
      const pen = canvas.getContext("2d");
      for (let x = 0; x < 64; x++) {
        pen.fillStyle = colour(ends[0] + ((ends[1] - ends[0]) * x) / 63);
        pen.fillRect(x, 0, 1, 1);
      }
      return h("span", { className: "scale" }, h("span", { textContent: this.s(name) }), from, canvas, `${to} ${this.s("nats")}`,
        name === "parts" ? h("span", { textContent: this.s("parts_sign") }) : null);
    }));
  }

  fill() {
    const order = this.order();
    const shown = this.all ? order : order.slice(0, TOP);
    for (const k of this.data.only.length ? [] : [this.data.chosen, this.held.draft]) if (!shown.includes(k)) shown.push(k);
    this.toggle.textContent = this.s(this.all ? "fewer" : "more", { K: this.data.K });
    this.rows = new Map(shown.map((k) => [k, this.draft(k)]));
    this.list.replaceChildren(...[...this.rows.values()].map(({ element }) => element));
    this.point(this.held.position);
  }

  draft(k) {
    const { data } = this;
    const taken = k === data.chosen;
    const tags = [taken ? h("span", { className: "tag taken", textContent: this.s("taken") }) : null, k === 0 ? h("span", { className: "tag", textContent: this.s("first") }) : null];
    const fill = h("span", { className: "fill" });
    fill.style.width = `${100 * data.weight[k]}%`;
    const compare = taken || data.only.length ? null : h("button", { type: "button", textContent: this.s("compare"), attr: { "aria-pressed": String(k === this.held.draft) },
      aria: { label: `${this.s("compare")}: ${this.s("draft", { k: k + 1 })}` }, onclick: () => this.hold(k, this.held.position) });
    const head = h("div", { className: "head" }, h("strong", { textContent: this.s("draft", { k: k + 1 }) }), ...tags,
      h("span", { className: "track", attr: { "aria-hidden": "true" } }, fill),
      h("div", { textContent: this.s("weight", { weight: percent(data.weight[k]) }) }),
      h("div", { textContent: this.s("ranks", { before: data.rank_before[k], after: data.rank_after[k] }) }),
      h("div", { textContent: this.s("energy", { energy: data.energy[k] === null ? "∞" : nats(data.energy[k]) }) }), compare);
    const tokens = [...Array(data.L).keys()].map((i) => this.token(k, i));
    const text = h("div", { className: "text" }, ...tokens);
    const place = (event) => tokens.indexOf(event.target);
    text.onpointerover = (event) => place(event) >= 0 && this.point(place(event), k);
    text.onpointerout = () => this.point(this.held.position);
    text.onclick = (event) => place(event) >= 0 && this.hold(this.held.draft, place(event));
    const strips = h("div", { className: "strips", attr: { "aria-hidden": "true" } }, ...this.strips.map((name) => this.strip(k, name)), h("div", { className: "cursor" }));
    strips.onpointermove = (event) => this.point(this.at(strips, event), k);
    strips.onpointerleave = () => this.point(this.held.position);
    strips.onclick = (event) => this.hold(this.held.draft, this.at(strips, event));
    const element = h("li", { className: taken ? "draft chosen" : "draft" }, head,
      h("div", {}, text, this.strips.length ? strips : null));
    return { element, tokens };
  }

  token(k, i) {
    const { data } = this;
    const classes = ["token"];
    if (data.given[i]) classes.push("given");
    if (this.word(k, i) !== this.word(data.chosen, i)) classes.push("other");
    if (data.spots.includes(i)) classes.push("spot");
    if (data.written[i] && k === data.chosen) classes.push("written");
    return h("span", { className: classes.join(" "), textContent: this.shownWord(k, i) + (this.word(k, i).includes("\n") ? "\n" : "") });
  }

  strip(k, name) {
    const { L, given } = this.data;
    const canvas = h("canvas", { width: L, height: 1 });
    const pen = canvas.getContext("2d");
    for (let i = 0; i < L; i++) {
      const value = this.values[name][k * L + i];
      if (given[i] && name === "log_q") continue; // not drawn here: no log p_theta
      pen.fillStyle = STRIPS[name].colour(value);
      pen.fillRect(i, 0, 1, 1);
    }
    return h("div", { className: "strip" }, h("span", { textContent: this.s(`short_${name}`) }), canvas);
  }

  at(strips, event) {
    const box = strips.querySelector("canvas").getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(this.data.L - 1, Math.max(0, Math.floor(share * this.data.L)));
  }

  // ── pointing and holding ──────────────────────────────────────────────────────
  point(i, k = this.held.draft) {
    const { data } = this;
    this.slider.value = i + 1;
    this.label.textContent = this.s("at", { i: i + 1, L: data.L });
    this.slider.setAttribute("aria-valuetext", `${this.s("at", { i: i + 1, L: data.L })}: ${this.word(k, i)}`);
    const lines = (k === data.chosen ? [k] : [data.chosen, k]).map((one) => this.describe(one, i));
    this.readout.textContent = lines.join("\n");
    this.readout.style.whiteSpace = "pre-line";
    // No sizes are asked for: the browser would have to lay out every draft to answer.
    this.list.style.setProperty("--at", i / data.L);
    this.list.style.setProperty("--cell", 1 / data.L);
    for (const token of this.marked) token.classList.remove("held");
    this.marked = [...this.rows.values()].map(({ tokens }) => tokens[i]);
    for (const token of this.marked) token.classList.add("held");
  }

  describe(k, i) {
    const { L, given } = this.data;
    const name = this.s("draft", { k: k + 1 }) + (k === this.data.chosen ? ` (${this.s("taken")})` : "");
    if (given[i]) return `${name}: “${this.shownWord(k, i)}” · ${this.s("given_here")}`;
    const numbers = this.strips.map((strip) => `${this.s(`short_${strip}`)} ${nats(this.values[strip][k * L + i], strip === "parts")}`);
    return `${name}: “${this.shownWord(k, i)}” · ${numbers.join(" · ")}`;
  }

  hold(draft, position) {
    this.held = { draft, position };
    this.send(this.held);
    this.point(position);
  }
}

const mounted = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let root = parentElement.querySelector(".theatre");
  if (!root) parentElement.append((root = h("div", { className: "theatre" })));
  if (!mounted.has(root)) mounted.set(root, new Theatre(root, (held) => setStateValue("held", held)));
  mounted.get(root).update(data);
}
