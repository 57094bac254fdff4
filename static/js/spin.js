// Turns the wheel on show to the angle on the server's receipt, says what it stopped at, and only
// then lets the next wheel in. The server has decided long before; nothing is computed here.

const NUM_TURNS = 5;
const TURN_MS = 3200;
const REST_MS = 1100;
const EASE_OUT = "cubic-bezier(0.12, 0.72, 0.1, 1)";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (detail.requestConfig.elt.id !== "spin-form" || detail.xhr.status !== 200) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  const receipt = answer.querySelector("[data-receipt]");
  if (!receipt) return;
  detail.shouldSwap = false;
  play(answer, receipt.dataset).then(() => swapIn(detail.serverResponse));
});

async function play(answer, receipt) {
  const disc = document.querySelector("[data-disc]");
  await turn(disc, Number(receipt.angleDegrees));
  markLanded(disc, Number(receipt.segmentIndex));
  document.getElementById("result").replaceWith(answer.getElementById("result"));
  document.getElementById("announcer").textContent = receipt.announcement;
  disc.dispatchEvent(new CustomEvent("wheel:landed", { bubbles: true, detail: { ...receipt } }));
  await rest();
}

async function turn(disc, angleDegrees) {
  const degrees = 360 * NUM_TURNS + ((360 - angleDegrees) % 360);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const motion = disc.animate(
    [{ transform: "rotate(0deg)" }, { transform: `rotate(${degrees}deg)` }],
    { duration: isStill ? 0 : TURN_MS, easing: EASE_OUT, fill: "forwards" },
  );
  const forget = onSkip(() => motion.finish());
  await motion.finished;
  forget();
}

function rest() {
  return new Promise((resolve) => {
    const timer = setTimeout(done, REST_MS);
    const forget = onSkip(done);
    function done() {
      clearTimeout(timer);
      forget();
      resolve();
    }
  });
}

// A click on the wheel or a key; not the second half of a double click, nor a key held down.
function onSkip(skip) {
  const controller = new AbortController();
  const { signal } = controller;
  const dial = document.querySelector("[data-dial]");
  dial.addEventListener("click", (event) => event.detail < 2 && skip(), { signal });
  document.addEventListener("keydown", (event) => isOrdinaryKey(event) && skip(), { signal });
  return () => controller.abort();
}

function isOrdinaryKey(event) {
  return !event.repeat && !["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key);
}

function markLanded(disc, segmentIndex) {
  const segment = disc.querySelector(`[data-segment-index="${segmentIndex}"]`);
  if (!segment) return;
  disc.setAttribute("data-landed", "");
  segment.setAttribute("data-landed", "");
}

function swapIn(html) {
  window.htmx.swap("#stage", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
}
