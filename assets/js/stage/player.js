// @ts-check
// The stage in a saved page, which holds its data.
import { Stage } from "./stage.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".stage"));
const data = /** @type {HTMLElement} */ (document.getElementById("data"));
new Stage(root, JSON.parse(data.textContent));
