// Entry of the wheel page's scripts, and the only module with event listeners on the document. Each
// module is one behaviour. The behaviours that take part in an event are called in the order given
// here. The page works without any of them.

import { announceAnswer } from "./announce.js";
import { finishArrival } from "./arrival.js";
import { finishChange } from "./changes.js";
import {
  hideChipDetail,
  hideDetailAtEscape,
  hideDetailOutside,
  showChipDetail,
} from "./chip_detail.js";
import { forgetTap, goToNeighbour, makeSingleTabStop, stopFirstTap } from "./chips.js";
import { forgetFocus, recordFocus, restoreFocus } from "./focus.js";
import { dropStaleAnswer, markBusy, markIdle, preventWhileBusy } from "./guard.js";
import {
  compareGuess,
  followChange,
  followGuideButtons,
  leaveGuideAtEscape,
  noteGuess,
  offerGuide,
} from "./guide.js";
import { copyLink, showCopyButton } from "./link.js";
import { leaveOpening, openGrey } from "./openings.js";
import { closeKnobsOnPhone, recordPanelState, restorePanels } from "./panels.js";
import { closeAtEscape, closeOthers } from "./popups.js";
import { cancelRetry, fillRestart, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { skipAtClick, skipAtKey } from "./skip.js";
import { addSliders } from "./sliders.js";
import { performSpin } from "./spin.js";
import { addShownRev } from "./story.js";
import { startWaiting, stopWaiting } from "./waiting.js";

closeKnobsOnPhone();
makeSingleTabStop();
addSliders();
showCopyButton();
offerGuide();

on("htmx:confirm", preventWhileBusy);
on("htmx:configRequest", addShownRev);
on("htmx:beforeRequest", markBusy, cancelRetry, startWaiting);
on("htmx:beforeSwap", dropStaleAnswer, performSpin, placeError);
on("htmx:afterRequest", markIdle, stopWaiting, retryIfBusy);
on("htmx:sendError", showNoConnection);
on("htmx:timeout", showNoConnection);
on("htmx:afterSwap", finishChange, fillRestart);
on("htmx:oobAfterSwap", addSliders);
on(
  "stage:changed",
  makeSingleTabStop,
  restorePanels,
  restoreFocus,
  hideChipDetail,
  offerGuide,
  followChange,
);
on("announcement", announceAnswer);
on("wheel:landed", restorePanels, compareGuess);
on("submit", finishArrival);
on("click", skipAtClick, openGrey, closeOthers, copyLink, noteGuess, followGuideButtons);
on(
  "keydown",
  leaveGuideAtEscape,
  leaveOpening,
  hideDetailAtEscape,
  goToNeighbour,
  closeAtEscape,
  skipAtKey,
);
on("pointerover", showChipDetail, hideDetailOutside);
on("focusin", recordFocus, showChipDetail, hideDetailOutside);
on("focusout", forgetTap);

// In the capture phase, so that a first tap does not reach the element.
onCapture("pointerdown", forgetFocus);
onCapture("click", stopFirstTap, recordPanelState);

function on(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event));
}

function onCapture(name, ...behaviours) {
  document.addEventListener(name, (event) => callAll(behaviours, event), { capture: true });
}

function callAll(behaviours, event) {
  for (const behave of behaviours) behave(event);
}
