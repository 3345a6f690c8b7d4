// The data points, the one that is chosen, and how they were before, for undo.

const LONGEST_UNDO = 100;

class DataPoints {
  constructor(mostPoints) {
    this.mostPoints = mostPoints;
    this.count = 0;
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
    this.undoable = [];
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

  // Remember the points as they are, for undo.
  remember() {
    this.undoable.push({points: this.points.map((point) => ({...point})), chosen: this.chosen});
    if (this.undoable.length > LONGEST_UNDO) this.undoable.shift();
  }

  add(x, y, label, target = label ? 1 : -1) {
    if (this.points.length >= this.mostPoints) return false;
    this.remember();
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
    this.remember();
    this.points.splice(this.chosen, 1);
    this.chosen = this.points.length ? clamp(this.chosen, 0, this.points.length - 1) : null;
    this.pointsChanged();
  }

  undo() {
    const {points, chosen} = this.undoable.pop();
    this.points = points;
    this.chosen = points.length ? clamp(chosen ?? 0, 0, points.length - 1) : null;
    this.pointsChanged();
  }
}
