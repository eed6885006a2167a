// All presses in a list of which only what can be seen is in the page: a long episode stays smooth.

import { element, frameText, percent, show, stackOf } from "./element.js";

const ROW = 28;
const SPARE = 6;
const DEEP = 4;

export class Presses {
  /** @param choose is called with the number of a press that was clicked */
  constructor(root, choose) {
    const names = ["press", "key", "share", "display", "pending", "memory", "value"];
    this.choose = choose;
    this.list = element("div", { className: "list", tabIndex: 0, role: "list", "aria-label": "presses" });
    this.space = element("div");
    this.list.append(this.space);
    this.list.addEventListener("scroll", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.list);
    root.replaceChildren(
      element("div", { className: "listhead" }, ...names.map((name) => element("span", {}, name))),
      this.list,
    );
  }

  load(agent, episode) {
    Object.assign(this, { agent, episode, position: 0 });
    this.space.style.height = `${ROW * episode.presses.length}px`;
    this.list.scrollTop = 0;
    this.#draw();
  }

  /** Marks a press, and brings it into sight. */
  mark(position) {
    this.position = position;
    const top = ROW * (position - 1);
    const { scrollTop, clientHeight } = this.list;
    if (position && (top < scrollTop || top + ROW > scrollTop + clientHeight)) {
      this.list.scrollTop = Math.max(0, top - clientHeight / 2);
    }
    this.#draw();
  }

  #draw() {
    if (!this.episode) return;
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - SPARE);
    const count = Math.ceil(this.list.clientHeight / ROW) + 2 * SPARE;
    const seen = this.episode.presses.slice(first, first + count);
    this.space.replaceChildren(...seen.map((press, index) => this.#line(press, first + index + 1)));
  }

  #line(press, number) {
    const { agent, episode } = this;
    const stack = stackOf(episode.frames, press.top);
    const deep = stack.slice(-DEEP).map((frame) => frameText(frame) || "(");
    if (stack.length > DEEP) deep.unshift(`${stack.length - DEEP} more`);
    const cells = [
      number,
      press.wasted ? `${agent.keys[press.key]} !` : agent.keys[press.key],
      percent(press.probabilities[press.key]),
      show(press.values[0]),
      press.pending ? frameText(press) : "-",
      deep.join(" | ") || "-",
      agent.valued ? press.value.toFixed(2) : "-",
    ];
    const line = element("button", { type: "button", className: `line${press.wasted ? " wasted" : ""}` });
    line.append(...cells.map((cell) => element("span", {}, String(cell))));
    line.style.top = `${ROW * (number - 1)}px`;
    if (number === this.position) line.setAttribute("aria-current", "step");
    if (press.wasted) line.title = "this key meant nothing in that state: the press is wasted";
    line.addEventListener("click", () => this.choose(number));
    return line;
  }
}
