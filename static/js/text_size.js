// Applies a chosen text size at once, and has the server store it in a cookie for the next page. Without
// a connection it is shown, but not stored.

import { showFailure } from "./stage.js";

export async function setTextSize({ target }) {
  if (!target.matches("[data-text-size-choice]")) return;
  document.documentElement.dataset.textSize = target.value;
  const body = new FormData(target.form);
  const headers = { "HX-Request": "true" };
  const response = await fetch(target.form.action, { method: "POST", body, headers }).catch(
    () => null,
  );
  if (response && !response.ok) showFailure(response.status);
}
