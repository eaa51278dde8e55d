// @ts-check
// Buttons, scrubber and options of playing.
import { choice, h } from "../dom.js";
import { fixed } from "../numbers.js";
import { icon } from "./icons.js";

/** @type {[string, string][]} */
const SPEEDS = [["0.5", "0.5×"], ["1", "1×"], ["2", "2×"], ["4", "4×"]];

export class Transport {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.play = this.#button("play", () => stage.toggle());
    this.loop = this.#button("loop", () => stage.toggleLoop());
    this.scrubber = this.#scrubber();
    this.readout = h("output", { className: "readout", aria: { live: "off" } });
    this.divergence = this.#divergence();
    this.reason = h("span", { className: "note reason" });
    this.element = h("div", { className: "transport" },
      h("div", { className: "buttons" },
        this.#button("first", () => stage.go(0)),
        this.#button("back", () => stage.go(stage.state.n - 1)),
        this.play,
        this.#button("forward", () => stage.go(stage.state.n + 1)),
        this.#button("last", () => stage.go(stage.edge)),
        this.loop),
      this.scrubber,
      this.readout);
    this.options = h("div", { className: "options ways" }, this.divergence, this.#speed(), this.#drafts(), this.reason);
    this.showLoop();
  }

  /**
   * @param {Exclude<import("./icons.js").Icon, "pause">} name
   * @param {() => void} action
   */
  #button(name, action) {
    const text = this.stage.say(name);
    return h("button", { type: "button", title: text, aria: { label: text }, data: { name }, onclick: action }, icon(name));
  }

  #scrubber() {
    const { stage } = this;
    const scrubber = h("input", {
      type: "range",
      min: "0",
      max: String(stage.T),
      step: "1",
      aria: { label: stage.say("scrubber") },
      data: { name: "scrubber" },
    });
    scrubber.oninput = () => stage.go(Number(scrubber.value));
    return scrubber;
  }

  #divergence() {
    const { stage } = this;
    const text = stage.say("divergence");
    const button = h("button", { type: "button", className: "wide", textContent: text, data: { name: "divergence" } });
    button.onclick = () => stage.toDivergence();
    return button;
  }

  #speed() {
    const { stage } = this;
    const set = (/** @type {string} */ value) => (stage.state.speed = Number(value));
    return choice(stage.say("speed"), SPEEDS, String(stage.state.speed), set);
  }

  #drafts() {
    const { stage } = this;
    const box = h("input", { type: "checkbox", checked: stage.state.drafts, data: { name: "drafts" } });
    box.onchange = () => { stage.state.drafts = box.checked; stage.show(); };
    return h("label", { className: "choice" }, box, h("span", { textContent: stage.say("drafts") }));
  }

  load() {
    const { stage } = this;
    const none = stage.divergence < 0;
    const reason = none ? stage.say(stage.lanes.length > 1 ? "divergence_none" : "divergence_one") : "";
    this.divergence.disabled = none;
    this.divergence.title = this.reason.textContent = reason;
  }

  showLoop() {
    this.loop.setAttribute("aria-pressed", String(this.stage.state.loop));
  }

  /** @param {number} n */
  show(n) {
    const { stage } = this;
    const name = stage.state.playing ? "pause" : "play";
    if (this.play.dataset.shows !== name) {
      this.play.dataset.shows = name;
      this.play.replaceChildren(icon(name));
      this.play.title = stage.say(name);
      this.play.setAttribute("aria-label", this.play.title);
    }
    const values = { n, T: stage.T, t: fixed(1 - n / stage.T) };
    this.scrubber.value = String(n);
    this.readout.textContent = stage.say("readout", values);
    this.scrubber.setAttribute("aria-valuetext", stage.say("readout_spoken", values));
  }
}
