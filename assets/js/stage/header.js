// @ts-check
// What run this is, where it came from, and how deep it is read.
import { h } from "../dom.js";
import { DEPTHS } from "./state.js";

/** @typedef {import("./stage.js").Stage} Stage */

const COPIED = 2000; // ms that the button says so
const MOVES = new Map([["ArrowRight", 1], ["ArrowDown", 1], ["ArrowLeft", -1], ["ArrowUp", -1]]);

export class Header {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const { words, data, run } = stage;
    this.badge = h("span", { className: "badge" });
    this.origin = h("span", { className: "note" });
    this.depths = DEPTHS.map((depth) => this.#depthButton(depth));
    const name = words.say("keys");
    const help = h("button", { type: "button", textContent: "?", title: name, data: { name: "help" } });
    help.setAttribute("aria-label", name);
    help.onclick = () => stage.view.keys.showModal();
    const depths = h("div", { className: "depths", attr: { role: "radiogroup" }, aria: { label: words.say("depth") } });
    depths.append(...this.depths);
    const about = run.about ? h("span", { className: "note", textContent: run.about }) : null;
    this.element = h("header", {},
      h("div", { className: "title" }, h("h2", { textContent: run.title }), this.badge, this.origin, about),
      h("div", { className: "tools" }, depths, data.link ? copyLink(stage) : null, help));
  }

  load() {
    const { words, data, run, hooks } = this.stage;
    const kind = data.live ? "live" : data.replay ? "replay" : "computed";
    const origin = { model: run.model.name, device: run.device.toUpperCase() };
    this.badge.textContent = words.say(kind);
    this.badge.dataset.kind = kind;
    // A page around the stage says it at length.
    this.origin.textContent = hooks.diagnose ? "" : words.say(data.replay ? "replay_origin" : "computed_origin", origin);
  }

  showDepth() {
    for (const radio of this.depths) {
      const here = radio.dataset.depth === this.stage.state.depth;
      radio.setAttribute("aria-checked", String(here));
      radio.tabIndex = here ? 0 : -1;
    }
  }

  /** @param {import("./state.js").Depth} depth */
  #depthButton(depth) {
    const text = this.stage.say(depth);
    const radio = h("button", { type: "button", textContent: text, data: { depth, name: depth }, attr: { role: "radio" } });
    radio.onclick = () => this.stage.setDepth(depth);
    radio.onkeydown = (event) => {
      const by = MOVES.get(event.key);
      if (!by) return;
      event.preventDefault();
      const to = this.depths.at((this.depths.indexOf(radio) + by) % this.depths.length);
      to?.focus();
      to?.click();
    };
    return radio;
  }
}

/** A button that copies the run's link; where that is forbidden, a field to copy it from. @param {Stage} stage */
function copyLink({ words, data, state }) {
  const text = words.say("copy_link");
  const button = h("button", { type: "button", className: "wide link", textContent: text, data: { name: "link" } });
  const status = h("span", { className: "hidden", attr: { role: "status" } });
  const field = h("input", { className: "link", readOnly: true, aria: { label: words.say("copy_by_hand") } });
  field.onblur = () => field.replaceWith(button);
  button.onclick = async () => {
    const url = `${location.origin}${location.pathname}${data.link}&at=${state.n}`;
    try {
      await navigator.clipboard.writeText(url);
      button.textContent = status.textContent = words.say("copied");
      setTimeout(() => { button.textContent = text; status.textContent = ""; }, COPIED);
    } catch {
      field.value = url;
      button.replaceWith(field);
      field.focus();
      field.select();
    }
  };
  return h("span", { className: "copy" }, button, status);
}
