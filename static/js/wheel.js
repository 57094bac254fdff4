// Entry of the wheel page's scripts, and the one place that listens to events of the document. Each
// module is one behaviour. The behaviours that take part in an event are called in the order given
// here. The page works without any of them.

import { finishArrival } from "./arrival.js";
import { resetChip, goToNeighbour, makeSingleTabStop, showNumbers } from "./chips.js";
import { dropStaleAnswer, preventWhileBusy, markBusy, markIdle } from "./guard.js";
import { copyLink, showCopyButton } from "./link.js";
import { openGrey } from "./openings.js";
import { closeKnobsOnPhone, recordPanelState, restorePanels } from "./panels.js";
import { closeAtEscape, closeOthers } from "./popups.js";
import { cancelRetry, fillRestart, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { skipAtClick, skipAtKey } from "./skip.js";
import { addSliders } from "./sliders.js";
import { performSpin } from "./spin.js";

closeKnobsOnPhone();
makeSingleTabStop();
addSliders();
showCopyButton();

on("htmx:confirm", preventWhileBusy);
on("htmx:beforeRequest", markBusy, cancelRetry);
on("htmx:beforeSwap", dropStaleAnswer, performSpin, placeError);
on("htmx:afterRequest", markIdle, retryIfBusy);
on("htmx:sendError", showNoConnection);
on("htmx:timeout", showNoConnection);
on("htmx:afterSwap", fillRestart, makeSingleTabStop, restorePanels);
on("htmx:oobAfterSwap", restorePanels, addSliders);
on("wheel:landed", restorePanels);
on("submit", finishArrival);
on("click", skipAtClick, openGrey, closeOthers, copyLink);
on("keydown", goToNeighbour, closeAtEscape, skipAtKey);
on("focusout", resetChip);

// Before the elements themselves, so that a first tap goes no further.
onCapture("click", showNumbers, recordPanelState);

function on(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event));
}

function onCapture(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event), { capture: true });
}

function callAll(behaviours, event) {
  for (const behave of behaviours) behave(event);
}
