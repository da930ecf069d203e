import { read, write } from "./store.js";

/** The server's time, as this browser knows it. No two stamps are equal, also over tabs and reloads. */
export class Clock {
  #name;
  #ahead = 0;
  #last = 0;

  constructor(name) {
    this.#name = name;
  }

  /** Take the server's time from an answer that was asked for at `sent` and came at `received`. */
  set(now, sent, received) {
    this.#ahead = Date.parse(now) - (sent + received) / 2;
  }

  /** Return an ISO time in UTC, later than every one before. */
  stamp() {
    const last = Math.max(this.#last, Number(read(this.#name)));
    this.#last = Math.max(Math.round(Date.now() + this.#ahead), last + 1);
    write(this.#name, String(this.#last));
    return new Date(this.#last).toISOString();
  }
}
