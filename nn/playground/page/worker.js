// Runs Python. The first message says where all is; each further one is a program.
let python, run, packages;
const queue = [];

const say = (kind, content = "", line = 0) => postMessage({kind, content, line});

/** Fetch only what is there and is what it should be: the hash goes along with the address. */
function guard(hashes) {
  const plain = self.fetch.bind(self);
  self.fetch = async (address, options = {}) => {
    const {href} = new URL(address.url ?? address, self.location.href);
    const integrity = hashes[href];
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
  guard(settings.hashes);
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
  say("ready");
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
    if ("numpy" in python.loadedPackages) run(program, say);
    else
      say("error", "NumPy did not come, which this program needs. Is there a network? Run it to try again.");
  }
}

// Pyodide waits forever for its own code where that does not come: only here is it heard of.
self.onunhandledrejection = ({reason}) => {
  if (!run) say("failed", reason?.message ?? String(reason));
};

self.onmessage = async ({data}) => {
  queue.push(data);
  if (queue.length > 1) return;
  while (queue.length) {
    const [next] = queue;
    try {
      if ("program" in next) await runProgram(next.program);
      else await start(next);
      if ("program" in next) say("done");
    } catch (error) {
      // Python itself has broken, or never came.
      const [reason] = String(error.message ?? error)
        .trim()
        .split("\n")
        .slice(-1);
      say("program" in next ? "broken" : "failed", reason);
    }
    queue.shift();
  }
};
