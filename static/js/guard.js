// One change at a time: from the click until the new wheel is in place, no other request is sent.

import { isBusy, isChange, setBusy } from "./stage.js";

export function preventWhileBusy(event) {
  if (isBusy()) event.preventDefault();
}

export function markBusy({ detail }) {
  if (isChange(detail.requestConfig)) setBusy(true);
}

// The answer to an earlier request must not replace a wheel that is about to turn.
export function dropStaleAnswer({ detail }) {
  if (isBusy() && !isChange(detail.requestConfig)) detail.shouldSwap = false;
}

export function markIdle({ detail }) {
  if (isChange(detail.requestConfig) && !detail.successful) setBusy(false);
}
