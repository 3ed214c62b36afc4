// What state a Rollout is in, as a word, a tone and a sign, so that colour never tells anything alone.

import { svg, h } from "./dom.js";

const shapes = {
  check: "M3.5 8.5l3 3 6-7",
  rise: "M3 12h3.4V8.5h3.4V5H13M10.5 2.6 13 5l-2.5 2.4",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  back: "M6.5 3 3 6.5 6.5 10M3.4 6.5h6.1a3.2 3.2 0 0 1 0 6.5H7",
  alert: "M8 2.2 14.3 13H1.7ZM8 6.4v3M8 11.2v.1",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 4.5V8l2.5 1.6M8 1.8a6.2 6.2 0 1 0 .01 0Z",
  dot: "M8 5.6a2.4 2.4 0 1 0 .01 0Z",
  play: "M5 3.2v9.6L12.5 8Z",
  person: "M8 2.4a2.6 2.6 0 1 0 .01 0ZM3 13.6c.6-3 2.4-4.4 5-4.4s4.4 1.4 5 4.4",
};

export const shape = name => shapes[name];

/** A sign; it only repeats what a word beside it says. */
export const sign = name => svg("svg", { class: `sign ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, svg("path", { d: shapes[name] }));

const phases = {
  Healthy: { word: "Healthy", tone: "good", sign: "check", rank: 6 },
  Progressing: { word: "Progressing", tone: "busy", sign: "rise", rank: 5 },
  Paused: { word: "Paused", tone: "wait", sign: "pause", rank: 4 },
  RollingBack: { word: "Rolling back", tone: "bad", sign: "back", rank: 0 },
  RolledBack: { word: "Rolled back", tone: "bad", sign: "back", rank: 3 },
  Invalid: { word: "Invalid", tone: "bad", sign: "alert", rank: 1 },
};

const fresh = { word: "New", tone: "idle", sign: "clock", rank: 5 };

/** The state of a Rollout. */
export function stateOf(rollout) {
  if (!rollout.since) return fresh;
  const state = phases[rollout.phase] ?? fresh;
  if (rollout.isDeleting) return { ...state, word: "Deleting", sign: "clock" };
  return rollout.isStalled && rollout.phase === "Progressing" ? { word: "Stalled", tone: "wait", sign: "alert", rank: 2 } : state;
}

/** Whether a person should look at it. */
export const needsAttention = rollout => rollout.isStalled || ["RollingBack", "RolledBack", "Invalid", "Paused"].includes(rollout.phase);

/** Those that need attention first, the latest of them on top; those at rest by name. */
export function byAttention(one, other) {
  const [rank, otherRank] = [stateOf(one).rank, stateOf(other).rank];
  return rank - otherRank
    || (rank < phases.Healthy.rank ? Date.parse(other.since ?? 0) - Date.parse(one.since ?? 0) : 0)
    || order(one.namespace, other.namespace) || order(one.name, other.name);
}

const order = (one, other) => one < other ? -1 : one > other ? 1 : 0;

/** The state as a badge. */
export function badge(rollout) {
  const state = stateOf(rollout);
  return h("span", { class: `badge ${state.tone}` }, sign(state.sign), state.word);
}

const iconColours = { good: "#1a7f4b", busy: "#1f63c8", wait: "#b26a00", bad: "#c42b3a", idle: "#56657a" };

/** The page's icon in the colour and with the sign of a state. */
export const iconOf = state => "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${iconColours[state.tone]}"/>` +
  `<path d="${shapes[state.sign]}" transform="translate(4 4) scale(1.5)" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`);
