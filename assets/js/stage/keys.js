// @ts-check
// The keyboard: what each key does, and the list of keys.
import { h } from "../dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("../words.js").Key<"stage">} Key */

/** @type {Record<string, (stage: Stage) => void>} */
const ACTIONS = {
  " ": (stage) => stage.toggle(),
  ArrowLeft: (stage) => stage.go(stage.state.n - 1),
  ArrowRight: (stage) => stage.go(stage.state.n + 1),
  Home: (stage) => stage.go(0),
  End: (stage) => stage.go(stage.edge),
  ArrowUp: (stage) => stage.moveLock(-1),
  ArrowDown: (stage) => stage.moveLock(1),
  Escape: (stage) => stage.lock(null),
  "?": (stage) => stage.view.keys.showModal(),
  d: (stage) => stage.toDivergence(),
  l: (stage) => stage.toggleLoop(),
  1: (stage) => stage.setDepth("story"),
  2: (stage) => stage.setDepth("numbers"),
  3: (stage) => stage.setDepth("maths"),
};

/** A key's name is a sign, or a word that is translated. @type {[(string | { key: Key })[], Key][]} */
const LIST = [
  [[{ key: "key_space" }], "keys_play"],
  [["←", "→"], "keys_step"],
  [[{ key: "key_home" }, { key: "key_end" }], "keys_ends"],
  [["↑", "↓"], "keys_position"],
  [[{ key: "key_escape" }], "keys_release"],
  [["D"], "keys_divergence"],
  [["L"], "keys_loop"],
  [["1", "2", "3"], "keys_depth"],
  [["?"], "keys_help"],
];

/**
 * @param {Stage} stage
 * @param {KeyboardEvent} event
 */
export function onKey(stage, event) {
  event.stopPropagation(); // Streamlit's own one-letter keys rerun the page or clear its caches
  if (event.ctrlKey || event.metaKey || event.altKey || keepsKey(/** @type {Element} */ (event.target), event.key)) return;
  const action = ACTIONS[event.key] ?? ACTIONS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action(stage);
}

/**
 * Keys that mean something to the control that has the focus are its own.
 * @param {Element} target
 * @param {string} key
 */
function keepsKey(target, key) {
  if (target.closest("dialog, [popover], select, input.link")) return true;
  if (target.closest("[role=radio]") && key.startsWith("Arrow")) return true;
  if (target.closest("[type=range]")) return /^(Arrow|Page|Home|End)/.test(key);
  return Boolean(target.closest("button, input")) && (key === " " || key === "Enter");
}

/** @param {import("../words.js").Words<"stage">} words */
export function keysDialog(words) {
  const title = words.say("keys");
  const nameOf = (/** @type {string | { key: Key }} */ name) => (typeof name === "string" ? name : words.say(name.key));
  const rows = LIST.flatMap(([names, meaning]) => [
    h("dt", {}, ...names.map((name) => h("kbd", { textContent: nameOf(name) }))),
    h("dd", { textContent: words.say(meaning) }),
  ]);
  const close = h("button", { type: "button", className: "wide", textContent: words.say("close") });
  const dialog = h("dialog", { className: "keys", aria: { label: title } },
    h("h3", { textContent: title }), h("dl", {}, ...rows), close);
  close.onclick = () => dialog.close();
  return dialog;
}
