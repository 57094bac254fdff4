// Scrolls to the stories that were just held up: they stand at the top of the wall, and the button that
// holds them is far below.

export function showHeld({ detail }) {
  if (detail.requestConfig.elt.id === "hold-form") {
    document.getElementById("held")?.scrollIntoView();
  }
}
