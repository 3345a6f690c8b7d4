// Runs Python. The first message says where all is; each further one is a program, once the last is done.
let python, run, packages;

const say = (kind, content = "", line = 0) => postMessage({kind, content, line});

// By these a program, perhaps a stranger's, could reach the reader's other pages at this address.
const REACHING = [
  "BroadcastChannel",
  "EventSource",
  "WebSocket",
  "WebTransport",
  "Worker",
  "XMLHttpRequest",
  "caches",
  "fetch",
  "indexedDB",
  "storage",
];

/** Fetch only what the page names, if it is there and is what it should be: the hash goes along. */
function guard({home, hashes, wheels}) {
  const plain = self.fetch.bind(self);
  for (const scope of [self, WorkerGlobalScope.prototype, WorkerNavigator.prototype])
    for (const name of REACHING) delete scope[name];
  const known = new Map(Object.entries(hashes).map(([file, hash]) => [new URL(file, home).href, hash]));
  for (const name of wheels) known.set(new URL(name, home).href);
  self.fetch = async (address, options = {}) => {
    const {href} = new URL(address.url ?? address, home);
    if (!known.has(href) && !(packages && href.startsWith(packages)))
      throw new Error(`${href} is no part of the playground, which fetches nothing else`);
    const integrity = known.get(href) ?? options.integrity;
    const answer = await plain(address, integrity ? {...options, integrity} : options);
    if (!answer.ok) throw new Error(`${href} answers ${answer.status}`);
    return answer;
  };
}

/** Import a script after a look at its hash, which an import does not take. */
async function checked(address) {
  await (await fetch(address)).arrayBuffer();
  return import(address);
}

async function start(settings) {
  const {home} = settings;
  ({packages} = settings);
  guard(settings);
  const base = new URL(settings.pyodide, home).href;
  const {loadPyodide} = await checked(`${base}pyodide.mjs`);
  await (await fetch(`${base}pyodide.asm.mjs`)).arrayBuffer();
  const options = {indexURL: base, lockFileURL: `${base}pyodide-lock.json`};
  if (packages) options.packageBaseUrl = packages;
  python = await loadPyodide(options);
  const wheels = settings.wheels.map(async (name) => (await fetch(new URL(name, home))).arrayBuffer());
  for (const wheel of await Promise.all(wheels)) python.unpackArchive(wheel, "wheel");
  const {Graphviz} = await checked(new URL(settings.graphviz, home).href);
  const graphviz = await Graphviz.load();
  python.globals.set("layout", (source, format, engine) => graphviz.layout(source, format, engine));
  python.runPython("import autograd_lite; autograd_lite.use_layout(layout)");
  run = python.runPython("from nn.playground.runner import run; run");
}

async function runProgram(program) {
  try {
    run(program, say);
  } catch (error) {
    if (!/No module named 'numpy'/.test(error.message)) throw error;
    if (!packages) {
      say("error", "This program needs NumPy, which this copy of the playground does not have.");
      return;
    }
    say("advice", "NumPy is coming, which this program needs.");
    await python.loadPackage("numpy", {messageCallback: () => {}, errorCallback: () => {}}).catch(() => {});
    if ("numpy" in python.loadedPackages) {
      say("clear"); // the program begins again, and so does what it shows
      run(program, say);
    } else
      say("error", "NumPy did not come, which this program needs. Is there a network? Run it to try again.");
  }
}

/** Return the last line of what went wrong, which says what. */
const reasonOf = (error) =>
  String(error?.message ?? error)
    .trim()
    .split("\n")
    .at(-1);

// Pyodide waits forever for its own code where that does not come: only here is it heard of.
self.onunhandledrejection = ({reason}) => {
  if (!run) say("failed", reasonOf(reason));
};

self.onmessage = async ({data: {program, ...settings}}) => {
  const isProgram = program !== undefined;
  try {
    await (isProgram ? runProgram(program) : start(settings));
    say(isProgram ? "done" : "ready");
  } catch (error) {
    say(isProgram ? "broken" : "failed", reasonOf(error)); // Python itself broke, or never came
  }
};
