// Playing an episode: step, run, rewind, speed.

import { element } from "./element.js";

export class Player extends EventTarget {
  #timer = null;
  position = 0;
  length = 0;

  constructor(root) {
    super();
    const button = (label, note, act, name = "") => {
      const made = element("button", { type: "button", className: name, "aria-label": note, title: note }, label);
      made.addEventListener("click", act);
      return made;
    };
    this.first = button("|◀", "rewind (Home)", () => this.go(0));
    this.back = button("◀", "one press back (left arrow)", () => this.step(-1));
    this.runs = button("Run", "run or pause (space)", () => this.toggle(), "run");
    this.next = button("▶", "one press on (right arrow)", () => this.step(1));
    this.last = button("▶|", "to the end (End)", () => this.go(this.length));
    this.scrubber = element("input", { type: "range", min: 0, "aria-label": "press" });
    this.scrubber.addEventListener("input", () => this.go(Number(this.scrubber.value)));
    this.speed = element("input", { type: "range", min: 0, max: 7, step: 0.5, value: 2 });
    this.note = element("span", { className: "number" });
    this.speed.addEventListener("input", () => this.#tellSpeed());
    root.replaceChildren(
      this.first, this.back, this.runs, this.next, this.last, this.scrubber,
      element("label", {}, "speed", this.speed, this.note),
    );
    this.#tellSpeed();
  }

  get perSecond() {
    return 2 ** Number(this.speed.value);
  }

  get running() {
    return this.#timer !== null;
  }

  #tellSpeed() {
    this.note.textContent = `${Math.round(this.perSecond)} presses/s`;
  }

  /** Takes an episode of so many presses, and stands before the first. */
  load(length) {
    this.length = length;
    this.scrubber.max = length;
    this.go(0);
  }

  /** When the last press of this episode is reached. */
  async finished() {
    while (this.position < this.length) {
      await new Promise((resolve) => this.addEventListener("move", resolve, { once: true }));
    }
  }

  go(position) {
    this.pause();
    this.#move(position);
  }

  step(by) {
    this.go(this.position + by);
  }

  toggle() {
    if (this.running) this.pause();
    else this.run();
  }

  run() {
    if (this.position >= this.length) this.#move(0);
    const began = performance.now();
    let done = 0;
    const frame = (now) => {
      const due = Math.floor(((now - began) / 1000) * this.perSecond) - done;
      if (due > 0) {
        done += due;
        this.#move(this.position + due);
      }
      if (this.position < this.length) this.#timer = requestAnimationFrame(frame);
      else this.pause();
    };
    this.#timer = requestAnimationFrame(frame);
    this.runs.textContent = "Pause";
  }

  pause() {
    if (this.running) cancelAnimationFrame(this.#timer);
    this.#timer = null;
    this.runs.textContent = "Run";
  }

  #move(position) {
    this.position = Math.max(0, Math.min(this.length, position));
    this.scrubber.value = this.position;
    this.first.disabled = this.back.disabled = this.position === 0;
    this.last.disabled = this.next.disabled = this.position === this.length;
    this.dispatchEvent(new Event("move"));
  }
}

/** Space, arrows, Home and End play, unless something is being typed. */
export function listen(player) {
  const keys = {
    " ": () => player.toggle(),
    ArrowRight: () => player.step(1),
    ArrowLeft: () => player.step(-1),
    Home: () => player.go(0),
    End: () => player.go(player.length),
  };
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, select, textarea, dialog[open], .list");
    const presses = event.key === " " && event.target.closest("button, a, summary");
    if (busy || presses || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
