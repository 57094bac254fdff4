// A sign that the page waits for the server, shown when an answer takes longer than a moment.

const MOMENT_MS = 500;

let numOpen = 0; // requests without an answer
let timer = null;

// The request tells its end itself: htmx's own event is lost when its element has been replaced.
export function startWaiting({ detail }) {
  begin();
  detail.xhr.addEventListener("loadend", end, { once: true });
}

// Shows the sign while a request that htmx does not know of is not answered.
export async function waitFor(answer) {
  begin();
  try {
    return await answer;
  } finally {
    end();
  }
}

function begin() {
  numOpen += 1;
  if (numOpen === 1) timer = setTimeout(showSign, MOMENT_MS);
}

function end() {
  numOpen -= 1;
  if (numOpen > 0) return;
  clearTimeout(timer);
  document.getElementById("waiting").textContent = "";
}

function showSign() {
  const sign = document.getElementById("waiting");
  sign.textContent = sign.dataset.text;
}
