const QUALITY = 0.85;
const LEAST_GAP_MS = 30;
const CANVASES = 3; // two under way and the one answered last, which a snapshot shows

/** Takes the video's frames and sends them, as fast as they are answered; counts those left out. */
export class Capture {
  passed = 0;
  isPaused = false;
  longestPx = 640;
  #canvases = Array.from({ length: CANVASES }, () => document.createElement("canvas"));
  #taken = 0;
  #isBusy = false;
  #lastAt = 0;

  constructor(video, link) {
    this.video = video;
    this.link = link;
    this.#next();
  }

  #next() {
    const act = () => {
      this.#offer();
      this.#next();
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(act);
    else requestAnimationFrame(act);
  }

  #offer() {
    const now = performance.now();
    if (this.isPaused || !this.video.videoWidth || now - this.#lastAt < LEAST_GAP_MS) return;
    this.link.wake();
    if (this.#isBusy || !this.link.isFree) {
      this.passed += 1;
      return;
    }
    this.#lastAt = now;
    this.#isBusy = true;
    const canvas = this.#drawn();
    canvas.toBlob((blob) => {
      this.#isBusy = false;
      if (blob) this.link.send(blob, { canvas, at: now });
    }, "image/jpeg", QUALITY);
  }

  #drawn() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, this.longestPx / Math.max(videoWidth, videoHeight));
    const canvas = this.#canvases[this.#taken++ % CANVASES];
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}
