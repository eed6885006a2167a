// What the network makes of the state before a press: keys, value, the presses to come.

import { element, percent } from "./element.js";

/** Shows it for the press at `position` (from 1); the first one stands for "before any". */
export function showMind(root, agent, episode, position) {
  const place = Math.max(0, position - 1);
  const press = episode.presses[place];
  root.replaceChildren(
    element("h3", {}, `How likely each key was, press ${place + 1}`),
    distribution(agent, press),
    element("h3", {}, "Chance of a right answer, as the network estimates it"),
    value(agent, press),
    element("h3", {}, "Presses to come, as a linear probe reads them in the state"),
    ...forecast(agent, episode, place),
  );
}

function distribution(agent, press) {
  const keys = agent.keys.map((_, key) => key).filter((key) => agent.kinds[key] !== "never");
  const shown = keys.filter((key) => press.legal[key] || press.probabilities[key] > 0.0005);
  const rows = shown
    .toSorted((a, b) => press.probabilities[b] - press.probabilities[a])
    .flatMap((key) => {
      const chosen = key === press.key;
      const illegal = press.legal[key] ? "" : ", not legal";
      return bar(agent.keys[key], press.probabilities[key], `${chosen ? "pressed, " : ""}${percent(press.probabilities[key])}${illegal}`, chosen);
    });
  return element("dl", { className: "bars" }, ...rows);
}

function value(agent, press) {
  if (!agent.valued) {
    return element("p", { className: "soft" }, `Its learner, ${agent.learner}, trains no estimate.`);
  }
  const share = Math.max(0, Math.min(1, press.value));
  return element("dl", { className: "bars" }, ...bar("value", share, press.value.toFixed(3)));
}

function bar(name, share, note, chosen = false) {
  const line = element("i");
  line.style.setProperty("--share", share);
  const shown = element("span", { className: "bar" }, line);
  const term = element("dt", { className: chosen ? "chosen" : "" }, name);
  const text = element("span", { className: `number ${chosen ? "chosen" : ""}` }, note);
  return [term, element("dd", {}, shown, text)];
}

function forecast(agent, episode, place) {
  const { forecast: probe } = agent;
  if (!probe) {
    const why = agent.forecasting ? "The probes are being trained; this takes some seconds." : "There are no probes here: this is a snapshot, or the state of the network is too large.";
    return [element("p", { className: "soft" }, why)];
  }
  const probed = episode.presses[place].forecast;
  if (!probed.length) {
    const when = "This network looks back at what it has read: its plan is read once, before press 1.";
    return [element("p", { className: "soft" }, when)];
  }
  const items = probed.slice(0, episode.presses.length - place).map(([key], ahead) => {
    const actual = episode.presses[place + ahead];
    const met = actual.key === key;
    const kind = met ? "met" : "missed";
    const outcome = met ? "✓ pressed" : `✗ ${agent.keys[actual.key]}`;
    const sure = element("span", { className: "soft" }, `held out: ${Math.round(100 * probe.accuracy[ahead])}\u00a0%`);
    return element("li", { className: kind }, `press ${place + ahead + 1}`, element("b", {}, agent.keys[key]), outcome, sure);
  });
  return [element("ol", { className: "ahead" }, ...items), summary(probe)];
}

function summary(probe) {
  const mean = (shares) => shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const [agent, control] = [mean(probe.accuracy), mean(probe.control)];
  const more = agent - control > 0.02;
  const meaning = more
    ? "So the state says more about the presses to come than the observations do."
    : "As far as a linear probe can tell, the state says no more about the presses to come than the observations do.";
  const note = `On held-out problems the probe finds ${percent(agent)} of the next ${probe.accuracy.length} presses, the best control, without the state, ${percent(control)}. ${meaning}`;
  return element("p", { className: "soft" }, note);
}
