// Opens a grey segment: at the button in the hub, or at a click on a segment that the hub shows
// already. The table has an equivalent link, which works without this script.

import { isShown } from "./peek.js";
import { isBusy, stage } from "./stage.js";

export function openGrey({ target }) {
  const opener = target.closest("[data-opens]");
  if (!opener || isBusy() || (opener.matches("[data-kind]") && !isShown(opener))) return;
  const source = stage();
  window.htmx.ajax("GET", `${source.dataset.url}?${opener.dataset.opens}`, {
    source,
    target: "#wheel-area",
    swap: "outerHTML",
  });
}
