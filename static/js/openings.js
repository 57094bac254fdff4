// Opens a grey segment at a click. The table has an equivalent link, which works without this script.

import { isBusy, stage } from "./stage.js";

export function openGrey({ target }) {
  const query = target.closest("[data-opens]")?.dataset.opens;
  if (!query || isBusy()) return;
  const source = stage();
  window.htmx.ajax("GET", `${source.dataset.url}?${query}`, {
    source,
    target: "#wheel-area",
    swap: "outerHTML",
  });
}
