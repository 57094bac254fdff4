// Loads the start page anew when the back button shows it out of the browser's memory, so that a list
// of recent wheels that has been cleared since does not come back. No HTTP cache keeps the page.

addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
