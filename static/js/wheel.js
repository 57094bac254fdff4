// Entry of the wheel page's scripts, and the only module with listeners on the document that stay. Each
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
import {
  forgetTap,
  goToNeighbour,
  makeSingleTabStop,
  recordPointer,
  stopFirstTap,
} from "./chips.js";
import { preventWhilePaused } from "./class_notice.js";
import { followClass, followWhenVisible } from "./class_state.js";
import { restoreDraft } from "./draft.js";
import { notePointerDown, notePointerUp, noteTyping } from "./engaged.js";
import { markRefusedKnobs, unmarkPrompt } from "./field_errors.js";
import { forgetFocus, recordFocus, restoreFocus } from "./focus.js";
import { dropStaleAnswer, markBusy, markIdle, preventWhileBusy } from "./guard.js";
import {
  compareGuess,
  followChange,
  followGuideButtons,
  leaveGuideAtEscape,
  noteGuess,
  noteSurprise,
  offerGuide,
} from "./guide.js";
import { placeGuide } from "./guide_place.js";
import { dropGivenUp, dropHeld, holdChange, releaseChange } from "./held.js";
import {
  announceKnob,
  dropOutdated,
  forgetAborted,
  giveUpMove,
  giveUpRefused,
  noteMove,
  noteRequest,
} from "./knob_requests.js";
import { bringWheelIntoView, closeSheet, recordShownKnob, restoreShownKnob } from "./knob_sheet.js";
import { copyLink, showCopyButton } from "./link.js";
import { goToSegment, lendFocus, makeListbox } from "./listbox.js";
import { lookAhead, moveSegments } from "./live_knobs.js";
import { leaveOpening, openGrey } from "./openings.js";
import { recordOpenPanels, recordPanelState, restorePanels } from "./panels.js";
import {
  endHoverAtEscape,
  endPeek,
  endPeekAtEscape,
  endPeekAtKnob,
  hoverSegment,
  pickSegment,
} from "./peek.js";
import { closeAtEscape, closeOthers } from "./popups.js";
import { cancelRetry, fillRestart, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { colourPrompt } from "./prompt_figures.js";
import { searchAgain } from "./search.js";
import { preventSecondSpin, skipAtClick, skipAtKey } from "./skip.js";
import { addSliders, followEachOther, stepInField, typeOnSlider } from "./sliders.js";
import { performSpin } from "./spin.js";
import { addShownRev } from "./story.js";
import { setTextSize } from "./text_size.js";
import { showTurningWheel, showWheel } from "./visibility.js";
import { startWaiting } from "./waiting.js";

// js/older_browsers.js finds it out.
const isSupported = !document.documentElement.hasAttribute("hx-disable");

atStart(
  closeSheet,
  makeSingleTabStop,
  makeListbox,
  addSliders,
  markRefusedKnobs,
  recordOpenPanels,
  showCopyButton,
  colourPrompt,
);

on("htmx:confirm", preventWhilePaused, holdChange, preventWhileBusy);
on("htmx:configRequest", addShownRev);
on("htmx:beforeRequest", markBusy, noteRequest, cancelRetry, dropHeld, startWaiting);
on("htmx:beforeSwap", performSpin, placeError, dropStaleAnswer, dropOutdated);
on("htmx:afterRequest", markIdle, retryIfBusy, giveUpRefused, dropGivenUp);
on("htmx:sendAbort", forgetAborted);
on("htmx:sendError", giveUpMove, dropGivenUp, showNoConnection);
on("htmx:timeout", giveUpMove, dropGivenUp, showNoConnection);
on("htmx:afterSwap", finishChange, announceKnob, fillRestart);
on("htmx:oobAfterSwap", restoreShownKnob, addSliders, markRefusedKnobs);
on("htmx:afterSettle", releaseChange);
on(
  "stage:changed",
  makeSingleTabStop,
  makeListbox,
  restorePanels,
  restoreDraft,
  restoreFocus,
  hideChipDetail,
  offerGuide,
  followChange,
  showWheel,
  searchAgain,
  unmarkPrompt,
  colourPrompt,
);
on("announcement", announceAnswer);
on("page:scrolled", placeGuide);
on("wheel:landed", restorePanels, compareGuess);
on("submit", finishArrival, endPeek, showTurningWheel);
on(
  "click",
  preventSecondSpin,
  skipAtClick,
  lendFocus,
  openGrey,
  pickSegment,
  closeOthers,
  copyLink,
  noteGuess,
  followGuideButtons,
);
on("input", noteTyping, followEachOther, endPeekAtKnob, noteMove, moveSegments, bringWheelIntoView);
on("change", recordShownKnob, setTextSize);
on("pointerdown", lookAhead, notePointerDown);
on("pointerup", notePointerUp);
on("pointercancel", notePointerUp);
on("visibilitychange", followWhenVisible);
on(
  "keydown",
  preventSecondSpin,
  typeOnSlider,
  stepInField,
  endPeekAtEscape,
  leaveGuideAtEscape,
  leaveOpening,
  hideDetailAtEscape,
  goToNeighbour,
  goToSegment,
  closeAtEscape,
  endHoverAtEscape,
  skipAtKey,
);
on("pointerover", showChipDetail, hideDetailOutside, hoverSegment, noteSurprise);
on("focusin", recordFocus, lookAhead, showChipDetail, hideDetailOutside, noteSurprise);
on("focusout", forgetTap);

// In the capture phase, so that a first tap does not reach the element.
onCapture("pointerdown", forgetFocus, recordPointer);
onCapture("click", stopFirstTap, recordPanelState);
onCapture("toggle", bringWheelIntoView); // it does not bubble
addEventListener("resize", placeGuide);

atStart(offerGuide, followClass);

function atStart(...behaviours) {
  if (isSupported) callAll(behaviours);
}

function on(name, ...behaviours) {
  listen(name, behaviours, {});
}

function onCapture(name, ...behaviours) {
  listen(name, behaviours, { capture: true });
}

function listen(name, behaviours, options) {
  if (isSupported) document.addEventListener(name, (event) => callAll(behaviours, event), options);
}

function callAll(behaviours, event) {
  for (const behave of behaviours) behave(event);
}
