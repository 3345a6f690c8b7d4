// The network as the page changes it, by settings, data, weights or a link: what still fits stays, and undo
// takes each change back.

class ChangeableNetwork extends Network {
  // Other settings, whatever they mean; an error says which cannot be. Returns whether the network is another
  // by that. `origins` as for `change`.
  set(changes, origins = null) {
    const was = this.settings;
    const settings = checkedSettings(changes, was);
    const concerns = (names) => names.some((name) => Object.hasOwn(changes, name));
    if (concerns([...DRAWING, ...SHAPING, ...BEGINNING])) this.rememberAll();
    else if (!concerns(SHOWING)) this.rememberSettings(Object.keys(changes));
    if (concerns(DRAWING) && settings.data !== "own") {
      this.draw(changes);
    } else if (concerns(SHAPING) || concerns(DRAWING)) {
      this.change(this.fitted(withFreedOutput(was, settings)), origins);
    } else if (concerns(BEGINNING)) {
      this.settings = this.learning.options = settings;
      if (concerns(["init", "seed"])) this.model.parameters.set(this.weightsOfSeed());
      this.restart();
      return false;
    } else {
      this.adjust(changes);
      return false;
    }
    return true;
  }

  // Another network: the points stay, and so do weights that still fit. `origins` says what layers and
  // neurons were before, where their places do not.
  change(changes, origins = null) {
    const before = this.model;
    const was = this.settings;
    const settings = {...was, ...changes};
    this.build(settings);
    this.model.parameters.set(this.weightsOfSeed());
    this.model.keepFrom(before, origins ?? originsOf(was, settings));
    this.restart();
  }

  // Settings that a run goes on with, such as the learning rate; one that has begun is then none of one
  // setting.
  adjust(changes) {
    const others = Object.keys(changes).filter((name) => changes[name] !== this.settings[name]);
    if (!others.length) return;
    this.settings = {...this.settings, ...changes};
    this.learning.adopt(this.settings);
    if (others.every((name) => SHOWING.includes(name))) return;
    if (this.epoch) this.unrepeatable = `a setting was changed in epoch ${this.epoch}`;
    else this.restart();
  }

  // The settings as the points need them, with a cost that there is for them.
  fitted(settings) {
    const count = this.classNames?.length ?? 0;
    const fitted = fittedSettings(settings, count);
    if (fitted.cost !== "own" || this.templates.costs.own?.[fitted.layers.at(-1).size]) return fitted;
    return fittedSettings({...settings, cost: count > 2 ? "cross_entropy" : "hinge"}, count);
  }

  // Whether a cost is one for the points of now.
  takes(cost) {
    return this.fitted({...this.settings, cost}).cost === cost;
  }

  // The points of another data set.
  draw(changes) {
    const settings = {...this.settings, ...changes};
    const {data, points, noise, dataSeed} = settings;
    this.setPoints(drawPoints(data, points, noise, dataSeed), DATASETS[data].classes);
    this.features = ["x", "y"];
    this.change(this.fitted(settings));
  }

  // Points of one's own, as setPoints takes them.
  give(points, classNames) {
    this.setPoints(points, classNames);
    this.change(this.fitted({...this.settings, data: "own"}));
  }

  // What a link holds, as readLink gives it.
  load({settings, weights, points, classNames}) {
    const {data, points: n, noise, dataSeed} = settings;
    this.setPoints(points ?? drawPoints(data, n, noise, dataSeed), classNames);
    if (!points) this.features = ["x", "y"];
    this.build(settings);
    this.setWeights(weights);
  }

  // Many changes of one weight in a row, as by its slider, are one for undo.
  setParameter(parameter, value) {
    if (this.edited !== parameter) this.rememberAll();
    this.edited = parameter;
    this.model.parameters[this.parameters.indexOf(parameter)] = value;
    this.unrepeatable = `a weight was changed in epoch ${this.epoch}`;
    this.learning.measure();
    this.showPoint();
  }

  // Remember the whole network with its points; how it is shown stays through undo.
  rememberAll() {
    this.edited = null;
    const {settings, classNames, features} = this;
    const weights = this.model.parameters.slice();
    const {points, chosen} = this.copies();
    this.remember(() => {
      Object.assign(this, {classNames, features, edited: null});
      this.takeBack(points, chosen);
      this.build({...settings, ...picked(this.settings, SHOWING)});
      this.setWeights(weights);
      return "network";
    });
  }

  rememberSettings(names) {
    const before = picked(this.settings, names);
    this.remember(() => {
      this.adjust(before);
      return "settings";
    });
  }
}
