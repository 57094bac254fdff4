// Entry of the wall's scripts, and the only module with listeners on the document. Each module is one
// behaviour. The wall works without any of them: as a page that reloads itself, with forms.

import { announceAnswer } from "./announce.js";
import { placeError, showNoConnection } from "./problems.js";
import { setTextSize } from "./text_size.js";
import { recordFocus, restoreFocus } from "./wall_focus.js";
import { grow, noteGrowth } from "./wall_growth.js";
import { showHeld } from "./wall_held.js";
import { followLink } from "./wall_links.js";
import { keepWhatIsTyped, noteAnswer, noteEntrances, resetSentForm } from "./wall_morph.js";
import { announceChanges } from "./wall_news.js";
import {
  askAboutThisView,
  dropOutdated,
  isPoll,
  leaveDeletedClass,
  pauseWhileHidden,
} from "./wall_poll.js";
import { closeSheet, closeSheetAtEscape, closeSheetOutside } from "./wall_sheet.js";
import { hideConnectionSign, showConnectionSign } from "./wall_signs.js";
import { showPlace } from "./wall_tree.js";

keepWhatIsTyped();
noteEntrances();
showPlace();

on("htmx:configRequest", askAboutThisView);
on("htmx:beforeRequest", pauseWhileHidden);
on("htmx:beforeSwap", dropOutdated, placeErrorOfAction, noteAnswer, resetSentForm, noteGrowth);
on("htmx:afterRequest", hideConnectionSign, leaveDeletedClass, closeSheet);
on("htmx:responseError", showConnectionSign);
on("htmx:sendError", showConnectionSign, showLostAction);
on("htmx:timeout", showConnectionSign, showLostAction);
on("htmx:afterSwap", showPlace, grow, announceChanges, restoreFocus, showHeld);
on("announcement", announceAnswer);
on("click", followLink, closeSheetOutside);
on("change", setTextSize);
on("keydown", closeSheetAtEscape);
on("focusin", recordFocus);

// A poll has no place for its errors but the sign.
function placeErrorOfAction(event) {
  if (!isPoll(event.detail.requestConfig)) placeError(event);
}

function showLostAction({ detail }) {
  if (!isPoll(detail.requestConfig)) showNoConnection();
}

function on(name, ...behaviours) {
  document.addEventListener(name, (event) => {
    for (const behave of behaviours) behave(event);
  });
}
