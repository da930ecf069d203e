import { drawBoxes } from "./boxes.js";

/** Download the frame with its boxes as a PNG, as large as the frame was sent. */
export function saveSnapshot(frame, faces, { isMirrored, chosen, classes }) {
  const { width, height } = frame;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (isMirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(frame, 0, 0);
  context.resetTransform();
  const letters = Math.max(12, Math.round(Math.min(width, height) / 32));
  drawBoxes(context, faces, { width, scale: 1, isMirrored, letters, chosen, classes });
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `mien-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
