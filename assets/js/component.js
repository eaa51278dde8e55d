// @ts-check
// How Streamlit calls a component: at the first drawing, and whenever `data` has changed.
import { h } from "./dom.js";

/**
 * @template Data
 * @typedef {{ data: Data, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void,
 *   setTriggerValue: (name: string, value: unknown) => void }} Call
 */

/** @type {WeakMap<Element, { update: (data: any) => void }>} */
const mounted = new WeakMap();

/**
 * One view a root: made at the first call, told of new data at the others.
 * @template Data
 * @param {string} name class of the root
 * @param {Call<Data>} call
 * @param {(root: HTMLElement) => { update: (data: Data) => void }} make a view that has drawn the call's data
 */
export function mountOnce(name, { data, parentElement }, make) {
  let root = /** @type {HTMLElement | null} */ (parentElement.querySelector(`.${name}`));
  if (!root) parentElement.append((root = h("div", { className: name })));
  const view = mounted.get(root);
  if (view) view.update(data);
  else mounted.set(root, make(root));
}
