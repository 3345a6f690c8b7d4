// The page: a program on the left, what it shows on the right.
import {Editor} from "./editor.js";
import {keep, kept} from "./kept.js";
import {fragmentOf, isLink, programOf} from "./links.js";
import {Python} from "./python.js";
import {Results} from "./results.js";

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
let failure = "";

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
  if (!isEmbedded && !keep(editor.program))
    tell("This browser keeps nothing: the program is lost when the page is left.");
  // From here on it is the reader's own, and neither the link's program nor an example.
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  examples.value = "";
  explain("");
});
const python = new Python(settings, {
  show(kind, content, line) {
    results.show(kind, content);
    if (kind !== "error") return;
    editor.mark(line, content);
    failure = line ? `An error in line ${line}` : "An error";
  },
  ready() {
    tell(isRunning ? "Running …" : "Python is ready: Run, or Ctrl+Enter.");
  },
  failed(reason) {
    tell(`Python did not come (${reason}). Is there a network? Run tries again.`);
  },
});

/** Say what can be done now: a button that were disabled would lose a keyboard's place. */
function setRunning(is) {
  isRunning = is;
  runs.ariaDisabled = String(is);
  stops.ariaDisabled = String(!is);
}

async function run() {
  if (isRunning) return;
  setRunning(true);
  failure = "";
  results.clear();
  editor.mark(0);
  tell(python.isReady ? "Running …" : "Python is still coming; then it runs.");
  const begun = performance.now();
  const how = await python.run(() => editor.program);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  setRunning(false);
  if (how === "done") tell(failure ? `${failure}, after ${seconds} s.` : `Done in ${seconds} s.`);
  else if (how !== "failed") tell(`${how} after ${seconds} s; Python begins anew.`);
}

/** Put a program into the editor that the reader has not typed: theirs is kept until they change it. */
function offer(program, words) {
  isTheirs = true;
  editor.program = program;
  isTheirs = false;
  explain(words);
}

function offerExample(number) {
  const {program, sentence} = settings.examples[number];
  offer(program, sentence);
  examples.value = number;
}

runs.onclick = run;
stops.onclick = () => isRunning && python.stop();

settings.examples.forEach(({title}, number) => examples.append(new Option(title, number)));
examples.onchange = () => {
  if (examples.value === "") return;
  if (isRunning && python.isReady) python.stop();
  offerExample(examples.value);
  setTimeout(run); // when what was stopped has told so
};

share.onclick = async () => {
  const fragment = await fragmentOf(editor.program);
  if (!fragment) {
    tell("This program is too long for a link: copy its text.");
    return;
  }
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
whole.onclick = async (event) => {
  event.preventDefault();
  window.open(new URL(`./${await fragmentOf(editor.program)}`, location.href), "_blank", "noopener");
};

async function open() {
  const shared = await programOf(location.hash);
  if (shared !== undefined) offer(shared, "This program came with the link: read it, then run it.");
  else if (!isLink(location.hash) && !isEmbedded && kept()) offer(kept(), "");
  else {
    offerExample(0);
    if (isLink(location.hash))
      explain("The link's program is damaged, perhaps cut off; this is another one.");
  }
}

addEventListener("hashchange", open);
await open();
