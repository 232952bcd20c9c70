const form = document.getElementById("f");
form.addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await fetch(form.dataset.to, {method: "POST", body: new URLSearchParams(new FormData(form))});
  const said = await answer.json();
  for (const output of form.querySelectorAll("output")) {
    output.textContent = (said.errors?.[output.getAttribute("name").replace("-errors", "")] ?? []).join(" ");
  }
});
