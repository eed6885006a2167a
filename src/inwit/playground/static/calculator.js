// The calculator: its screen with the memory above, its keys, which one is pressed.

import { element, frameText, percent, show, stackOf } from "./element.js";

const NAMED = { ADD: "+", SUB: "−", MUL: "×", DIV: "÷", NEG: "±" };
const WORDS = { STO: "set aside", RCL: "bring back", ANS: "answer", READ: "read", CLR: "try again" };
const GROUPS = { operand: "operand", read: "operand", tool: "tool", store: "memory", recall: "memory", clear: "memory", answer: "answer" };
const SHOWN = 4;
const LONG = 15;

export class Calculator {
  /** @param overwrite is called with the place of a stored value that was clicked */
  constructor(root, overwrite) {
    this.overwrite = overwrite;
    this.stack = element("ol", { className: "stack", "aria-label": "memory, the top last" });
    this.pending = element("div", { className: "pending" });
    this.display = element("output", { className: "display" });
    this.keypad = element("div", { className: "keypad", "aria-label": "keys" });
    const screen = element("div", { className: "screen" }, this.stack, this.pending, this.display);
    root.replaceChildren(screen, this.keypad);
  }

  /** Lays out the keys of an agent. */
  lay(agent) {
    this.agent = agent;
    this.keys = agent.keys.map((name, key) => {
      const kind = agent.kinds[key];
      if (kind === "never") return null;
      const label = NAMED[name] ?? name;
      const note = NAMED[name] ? name : (WORDS[name] ?? "");
      const made = element("div", { className: `key ${GROUPS[kind]}` }, label, element("small", {}, note));
      made.dataset.key = name;
      return made;
    });
    const order = ["operand", "read", "tool", "store", "recall", "clear", "answer"];
    const sorted = order.flatMap((kind) => this.keys.filter((_, key) => agent.kinds[key] === kind));
    this.keypad.replaceChildren(...sorted);
  }

  /** Shows the machine after some presses of an episode. */
  show(episode, position, off) {
    const press = episode.presses[position - 1];
    const frame = press ?? { values: [], pending: "", top: -1 };
    this.#keys(press, episode, off);
    const [value] = frame.values;
    this.display.textContent = value === undefined ? "empty" : show(value);
    this.display.classList.toggle("empty", value === undefined);
    this.display.classList.toggle("long", this.display.textContent.length > LONG);
    this.pending.textContent = frame.pending ? `${frameText(frame)}  waits` : "";
    this.#memory(stackOf(episode.frames, frame.top), position);
  }

  #keys(press, episode, off) {
    this.keys.forEach((made, key) => {
      if (!made) return;
      const name = this.agent.keys[key];
      const taken = off.has(name) || (off.has("memory") && (name === "STO" || name === "RCL"));
      const pressed = press?.key === key;
      const legal = press?.legal[key] ?? true;
      made.classList.toggle("pressed", pressed);
      made.classList.toggle("illegal", !legal);
      made.classList.toggle("off", taken);
      made.style.setProperty("--share", press?.probabilities[key] ?? 0);
      made.setAttribute("aria-label", `${name}${pressed ? ", pressed" : ""}${taken ? ", taken away" : ""}`);
      made.title = press ? `${name}: ${percent(press.probabilities[key])}${legal ? "" : ", not legal"}` : name;
      if (this.agent.kinds[key] === "operand") {
        const enters = episode.operands[key] ?? "";
        made.lastChild.textContent = enters && `enters ${enters}`;
        made.hidden = !episode.presses.some((each) => each.legal[key]);
      }
    });
  }

  #memory(stack, position) {
    const first = Math.max(0, stack.length - SHOWN);
    const lines = stack.slice(first).map((frame, index) => this.#frame(frame, first + index, position));
    if (first) lines.unshift(element("li", { className: "more" }, `${first} more beneath`));
    if (!stack.length) lines.push(element("li", { className: "more" }, "the memory is empty"));
    this.stack.replaceChildren(...lines);
  }

  #frame(frame, place, position) {
    const what = element("span", { className: "what" }, `frame ${place + 1}`);
    if (!frame.values.length) return element("li", {}, "( an open parenthesis", what);
    const [value, ...further] = frame.values.map(show);
    const note = `overwrite the stored value ${value} of frame ${place + 1}`;
    const button = element("button", { type: "button", "aria-label": note, title: note }, value);
    button.addEventListener("click", () => this.overwrite(position, place, frame.values[0]));
    const rest = frame.pending ? [...further, "_"].join(" ") : "";
    return element("li", {}, frame.pending, " ", button, " ", rest, what);
  }
}
