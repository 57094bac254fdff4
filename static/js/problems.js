// Errors appear beside the wheel, and the wheel stays as it is. An answer with an error status is
// let in only where it says where it belongs; for all others, and for none at all, there is a sentence.

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400) return;
  if (detail.xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
  else showConnectionProblem();
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, showConnectionProblem);
}

function showConnectionProblem() {
  const sentence = document.createElement("p");
  sentence.className = "problem";
  sentence.append(document.getElementById("connection-problem").content.cloneNode(true));
  document.getElementById("problem").replaceChildren(sentence);
}
