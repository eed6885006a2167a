// What came out, beside what is right.

import { element, show } from "./element.js";

/** Shows the end of an episode, or that it is not reached. */
export function showVerdict(root, episode, position) {
  if (position < episode.presses.length) {
    root.replaceChildren(element("p", { className: "soft" }, `press ${position} of ${episode.presses.length}`));
    return;
  }
  const { counterfactual } = episode;
  const facts = [["agent", episode.answered ? show(episode.answer) : "no answer"], ["exact", episode.exact ?? "-"]];
  if (counterfactual) facts.push(["exact, with the overwritten value", counterfactual.exact ?? "-"]);
  const list = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  const [kind, note] = judge(episode);
  root.replaceChildren(element("dl", {}, ...list), element("p", { className: kind }, note));
}

function judge(episode) {
  const { counterfactual: other, answer } = episode;
  if (!episode.answered) return ["bad", "✗ wrong: it never pressed ANS"];
  if (!other && episode.exact === null) return ["warm", "the exact answer is not known"];
  if (!other) return episode.right ? ["good", "✓ right"] : ["bad", "✗ wrong"];
  if (other.exact === null) return ["warm", other.note];
  const near = typeof answer === "number" && Math.abs(answer - other.value) <= 1e-9 * Math.max(1, Math.abs(other.value));
  return near
    ? ["good", `✓ the answer follows what was overwritten (${other.note})`]
    : ["bad", `✗ the answer does not follow what was overwritten (${other.note})`];
}
