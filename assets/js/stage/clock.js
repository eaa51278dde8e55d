// @ts-check
// Time while a run plays: step by step to the edge, where a run that is being written is waited for.
import { clamp } from "../numbers.js";

const SLOWEST = 550; // ms a step
const QUICKEST = 90;
const WHOLE_RUN = 7000; // ms that all steps take, where they are neither
const FRAME = 4; // ms: a frame that comes this much early still counts

export class Clock {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.frame = 0;
    this.lastMove = 0;
  }

  /** Until the stage is paused, or taken off the page. */
  start() {
    cancelAnimationFrame(this.frame);
    this.lastMove = performance.now();
    this.frame = requestAnimationFrame((now) => this.#tick(now));
  }

  /** @param {number} now */
  #tick(now) {
    const { state, T, root } = this.stage;
    if (!state.playing || !root.isConnected) return;
    const pace = clamp(WHOLE_RUN / T, QUICKEST, SLOWEST) / state.speed;
    if (now - this.lastMove >= pace - FRAME) {
      this.lastMove = now;
      this.#step();
    }
    this.frame = requestAnimationFrame((later) => this.#tick(later));
  }

  #step() {
    const { stage } = this;
    const { state, data, edge } = stage;
    if (state.n < edge) stage.go(state.n + 1, { byHand: false });
    else if (data.live) return;
    else if (state.loop) stage.go(0, { byHand: false });
    else stage.pause();
  }
}
