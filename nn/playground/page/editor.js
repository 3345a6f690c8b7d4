// The editor: CodeMirror with Python, in this page's colours.
import {basicSetup, EditorView} from "codemirror";
import {indentWithTab} from "@codemirror/commands";
import {python} from "@codemirror/lang-python";
import {HighlightStyle, indentUnit, syntaxHighlighting} from "@codemirror/language";
import {setDiagnostics} from "@codemirror/lint";
import {Prec} from "@codemirror/state";
import {keymap} from "@codemirror/view";
import {tags} from "@lezer/highlight";

const COLOURS = HighlightStyle.define([
  {tag: tags.keyword, color: "light-dark(#7b1fa2, #d7a1f5)"},
  {tag: [tags.string, tags.special(tags.string)], color: "light-dark(#8a4b00, #f2b36b)"},
  {tag: [tags.number, tags.bool], color: "light-dark(#1c5fa8, #86bdf2)"},
  {tag: tags.comment, color: "var(--faint)", fontStyle: "italic"},
  {tag: tags.function(tags.variableName), color: "light-dark(#1c5fa8, #86bdf2)"},
]);

const LOOKS = EditorView.theme({
  "&": {color: "var(--text)", backgroundColor: "var(--raised)"},
  ".cm-content": {caretColor: "var(--text)", fontSize: "1rem"},
  ".cm-gutters": {backgroundColor: "var(--raised)", color: "var(--faint)", border: "none"},
  ".cm-activeLine, .cm-activeLineGutter": {backgroundColor: "light-dark(#0000000a, #ffffff0d)"},
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#d9c2e6, #57406b) !important",
  },
  ".cm-tooltip, .cm-panels": {color: "var(--text)", backgroundColor: "var(--page)"},
});

export class Editor {
  /** run is called by Ctrl+Enter, changed whenever the program is another. */
  constructor(parent, run, changed) {
    const runs = [
      {
        key: "Mod-Enter",
        run: () => {
          run();
          return true;
        },
      },
    ];
    this.view = new EditorView({
      parent,
      extensions: [
        Prec.highest(keymap.of(runs)),
        keymap.of([indentWithTab]),
        basicSetup,
        python(),
        indentUnit.of("    "),
        syntaxHighlighting(COLOURS),
        LOOKS,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({"aria-label": "Program; Escape, then Tab leaves it"}),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    });
  }

  get program() {
    return this.view.state.doc.toString();
  }

  set program(text) {
    const {doc} = this.view.state;
    this.view.dispatch({changes: {from: 0, to: doc.length, insert: text}});
  }

  /** Mark a line with what is wrong in it; line 0 takes all marks away. */
  mark(line, message) {
    const {doc} = this.view.state;
    if (line < 1 || line > doc.lines) {
      this.view.dispatch(setDiagnostics(this.view.state, []));
      return;
    }
    const {from, to} = doc.line(line);
    this.view.dispatch(setDiagnostics(this.view.state, [{from, to, severity: "error", message}]));
  }
}
