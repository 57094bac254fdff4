// Whether the student is in the middle of something that another change would disturb: a spin or
// another request, a knob that moves, a finger on the screen, an opened menu or explanation, typing.

import { isPending } from "./knob_moves.js";
import { isPopupOpen } from "./popups.js";
import { isBusy } from "./stage.js";

const TYPING_MS = 3000;

let isPointerDown = false;
let lastTyped = Number.NEGATIVE_INFINITY;

export const notePointerDown = () => {
  isPointerDown = true;
};

export const notePointerUp = () => {
  isPointerDown = false;
};

export const noteTyping = () => {
  lastTyped = performance.now();
};

export function isEngaged() {
  const isTyping = performance.now() - lastTyped < TYPING_MS;
  const isWaiting = document.querySelector(".htmx-request") !== null;
  return isBusy() || isWaiting || isPending() || isPointerDown || isTyping || isPopupOpen();
}
