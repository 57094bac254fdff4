// Entry of the wheel page's scripts, and the only module with event listeners on the document. Each
// module is one behaviour. The behaviours that take part in an event are called in the order given
// here. The page works without any of them.

import { finishArrival } from "./arrival.js";
import { finishChange } from "./changes.js";
import {
  hideChipDetail,
  hideDetailAtEscape,
  hideDetailOutside,
  showChipDetail,
} from "./chip_detail.js";
import { forgetTap, goToNeighbour, makeSingleTabStop, stopFirstTap } from "./chips.js";
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
import { openGrey } from "./openings.js";
import { closeKnobsOnPhone, recordPanelState, restorePanels } from "./panels.js";
import { closeAtEscape, closeOthers } from "./popups.js";
import { cancelRetry, fillRestart, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { skipAtClick, skipAtKey } from "./skip.js";
import { addSliders } from "./sliders.js";
import { performSpin } from "./spin.js";
import { addShownRev } from "./story.js";
import { setTextSize } from "./text_size.js";
import { showTurningWheel, showWheel } from "./visibility.js";
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
  hideChipDetail,
  makeSingleTabStop,
  restorePanels,
  offerGuide,
  followChange,
  showWheel,
);
on("wheel:landed", restorePanels, compareGuess);
on("submit", finishArrival, showTurningWheel);
on("change", setTextSize);
on("click", skipAtClick, openGrey, closeOthers, copyLink, noteGuess, followGuideButtons);
on("keydown", leaveGuideAtEscape, hideDetailAtEscape, goToNeighbour, closeAtEscape, skipAtKey);
on("pointerover", showChipDetail, hideDetailOutside);
on("focusin", showChipDetail, hideDetailOutside);
on("focusout", forgetTap);

// In the capture phase, so that a first tap does not reach the element.
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
