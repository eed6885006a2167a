// Making elements, and writing values.

/** An element with properties (or attributes, where the name has a hyphen) and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A value of the machine as people read it, with all its digits; the twin of Python's `show`. */
export function show(value) {
  if (value === null || value === undefined) return "-";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(BigInt(value));
  return String(value);
}

/** A frame as people read it: `SUB 21 _`. */
export function frameText({ values, pending }) {
  const parts = values.map(show);
  return pending ? [pending, ...parts, "_"].join(" ") : parts.join(" ");
}

/** A share; 100 % only where nothing is missing. */
export function percent(share) {
  return `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

/** The frames that are set aside when `top` is on top, the oldest first. */
export function stackOf(frames, top) {
  const stack = [];
  for (let each = top; each >= 0; each = frames[each].below) stack.push(frames[each]);
  return stack.reverse();
}
