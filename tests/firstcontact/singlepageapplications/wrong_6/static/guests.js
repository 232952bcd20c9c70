const main = document.querySelector("main")

function show(names) {
  const h1 = document.createElement("h1")
  h1.textContent = `${names.length} guests: ${names.join(", ")}`
  main.append(h1)
}

fetch("/api/guests")
  .then(response => {
    if (!response.ok) throw new Error(response.statusText)
    return response.json()
  })
  .then(show)
