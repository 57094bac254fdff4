// Requests of the knobs, in order: an answer that a newer move has overtaken is not shown, and a spin
// waits for the wheel that the knobs ask for, so that the wheel on show is the one that is spun.

import { announce } from "./announce.js";
import { countMove, isOutdated, isPending, noteRequested, noteShown } from "./knob_moves.js";
import { knobField } from "./knob_numbers.js";
import { restoreWheel } from "./live_knobs.js";

let movedName = "";
let isSpinHeld = false;

const isFromKnobs = ({ requestConfig }) => requestConfig?.elt.id === "knobs-form";

export function noteMove({ target }) {
  const field = knobField(target);
  if (!field) return;
  movedName = field.name;
  countMove();
}

export function noteRequest({ detail }) {
  if (isFromKnobs(detail)) noteRequested();
}

export function dropOutdated({ detail }) {
  if (isFromKnobs(detail) && isOutdated()) detail.shouldSwap = false;
}

export function holdSpin(event) {
  if (event.target.id !== "spin-form" || !isPending()) return;
  event.preventDefault();
  isSpinHeld = true;
  if (isOutdated()) document.getElementById("knobs-form").requestSubmit();
}

// Any answer that is shown is the wheel as it is now, with its knobs.
export function announceKnob({ target, detail }) {
  if (target.id !== "wheel-area") return;
  noteShown();
  if (!isFromKnobs(detail)) return;
  const { sentence } = document.getElementById(`knob-${movedName}-error`)?.dataset ?? {};
  if (sentence) announce(sentence);
}

export function releaseSpin() {
  if (isSpinHeld && !isPending()) document.getElementById("spin-form").requestSubmit();
  isSpinHeld = false;
}

export function giveUpMove({ detail }) {
  if (!isFromKnobs(detail) || isOutdated()) return;
  noteShown();
  isSpinHeld = false;
  restoreWheel();
}
