// What one takes away: the program of a run, and a link to the page as it is.

class TakeAway {
  constructor(page) {
    this.page = page;
    this.dialog = new TextDialog();
    this.buttons = [
      button("Python program", () => this.showProgram()),
      button("Link", () => this.showLink()),
    ];
  }

  showProgram() {
    this.showText(
      "This run in Python",
      "It makes the same points, weights and steps, and prints the numbers of this page.",
      () => pythonProgram(this.page.network),
    );
  }

  // The link is also the address of the page from now on.
  showLink() {
    this.showText(
      "A link to this page as it is",
      "It holds all settings, weights and points of your own.",
      () => {
        const link = linkOf(this.page.network);
        try {
          history.replaceState(null, "", link);
        } catch {
          throw new RangeError("A frame has no address for a link: save the page as a file, and open that.");
        }
        return location.href;
      },
    );
  }

  showText(title, words, make) {
    this.page.training.pause();
    try {
      this.dialog.show(title, words, make());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.page.say(error.message);
    }
  }
}

// A window with a text to copy.
class TextDialog {
  constructor() {
    this.title = element("h2", {id: "text-dialog-title"}, "");
    this.words = element("p", {class: "hint"}, "");
    this.text = element("textarea", {
      readonly: "",
      rows: 16,
      spellcheck: "false",
      "aria-labelledby": "text-dialog-title",
    });
    this.done = element("span", {role: "status"}, "");
    this.element = element(
      "dialog",
      {class: "text-dialog", "aria-labelledby": "text-dialog-title"},
      this.title,
      this.words,
      this.text,
      row(
        button("Copy", () => this.copy(), {class: "main"}),
        button("Close", () => this.element.close()),
        this.done,
      ),
    );
    // Keys in it are not the page's.
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  show(title, words, text) {
    [this.title.textContent, this.words.textContent, this.text.value] = [title, words, text];
    this.done.textContent = "";
    this.element.showModal();
    this.text.focus();
    this.text.select();
    this.text.scrollTop = 0;
  }

  async copy() {
    this.text.select();
    try {
      await navigator.clipboard.writeText(this.text.value);
      this.done.textContent = "Copied.";
    } catch {
      this.done.textContent = "This browser does not let the page copy: the text is selected, press Ctrl+C.";
    }
  }
}
