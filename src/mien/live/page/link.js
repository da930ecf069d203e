const UNDER_WAY = 2;
const WAIT = 0.5; // of the time between two answers: a frame sent at once would be old by then
const WAITS_MS = [500, 1000, 2000, 4000];
const SILENT_MS = 8000;
const BAD_LINK = 1008;
const SILENT = 4000; // another page took the place of this one, which sent nothing

/**
 * The connection to the server, which comes back by itself. The server counts frames as they come,
 * so a frame's number is how many were sent; an answer settles its frame and all before.
 */
export class Link {
  #socket = null;
  #open = false;
  #isResting = false; // until there is a picture to send
  #sent = 0;
  #waiting = new Map();
  #tries = 0;
  #movedAt = 0; // when the last answer came, or the first frame was sent
  #gapMs = 0; // between two answers, smoothed

  /** `told` has `model`, `seen(answer, frame)`, `wrong(words)`, `lost(words, final)`, `rested()`. */
  constructor(token, told) {
    this.token = token;
    this.told = told;
    setInterval(() => this.#watch(), 1000);
    this.#connect();
  }

  /** Whether another frame may be sent now; one that will wait for another not until later. */
  get isFree() {
    if (!this.#open || this.#waiting.size === UNDER_WAY) return false;
    return !this.#waiting.size || performance.now() - this.#movedAt > WAIT * this.#gapMs;
  }

  /** Ask for the place again that was given up: there is a picture to send. */
  wake() {
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#connect();
  }

  /** Send a frame's bytes; `frame` comes back with its answer. */
  send(bytes, frame) {
    if (!this.#open) return;
    if (!this.#waiting.size) this.#movedAt = performance.now();
    this.#waiting.set(++this.#sent, frame);
    this.#socket.send(bytes);
  }

  #connect() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/frames`);
    this.#socket = socket;
    socket.onopen = () => socket.send(this.token);
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = (event) => socket === this.#socket && this.#lose(event);
  }

  #take(message) {
    const now = performance.now();
    this.#gapMs = 0.8 * this.#gapMs + 0.2 * (now - this.#movedAt);
    this.#movedAt = now;
    if (message.model) {
      [this.#open, this.#sent, this.#tries, this.#gapMs] = [true, 0, 0, 0];
      return this.told.model(message.model);
    }
    const frame = this.#waiting.get(message.frame);
    for (const number of this.#waiting.keys()) if (number <= message.frame) this.#waiting.delete(number);
    if (message.error) this.told.wrong(message.error);
    else if (frame) this.told.seen(message, frame);
  }

  #lose({ code, reason }) {
    this.#open = false;
    this.#waiting.clear();
    const isFinal = code === BAD_LINK && reason.includes("link");
    if (code === SILENT) {
      this.#isResting = true;
      return this.told.rested();
    }
    this.told.lost(reason, isFinal);
    if (isFinal) return;
    const wait = WAITS_MS[Math.min(this.#tries++, WAITS_MS.length - 1)];
    setTimeout(() => this.#connect(), wait);
  }

  /** Give up a connection that has said nothing for long. */
  #watch() {
    if (!this.#open || !this.#waiting.size || performance.now() - this.#movedAt < SILENT_MS) return;
    const silent = this.#socket;
    this.#socket = null;
    silent.close();
    this.#lose({ code: 0, reason: "" });
  }
}
