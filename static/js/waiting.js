// A sign that the page waits for the server, shown when an answer takes longer than a moment.

const MOMENT_MS = 500;

let timer = null;

export function startWaiting() {
  clearTimeout(timer);
  timer = setTimeout(show, MOMENT_MS);
}

export function stopWaiting() {
  clearTimeout(timer);
  document.getElementById("waiting").textContent = "";
}

// Shows the sign while a request that htmx does not know of is not answered.
export async function waitFor(answer) {
  startWaiting();
  try {
    return await answer;
  } finally {
    stopWaiting();
  }
}

function show() {
  const sign = document.getElementById("waiting");
  sign.textContent = sign.dataset.text;
}
