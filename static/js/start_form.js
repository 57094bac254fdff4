// A start is sent once, with a sign that the page waits for the server.

import { startWaiting, stopWaiting } from "./waiting.js";

let isSent = false;

document.querySelector(".start-form").addEventListener("submit", (event) => {
  if (isSent) event.preventDefault();
  else startWaiting();
  isSent = true;
});

// Also when the back button shows the page out of the browser's memory.
addEventListener("pageshow", () => {
  isSent = false;
  stopWaiting();
});
