// An example goes straight into the prompt box; without this it is a link that does the same.

const prompt = document.getElementById("id_prompt");

for (const example of document.querySelectorAll("[data-example]")) {
  example.addEventListener("click", (event) => {
    event.preventDefault();
    prompt.value = example.dataset.example;
    prompt.focus();
  });
}
