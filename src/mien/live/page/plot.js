import { colourOf } from "./colours.js";
import { MINUTE_MS } from "./faces.js";

const GAP_MS = 1000;
const EVERY_MS = 100;

/** The probabilities of one face in the last minute, a line for each class. */
export class Plot {
  #drawnAt = 0;

  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  draw(now, points, count) {
    if (now - this.#drawnAt < EVERY_MS) return;
    this.#drawnAt = now;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = window.devicePixelRatio;
    if (this.canvas.width !== Math.round(width * ratio)) this.canvas.width = Math.round(width * ratio);
    if (this.canvas.height !== Math.round(height * ratio)) this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.#grid(width, height);
    const place = ({ at, probabilities }, n) => [
      width * (1 - (now - at) / MINUTE_MS),
      2 + (height - 4) * (1 - probabilities[n]),
    ];
    for (let n = 0; n < count; n++) this.#line(points, (point) => place(point, n), colourOf(n));
  }

  #grid(width, height) {
    this.context.strokeStyle = getComputedStyle(this.canvas).borderBottomColor;
    this.context.lineWidth = 1;
    this.context.beginPath();
    for (const share of [0, 0.25, 0.5, 0.75]) {
      const y = Math.round(height * share) + 0.5;
      this.context.moveTo(0, y);
      this.context.lineTo(width, y);
    }
    this.context.stroke();
  }

  #line(points, place, colour) {
    this.context.strokeStyle = colour;
    this.context.lineWidth = 1.75;
    this.context.lineJoin = "round";
    this.context.beginPath();
    points.forEach((point, n) => {
      const follows = n > 0 && point.at - points[n - 1].at < GAP_MS;
      this.context[follows ? "lineTo" : "moveTo"](...place(point));
    });
    this.context.stroke();
  }
}
