// Makes elements, and brings a tree that is shown up to date without replacing what stays, so that focus, selection and open details are
// kept. Text is only ever text: nothing here reads HTML.

const svgSpace = "http://www.w3.org/2000/svg";

/** An HTML element. Of the properties, "style" holds CSS properties by name, "key" tells siblings apart; null and false leave one out. */
export const h = (name, properties, ...children) => make(document.createElement(name), properties, children);

/** An SVG element. */
export const svg = (name, properties, ...children) => make(document.createElementNS(svgSpace, name), properties, children);

function make(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") for (const [property, setting] of Object.entries(value)) element.style.setProperty(property, setting);
    else if (name === "key") element.dataset.key = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** Makes the children of a place those of a list. */
export function show(place, ...children) {
  const wanted = document.createDocumentFragment();
  wanted.append(...children.flat(Infinity).filter(Boolean));
  const focused = document.activeElement;
  updateChildren(place, wanted);
  // Moving an element takes the focus from it.
  if (focused !== document.activeElement && focused?.isConnected && place.contains(focused)) focused.focus({ preventScroll: true });
}

const keyOf = node => node.dataset?.key;

const isSame = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

function updateChildren(place, wanted) {
  const keyed = new Map();
  for (const child of place.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let present = place.firstChild;
  for (const next of [...wanted.childNodes]) {
    let match = keyOf(next) ? keyed.get(keyOf(next)) : present;
    if (match && !isSame(match, next)) match = null;
    if (match) {
      if (match === present) present = present.nextSibling;
      else place.insertBefore(match, present);
      update(match, next);
    } else {
      place.insertBefore(next, present);
    }
  }
  while (present) {
    const gone = present;
    present = present.nextSibling;
    gone.remove();
  }
}

function update(present, wanted) {
  if (present.nodeType === Node.TEXT_NODE) {
    if (present.data !== wanted.data) present.data = wanted.data;
    return;
  }
  for (const { name } of [...present.attributes]) if (name !== "style" && !kept(present, name) && !wanted.hasAttribute(name)) present.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (name !== "style" && !kept(present, name) && present.getAttribute(name) !== value) present.setAttribute(name, value);
  if (present.style.cssText !== wanted.style.cssText) present.style.cssText = wanted.style.cssText;
  // What another module draws into is its own.
  if (!present.hasAttribute("data-own")) updateChildren(present, wanted);
}

// What people open stays open, and a button that is at work stays out of reach.
const kept = (element, name) => (element.nodeName === "DETAILS" && name === "open") || (element.nodeName === "BUTTON" && name === "disabled");
