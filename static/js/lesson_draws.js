// After an answer of the server: the address of the page is the one that shows the same experiment
// again, and what has changed is announced.

import { announce } from "./announce.js";

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const experiment = target.querySelector("[data-lesson-query]");
  if (!experiment) return;
  const { lessonQuery, announcement } = experiment.dataset;
  history.replaceState(null, "", `?${lessonQuery}`);
  if (announcement) announce(announcement);
});
