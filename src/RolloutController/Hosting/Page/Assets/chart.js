// Weight and error rate over time, one above the other on the same axis, with what happened marked.

import { h, svg, show } from "./dom.js";
import { count, now, percent, time } from "./format.js";

const height = { weight: 84, gap: 30, rate: 96, axis: 22, top: 20 };
const side = { left: 44, right: 14 };
const marks = {
  Waiting: { tone: "wait", word: "held up" },
  Paused: { tone: "wait", word: "paused" },
  Resumed: { tone: "busy", word: "goes on" },
  RollingBack: { tone: "bad", word: "rolled back" },
  Promoted: { tone: "good", word: "promoted" },
};

/** Draws the chart of a Rollout into an element. */
export function draw(place, rollout) {
  const width = Math.max(280, Math.round(place.clientWidth));
  const frame = frameOf(rollout, width);
  show(place, frame ? picture(rollout, frame, width) : h("p", { class: "quiet" }, "The chart begins with the next rollout."));
  place.onpointermove = frame ? event => point(place, rollout, frame, event) : null;
  place.onpointerleave = () => place.querySelector(".cursor")?.setAttribute("visibility", "hidden");
}

function frameOf({ series, summary, rule }, width) {
  if (series.length === 0) return null;
  const begin = Date.parse(series[0].time);
  const last = Date.parse(series.at(-1).time);
  const end = Math.max(summary.canary ? now() : last, begin + 30_000);
  const threshold = rule?.threshold ?? 0;
  const rates = series.map(each => each.rate ?? 0);
  const top = niceTop(Math.max(threshold * 2, ...rates.map(rate => rate * 1.15)));
  const hasRates = Boolean(rule);
  const weightBottom = height.top + height.weight;
  const rateTop = weightBottom + height.gap;
  const bottom = hasRates ? rateTop + height.rate : weightBottom;
  return {
    begin, end, top, threshold, hasRates, weightBottom, rateTop, bottom,
    total: bottom + height.axis,
    x: moment => side.left + (width - side.left - side.right) * Math.min(1, Math.max(0, (moment - begin) / (end - begin))),
    weight: value => weightBottom - height.weight * value / 100,
    rate: value => bottom - height.rate * Math.min(1, value / top),
  };
}

function niceTop(value) {
  if (value <= 0) return 0.01;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map(factor => factor * unit).find(candidate => candidate >= value - 1e-12);
}

function picture(rollout, frame, width) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${frame.total}`, width, height: frame.total, role: "img", "aria-label": summaryOf(rollout) },
    weights(rollout, frame, width), frame.hasRates ? rates(rollout, frame, width) : null, axis(frame, width), happened(rollout, frame, width),
    svg("g", { class: "cursor", visibility: "hidden" }, svg("line", { y1: height.top, y2: frame.bottom }), svg("text", { y: 11 })));
}

function summaryOf({ series, rule, summary }) {
  const rates = series.map(each => each.rate).filter(rate => rate !== undefined);
  return `Chart: the weight goes to ${Math.max(...series.map(each => each.weight))} % and is ${summary.weight} % now` +
    (rule ? `; the error rate is ${rates.length ? `${percent(Math.max(...rates))} at the most` : "not known yet"}, where ${rule.max} is let through` : "") + ". The history below tells the same in words.";
}

function weights({ series, summary }, frame, width) {
  const points = series.map(each => [frame.x(Date.parse(each.time)), frame.weight(each.weight)]);
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (const [x, y] of points.slice(1)) path += `H${x}V${y}`;
  path += `H${frame.x(frame.end)}`;
  return svg("g", { class: "weights" },
    ticksOf([0, ...summary.steps.map(step => step.weight), 100], frame.weight).map(weight => svg("g", { class: "tick" },
      svg("line", { x1: side.left, x2: width - side.right, y1: frame.weight(weight), y2: frame.weight(weight) }),
      svg("text", { x: side.left - 6, y: frame.weight(weight) + 4, "text-anchor": "end" }, `${weight} %`))),
    svg("text", { class: "legend", x: side.left, y: 12 }, "Traffic to the new version"),
    svg("path", { class: "area", d: `${path}V${frame.weightBottom}H${points[0][0]}Z` }),
    svg("path", { class: "line", d: path }));
}

// Labels that would touch are left out, the lower of two.
function ticksOf(values, place) {
  const shown = [];
  for (const value of [...new Set(values)].sort((one, other) => other - one)) {
    if (value === 0 || shown.every(each => Math.abs(place(each) - place(value)) >= 14)) shown.push(value);
  }
  return shown.filter(value => value === 0 || Math.abs(place(value) - place(0)) >= 14);
}

function rates({ series }, frame, width) {
  return svg("g", { class: "rates" },
    [0, frame.top].map(rate => svg("g", { class: "tick" },
      svg("line", { x1: side.left, x2: width - side.right, y1: frame.rate(rate), y2: frame.rate(rate) }),
      svg("text", { x: side.left - 6, y: frame.rate(rate) + 4, "text-anchor": "end" }, percent(rate)))),
    svg("text", { class: "legend", x: side.left, y: frame.rateTop - 8 }, "Error rate of the step",
      frame.threshold ? svg("tspan", { class: "limit" }, ` – – at most ${percent(frame.threshold)}`) : null),
    frame.threshold ? svg("g", { class: "threshold" },
      svg("line", { x1: side.left, x2: width - side.right, y1: frame.rate(frame.threshold), y2: frame.rate(frame.threshold) })) : null,
    segments(series).map(segment => svg("g", { class: "segment" },
      svg("polyline", { points: segment.map(each => `${frame.x(Date.parse(each.time))},${frame.rate(each.rate)}`).join(" ") }),
      segment.map(each => svg("circle", { class: frame.threshold && each.rate > frame.threshold ? "above" : null, cx: frame.x(Date.parse(each.time)), cy: frame.rate(each.rate), r: 2.5 })))));
}

// Every step counts from nothing, so no line leads from one to the next.
function segments(series) {
  const all = [];
  let current = [];
  let requests = 0;
  for (const each of series) {
    if (each.rate === undefined || each.requests < requests) {
      if (current.length) all.push(current);
      current = [];
    }
    if (each.rate !== undefined) current.push(each);
    requests = each.rate === undefined ? 0 : each.requests;
  }
  return current.length ? [...all, current] : all;
}

function axis(frame, width) {
  const places = width < 520 ? [0, 1] : [0, 0.5, 1];
  return svg("g", { class: "axis" }, places.map(share => svg("text", {
    x: frame.x(frame.begin + share * (frame.end - frame.begin)), y: frame.total - 5, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
  }, time(frame.begin + share * (frame.end - frame.begin)).textContent)));
}

function happened({ history }, frame, width) {
  return svg("g", { class: "marks" }, history.filter(entry => marks[entry.kind] && Date.parse(entry.time) >= frame.begin - 1000 && Date.parse(entry.time) <= frame.end).map(entry => {
    const x = frame.x(Date.parse(entry.time));
    const mark = marks[entry.kind];
    return svg("g", { class: `mark ${mark.tone}` },
      svg("title", null, `${time(entry.time).textContent} ${entry.text}`),
      svg("line", { x1: x, x2: x, y1: height.top, y2: frame.bottom }),
      svg("path", { d: `M${x - 4} ${height.top - 1}h8l-4 6z` }),
      entry.kind === "RollingBack" || entry.kind === "Promoted"
        ? svg("text", { x: x > width / 2 ? x - 6 : x + 6, y: height.top + 14, "text-anchor": x > width / 2 ? "end" : "start" }, mark.word) : null);
  }));
}

function point(place, { series }, frame, event) {
  const bounds = place.getBoundingClientRect();
  const nearest = series.reduce((best, each) =>
    Math.abs(frame.x(Date.parse(each.time)) - (event.clientX - bounds.left)) < Math.abs(frame.x(Date.parse(best.time)) - (event.clientX - bounds.left)) ? each : best);
  const cursor = place.querySelector(".cursor");
  if (!cursor) return;
  const x = frame.x(Date.parse(nearest.time));
  const [line, text] = cursor.children;
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  text.setAttribute("x", bounds.width - side.right);
  text.setAttribute("text-anchor", "end");
  text.textContent = `${time(nearest.time).textContent} · ${nearest.weight} %` +
    (nearest.rate === undefined ? "" : ` · ${percent(nearest.rate)} of ${count(nearest.requests)}`);
  cursor.setAttribute("visibility", "visible");
}
