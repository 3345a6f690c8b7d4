// The page: a program on the left, what it shows on the right.
import {Editor} from "./editor.js";
import {fragmentOf, programOf} from "./links.js";
import {Python} from "./python.js";
import {Results} from "./results.js";

const KEPT = "autograd-lite: program";
const settings = JSON.parse(document.getElementById("settings").textContent);
const [runs, stops, examples, share, note, status] = [
  "run",
  "stop",
  "examples",
  "share",
  "note",
  "status",
].map((id) => document.getElementById(id));
const isEmbedded = new URLSearchParams(location.search).has("embed");
let isTheirs = false;
let isRunning = false;

/** Keep what the reader has typed; a browser may refuse to. */
function keep(text) {
  try {
    localStorage.setItem(KEPT, text);
  } catch {
    tell("This browser keeps nothing: the program is lost when the page is left.");
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function tell(text) {
  status.textContent = text;
}

function explain(text) {
  note.textContent = text;
  note.hidden = !text;
}

const results = new Results(document.getElementById("results"));
const editor = new Editor(document.getElementById("editor"), run, () => {
  if (isTheirs) return;
  if (!isEmbedded) keep(editor.program);
});
const python = new Python(settings, {
  show(kind, content, line) {
    results.show(kind, content);
    if (kind === "error") editor.mark(line, content);
  },
  ready() {
    tell(isRunning ? "Running …" : "Python is ready: Run, or Ctrl+Enter.");
  },
  failed(reason) {
    tell(`Python did not come (${reason}). Is there a network? Reload the page to try again.`);
  },
});

async function run() {
  if (isRunning) return;
  isRunning = true;
  runs.disabled = true;
  stops.disabled = false;
  results.clear();
  editor.mark(0);
  explain("");
  tell(python.isReady ? "Running …" : "Python is still coming; then it runs.");
  const begun = performance.now();
  const how = await python.run(editor.program);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  isRunning = false;
  runs.disabled = false;
  stops.disabled = true;
  if (how === "done") tell(`Done in ${seconds} s.`);
  else if (how !== "failed") tell(`${how} after ${seconds} s; Python begins anew.`);
}

/** Put a program into the editor that the reader has not typed: theirs is kept until they change it. */
function offer(program, words) {
  isTheirs = true;
  editor.program = program;
  isTheirs = false;
  explain(words);
}

runs.onclick = run;
stops.onclick = () => python.stop();

settings.examples.forEach(({title}, number) => examples.append(new Option(title, number)));
examples.onchange = async () => {
  const chosen = settings.examples[examples.value || -1];
  examples.value = "";
  if (!chosen) return;
  offer(chosen.program, chosen.sentence);
  run();
};

share.onclick = async () => {
  const fragment = await fragmentOf(editor.program);
  const link = new URL(fragment, location.href).href;
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(link);
    tell("A link with this program is on the clipboard, and in the address.");
  } catch {
    tell("A link with this program stands in the address of this page.");
  }
};

document.body.classList.toggle("embedded", isEmbedded);
const whole = document.getElementById("whole");
whole.hidden = !isEmbedded;
whole.onclick = async () =>
  (whole.href = new URL(`./${await fragmentOf(editor.program)}`, location.href).href);

async function open() {
  const shared = await programOf(location.hash);
  if (shared !== undefined) offer(shared, "This program came with the link: read it, then run it.");
  else if (location.hash.startsWith("#code=")) {
    offer(
      settings.examples[0].program,
      "The link's program is damaged, perhaps cut off; this is another one.",
    );
  } else if (!isEmbedded && kept()) offer(kept(), "");
  else offer(settings.examples[0].program, settings.examples[0].sentence);
}

addEventListener("hashchange", open);
await open();
