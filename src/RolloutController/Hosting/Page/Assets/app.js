// Puts the page together: what is followed, what is shown, and the keyboard.

import { h, show } from "./dom.js";
import { setClock, tick, time, now } from "./format.js";
import { Feed } from "./feed.js";
import { addressOf, list } from "./list.js";
import { detail } from "./detail.js";
import { draw } from "./chart.js";
import { close, press, toolbar } from "./actions.js";
import { ask, forget, isKnown } from "./token.js";
import { iconOf, needsAttention, stateOf } from "./status.js";

const main = document.getElementById("main");
const plainIcon = document.getElementById("icon").href;
const assets = document.body.dataset.assets;

const state = { host: null, rollouts: new Map(), isListed: false, view: null, isKnown: false, lostAt: null, freshAt: null };
let route = read();
let isDue = false;
let cameFrom = null;

const feed = new Feed({
  connected() {
    state.freshAt = now();
    if (state.lostAt !== null) announce("The connection is back.");
    state.lostAt = null;
  },
  lost() {
    if (state.lostAt === null) announce("The connection to the controller is lost.");
    state.lostAt ??= state.freshAt ?? now();
    due();
  },
  host(message) {
    if (`/page/${message.assets}` !== assets && renew()) return;
    setClock(message.now);
    state.host = message;
    due();
  },
  rollouts(message) {
    setClock(message.now);
    if (message.isWhole) state.rollouts.clear();
    for (const rollout of message.rollouts) state.rollouts.set(`${rollout.namespace}/${rollout.name}`, changed(rollout));
    for (const key of message.gone) state.rollouts.delete(key);
    state.isListed = true;
    due();
  },
  rollout(message) {
    setClock(message.now);
    state.view = message.rollout ?? null;
    state.isKnown = message.isKnown;
    if (message.rollout) changed(message.rollout.summary);
    due();
  },
  ping(message) {
    setClock(message.now);
    due();
  },
});

const told = new Map();

/** Tells those who cannot see it that a Rollout came into another state or to another weight. */
function changed(rollout) {
  const key = `${rollout.namespace}/${rollout.name}`;
  const text = `${rollout.name}: ${stateOf(rollout).word}${rollout.canary ? `, ${rollout.weight} % of the traffic` : ""}`;
  if (told.has(key) && told.get(key) !== text) announce(text);
  told.set(key, text);
  return rollout;
}

/** Another build answers, and its page is not this one. While replicas of both answer, once in a while is enough. */
function renew() {
  if (Date.now() - Number(sessionStorage.getItem("renewed") ?? 0) < 60_000) return false;
  sessionStorage.setItem("renewed", `${Date.now()}`);
  location.reload();
  return true;
}

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

function read() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [namespace, name] = path.split("/").map(decode);
  return { rollout: namespace && name ? { namespace, name } : null, filter: new URLSearchParams(query).get("filter") ?? "" };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function go() {
  const before = route;
  route = read();
  if (JSON.stringify(before.rollout) !== JSON.stringify(route.rollout)) {
    cameFrom = before.rollout;
    Object.assign(state, { view: null, isKnown: false, isListed: false });
    follow();
    main.replaceChildren();
    scrollTo(0, 0);
  }
  due(true);
}

function follow() {
  told.clear();
  feed.follow(route.rollout);
}

/** Shows the present state, once for all that comes in a frame. */
function due(isNew = false) {
  if (isNew) main.dataset.new = "";
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    render();
  });
}

function render() {
  show(document.getElementById("notices"), notices());
  show(main, content());
  const chart = document.getElementById("chart");
  if (chart && state.view) draw(chart, state.view);
  frame();
  focusNew();
  const filter = document.getElementById("filter");
  if (filter && filter !== document.activeElement && filter.value !== route.filter) filter.value = route.filter;
}

function content() {
  const missing = state.host?.missing ?? [];
  if (!route.rollout) {
    if (!state.isListed) return loading();
    return list([...state.rollouts.values()], route.filter, missing.length === 0);
  }
  if (state.view) return detail(state.view, state.host?.canAct === true);
  if (!state.isKnown) return loading();
  return h("section", { class: "state", key: "none" },
    h("h1", { tabindex: "-1" }, "There is no such Rollout"),
    h("p", null, "No Rollout ", h("code", null, route.rollout.name), " is in namespace ", h("code", null, route.rollout.namespace), ". It may have been deleted; should it come, it appears here."),
    h("p", null, h("a", { href: "#/" }, "← All Rollouts")));
}

const loading = () => h("p", { class: "state quiet", key: "loading" }, state.host?.missing.length ? "It is shown as soon as the controller knows it." : "Loading …");

function notices() {
  const missing = state.host?.missing ?? [];
  return [
    state.lostAt === null ? null : h("p", { class: "notice wait", key: "lost", role: "alert" },
      h("strong", null, "The connection to the controller is lost."), state.freshAt ? [" What you see is from ", time(state.lostAt), "."] : null, " Trying again …"),
    missing.length === 0 ? null : h("section", { class: "notice bad", key: "missing" },
      h("h2", null, "The controller is not ready"),
      h("ul", null, missing.map(each => h("li", { key: each.name + each.message }, h("strong", null, each.name), `: ${each.message}`)))),
    toolbar(state.host?.actions ?? []),
  ];
}

/** What stands around the content: connection, version, title and icon. */
function frame() {
  const { host, lostAt, view } = state;
  const isLive = host && lostAt === null;
  const connection = document.getElementById("connection");
  connection.className = `connection ${isLive ? "live" : "off"}`;
  connection.textContent = isLive ? (host.canAct ? "Live" : "Live · read-only") : "Not connected";
  const identity = document.getElementById("identity");
  identity.hidden = !host?.asksForToken;
  identity.textContent = isKnown() ? "Forget the token" : "Use a token";
  if (host) document.getElementById("version").textContent = `Rollout ${host.version}${host.commit ? ` (${host.commit.slice(0, 8)})` : ""}`;
  const attention = [...state.rollouts.values()].filter(needsAttention);
  if (route.rollout) {
    document.title = view ? `${view.summary.canary ? `${view.summary.weight} % · ` : ""}${view.summary.name}: ${stateOf(view.summary).word}` : `${route.rollout.name} – Rollouts`;
    document.getElementById("icon").href = view ? iconOf(stateOf(view.summary)) : plainIcon;
  } else {
    document.title = attention.length > 0 ? `(${attention.length}) Rollouts` : "Rollouts";
    const worst = attention.map(stateOf).sort((one, other) => one.rank - other.rank)[0];
    document.getElementById("icon").href = worst ? iconOf(worst) : plainIcon;
  }
}

/** Someone who went to another view goes on from its heading, or from where they left the list. */
function focusNew() {
  if (main.dataset.new === undefined) return;
  const target = !route.rollout && cameFrom && main.querySelector(`a.row[href="${CSS.escape(addressOf(cameFrom))}"]`) || main.querySelector("h1[tabindex]");
  if (!target) return;
  delete main.dataset.new;
  if (document.activeElement?.id !== "filter") target.focus({ preventScroll: target.nodeName === "H1" });
}

/** Takes a token, or forgets the one there is. */
async function identify() {
  if (isKnown()) forget();
  else await ask();
  due();
}

function move(by) {
  const rows = [...main.querySelectorAll("a.row")];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

addEventListener("hashchange", go);
addEventListener("resize", () => due());
document.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button?.dataset.close !== undefined) close();
  else if (button?.id === "identity") identify();
  else if (button?.dataset.action || button?.dataset.verb) press(button, state.view?.summary, state.host?.asksForToken === true).finally(() => due());
  else if (event.target.closest("[data-skip]")) {
    event.preventDefault();
    main.focus();
  }
});
document.addEventListener("input", event => {
  if (event.target.id !== "filter") return;
  route.filter = event.target.value.trim();
  history.replaceState(null, "", route.filter ? `#/?${new URLSearchParams({ filter: route.filter })}` : "#/");
  due();
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isTyping = event.target.matches?.("input, textarea, select");
  if (event.key === "Escape") {
    if (isTyping) event.target.blur();
    else if (!close() && route.rollout) location.hash = "#/";
  } else if (!isTyping && event.key === "/" && document.getElementById("filter")) {
    event.preventDefault();
    document.getElementById("filter").focus();
  } else if (event.key === "ArrowDown" || (!isTyping && event.key === "j")) {
    if (route.rollout) return;
    event.preventDefault();
    move(1);
  } else if (event.key === "ArrowUp" || (!isTyping && event.key === "k")) {
    if (route.rollout) return;
    event.preventDefault();
    move(-1);
  }
});

setInterval(() => {
  tick();
  // A hold that ends changes what a step waits for.
  if (state.view?.holdsUntil && Math.abs(Date.parse(state.view.holdsUntil) - now()) < 1500) due();
}, 1000);

due(true);
follow();
