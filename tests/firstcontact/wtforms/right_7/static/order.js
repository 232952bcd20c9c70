const form = document.getElementById("order");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
  const answer = await response.json();
  for (const output of form.querySelectorAll("[data-errors]")) {
    output.textContent = ((answer.errors ?? {})[output.dataset.errors] ?? []).join(" ");
  }
  if (response.status === 201) {
    document.getElementById("result").textContent = `Your order has the number ${answer.number}.`;
    form.reset();
  }
});
