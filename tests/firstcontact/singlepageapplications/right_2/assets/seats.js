const main = document.querySelector("main")
const response = await fetch(JSON.parse(main.dataset.api))
for (const [seat, state] of Object.entries(await response.json())) {
  const h2 = document.createElement("h2")
  h2.textContent = `${seat}: ${state}`
  main.append(h2)
}
