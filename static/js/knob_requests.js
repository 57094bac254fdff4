// Requests of the knobs, in order: an answer that a newer move has overtaken is not shown, and a spin
// waits for the wheel that the knobs ask for, so that the wheel on show is the one that is spun.

import { knobField } from "./knob_numbers.js";
import { restoreWheel } from "./live_knobs.js";

let movedName = "";
let numMoves = 0;
let numRequested = 0;
let numShown = 0;
let isSpinHeld = false;

const isFromKnobs = ({ requestConfig }) => requestConfig?.elt.id === "knobs-form";

export function countMove({ target }) {
  const field = knobField(target);
  if (!field) return;
  movedName = field.name;
  numMoves += 1;
}

export function noteRequest({ detail }) {
  if (isFromKnobs(detail)) numRequested = numMoves;
}

export function dropOutdated({ detail }) {
  if (isFromKnobs(detail) && numRequested !== numMoves) detail.shouldSwap = false;
}

export function holdSpin(event) {
  if (event.target.id !== "spin-form" || numShown === numMoves) return;
  event.preventDefault();
  isSpinHeld = true;
  document.getElementById("knobs-form").requestSubmit();
}

// Any answer that is shown is the wheel as it is now, with its knobs.
export function announceKnob({ target, detail }) {
  if (target.id !== "wheel-area") return;
  numShown = numMoves;
  if (!isFromKnobs(detail)) return;
  const { sentence } = document.getElementById(`knob-${movedName}-error`)?.dataset ?? {};
  if (sentence) document.getElementById("announcer").textContent = sentence;
}

export function releaseSpin() {
  if (isSpinHeld && numShown === numMoves) document.getElementById("spin-form").requestSubmit();
  isSpinHeld = false;
}

export function finishKnobs({ detail }) {
  if (!isFromKnobs(detail) || detail.successful || numRequested !== numMoves) return;
  numShown = numMoves;
  isSpinHeld = false;
  restoreWheel();
}
