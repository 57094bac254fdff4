// The knobs on a phone: a low sheet with one knob at a time, below the wheel that it reshapes.

import { isStill } from "./motion.js";

let shownId = null;

const knobs = () => document.getElementById("knobs");

const sheet = () => document.querySelector(".knobs-sheet");

const isOverPage = () => sheet() && getComputedStyle(sheet()).position === "fixed";

// It covers a part of the page, so it is closed until the user opens it.
export function closeSheet() {
  if (isOverPage() && !knobs().querySelector(".field-error:not(:empty)")) knobs().open = false;
}

// When the sheet opens, and while a knob is moved.
export function bringWheelIntoView({ target }) {
  if (!knobs().open || !knobs().contains(target) || !isOverPage()) return;
  const dial = document.querySelector("[data-dial]").getBoundingClientRect();
  if (dial.top >= 0 && dial.bottom <= sheet().getBoundingClientRect().top) return;
  scrollBy({ top: dial.top, behavior: isStill() ? "instant" : "smooth" });
}

export function recordShownKnob({ target }) {
  if (target.matches(".knob-choice")) shownId = target.id;
}

export function restoreShownKnob() {
  const choice = document.getElementById(shownId);
  if (choice) choice.checked = true;
}
