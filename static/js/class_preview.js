// Preview of a class's wheel in the form of the admin: the server draws it again after every change
// of a field that it depends on, and at the button, which without scripts saves the form.

const SETTLED_MS = 300;
const section = document.querySelector("[data-preview-url]");
const wheel = section.querySelector("[data-preview]");
const form = section.closest("form");
let timer = 0;
let request = new AbortController();

async function refresh() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const body = new FormData(form);
  wheel.setAttribute("aria-busy", "true");
  const response = await fetch(section.dataset.previewUrl, { method: "POST", body, signal }).catch(
    () => null,
  );
  if (signal.aborted) return;
  wheel.removeAttribute("aria-busy");
  if (response?.ok) wheel.innerHTML = await response.text();
}

function refreshSoon({ target }) {
  if (!target.closest(".class-wheel")) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, SETTLED_MS);
}

form.addEventListener("input", refreshSoon);
section.querySelector("[data-preview-button]")?.addEventListener("click", (event) => {
  event.preventDefault();
  refresh();
});
