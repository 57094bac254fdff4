// Opens a grey segment (Other, or a group inside it): at the button in the hub, or at a click on a segment that the hub shows
// already. Escape leaves it, one level up. The table and the trail have equivalent links, which work
// without this script.

import { isLifted } from "./lift.js";
import { TAKES_ESCAPE } from "./popups.js";
import { isBusy, stage } from "./stage.js";

export function openGrey({ target }) {
  const opener = target.closest("[data-opens]");
  if (!opener || isBusy() || (opener.matches("[data-kind]") && !isLifted(opener))) return;
  const source = stage();
  window.htmx.ajax("GET", `${source.dataset.url}?${opener.dataset.opens}`, {
    source,
    target: "#wheel-area",
    swap: "outerHTML",
  });
}

// Escape first closes a popup, empties a search field or skips a spin.
export function leaveOpening(event) {
  if (event.key !== "Escape" || event.defaultPrevented || isBusy()) return;
  if (event.target.closest("input, textarea, select")) return;
  if (document.querySelector(TAKES_ESCAPE)) return;
  const up = [...document.querySelectorAll(".trail a")].at(-1);
  if (!up) return;
  event.preventDefault(); // other behaviours of Escape wait for the next one
  up.click();
}
