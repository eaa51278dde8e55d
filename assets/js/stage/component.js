// @ts-check
// The stage in the app.
import { mountOnce } from "../component.js";
import { Stage } from "./stage.js";

/** @param {import("../component.js").Call<import("./state.js").Data>} call */
export default function component(call) {
  const { data, setTriggerValue } = call;
  /** @type {import("./state.js").Hooks} */
  const hooks = data.diagnose ? { diagnose: (place) => setTriggerValue("diagnose", place) } : {};
  mountOnce("stage", call, (root) => new Stage(root, data, hooks));
}
