// Lessons on any text: examples fill the field, and tokens show their numbers as on the wheel page.

import {
  hideChipDetail,
  hideDetailAtEscape,
  hideDetailOutside,
  showChipDetail,
} from "./chip_detail.js";
import { forgetTap, goToNeighbour, makeSingleTabStop, recordPointer } from "./chips.js";

makeSingleTabStop();
document.addEventListener("click", fillField, { capture: true }); // before the form is sent
document.addEventListener("htmx:afterSwap", hideChipDetail);
document.addEventListener("htmx:afterSwap", makeSingleTabStop);
document.addEventListener("pointerdown", recordPointer, { capture: true });
document.addEventListener("pointerover", showChipDetail);
document.addEventListener("pointerover", hideDetailOutside);
document.addEventListener("focusin", showChipDetail);
document.addEventListener("focusin", hideDetailOutside);
document.addEventListener("focusout", forgetTap);
document.addEventListener("keydown", hideDetailAtEscape);
document.addEventListener("keydown", goToNeighbour);

// A link only fills the field; a button sends the form as well.
function fillField(event) {
  const example = event.target.closest?.("[data-example]");
  if (!example) return;
  document.getElementById("id_text").value = example.dataset.example;
  if (example.matches("a")) event.preventDefault();
}
