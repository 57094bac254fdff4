// A spin from the click to the next wheel. The server has decided before anything turns; here the
// wheel on show is turned to the angle on the receipt, and the next one is fetched meanwhile.

import { arrive, leave } from "./arrival.js";
import { fetchStage } from "./next_wheel.js";
import { listenForSkip } from "./skip.js";
import { setBusy, showProblem, swapStage, words } from "./stage.js";
import { markLanded, openInside, turn } from "./turn.js";

const WHOLE = { numTurns: 5, durationMs: 3200 };
const INSIDE = { numTurns: 1, durationMs: 1100 };

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.elt.id !== "spin-form" || detail.xhr.status !== 200) return;
  detail.shouldSwap = false;
  perform(new DOMParser().parseFromString(detail.serverResponse, "text/html"));
});

async function perform(answer) {
  const nextStage = fetchStage();
  nextStage.catch(() => {}); // it is asked about below, when the wheel has stopped
  const receipt = answer.querySelector("[data-receipt]");
  await play(receipt);
  tell(answer, receipt.dataset);
  try {
    const html = await nextStage;
    const old = leave();
    swapStage(html);
    arrive(old, receipt.dataset.displayText);
  } catch {
    setBusy(false);
    showProblem(words("late"));
  }
}

async function play(receipt) {
  const dial = document.querySelector("[data-dial]");
  const skip = listenForSkip(dial);
  const whole = receipt.querySelector("[data-whole]");
  if (whole) dial.querySelector("[data-disc]").replaceWith(discIn(whole));
  await turnTo(dial, receipt.dataset, WHOLE, skip);
  for (const leg of receipt.querySelectorAll("[data-leg]")) {
    await openInside(dial, discIn(leg), leg.dataset.caption, skip);
    await turnTo(dial, leg.dataset, INSIDE, skip);
  }
  skip.stop();
}

async function turnTo(dial, { angleDegrees, segmentIndex }, motion, skip) {
  await turn(dial, Number(angleDegrees), motion, skip);
  markLanded(dial, segmentIndex);
}

function discIn(template) {
  return document.importNode(template.content.querySelector("[data-disc]"), true);
}

function tell(answer, receipt) {
  document.getElementById("result").replaceWith(answer.getElementById("result"));
  document.getElementById("announcer").textContent = receipt.announcement;
  const disc = document.querySelector("[data-disc]");
  disc.dispatchEvent(new CustomEvent("wheel:landed", { bubbles: true, detail: { ...receipt } }));
}
