// What is taken from the agent, and which stored values are overwritten.

import { element, show } from "./element.js";

export class Breaking extends EventTarget {
  off = new Set();
  edits = [];

  constructor() {
    super();
    this.switches = document.getElementById("switches");
    this.list = document.getElementById("edits");
    this.dialog = document.getElementById("overwrite");
  }

  /** Offers what can be taken from an agent; nothing is yet. */
  lay(agent) {
    this.off.clear();
    const labels = Object.entries(agent.switches).map(([name, note]) => {
      const box = element("input", { type: "checkbox", name });
      box.addEventListener("change", () => {
        if (box.checked) this.off.add(name);
        else this.off.delete(name);
        this.edits = [];
        this.#changed();
      });
      return element("label", {}, box, note);
    });
    this.switches.replaceChildren(this.switches.querySelector("legend"), ...labels);
    this.forget();
  }

  /** Overwritten values belong to one problem. */
  forget() {
    this.edits = [];
    this.#show();
  }

  /** Asks for a value to be written over a stored one after a press. */
  ask(press, place, value) {
    const field = document.getElementById("overwrite-value");
    const note = `After press ${press}, frame ${place + 1} holds ${show(value)}. What shall it hold instead?`;
    document.getElementById("overwrite-note").textContent = note;
    field.value = show(value);
    this.dialog.onclose = () => {
      const given = Number(field.value);
      if (this.dialog.returnValue !== "write" || !Number.isFinite(given)) return;
      const others = this.edits.filter((edit) => edit.press < press || (edit.press === press && edit.place !== place));
      this.edits = [...others, { press, place, value: given }];
      this.#changed();
    };
    this.dialog.returnValue = "";
    this.dialog.showModal();
    field.select();
  }

  #changed() {
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  #show() {
    const lines = this.edits.map((edit) => {
      const drop = element("button", { type: "button" }, "undo");
      drop.addEventListener("click", () => {
        this.edits = this.edits.filter((other) => other !== edit && other.press <= edit.press);
        this.#changed();
      });
      return element("li", {}, `after press ${edit.press}, frame ${edit.place + 1} := ${show(edit.value)}`, drop);
    });
    const heading = element("h3", {}, "Overwritten");
    this.list.replaceChildren(...(lines.length ? [heading, element("ul", {}, ...lines)] : []));
  }
}
