// @ts-check
// The sheet of a scene, in the app.
import { mountOnce } from "../component.js";
import { Sheet } from "./sheet.js";

/** @param {import("../component.js").Call<import("./sheet.js").Data>} call */
export default function component(call) {
  mountOnce("sheet", call, (root) => new Sheet(root, call.data));
}
