// One change at a time: from the click until the new wheel is in place, nothing else is sent.

import { isBusy, isChange, setBusy } from "./stage.js";

document.addEventListener("htmx:confirm", (event) => {
  if (isBusy()) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (isChange(detail.requestConfig)) setBusy(true);
});

// The wheel of an older question must not replace one that is about to turn.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (isBusy() && !isChange(detail.requestConfig)) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (isChange(detail.requestConfig) && !detail.successful) setBusy(false);
});
