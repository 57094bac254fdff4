// Sends a request again later: to the form or the link as it is on the page then, with the value of
// the button that was pressed then as it was at the time.

// The name and value of the button; empty for a form without such a button.
export const pressedValue = (submitter) =>
  submitter?.name ? { name: submitter.name, value: submitter.value } : null;

export function sendAgain(elt, pressed) {
  const current = elt.isConnected ? elt : replacementOf(elt);
  if (!(current instanceof HTMLFormElement)) current?.click();
  else if (pressed) press(current, pressed);
  else current.requestSubmit();
}

// The server's answers replace forms. The one with the same address does the same.
function replacementOf(elt) {
  const action = elt.getAttribute("action");
  if (action) return [...document.forms].find((form) => form.getAttribute("action") === action);
  return elt.id ? document.getElementById(elt.id) : null;
}

// A button of its own: the hub shows other segments in the meantime and changes its button. htmx
// reads the value at a click, which is not one of the user.
function press(form, pressed) {
  const button = Object.assign(document.createElement("button"), { ...pressed, hidden: true });
  form.append(button);
  form.addEventListener("click", (event) => event.stopPropagation(), { once: true });
  button.click();
  button.remove();
}
