// A start is sent once, with a sign that the page waits for the server.

import { waitFor } from "./waiting.js";

let endWaiting = null; // while a start is under way

document.querySelector(".start-form").addEventListener("submit", (event) => {
  if (endWaiting) event.preventDefault();
  else waitFor(new Promise(rememberEnd));
});

function rememberEnd(resolve) {
  endWaiting = resolve;
}

// Also when the back button shows the page out of the browser's memory.
addEventListener("pageshow", () => {
  endWaiting?.();
  endWaiting = null;
});
