// Puts an example into the prompt box. Without this script, the example's link loads the page with it.

const prompt = document.getElementById("id_prompt");

for (const example of document.querySelectorAll("[data-example]")) {
  example.addEventListener("click", (event) => {
    event.preventDefault();
    prompt.value = example.dataset.example;
    prompt.focus();
  });
}
