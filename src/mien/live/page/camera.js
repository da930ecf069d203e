const REASONS = {
  NotAllowedError: "The camera was refused. Allow it beside the page's address, then try again.",
  NotFoundError: "No camera was found. Plug one in, then try again.",
  OverconstrainedError: "This camera is gone. Plug it in, or choose another.",
  NotReadableError: "The camera cannot be read. End other programs that use it, then try again.",
};
const NOT_SECURE =
  "Browsers open a camera on https pages and on this computer's own alone. Start mien live with " +
  "--certificate and --key.";
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** What the pictures come from: a camera, or a video file of the viewer's own. */
export class Camera {
  #stream = null;
  #file = null;
  #asked = 0;

  constructor(video) {
    this.video = video;
  }

  /** Open this camera, or the one that the browser prefers; raise an Error that says what to do. */
  async open(id) {
    if (!navigator.mediaDevices) throw new Error(NOT_SECURE);
    this.close();
    const asked = (this.#asked += 1);
    const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which } });
    } catch (error) {
      throw new Error(REASONS[error.name] ?? `The camera cannot be opened: ${error.message}`);
    }
    if (asked !== this.#asked) {
      for (const track of stream.getTracks()) track.stop(); // something else was chosen meanwhile
      return;
    }
    this.#stream = stream;
    this.video.srcObject = this.#stream;
    await this.video.play();
  }

  /** Play the file over and over; raise an Error when the browser cannot. */
  async openFile(file) {
    this.close();
    this.#asked += 1;
    this.#file = URL.createObjectURL(file);
    this.video.src = this.#file;
    this.video.loop = true;
    try {
      await this.video.play();
    } catch {
      throw new Error(`${file.name} is no video that this browser can play.`);
    }
    if (!this.video.videoWidth) {
      this.close(); // of some films it can play the sound alone
      throw new Error(`${file.name} has no picture that this browser can show.`);
    }
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#file) URL.revokeObjectURL(this.#file);
    [this.#stream, this.#file] = [null, null];
    this.video.srcObject = null;
    this.video.removeAttribute("src");
  }

  /** Call back when the camera is unplugged. */
  set onend(act) {
    const track = this.#stream?.getVideoTracks()[0];
    if (track) track.onended = act;
  }

  /** Whether people look into it as into a mirror. */
  get isFront() {
    const settings = this.#stream?.getVideoTracks()[0].getSettings();
    return Boolean(settings) && settings.facingMode !== "environment";
  }

  get id() {
    return this.#stream?.getVideoTracks()[0].getSettings().deviceId ?? "";
  }
}

/** Return the cameras there are; their names are known once one was allowed. */
export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
}
