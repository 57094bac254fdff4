// The knobs on a phone: a low sheet with one knob at a time, below the wheel that it reshapes.

import { scrollPage, uncoveredView } from "./visibility.js";

let shownId = null;

const knobs = () => document.getElementById("knobs");

const sheet = () => document.querySelector(".knobs-sheet");

const isOverPage = () => sheet() && getComputedStyle(sheet()).position === "fixed";

// It covers a part of the page, so it is closed until the user opens it.
export function closeSheet() {
  if (isOverPage() && !knobs().querySelector(".field-error:not(:empty)")) knobs().open = false;
}

// When the sheet opens, and while a knob is moved. Where the knobs are below the wheel, not over the
// page, only as long as the knob stays in view too.
export function bringWheelIntoView({ target }) {
  if (!knobs().open || !knobs().contains(target)) return;
  const dial = document.querySelector("[data-dial]").getBoundingClientRect();
  const view = uncoveredView();
  if (dial.top >= view.top && dial.bottom <= view.bottom) return;
  const isLost = !isOverPage() && target.getBoundingClientRect().bottom - dial.top > innerHeight;
  if (!isLost) scrollPage(Math.floor(dial.top - view.top));
}

export function recordShownKnob({ target }) {
  if (target.matches(".knob-choice")) shownId = target.id;
}

export function restoreShownKnob() {
  const choice = document.getElementById(shownId);
  if (choice) choice.checked = true;
}
