// Skips the motion of a spin: after a click on the wheel or a key press, all animations jump to
// their end. The second click of a double click does not count, nor does a key held down. While
// the wheel turns, the button that started it says so.

import { isStill } from "./motion.js";

const IGNORED_KEYS = ["Tab", "Shift", "Control", "Alt", "Meta"];

let isSpinning = false;
let isSkipped = false;
let currentMotions = [];

export function startSpin() {
  isSpinning = true;
  isSkipped = false;
  currentMotions = [];
  offerSkip(!isStill());
}

export function endSpin() {
  isSpinning = false;
  offerSkip(false);
}

// Resolves when the motions have ended, at once if the spin is skipped.
export async function finishMotions(...motions) {
  currentMotions = motions;
  if (isSkipped) finishAll();
  await Promise.all(motions.map((motion) => motion.finished));
}

export function skipAtClick({ target, detail: numClicks }) {
  if (target.closest("[data-dial]") && numClicks < 2) skip();
}

// Where the wheel after a skipped spin is there before the second click or the repeated key, that
// would be another spin.
export function preventSecondSpin(event) {
  const isSecond =
    event.type === "click" ? event.detail > 1 : event.repeat && event.key === "Enter";
  if (isSecond && event.target.closest?.("#spin")) event.preventDefault();
}

export function skipAtKey({ key, repeat }) {
  if (!repeat && !IGNORED_KEYS.includes(key)) skip();
}

function skip() {
  if (!isSpinning) return;
  isSkipped = true;
  finishAll();
}

function finishAll() {
  for (const motion of currentMotions) motion.finish();
}

function offerSkip(isOffered) {
  document.querySelector("[data-dial]")?.toggleAttribute("data-skippable", isOffered);
}
