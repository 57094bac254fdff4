// Entry of the scripts that all lessons share. A lesson works without them.

import { announceAnswer } from "./announce.js";
import { followExperiment } from "./lesson_address.js";
import { cancelRetry, placeError, retryIfBusy, showNoConnection } from "./problems.js";
import { setTextSize } from "./text_size.js";
import { startWaiting } from "./waiting.js";

on("htmx:beforeRequest", cancelRetry, startWaiting);
on("htmx:beforeSwap", placeError);
on("htmx:afterRequest", retryIfBusy);
on("htmx:afterSwap", followExperiment);
on("htmx:sendError", showNoConnection);
on("htmx:timeout", showNoConnection);
on("announcement", announceAnswer);
on("change", setTextSize);

function on(name, ...behaviours) {
  document.addEventListener(name, (event) => {
    for (const behave of behaviours) behave(event);
  });
}
