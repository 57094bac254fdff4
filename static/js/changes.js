// The end of every change of the wheel or the text: an answer of the server is in the page. The event
// "stage:changed" tells the other behaviours.

import { setBusy } from "./stage.js";
import { applyStoryChange } from "./story.js";

export function finishChange({ target }) {
  if (target.id !== "wheel-area") return;
  applyStoryChange();
  setBusy(false);
  document.dispatchEvent(new CustomEvent("stage:changed"));
}
