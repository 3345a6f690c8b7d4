// A control for each setting: it shows what the setting is, and asks the page for another.

class Fields {
  constructor(page) {
    this.page = page;
    this.fields = [];
  }

  number(name, words, {title = ""} = {}) {
    const input = element("input", {
      type: "number",
      step: "any",
      title,
      change: () => this.ask(name, words, input.value === "" ? NaN : Number(input.value)),
    });
    return this.field(name, input, element("label", {class: "field"}, words, input), (value) => {
      if (input.value === "" || Number(input.value) !== value) input.value = value;
    });
  }

  // `options` are [value, words] each.
  choice(name, words, options) {
    const select = element(
      "select",
      {change: () => this.ask(name, words, name === "bias" ? select.value || null : select.value)},
      ...options.map(([value, text]) => element("option", {value}, text)),
    );
    return this.field(name, select, element("label", {class: "field"}, words, select), (value) => {
      select.value = value ?? "";
    });
  }

  check(name, words) {
    const input = element("input", {type: "checkbox", change: () => this.ask(name, words, input.checked)});
    return this.field(name, input, element("label", {class: "choice"}, input, words), (value) => {
      input.checked = value;
    });
  }

  field(name, control, label, show) {
    this.fields.push({name, control, show});
    label.dataset.setting = name;
    return label;
  }

  ask(name, words, value) {
    const [must, fits] = SETTINGS[name];
    if (fits(value)) return this.page.set({[name]: value});
    this.page.say(`${capital(words)} must be ${must}.`);
    return this.show();
  }

  // `isOff(name)`: whether a setting means nothing as things are.
  show(isOff = () => false) {
    for (const {name, control, show} of this.fields) {
      show(this.page.network.settings[name]);
      control.disabled = isOff(name);
    }
  }
}

// Controls that few need at first.
function fold(words, name, ...parts) {
  return element(
    "details",
    {class: `fold ${name}`, "data-part": name},
    element("summary", {}, words),
    ...parts,
  );
}

function row(...parts) {
  return element("div", {class: "row"}, ...parts);
}
