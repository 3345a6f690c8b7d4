// The data points, the one that is chosen, and what undoes the changes that were made.

const LONGEST_UNDO = 100;

class DataPoints {
  constructor(mostPoints) {
    this.mostPoints = mostPoints;
    this.count = 0;
    this.undoable = []; // functions, each of which says what it has changed: points, settings, or network
  }

  get point() {
    return this.chosen === null ? null : this.points[this.chosen];
  }

  // A number to learn for each point, and no class.
  get isRegression() {
    return this.classNames === null;
  }

  // Points as [x, y, class], or [x, y, target] where there are no classes.
  setPoints(points, classNames) {
    this.classNames = classNames;
    this.points = points.map(([x, y, last]) => {
      const [label, target] = classNames ? [last, null] : [0, last];
      return this.newPoint({x, y, label, target});
    });
    this.chosen = this.points.length ? 0 : null;
  }

  // A point is the same through all changes, and undoing them, by its number.
  newPoint(values) {
    this.count++;
    return {...values, number: this.count, home: values};
  }

  choose(index) {
    this.chosen = this.points.length ? clamp(index, 0, this.points.length - 1) : null;
    this.showPoint();
  }

  remember(undo) {
    this.undoable.push(undo);
    if (this.undoable.length > LONGEST_UNDO) this.undoable.shift();
  }

  // Remember the points as they are.
  rememberPoints() {
    const {points, chosen} = this.copies();
    this.remember(() => {
      this.takeBack(points, chosen);
      this.pointsChanged();
      return "points";
    });
  }

  copies() {
    return {points: this.points.map((point) => ({...point})), chosen: this.chosen};
  }

  takeBack(points, chosen) {
    this.points = points;
    this.chosen = points.length ? clamp(chosen ?? 0, 0, points.length - 1) : null;
  }

  add(x, y, label, target = label ? 1 : -1) {
    if (this.points.length >= this.mostPoints) return false;
    this.rememberPoints();
    this.points.push(this.newPoint({x, y, label, target}));
    this.chosen = this.points.length - 1;
    this.pointsChanged();
    return true;
  }

  // Change x, y or label of the chosen point.
  changePoint(changes) {
    Object.assign(this.point, changes);
    this.pointsChanged();
  }

  remove() {
    this.rememberPoints();
    this.points.splice(this.chosen, 1);
    this.chosen = this.points.length ? clamp(this.chosen, 0, this.points.length - 1) : null;
    this.pointsChanged();
  }

  // Take back the last change; what it was of.
  undo() {
    return this.undoable.pop()();
  }
}
