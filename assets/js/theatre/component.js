// @ts-check
// The theatre in the app.
import { mountOnce } from "../component.js";
import { Theatre } from "./theatre.js";

/** @param {import("../component.js").Call<import("./step.js").Data>} call */
export default function component(call) {
  const { data, setStateValue } = call;
  mountOnce("theatre", call, (root) => new Theatre(root, data, (held) => setStateValue("held", held)));
}
