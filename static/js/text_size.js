// Applies a chosen text size at once, and has the server store it in a cookie for the next page.

export function setTextSize({ target }) {
  if (!target.matches("[data-text-size-choice]")) return;
  document.documentElement.dataset.textSize = target.value;
  const body = new FormData(target.form);
  const headers = { "HX-Request": "true" };
  fetch(target.form.action, { method: "POST", body, headers }).catch(() => {}); // shown, not stored
}
