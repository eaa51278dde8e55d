// @ts-check
// What a screen reader is told of what goes on by itself: not each step, always the last.
import { unseen } from "./dom.js";

const STANDSTILL = 500; // ms without another text, until one is said
const PAUSE = 5000; // ms between two

export class Speaker {
  constructor() {
    this.element = unseen("");
    this.element.setAttribute("role", "status");
    this.next = 0; // when something may be said again
  }

  /** @param {string} text the last one before its time is said; "" takes back what was about to be @param {number} now */
  say(text, now = performance.now()) {
    clearTimeout(this.timer);
    if (text === "" || text === this.element.textContent) return;
    this.timer = setTimeout(() => {
      this.element.textContent = text;
      this.next = performance.now() + PAUSE;
    }, Math.max(STANDSTILL, this.next - now));
  }
}
