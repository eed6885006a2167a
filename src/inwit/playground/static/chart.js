// Lines over updates, drawn as SVG, with a legend in words.

import { element } from "./element.js";

const WIDTH = 460;
const HEIGHT = 190;
const LEFT = 40;
const BOTTOM = 22;
const DASHES = ["", "6 3", "2 2", "8 3 2 3", "1 3"];
const COLOURS = ["var(--accent)", "var(--warm)", "var(--good)", "var(--bad)", "var(--soft)"];

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A chart.
 * @param lines [{ name, points: [[update, value], ...] }]
 * @param options { end, top, marks: [[update, note], ...], share }; the axis begins at 0, or at the least value below
 */
export function chart(title, lines, { end, top, marks = [], share = false } = {}) {
  const known = lines.filter((line) => line.points.length);
  const most = top ?? 1.05 * Math.max(1e-9, ...known.flatMap((line) => line.points.map(([, value]) => value)));
  const low = Math.min(0, ...known.flatMap((line) => line.points.map(([, value]) => value)));
  const x = (update) => LEFT + ((WIDTH - LEFT - 8) * update) / Math.max(1, end);
  const y = (value) => 8 + (HEIGHT - BOTTOM - 8) * (1 - Math.min(1, Math.max(0, (value - low) / (most - low))));
  const parts = [...axes(low, most, end, x, y, share), ...marks.map(([update, note]) => mark(update, note, x, y, low, most))];
  const styles = known.map((_, order) => ({ stroke: COLOURS[order % 5], "stroke-dasharray": DASHES[order % 5] }));
  known.forEach((line, order) => {
    const points = line.points.map(([update, value]) => `${x(update).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    parts.push(svg("polyline", { points, ...styles[order] }));
  });
  const note = known.map((line) => `${line.name} ${write(line.points.at(-1)[1], share)}`).join(", ");
  const label = `${title}; at the latest update: ${note || "nothing yet"}`;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, ...parts);
  return element("section", { className: "chart card" }, element("h2", {}, title), drawing, legend(known, styles, share));
}

function write(value, share) {
  return share ? `${Math.round(100 * value)} %` : String(Number(value.toPrecision(3)));
}

function axes(low, most, end, x, y, share) {
  const across = [0, 0.5, 1].flatMap((part) => {
    const value = low + (most - low) * part;
    const height = y(value);
    return [
      svg("line", { class: "axis", x1: LEFT, x2: WIDTH - 8, y1: height, y2: height }),
      svg("text", { x: LEFT - 5, y: height + 4, "text-anchor": "end" }, write(value, share)),
    ];
  });
  const along = [0, 0.5, 1].map((part) => {
    const update = Math.round(end * part);
    const anchor = part === 1 ? "end" : "middle";
    return svg("text", { x: x(update), y: HEIGHT - 6, "text-anchor": anchor }, part ? update.toLocaleString("en") : "0");
  });
  return [...across, ...along];
}

function mark(update, note, x, y, low, most) {
  const line = svg("line", { class: "mark", x1: x(update), x2: x(update), y1: y(most), y2: y(low) });
  line.append(svg("title", {}, note));
  return line;
}

function legend(lines, styles, share) {
  const items = lines.map((line, order) => {
    const sample = svg("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, svg("polyline", { points: "0,5 26,5", ...styles[order] }));
    return element("li", {}, sample, `${line.name}: ${write(line.points.at(-1)[1], share)}`);
  });
  return element("ul", { className: "legend" }, ...items);
}
