// Numbers and times for people. Times are local, with UTC beside; the clock is the controller's, whatever the device's says.

import { h } from "./dom.js";

const whole = new Intl.NumberFormat("en");
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = 24 * 60 * 60 * 1000;

let skew = 0;

/** Sets the clock by the controller's. */
export const setClock = now => { skew = Date.parse(now) - Date.now(); };

/** The controller's time, in milliseconds. */
export const now = () => Date.now() + skew;

export const count = number => whole.format(number);

export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A fraction in percent. Two decimals say enough, except where they would say 0 of what is not 0. */
export const percent = fraction => `${Number((fraction * 100).toFixed(fraction > 0 && fraction < 0.0001 ? 4 : 2))} %`;

/** What a step gives the new version: a part of the traffic, or the requests that its Rollout names. */
export const share = weight => weight === 0 ? "matched requests" : `${weight} %`;

/** Seconds, such as 45 s, 1 min 5 s or 2 h 5 min; the greater unit alone where that is enough. */
export function duration(seconds, isRough = false) {
  const all = Math.max(0, Math.round(seconds));
  const [unit, size, smaller, smallerSize] = all < 60 ? ["s", 1] : all < 3600 ? ["min", 60, "s", 1] : all < 48 * 3600 ? ["h", 3600, "min", 60] : ["days", 86400];
  const rest = smaller && !isRough ? Math.floor(all % size / smallerSize) : 0;
  return `${Math.floor(all / size)} ${unit}${rest ? ` ${rest} ${smaller}` : ""}`;
}

/** How long ago, in one unit. */
function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return `${days} day${days === 1 ? "" : "s"} ago`;
}

const utc = moment => `${new Date(moment).toISOString().replace("T", " ").replace(/\.\d+Z$/, "")} UTC`;

const atClock = moment => Math.abs(now() - moment) < day / 2 ? clockTime.format(moment) : shortDate.format(moment);

const texts = {
  at: moment => atClock(moment),
  for: moment => duration((now() - moment) / 1000, true),
  ago: moment => ago((now() - moment) / 1000),
  left: moment => duration((moment - now()) / 1000),
};

/** A moment: "at" shows the time; "ago", "for" and "left" how far it is away, and go on counting. */
export function time(moment, kind = "at") {
  const value = typeof moment === "number" ? moment : Date.parse(moment);
  return h("time", { datetime: new Date(value).toISOString(), "data-time": kind, title: kind === "at" ? utc(value) : `${shortDate.format(value)}, ${utc(value)}` }, texts[kind](value));
}

/** Lets the times that are shown go on. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-time]")) {
    const text = texts[element.dataset.time](Date.parse(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The controller's sentence. It writes times of the day in UTC; here they are local. */
export function sentence(text, about = now()) {
  return text.split(/\b(\d\d:\d\d:\d\d)\b/).map((part, index) => index % 2 === 0 ? part : time(nearest(part, about)));
}

/** The moment with this time of the day in UTC that is nearest to another. */
function nearest(text, about) {
  const [hours, minutes, seconds] = text.split(":").map(Number);
  const moment = new Date(about);
  moment.setUTCHours(hours, minutes, seconds, 0);
  const distance = moment.getTime() - about;
  return moment.getTime() - (distance > day / 2 ? day : distance < -day / 2 ? -day : 0);
}

/** An image without the registry and folders before its name. */
export const shortImage = image => image.slice(image.lastIndexOf("/") + 1).replace(/@sha256:([0-9a-f]{8})[0-9a-f]*$/, "@$1");

/** What a revision runs, or its hash where nobody knows. */
export function version(revision) {
  if (!revision) return null;
  const images = revision.images ?? [];
  return h("span", { class: "version", title: [`revision ${revision.revision}`, ...images].join("\n") },
    images.length > 0 ? shortImage(images[0]) : revision.revision, images.length > 1 ? ` +${images.length - 1}` : null);
}
