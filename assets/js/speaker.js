// @ts-check
// What a screen reader is told of what goes on by itself: not each step, always the last.
import { unseen } from "./dom.js";

const STANDSTILL = 500; // ms without another text, until one is said
export const PAUSE = 5000; // ms between two texts that come by themselves

export class Speaker {
  constructor() {
    this.element = unseen("");
    this.element.setAttribute("role", "status");
    this.said = -Infinity; // when
  }

  /**
   * @param {string} text the last one before its time is said; "" takes back what was about to be
   * @param {number} pause ms since the one before
   */
  say(text, pause = 0) {
    clearTimeout(this.timer);
    if (text === "" || text === this.element.textContent) return;
    this.timer = setTimeout(() => {
      this.element.textContent = text;
      this.said = performance.now();
    }, Math.max(STANDSTILL, this.said + pause - performance.now()));
  }
}
