import { element } from "./dom.js";

/** The buttons under the picture, the choice of a camera, and that of a file. */
export class Tools {
  constructor(root, acts) {
    const button = (words, key, act) =>
      element("button.tool", { onclick: act, "aria-pressed": "false" }, element("span", {}, words), element("kbd", { "aria-hidden": "true" }, key));
    this.pause = button("pause", "␣", acts.pause);
    this.snapshot = button("snapshot", "s", acts.snapshot);
    this.snapshot.removeAttribute("aria-pressed");
    this.mirror = button("mirror", "m", acts.mirror);
    this.times = button("times", "t", acts.times);
    this.input = element("input.unseen", { type: "file", accept: "video/*", tabIndex: -1, "aria-label": "Video file" });
    this.input.onchange = () => this.input.files[0] && acts.openFile(this.input.files[0]);
    this.file = element("button.tool", { onclick: () => this.input.click() }, "video file");
    this.select = element("select", { "aria-label": "Camera", hidden: true });
    this.select.onchange = () => acts.openCamera(this.select.value);
    root.append(this.pause, this.snapshot, this.mirror, this.times, this.file, this.select, this.input);
  }

  /** Offer the cameras, where there are several or another source is open. */
  offer(cameras, id) {
    const options = cameras.map((one, n) => new Option(one.label || `Camera ${n + 1}`, one.deviceId, false, one.deviceId === id));
    if (!id) options.unshift(new Option("camera …", "", true, true));
    this.select.replaceChildren(...options);
    this.select.hidden = cameras.length < 2 && !(cameras.length && !id);
  }
}

/** Show whether a button is pressed. */
export const press = (button, isOn) => button.setAttribute("aria-pressed", isOn);
