fetch("/api/readings").then(r => r.json()).then(list => {
  const h1 = document.createElement("h1")
  h1.textContent = list.map(r => `${r.bed}: ${r.celsius} °C`).join(", ")
  document.querySelector("main").append(h1)
})
