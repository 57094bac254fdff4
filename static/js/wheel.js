// Entry of the wheel page's scripts, and the only module with event listeners on the document. Each
// module is one behaviour. The behaviours that take part in an event are called in the order given
// here. The page works without any of them.

import { finishArrival } from "./arrival.js";
import { goToNeighbour, makeSingleTabStop, resetChip, showNumbers } from "./chips.js";
import { dropStaleAnswer, markBusy, markIdle, preventWhileBusy } from "./guard.js";
import {
  announceKnob,
  countMove,
  dropOutdated,
  finishKnobs,
  holdSpin,
  noteRequest,
  releaseSpin,
} from "./knob_requests.js";
import { bringWheelIntoView, closeSheet, recordShownKnob, restoreShownKnob } from "./knob_sheet.js";
import { copyLink, showCopyButton } from "./link.js";
import { lookAhead, moveSegments } from "./live_knobs.js";
import { openGrey } from "./openings.js";
import { recordPanelState, restorePanels } from "./panels.js";
import { closeAtEscape, closeOthers } from "./popups.js";
import { cancelRetry, fillRestart, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { skipAtClick, skipAtKey } from "./skip.js";
import { addSliders, followEachOther, stepInField, typeOnSlider } from "./sliders.js";
import { performSpin } from "./spin.js";

closeSheet();
makeSingleTabStop();
addSliders();
showCopyButton();

on("htmx:confirm", holdSpin, preventWhileBusy);
on("htmx:beforeRequest", markBusy, noteRequest, cancelRetry);
on("htmx:beforeSwap", dropStaleAnswer, dropOutdated, performSpin, placeError);
on("htmx:afterRequest", markIdle, finishKnobs, retryIfBusy);
on("htmx:sendError", showNoConnection);
on("htmx:timeout", showNoConnection);
on("htmx:afterSwap", announceKnob, fillRestart, makeSingleTabStop, restorePanels);
on("htmx:oobAfterSwap", restorePanels, restoreShownKnob, addSliders);
on("htmx:afterSettle", releaseSpin);
on("wheel:landed", restorePanels);
on("submit", finishArrival);
on("click", skipAtClick, openGrey, closeOthers, copyLink);
on("input", followEachOther, countMove, moveSegments, bringWheelIntoView);
on("change", recordShownKnob);
on("pointerdown", lookAhead);
on("focusin", lookAhead);
on("keydown", typeOnSlider, stepInField, goToNeighbour, closeAtEscape, skipAtKey);
on("focusout", resetChip);

// In the capture phase, so that a first tap does not reach the element.
onCapture("click", showNumbers, recordPanelState);
onCapture("toggle", bringWheelIntoView); // it does not bubble

function on(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event));
}

function onCapture(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event), { capture: true });
}

function callAll(behaviours, event) {
  for (const behave of behaviours) behave(event);
}
