fetch("/api/hours").then(r => r.json()).then(hours => {
  const h1 = document.createElement("h1")
  h1.textContent = Object.entries(hours).map(([day, time]) => `${day} ${time}`).join(", ")
  document.querySelector("main").append(h1)
})
