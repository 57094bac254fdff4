// Who does not want to wait clicks on the wheel or presses a key: from then on everything jumps.
// The second half of a double click does not count, nor does a key held down.

export function listenForSkip(dial) {
  const controller = new AbortController();
  const { signal } = controller;
  let isSkipped = false;
  let running = null;

  function skip() {
    isSkipped = true;
    running?.finish();
  }
  dial.addEventListener("click", (event) => event.detail < 2 && skip(), { signal });
  document.addEventListener("keydown", (event) => isOrdinaryKey(event) && skip(), { signal });

  return {
    async finishes(motion) {
      running = motion;
      if (isSkipped) motion.finish();
      await motion.finished;
    },
    stop: () => controller.abort(),
  };
}

function isOrdinaryKey(event) {
  return !event.repeat && !["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key);
}
