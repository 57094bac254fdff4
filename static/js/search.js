// Keeps the places that the search has found in step with the wheel on the page.

export function searchAgain() {
  const panel = document.getElementById("find-panel");
  if (panel.open && document.getElementById("find-text").value.trim()) {
    document.getElementById("find-form").requestSubmit();
  } else document.getElementById("found").replaceChildren();
}
