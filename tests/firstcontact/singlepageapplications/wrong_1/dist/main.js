const h1 = document.createElement("h1")
h1.textContent = "Plants: " + location.pathname
document.querySelector("main").append(h1)
fetch("/api/plants").then(r => r.json()).then(plants => {
  const p = document.createElement("p")
  p.textContent = plants.map(plant => plant.name).join(", ")
  document.querySelector("main").append(p)
})
