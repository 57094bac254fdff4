// Growth of the wall's drawings: what has changed from one answer to the next moves there, and what is
// new is drawn in. All places and lengths are the server's. Only their change over time is made here.
//
// Elements are found again by `data-key`. `data-grow` says how an element grows:
//   arc     an arc of the ring, from the length that it had
//   place   a box or a number, from the place where it was
//   span    a rectangle of a band, from the x and width that it had
//   branch  a curve, from the shape that it had

import { isStill } from "./motion.js";

const DURATION_MS = 700;
const EASING = "cubic-bezier(0.3, 0, 0.2, 1)";
const PROPERTIES = {
  arc: ["strokeDasharray", "strokeDashoffset"],
  place: ["transform"],
  span: ["x", "width"],
  branch: ["d", "strokeWidth"],
};
const ENTRANCES = {
  arc: ({ strokeDasharray }) => ({ strokeDasharray: emptied(strokeDasharray) }),
  place: () => ({ opacity: 0 }),
  span: () => ({ opacity: 0 }),
  branch: () => ({ strokeDasharray: "0 1" }),
};

let before = new Map();
let isNoted = false;

const growing = () => document.querySelectorAll("[data-grow]");

// Before an answer is put in place. Elements that are on their way are noted where they are.
export function noteGrowth() {
  before = isStill() ? new Map() : new Map([...growing()].map(keyAndStyle));
  isNoted = before.size > 0;
}

export function grow() {
  if (!isNoted) return;
  isNoted = false;
  for (const element of growing()) {
    const from = before.get(element.dataset.key);
    if (from) moveFrom(element, from);
    else enter(element);
  }
}

const keyAndStyle = (element) => [element.dataset.key, styleOf(element)];

function styleOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    PROPERTIES[element.dataset.grow].map((property) => [property, style[property]]),
  );
}

function moveFrom(element, from) {
  stop(element);
  const to = styleOf(element);
  if (Object.keys(to).some((property) => to[property] !== from[property])) {
    animate(element, [from, to]);
  }
}

function enter(element) {
  const entrance = ENTRANCES[element.dataset.grow](styleOf(element));
  animate(element, [entrance, atRest(element, entrance)]);
}

// The branch itself has no dashes, so that its end is one that covers it.
function atRest(element, entrance) {
  if (element.dataset.grow === "branch") return { strokeDasharray: "1 0" };
  const style = getComputedStyle(element);
  return Object.fromEntries(Object.keys(entrance).map((name) => [name, style[name]]));
}

function animate(element, keyframes) {
  element.animate(keyframes, { duration: DURATION_MS, easing: EASING });
}

function stop(element) {
  for (const animation of element.getAnimations()) animation.cancel();
}

// An arc of no length, which ends where the arc ends.
function emptied(dashes) {
  const [length, rest] = dashes.split(",").map(Number.parseFloat);
  return `0, ${length + rest}`;
}
