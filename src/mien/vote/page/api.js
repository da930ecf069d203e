const TIMEOUT_MS = 20_000;

/** The server's refusal, or `status` 0: no answer at all. `retryAfter` is in seconds. */
export class Refusal extends Error {
  constructor(status, body = {}, retryAfter = 0) {
    super(body.error ?? `status ${status}`);
    this.status = status;
    this.round = body.round;
    this.retryAfter = retryAfter;
  }
}

/** Everything the page asks of the server, in this voter's name. Raises Refusal. */
export class Api {
  #token;
  #clock;

  constructor(token, clock) {
    this.#token = token;
    this.#clock = clock;
  }

  /** Return who the voter is and what is asked of them; set the clock. */
  async session() {
    const sent = Date.now();
    const session = await this.#json("/api/session");
    this.#clock.set(session.now, sent, Date.now());
    return session;
  }

  /** Return `{done, next}`: the last answers, and faces to vote on, of one expression or of all. */
  faces(limit, expression = null) {
    const wanted = new URLSearchParams({ limit });
    if (expression !== null) wanted.set("expression", expression);
    return this.#json(`/api/faces?${wanted}`);
  }

  /** Return a face's picture, as a blob: its `crop` or its `scene`. */
  async picture(faceId, kind) {
    return this.#within(`/api/faces/${faceId}/${kind}`, {}, (response) => response.blob());
  }

  /** Return `{saved, refused}` once the ballots are on the server's disk. */
  save(ballots) {
    return this.#json("/api/ballots", { ballots });
  }

  progress() {
    return this.#json("/api/progress");
  }

  /** Return what closing the open round would do, or has done once all are closed. */
  outcome() {
    return this.#json("/api/outcome");
  }

  invite(name) {
    return this.#json("/api/voters", { name });
  }

  takeBack(name) {
    return this.#json("/api/voters/taken_back", { name });
  }

  close(round) {
    return this.#json("/api/close", { round });
  }

  #json(path, body = null) {
    const options = body === null ? {} : { method: "POST", body: JSON.stringify(body) };
    return this.#within(path, options, (response) => response.json());
  }

  async #within(path, options, read) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (options.body) headers["Content-Type"] = "application/json";
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(path, { ...options, headers, signal: abort.signal });
      if (response.ok) return await read(response);
      const said = await response.json().catch(() => ({}));
      throw new Refusal(response.status, said, Number(response.headers.get("Retry-After")) || 0);
    } catch (problem) {
      throw problem instanceof Refusal ? problem : new Refusal(0, { error: problem.message });
    } finally {
      clearTimeout(timer);
    }
  }
}
