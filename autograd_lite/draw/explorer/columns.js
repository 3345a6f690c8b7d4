// Where boxes stand when some of them are closed: in columns, each right of what leads to it, as close to its
// neighbours as it can be. A line passes a column on a lane, and bends between columns, where there is no box.

const COLUMN_GAP = 112;
const ROW_GAP = 16;
const MARGIN = 18;
const ROUNDS_OF_SETTLING = 8;

// Give boxes their places, near those that they have, and edges their paths. `isParameter(box)` says of a leaf
// whether it is one.
function settle(boxes, edges, isParameter) {
  const columns = inColumns(boxes, isParameter);
  relax(columns, edges);
  addLanes(columns, edges);
  relax(columns, edges);
  const highest = Math.min(...columns.flat().map(({y}) => y));
  for (const stop of columns.flat()) stop.y += MARGIN - highest;
  const ends = columns.map((column) => Math.max(...column.map(({x, width}) => x + width)));
  for (const edge of edges) edge.path = pathOf(edge, ends);
}

// A leaf stands beside its first use, parameters nearer than what they are used with.
function inColumns(boxes, isParameter) {
  const level = new Map();
  // Between an operation and what it takes beside parameters there is a column for them.
  const stepTo = ({operands}) => (new Set(operands.map(({from}) => isParameter(from))).size === 2 ? 2 : 1);
  for (const box of boxes) {
    // Groups that lead to each other, by labels that come twice, make a circle.
    const before = Math.max(-1, ...box.operands.map(({from}) => level.get(from) ?? -1));
    level.set(box, before + stepTo(box));
  }
  for (const box of boxes) {
    if (box.operands.length || !box.uses.length) continue;
    const places = box.uses.map(({to}) => level.get(to) - (isParameter(box) ? 1 : stepTo(to)));
    level.set(box, Math.min(...places));
  }
  const byLevel = [];
  for (const box of boxes) (byLevel[level.get(box)] ??= []).push(box);
  const columns = byLevel.filter(Boolean); // all leaves of a level may have gone to that of their use
  let x = MARGIN;
  columns.forEach((column, k) => {
    column.sort((a, b) => a.y - b.y);
    for (const box of column) Object.assign(box, {x, column: k});
    stackUp(
      column,
      column.map(({y}) => y),
    );
    x += Math.max(...column.map(({width}) => width)) + COLUMN_GAP;
  });
  return columns;
}

// In each column between its ends a line has a lane, a stop without height: one for all lines of the boxes that
// lead to the same ones.
function addLanes(columns, edges) {
  const lanes = new Map();
  for (const bundle of bundlesOf(edges)) {
    const [{from, to}] = bundle;
    const sources = [...new Set(bundle.map((edge) => edge.from))];
    const key = sources
      .map((source) => source.key)
      .sort()
      .join();
    const along = lanes.get(key) ?? [];
    lanes.set(key, along);
    const length = Math.max(to.column - from.column - 1, 0);
    const [start, end] = [sources, bundle.map((edge) => edge.to)].map((some) => mean(some.map(middleOf)));
    while (along.length < length) {
      const column = from.column + along.length + 1;
      const [{x}] = columns[column];
      const share = (column - from.column) / (to.column - from.column);
      along.push({x, width: 0, column, height: 0, y: start + (end - start) * share});
      columns[column].push(along.at(-1));
    }
    for (const edge of bundle) edge.lanes = along.slice(0, length);
  }
  for (const column of columns) column.sort((a, b) => middleOf(a) - middleOf(b));
}

// Move each box and lane, in the order in which they are, to the middle of what is linked to it on both sides.
function relax(columns, edges) {
  const sides = [new Map(), new Map()];
  const link = (side, stop, other) => side.set(stop, (side.get(stop) ?? new Set()).add(other));
  for (const {from, lanes = [], to} of edges) {
    const stops = [from, ...lanes, to];
    for (let k = 1; k < stops.length; k++) {
      link(sides[0], stops[k], stops[k - 1]);
      link(sides[1], stops[k - 1], stops[k]);
    }
  }
  const wish = (stop) => {
    const linked = sides.flatMap((side) => (side.has(stop) ? [[...side.get(stop)].map(middleOf)] : []));
    return linked.length ? mean(linked.map(mean)) - stop.height / 2 : stop.y;
  };
  for (let round = 0; round < ROUNDS_OF_SETTLING; round++) {
    for (const column of round % 2 ? columns : [...columns].reverse()) stackUp(column, column.map(wish));
  }
}

// Boxes of a column one below the other, in their order, each as close to its wish as the others let it be:
// neighbours that would overlap become a block, which goes to the mean of their wishes.
function stackUp(column, wishes) {
  const blocks = [];
  let offset = 0;
  const offsets = column.map(({height}) => {
    offset += height + ROW_GAP;
    return offset - height - ROW_GAP;
  });
  wishes.forEach((wish, k) => {
    let block = {sum: wish - offsets[k], size: 1};
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).size > block.sum / block.size) {
      const above = blocks.pop();
      block = {sum: above.sum + block.sum, size: above.size + block.size};
    }
    blocks.push(block);
  });
  const tops = blocks.flatMap(({sum, size}) => Array(size).fill(sum / size));
  column.forEach((stop, k) => (stop.y = tops[k] + offsets[k]));
}

// From the right side of a box, on its lanes, to the left side of another; `ends` are the columns' right sides.
function pathOf({from, lanes, to}, ends) {
  const points = [from, ...lanes].flatMap((stop) => [
    [stop === from ? from.x + from.width : stop.x, middleOf(stop)],
    [ends[stop.column], middleOf(stop)],
  ]);
  return levelPath([...points, [to.x, middleOf(to)]]);
}

function middleOf({y, height}) {
  return y + height / 2;
}

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
