// Scrolls the wheel into view when it turns or changes, with the result if that is below the wheel.
// The text just above them stays in sight as far as there is room. The page's `scroll-padding` in the
// style sheets is the space that bars cover.

import { isStill } from "./motion.js";

const TOLERANCE_PX = 1;

export function showTurningWheel({ target }) {
  if (target.id === "spin-form") showWheel();
}

export function showWheel() {
  const dial = document.querySelector("[data-dial]")?.getBoundingClientRect();
  if (!dial) return;
  const view = uncoveredView();
  const result = document.getElementById("result").getBoundingClientRect();
  const isBelow = result.top >= dial.bottom && result.bottom - dial.top <= view.bottom - view.top;
  const bottom = isBelow ? result.bottom : dial.bottom;
  const isShown = dial.top >= view.top - TOLERANCE_PX && bottom <= view.bottom + TOLERANCE_PX;
  if (!isShown) scrollPage(bottom - view.bottom);
}

// The event "page:scrolled" tells the other behaviours that the page stands where it was sent.
export function scrollPage(top) {
  const tell = () => document.dispatchEvent(new CustomEvent("page:scrolled"));
  addEventListener("scrollend", tell, { once: true });
  scrollBy({ top, behavior: isStill() ? "instant" : "smooth" });
}

export function uncoveredView() {
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  return {
    top: Number.parseFloat(scrollPaddingTop) || 0,
    bottom: innerHeight - (Number.parseFloat(scrollPaddingBottom) || 0),
  };
}
