// Python in a worker: what it says comes back as messages, and to stop it is to end the worker.

export class Python {
  /** show(kind, content, line) is called for each result; ready() when programs can run. */
  constructor(settings, {show, ready, failed}) {
    this.settings = settings;
    this.handlers = {show, ready, failed};
    this._start();
  }

  _start() {
    this.isReady = false;
    this.ended = undefined;
    this.worker = new Worker("worker.js", {type: "module"});
    this.worker.onmessage = ({data: {kind, content, line}}) => {
      if (kind === "ready") {
        this.isReady = true;
        this.handlers.ready();
      } else if (kind === "failed") this.handlers.failed(content);
      else if (kind === "done") this._end("done");
      else if (kind === "broken") this._restart(`Python broke (${content})`);
      else this.handlers.show(kind, content, line);
    };
    this.worker.onerror = (event) => {
      this.handlers.failed(event.message || "the worker cannot be started");
      this._end("failed");
    };
    this.worker.postMessage({...this.settings, home: new URL(".", location.href).href});
  }

  _end(how) {
    this.ended?.(how);
    this.ended = undefined;
  }

  /** Run a program; the promise says how it ended: "done", "failed", or why Python begins anew. */
  run(program) {
    this.worker.postMessage({program});
    return new Promise((resolve) => (this.ended = resolve));
  }

  stop() {
    this._restart("Stopped");
  }

  _restart(why) {
    this.worker.terminate();
    const ended = this.ended;
    this._start();
    ended?.(why);
  }
}
