// @ts-check
// A region for what goes on by itself, in the app.
import { mountOnce } from "../component.js";
import { PAUSE, Speaker } from "../speaker.js";

/** @param {import("../component.js").Call<{ text: string }>} call */
export default function component(call) {
  mountOnce("live_region", call, (root) => {
    const speaker = new Speaker();
    root.append(speaker.element);
    const update = (/** @type {{ text: string }} */ { text }) => speaker.say(text, PAUSE);
    update(call.data);
    return { update };
  });
}
