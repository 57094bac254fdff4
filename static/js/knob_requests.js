// Requests of the knobs, in order: an answer that a newer move has overtaken is not shown.

import { announce } from "./announce.js";
import { countMove, forgetRequested, isOutdated, noteRequested, noteShown } from "./knob_moves.js";
import { knobField } from "./knob_numbers.js";
import { restoreWheel } from "./live_knobs.js";
import { isRetried } from "./problems.js";
import { isBusy } from "./stage.js";

let movedName = "";

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
  if (!isFromKnobs(detail) || !(isOutdated() || isBusy())) return;
  detail.shouldSwap = false;
  forgetRequested();
}

export function forgetAborted({ detail }) {
  if (isFromKnobs(detail)) forgetRequested();
}

// Any answer that is shown is the wheel as it is now, with its knobs.
export function announceKnob({ target, detail }) {
  if (target.id !== "wheel-area") return;
  noteShown();
  if (!isFromKnobs(detail)) return;
  const { sentence } = document.getElementById(`knob-${movedName}-error`)?.dataset ?? {};
  if (sentence) announce(sentence);
}

// The server has refused the knobs for good, or there is no connection.
export function giveUpMove({ detail }) {
  if (!isFromKnobs(detail) || isOutdated()) return;
  if (isBusy()) {
    forgetRequested();
    return;
  }
  noteShown();
  restoreWheel();
}

// After an answer with an error. The move stays one that is waited for while it is sent again.
export function giveUpRefused({ detail }) {
  if (!isFromKnobs(detail) || !(detail.xhr.status >= 400)) return;
  if (isRetried()) forgetRequested();
  else giveUpMove({ detail });
}
