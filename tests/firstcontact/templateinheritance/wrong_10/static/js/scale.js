document.getElementById("serves").addEventListener("input", (event) => {
  for (const cell of document.querySelectorAll("[data-grams]")) {
    cell.textContent = Math.round(cell.dataset.grams * event.target.value);
  }
});
