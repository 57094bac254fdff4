// Holds a change that is made while a knob's wheel is not there yet, so that the wheel on show is
// the one that is used.

import { isOutdated, isPending } from "./knob_moves.js";
import { pressedValue, sendAgain } from "./resend.js";
import { isBusy, isChange } from "./stage.js";

let held = null; // the form, and the button that was pressed

export function holdChange(event) {
  const { elt, triggeringEvent } = event.detail;
  if (!isChange({ elt }) || !isPending() || isBusy()) return;
  event.preventDefault();
  held = { elt, pressed: pressedValue(triggeringEvent?.submitter) };
  if (isOutdated()) document.getElementById("knobs-form").requestSubmit();
}

export function releaseChange() {
  if (!held || isPending()) return;
  const { elt, pressed } = held;
  held = null;
  sendAgain(elt, pressed);
}

// Another change or another part of the wheel is asked for instead.
export function dropHeld({ detail }) {
  const { elt, target } = detail.requestConfig;
  if (target.id === "wheel-area" && elt.id !== "knobs-form") held = null;
}

// After a request that failed: where the move is given up, the change would be about a wheel that
// the user has not asked for.
export function dropGivenUp({ detail }) {
  if (!detail.successful && !isPending()) held = null;
}
