import { Api } from "./api.js";
import { Bar } from "./bar.js";
import { Clock } from "./clock.js";
import { say } from "./dom.js";
import { Grid } from "./grid.js";
import * as help from "./help.js";
import { read } from "./keys.js";
import { switchLanguage } from "./language.js";
import * as messages from "./messages.js";
import { Notice } from "./notice.js";
import { Organiser } from "./organiser.js";
import { Pictures } from "./pictures.js";
import { Queue } from "./queue.js";
import { Single } from "./single.js";
import { fingerprint } from "./store.js";
import { Voting } from "./voting.js";
import { words } from "./words.js";

const LOOK_AGAIN_MS = 5_000;
const RETRY_MS = 2_000;

const token = location.hash.slice(1);
const owner = `mien.${fingerprint(token)}.`;
const clock = new Clock(`${owner}clock`);
const api = new Api(token, clock);
const queue = new Queue(`${owner}ballot `, (ballots) => api.save(ballots));
const pictures = new Pictures((faceId) => api.picture(faceId, "crop"));
const notice = new Notice(document.getElementById("notice"));
const bar = new Bar(document.getElementById("top"), { toggleGrid, showHelp, changeLanguage });
const place = document.getElementById("view");

let session = null;
let voting = null;
let view = null;
let opening = null;
let isRepeating = false; // only faces are left that are shown once more
let shows = badLink; // what shows the present view, to show it anew in another language

/** Put a view in the place of the one before. */
function put(next, mode = null) {
  view?.close();
  view = next;
  place.replaceChildren(view.element);
  bar.show(session, mode);
  return view.show();
}

function single() {
  shows = single;
  return put(new Single({ voting, pictures, api, atEnd: end }), "single");
}

function grid() {
  shows = grid;
  const { expression } = view instanceof Grid ? view : {};
  return put(new Grid({ voting, pictures, expression }), "grid");
}

function end() {
  shows = end;
  put(messages.thanks(session, queue.size, lookBack));
  if (!queue.size) say(words("thanks", session));
}

function lookBack() {
  if (voting.deck.move(-1)) single();
}

function allClosed() {
  shows = allClosed;
  voting = null;
  put(messages.allClosed());
}

function searching() {
  shows = searching;
  put(messages.searching());
}

function organiser() {
  shows = organiser;
  return put(new Organiser({ api, barred: badLink }));
}

function badLink() {
  shows = badLink;
  session = voting = null;
  put(messages.badLink(queue.size));
}

/** Ask who the voter is and what is to do, and show that; ask again until the server answers. */
function open() {
  opening ??= ask().finally(() => (opening = null));
  return opening;
}

async function ask() {
  try {
    session = await api.session();
    if (session.organiser) return await organiser();
    if (session.round === null) return allClosed();
    const next = new Voting(api, queue, clock, session);
    await next.load();
    voting = next;
    await single();
  } catch (refusal) {
    if (refusal.status === 401) return badLink();
    if (refusal.status === undefined) throw refusal;
    if (!view) searching();
    setTimeout(open, RETRY_MS);
  }
}

/** See whether the round has changed and, at the end, whether there are more faces. */
async function lookAgain() {
  if (document.hidden || !session || session.organiser) return;
  const before = session.done;
  const now = await api.session().catch((refusal) => refusal);
  if (now.status === 401) return badLink();
  if (now.status !== undefined || !session) return;
  if (now.round !== session.round || now.edition !== session.edition) {
    notice.news(words(now.round !== session.round ? "roundClosed" : "facesChanged"));
    return open();
  }
  session.faces = now.faces; // there may be more since the page was opened
  const isSettled = queue.size === 0 && session.done === before; // no vote crossed the answer
  if (isSettled) Object.assign(session, { done: now.done, left: now.left }); // of other tabs too
  progress();
  if (shows !== end) return;
  await voting.refill().catch(() => {});
  if (shows !== end || !voting.deck.current) return;
  notice.news(words("moreFaces"));
  await single();
}

async function toggleGrid() {
  if (view instanceof Grid) {
    await voting.load().catch(() => voting.deck.toFirstOpen());
    return single();
  }
  return view instanceof Single && grid();
}

function showHelp() {
  if (session?.round) help.showHelp(session);
}

function changeLanguage() {
  switchLanguage();
  shows();
  notice.trouble(queue);
}

function onKey(event) {
  const { target, key } = event;
  if (!view || target.closest("dialog[open], input, textarea")) return;
  const isButton = target.closest("button") !== null;
  if (isButton && (key === " " || (key === "Enter" && !(view instanceof Grid)))) return;
  const command = voting && read(event, session)?.command;
  const acts = { grid: toggleGrid, help: showHelp };
  if (shows === end) Object.assign(acts, { back: lookBack, undo: undoAtEnd });
  if (command in acts) {
    if (!event.repeat) acts[command]();
  } else if (!view.key(event)) return;
  event.preventDefault();
  progress();
}

function undoAtEnd() {
  const [item] = voting.undo();
  if (!item) return;
  voting.deck.toFace(item);
  single();
}

function progress() {
  if (!voting || !session) return; // the bar is not there yet
  const again = session.done < session.faces ? 0 : voting.deck.onlyRepeats;
  bar.progress(session, again);
  if (again && !isRepeating) notice.news(words("repeats"));
  isRepeating = again > 0;
}

queue.addEventListener("change", () => {
  notice.trouble(queue);
  progress();
  if (shows === end && !queue.size) end();
  if (queue.trouble?.status === 401) badLink();
});
queue.addEventListener("elsewhere", ({ detail }) => {
  voting?.follow(detail.ballot);
  if (view instanceof Single) view.follow();
});
queue.addEventListener("refused", ({ detail: { refused } }) => {
  notice.news(words("refused", { number: refused.length, reason: refused[0].reason }));
  if (session) open(); // what was refused may be there to answer, or gone
});
queue.addEventListener("closed", ({ detail: { lost } }) => {
  notice.news(words("roundClosedLost", { number: lost }));
  if (session) open();
});
document.addEventListener("keydown", onKey);
document.addEventListener("mousedown", (event) => {
  // the focus stays where it was, so that the space bar shows the scene and votes nothing
  if (event.target.closest(".single button")) event.preventDefault();
});
addEventListener("hashchange", () => location.reload());
setInterval(lookAgain, LOOK_AGAIN_MS);

if (/^[\w.~-]+$/.test(token)) queue.send().then(open);
else badLink();
