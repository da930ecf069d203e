import { colourOf, inkOn } from "./colours.js";
import { isSure, placeOf, wordsOf } from "./faces.js";

const [GUESS_PAPER, GUESS_INK] = ["#fdfcfa", "#1d2125"];

/**
 * Draw the faces' boxes and words into a picture of this width, in which a frame's pixel has `scale`
 * pixels; in a mirrored one the boxes are mirrored and the words are not. A guess is dashed.
 */
export function drawBoxes(context, faces, { width, scale, isMirrored, letters, chosen, classes }) {
  context.lineJoin = "round";
  context.font = `600 ${letters}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  const all = faces.map((face) => ({ face, at: placed(face.box, width, scale, isMirrored) }));
  for (const { face, at } of all) outline(context, face, at, letters, face.track === chosen, classes);
  for (const { face, at } of all) label(context, face, at, letters, width, classes);
}

/** Return the face that is at this place of the picture, the smallest of several; or undefined. */
export function faceAt(faces, x, y, { width, scale, isMirrored }) {
  return faces
    .map((face) => ({ face, at: placed(face.box, width, scale, isMirrored) }))
    .filter(({ at: [left, top, wide, high] }) => x >= left && x <= left + wide && y >= top && y <= top + high)
    .sort((one, other) => one.at[2] * one.at[3] - other.at[2] * other.at[3])[0]?.face;
}

function placed([x, y, wide, high], width, scale, isMirrored) {
  const left = isMirrored ? width - (x + wide) * scale : x * scale;
  return [left, y * scale, wide * scale, high * scale];
}

function outline(context, face, [left, top, wide, high], letters, isChosen, classes) {
  const line = letters / (isChosen ? 4 : 6);
  const path = new Path2D();
  path.roundRect(left, top, wide, high, letters / 2);
  context.setLineDash(isSure(face) ? [] : [letters * 0.7, letters * 0.5]);
  context.strokeStyle = "rgb(0 0 0 / 0.45)";
  context.lineWidth = line + 2;
  context.stroke(path);
  context.strokeStyle = colourOf(placeOf(face, classes));
  context.lineWidth = line;
  context.stroke(path);
  context.setLineDash([]);
}

function label(context, face, [left, top], letters, width, classes) {
  const words = `${face.track}  ${wordsOf(face, classes)}`;
  const high = letters * 1.7;
  const wide = context.measureText(words).width + letters;
  const x = Math.max(0, Math.min(left, width - wide));
  const y = Math.max(0, top - high - letters / 4);
  const colour = colourOf(placeOf(face, classes));
  context.fillStyle = isSure(face) ? colour : GUESS_PAPER;
  context.beginPath();
  context.roundRect(x, y, wide, high, letters / 2);
  context.fill();
  if (!isSure(face)) {
    context.strokeStyle = colour;
    context.lineWidth = letters / 8;
    context.stroke();
  }
  context.fillStyle = isSure(face) ? inkOn(colour) : GUESS_INK;
  context.fillText(words, x + letters / 2, y + high / 2);
}
