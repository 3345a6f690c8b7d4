// Points from a text with one of them a line: x, y, and its class or the number to learn, as in a CSV file.

// {points, classNames} as setPoints takes them; an error says what is wrong, and in which line. As in
// Python's read_csv, cells are divided by commas, semicolons or tabs, lines that begin with # are skipped, and
// the first line is a header if none of its places is a number.
function pointsOfTable(text, isNumber) {
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((line, k) => [k + 1, line])
    .filter(([, line]) => line.trim() && !line.startsWith("#"));
  if (!lines.length) throw new RangeError("there is no line with a point in it");
  const divider = [",", ";", "\t"]
    .map((sign) => [cellsOf(lines[0][1], sign).length, sign])
    .reduce((best, one) => (one[0] > best[0] ? one : best))[1];
  const rows = lines.map(([k, line]) => [k, cellsOf(line, divider)]);
  if (rows[0][1].slice(0, 2).every((one) => numberIn(one) === null)) rows.shift();
  if (!rows.length) throw new RangeError("there is a header and no point");
  if (rows.length > LIMITS.points)
    throw new RangeError(`there are ${rows.length} points, and the page takes at most ${LIMITS.points}`);
  const read = rows.map(([k, cells]) => pointOf(k, cells, isNumber));
  if (isNumber) return {points: read, classNames: null};
  const names = [...new Set(read.map(([, , name]) => name))];
  if (names.length > LIMITS.classes)
    throw new RangeError(
      `there are ${names.length} classes, and the page has colours for ${LIMITS.classes}; if the last ` +
        "column is a number to learn, say so",
    );
  const areNumbers = names.every((name) => numberIn(name) !== null);
  names.sort((a, b) => (areNumbers ? a - b : a < b ? -1 : 1));
  const classNames = names.length < 2 ? [...names, names[0] === "other" ? "another" : "other"] : names;
  return {points: read.map(([x, y, name]) => [x, y, names.indexOf(name)]), classNames};
}

function pointOf(k, cells, isNumber) {
  if (cells.length !== 3)
    throw new RangeError(
      `line ${k} has ${cells.length} column${cells.length === 1 ? "" : "s"} where 3 are needed`,
    );
  const [x, y] = cells.map(numberIn);
  for (const [what, value, given] of [
    ["x", x, cells[0]],
    ["y", y, cells[1]],
  ]) {
    if (value === null) throw new RangeError(`in line ${k} ${what} is ${quoted(given)}, which is no number`);
    if (Math.abs(value) > LIMITS.place)
      throw new RangeError(`in line ${k} ${what} is ${quoted(given)}, too far out to be drawn`);
  }
  if (!isNumber) {
    if (!cells[2]) throw new RangeError(`line ${k} has no class`);
    // 10 and 10.0 are one class.
    return [x, y, numberIn(cells[2]) === null ? cells[2].slice(0, 100) : String(numberIn(cells[2]))];
  }
  const target = numberIn(cells[2]);
  if (target === null)
    throw new RangeError(`in line ${k} the number to learn is ${quoted(cells[2])}, which is no number`);
  return [x, y, target];
}

// The cells of a line; one in quotation marks may have the divider in it.
function cellsOf(line, divider) {
  const cells = [];
  let [cell, isQuoted] = ["", false];
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (isQuoted && c === '"' && line[i + 1] === '"') cell += line[++i];
    else if (c === '"' && (isQuoted || !cell.trim())) [cell, isQuoted] = [isQuoted ? cell : "", !isQuoted];
    else if (c === divider && !isQuoted) cell = (cells.push(cell.trim()), "");
    else cell += c;
  }
  return [...cells, cell.trim()];
}

function numberIn(text) {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : null;
}
