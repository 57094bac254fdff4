// Shows what the teacher has changed: a common spin turns the wheel, and after anything else the
// parts of the stage are fetched as after a change of the page's own. While the student is in the
// middle of something, nothing is done; the next answer about the class tries again.

import { keepDraft } from "./draft.js";
import { isEngaged } from "./engaged.js";
import { endPeek } from "./peek.js";
import { performLanding } from "./spin.js";
import { setBusy, stage } from "./stage.js";
import { shownRev } from "./story.js";
import { showWheel } from "./visibility.js";
import { waitFor } from "./waiting.js";

const OK = 200;

const card = () => document.getElementById("class-card");

// Rejects if the server does not answer.
export async function followChanges({ rev, rules }) {
  if (isEngaged()) return;
  if (rev > shownRev()) await showNewText(rev);
  else if (rules !== card().dataset.rules) fetchStage("rules");
}

async function showNewText(rev) {
  const before = shownRev();
  const landing = rev === before + 1 ? await waitFor(fetchLanding(before)) : null;
  if (isEngaged() || shownRev() !== before) return;
  if (landing) turnWheel(landing);
  else fetchStage("text");
}

// Empty unless the newest token comes from a common spin.
async function fetchLanding(rev) {
  const response = await fetch(`${card().dataset.landingUrl}?rev=${rev}`);
  return response.status === OK ? response.text() : "";
}

function turnWheel(landing) {
  setBusy(true);
  endPeek();
  showWheel();
  performLanding(landing);
}

function fetchStage(changed) {
  keepDraft();
  const source = stage();
  window.htmx.ajax("GET", source.dataset.url, {
    source,
    target: "#wheel-area",
    swap: "outerHTML",
    headers: { "Class-Change": changed },
  });
}
