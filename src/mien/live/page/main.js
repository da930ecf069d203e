import { drawBoxes, faceAt } from "./boxes.js";
import { Camera, cameras } from "./camera.js";
import { Capture } from "./capture.js";
import { element } from "./dom.js";
import { Faces } from "./faces.js";
import { listen, showKeys } from "./keys.js";
import { Link } from "./link.js";
import { showModel } from "./model.js";
import { Notice } from "./notice.js";
import { Pace } from "./pace.js";
import { Panel } from "./panel.js";
import { Plot } from "./plot.js";
import { saveSnapshot } from "./snapshot.js";
import { Spoken } from "./spoken.js";
import { Tools, press } from "./tools.js";

const at = (id) => document.getElementById(id);
const [video, boxes, stage, message] = ["video", "boxes", "stage", "message"].map(at);
const notice = new Notice(at("notice"));
const faces = new Faces();
const panel = new Panel(at("faces"), pick);
const plot = new Plot(at("plot"));
const pace = new Pace(at("figures"), at("times"));
const spoken = new Spoken();
const camera = new Camera(video);
const acts = {
  pause,
  snapshot,
  mirror: () => setMirror(!isMirrored),
  times: () => press(tools.times, pace.toggle()),
  next: () => step(1),
  previous: () => step(-1),
  openCamera,
  openFile,
  help: showKeys,
};
const tools = new Tools(at("tools"), acts);
const link = new Link(location.hash.slice(1), { model, seen, wrong: (words) => notice.news(words), lost, rested });
const capture = new Capture(video, link);
let classes = [];
let frame = null; // the canvas that was answered last
let isMirrored = false;

function model(told) {
  notice.trouble("");
  classes = told.classes;
  capture.longestPx = told.frame_px;
  forget();
  showModel(told);
}

function seen(answer, sent) {
  if (capture.isPaused) return;
  const now = performance.now();
  frame = sent.canvas;
  faces.add(now, answer.faces);
  pace.add(now, now - sent.at, answer.ms, answer.dropped + capture.passed);
  panel.show(now, faces.now, faces.chosen, classes);
  spoken.tell(now, faces.now.find(({ track }) => track === faces.largest), faces.largest === null);
  paint();
}

function lost(reason, isFinal) {
  pace.clear();
  if (!capture.isPaused) forget();
  if (isFinal) notice.trouble(`${reason}.`);
  else notice.trouble(reason ? `${reason}. Trying again …` : "The connection is lost. Trying again …");
}

/** Another page has the place, since this one sent nothing: it is paused, hidden or has no camera. */
function rested() {
  pace.clear();
  notice.news("Another page has the place of this page, which sent no picture. This page goes on as soon as it has a picture to send.");
}

/** The numbers of another connection's faces are others. */
function forget() {
  faces.clear();
  panel.clear();
  frame = null;
  panel.show(performance.now(), [], null, classes);
  paint();
}

/** How a frame lies on the picture as it is shown. */
const view = () => ({
  width: boxes.clientWidth,
  scale: boxes.clientWidth / (frame?.width ?? 1),
  isMirrored,
});

function paint() {
  const ratio = window.devicePixelRatio;
  const [width, height] = [boxes.clientWidth * ratio, boxes.clientHeight * ratio].map(Math.round);
  if (boxes.width !== width || boxes.height !== height) Object.assign(boxes, { width, height });
  const context = boxes.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (capture.isPaused && frame) drawStill(context);
  const letters = Math.max(12, Math.min(17, boxes.clientWidth / 45));
  drawBoxes(context, faces.now, { ...view(), letters, chosen: faces.chosen, classes });
  at("minute").hidden = faces.chosen === null;
  if (faces.chosen !== null) plot.draw(performance.now(), faces.history(faces.chosen), classes.length);
}

/** Draw the picture that the boxes are of: the video has gone on a little since. */
function drawStill(context) {
  const [width, height] = [boxes.clientWidth, boxes.clientHeight];
  context.save();
  if (isMirrored) {
    context.translate(width, 0);
    context.scale(-1, 1);
  }
  context.drawImage(frame, 0, 0, width, height);
  context.restore();
}

function pick(track) {
  faces.pick(track);
  showPanel();
  paint();
}

function showPanel() {
  panel.show(performance.now(), faces.now, faces.chosen, classes, capture.isPaused);
}

function step(by) {
  const tracks = faces.now.map(({ track }) => track).sort((one, other) => one - other);
  if (!tracks.length) return;
  pick(tracks.at((tracks.indexOf(faces.chosen) + by) % tracks.length));
}

function pause() {
  capture.isPaused = !capture.isPaused;
  press(tools.pause, capture.isPaused);
  stage.classList.toggle("paused", capture.isPaused);
  if (!capture.isPaused) return video.play().catch(() => {});
  video.pause();
  showPanel();
  paint();
}

function snapshot() {
  if (!frame) notice.news("There is no picture to save yet.");
  else saveSnapshot(frame, faces.now, { isMirrored, chosen: faces.chosen, classes });
}

function setMirror(isOn) {
  isMirrored = isOn;
  press(tools.mirror, isMirrored);
  stage.classList.toggle("mirrored", isMirrored);
  paint();
}

async function openCamera(id = "") {
  tell("Allow the camera, and its picture appears here.");
  await show(() => camera.open(id));
  camera.onend = () => tell("The camera is gone. Plug it in, then try again.", true);
}

async function openFile(file) {
  tell("");
  await show(() => camera.openFile(file));
}

async function show(open) {
  if (capture.isPaused) pause();
  forget();
  try {
    await open();
    tell("");
  } catch (error) {
    tell(error.message, true);
  }
  setMirror(camera.isFront);
  tools.offer(await cameras(), camera.id);
}

/** Say something in the picture's place; after a failure also what can be done. */
function tell(words, failed = false) {
  message.hidden = !words;
  const again = element("button.strong", { onclick: () => openCamera() }, "Try again");
  const file = element("button.outlined", { onclick: () => tools.input.click() }, "Use a video file instead");
  message.replaceChildren(element("p", {}, words), ...(failed ? [element("div.row", {}, again, file)] : []));
}

listen(acts);
at("help").onclick = showKeys;
boxes.onclick = ({ offsetX, offsetY }) => {
  const face = faceAt(faces.now, offsetX, offsetY, view());
  if (face) pick(face.track);
};
video.onresize = video.onloadedmetadata = () => {
  if (video.videoWidth) stage.closest("main").style.setProperty("--ratio", video.videoWidth / video.videoHeight);
};
new ResizeObserver(paint).observe(boxes);
navigator.mediaDevices?.addEventListener("devicechange", async () => tools.offer(await cameras(), camera.id));
openCamera();
