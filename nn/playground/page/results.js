// What a program shows. Its HTML is framed, where it reaches neither this page nor what the browser keeps.

const FRAMED =
  `<style>
  :root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
  body { margin: 0; display: flow-root; overflow: hidden auto; }
  table { border-collapse: collapse; }
  th, td { padding: 0.1rem 0.6rem; text-align: right; }
</style>
<script>
  addEventListener("load", () => {
    new ResizeObserver(() => parent.postMessage(document.body.offsetHeight, "*")).observe(document.body);
  });
</` + "script>";

export class Results {
  constructor(element) {
    this.element = element;
    addEventListener("message", ({source, data}) => {
      const frame = [...element.querySelectorAll("iframe.html")].find((one) => one.contentWindow === source);
      if (frame && Number.isFinite(data)) frame.style.height = `${Math.min(data + 2, 4000)}px`;
    });
  }

  clear() {
    this.element.replaceChildren();
  }

  show(kind, content) {
    if (kind === "clear") this.clear();
    else if (kind === "html") this._frame("html", FRAMED + content, "A result");
    else if (kind === "page") this._frame("page", content, "The last Value, to step through");
    else this._write(kind, content);
  }

  _write(kind, text) {
    const last = this.element.lastElementChild;
    if (kind === "text" && last?.className === "text") {
      last.append(text);
      return;
    }
    const lines = document.createElement("pre");
    lines.className = kind;
    lines.textContent = text;
    this.element.append(lines);
  }

  _frame(kind, html, title) {
    const frame = document.createElement("iframe");
    frame.className = kind;
    frame.title = title;
    frame.setAttribute("sandbox", "allow-scripts allow-downloads");
    frame.srcdoc = html;
    this.element.append(frame);
  }
}
