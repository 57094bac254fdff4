// Announces a sentence to screen readers. A live region does not repeat an unchanged text, so two
// regions take turns, and an identical result is announced again.

export function announce(text) {
  const [first, second] = document.querySelectorAll("#announcer > [role=status]");
  const [next, previous] = first.textContent ? [second, first] : [first, second];
  previous.textContent = "";
  next.textContent = text;
}

// A sentence that the server has sent with an answer.
export function announceAnswer({ detail }) {
  announce(detail.value);
}
