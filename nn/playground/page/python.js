// Python in a worker: what it says comes back as messages, and to stop it is to end the worker.

// A worker from a blob obeys this page's policy on what may be reached; one from a file would obey none.
const worker = new URL("worker.js", location.href).href;
const SOURCE = URL.createObjectURL(
  new Blob([`import ${JSON.stringify(worker)};`], {type: "text/javascript"}),
);

export class Python {
  /** show(kind, content, line) is called for each result; ready() when programs can run. */
  constructor(settings, {show, ready, failed}) {
    this.settings = settings;
    this.handlers = {show, ready, failed};
    this._start();
  }

  _start() {
    this.isReady = this.hasFailed = false;
    this.worker = new Worker(SOURCE, {type: "module"});
    this.worker.onmessage = ({data: {kind, content, line}}) => {
      if (kind === "ready") {
        this.isReady = true;
        this.handlers.ready();
        this._send();
      } else if (kind === "failed") this._fail(content);
      else if (kind === "done") this._end("done");
      else if (kind === "broken") this._restart(`Python broke (${content})`);
      else this.handlers.show(kind, content, line);
    };
    this.worker.onerror = ({message}) => {
      if (this.isReady) this._restart(`Python broke (${message})`);
      else this._fail(message || "the worker cannot be started");
    };
    this.worker.postMessage({...this.settings, home: new URL(".", location.href).href});
  }

  _fail(reason) {
    this.hasFailed = true;
    this.handlers.failed(reason);
    this._end("failed");
  }

  _end(how) {
    this.ended?.(how);
    this.ended = undefined;
  }

  /** Run what program() returns once Python is there; the promise says how it ended: "done", "failed", or why
   * Python begins anew.
   */
  run(program) {
    if (this.hasFailed) this._start();
    return new Promise((resolve) => {
      this.ended = resolve;
      this.program = program;
      if (this.isReady) this._send();
    });
  }

  _send() {
    if (this.ended) this.worker.postMessage({program: this.program()});
  }

  stop() {
    this._restart("Stopped");
  }

  _restart(why) {
    this.worker.terminate();
    this._end(why);
    this._start();
  }
}
