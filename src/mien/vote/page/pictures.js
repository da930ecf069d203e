const AT_ONCE = 4; // browsers open six connections to a host: ballots must not stand behind pictures
const RETRY_MS = 2_000;

/** Faces' pictures, fetched and decoded ahead; the memory of those no longer held is given back. */
export class Pictures {
  #fetch;
  #held = new Map();
  #running = 0;
  #pause = null;

  constructor(fetchPicture) {
    this.#fetch = fetchPicture;
  }

  /** Hold the pictures of exactly these faces; fetch what is missing, the first of them first. */
  hold(faceIds) {
    const wanted = new Set(faceIds);
    for (const [faceId, entry] of this.#held) {
      if (wanted.has(faceId)) continue;
      if (entry.url) URL.revokeObjectURL(entry.url);
      this.#held.delete(faceId);
    }
    const kept = this.#held;
    this.#held = new Map();
    for (const faceId of wanted) this.#held.set(faceId, kept.get(faceId) ?? newEntry());
    this.#fill();
  }

  /** Return a held face's picture, decoded; null while it is not there, or never will be. */
  now(faceId) {
    return this.#held.get(faceId)?.image ?? null;
  }

  /** Return whether the server has no such picture. */
  isGone(faceId) {
    return this.#held.get(faceId)?.state === "gone";
  }

  /** Resolve once a held face's picture is there or known to be gone. */
  async settled(faceId) {
    await this.#held.get(faceId)?.settled;
  }

  #fill() {
    for (const [faceId, entry] of this.#held) {
      if (this.#pause || this.#running >= AT_ONCE) return;
      if (entry.state === "wanted") this.#load(faceId, entry);
    }
  }

  async #load(faceId, entry) {
    entry.state = "loading";
    this.#running += 1;
    try {
      const url = URL.createObjectURL(await this.#fetch(faceId));
      const image = new Image();
      image.decoding = "sync"; // decoded already: it must appear with the page's next frame
      image.draggable = false;
      image.alt = "";
      image.src = url;
      await image.decode();
      if (this.#held.get(faceId) !== entry) URL.revokeObjectURL(url);
      Object.assign(entry, { url, image, state: "ready" });
      entry.settle();
    } catch (problem) {
      if ([404, 410].includes(problem.status) || problem.name === "EncodingError") {
        entry.state = "gone";
        entry.settle();
      } else {
        entry.state = "wanted";
        const pause = Math.max(RETRY_MS, 1000 * (problem.retryAfter ?? 0));
        this.#pause ??= setTimeout(() => this.#resume(), pause);
      }
    }
    this.#running -= 1;
    this.#fill();
  }

  #resume() {
    this.#pause = null;
    this.#fill();
  }
}

function newEntry() {
  const entry = { state: "wanted", image: null, url: null };
  entry.settled = new Promise((settle) => (entry.settle = settle));
  return entry;
}
