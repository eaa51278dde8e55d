// @ts-check
// The stage in the app.
import { mountOnce } from "../component.js";
import { Stage } from "./stage.js";

/** Its data comes as the bytes of JSON. @param {import("../component.js").Call<Uint8Array>} call */
export default function component(call) {
  /** @type {import("./state.js").Data} */
  const data = JSON.parse(new TextDecoder().decode(call.data));
  /** @type {import("./state.js").Hooks} */
  const hooks = data.diagnose ? { diagnose: (place) => call.setTriggerValue("diagnose", place) } : {};
  mountOnce("stage", { ...call, data }, (root) => new Stage(root, data, hooks));
}
