// Fetches the wheel after a spin, with the knobs of this page. The page has the drawn token already,
// so it names the revision of the text with that token.

import { Retries } from "./retries.js";
import { stage } from "./stage.js";
import { shownRevHeader } from "./story.js";

export async function fetchNextWheel(rev) {
  const { url } = stage().dataset;
  const knobs = new URLSearchParams(new FormData(document.getElementById("spin-form")));
  for (const name of ["csrfmiddlewaretoken", "rev", "is_opened"]) knobs.delete(name);
  const headers = { "HX-Request": "true", ...shownRevHeader(rev) };
  const retries = new Retries();
  for (;;) {
    const response = await fetch(`${url}?${knobs}`, { headers });
    if (response.ok) return response.text();
    const isWorthRetrying = await retries.wait(
      response.status,
      response.headers.get("Retry-After"),
    );
    if (!isWorthRetrying) throw new Error(response.statusText);
  }
}
